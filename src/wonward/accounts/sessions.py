"""The browsers people have signed in with, and who stands behind one: found in one statement, as every page asks.

Through Django's models it takes three, and five times the CPU. What makes a session good is the same: it hasn't
run out, its user is active, and the password is still the one they signed in with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.db.models import Model
from django.utils.crypto import constant_time_compare
from psycopg import sql

from wonward import clock
from wonward.accounts.models import Member, Portal, Session, User
from wonward.db import transaction


class SessionStore(db.SessionStore):
    """Sessions in the database, each with its user."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of a session."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the session as it will be kept; data made before anyone signed in has no user."""
        kept = cast("Session", super().create_model_instance(data))
        kept.user_id = data.get(SESSION_KEY)
        return kept


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who has signed in, and the members that they are: one of each portal they may enter, by its label."""

    user: User
    memberships: Sequence[Member]

    def of(self, portal: str) -> Member | None:
        """Return the member that the person is of a portal."""
        return next((each for each in self.memberships if each.portal.name == portal), None)


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


_USER, _MEMBER, _PORTAL = _columns(User), _columns(Member), _columns(Portal)
_LOOK_UP = sql.SQL(
    """
    select s.session_data, {columns}
    from accounts_session s
    join accounts_user u on u.id = s.user_id and u.is_active
    left join accounts_member m on m.user_id = u.id and not m.archived
    left join accounts_portal p on p.id = m.portal_id
    where s.session_key = %(key)s and s.expire_date > %(now)s
    order by p.label"""
).format(
    columns=sql.SQL(", ").join(
        sql.Identifier(alias, name)
        for alias, names in (("u", _USER), ("m", _MEMBER), ("p", _PORTAL))
        for name in names
    )
)


def signed_in_with(session_key: str) -> SignedIn | None:
    """Return who signed in with a session, or None when it is none or not good any more."""
    if not session_key or "\0" in session_key:
        return None
    found = transaction.rows(_LOOK_UP, {"key": session_key, "now": clock.now()})
    if not found:
        return None
    session = SessionStore().decode(found[0][0])
    user = User.from_db("default", _USER, found[0][1 : 1 + len(_USER)])
    if session.get(SESSION_KEY) != str(user.pk):
        return None
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return SignedIn(user, [member for row in found for member in _member(row[1 + len(_USER) :])])


def _member(row: Sequence[Any]) -> Iterator[Member]:
    """Yield the member of a row with their portal, if the person is one anywhere."""
    member = Member.from_db("default", _MEMBER, row[: len(_MEMBER)])
    if member.pk:
        member.portal = Portal.from_db("default", _PORTAL, row[len(_MEMBER) :])
        yield member
