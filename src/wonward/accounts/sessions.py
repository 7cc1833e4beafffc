"""The browsers people have signed in with, and who stands behind one: found in one statement, as every page asks.

Through Django's models it takes three, and five times the CPU. What makes a session good is the same: it hasn't
run out, its user is active, and the password is still the one they signed in with.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.db.models import Model
from django.utils.crypto import constant_time_compare
from psycopg import sql

from wonward import clock
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member, Portal, Session, User
from wonward.accounts.teams import TEAMMATES
from wonward.db import transaction

SEEN_AGAIN = timedelta(minutes=10)
"""How old the time that a session was last seen may grow before it is written anew."""

PLACE = "place"
"""Where in its data a session has the address, the browser and the time of signing in."""

_AGENT = 300


def place(address: str, agent: str) -> dict[str, str]:
    """Return what a session keeps of where someone signed in."""
    return {"address": address[:45], "agent": agent[:_AGENT], "at": clock.now().isoformat()}


class SessionStore(db.SessionStore):
    """Sessions in the database, each with its user and where they signed in."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of a session."""
        return Session

    def get_expiry_date(self, **said: Any) -> datetime:
        """Return when the session ends, by the clock of the house."""
        return super().get_expiry_date(**{"modification": clock.now(), **said})

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the session as it will be kept; data made before anyone signed in has no user."""
        kept = cast("Session", super().create_model_instance(data))
        kept.user_id = data.get(SESSION_KEY)
        place = data.get(PLACE, {})
        kept.address, kept.agent = place.get("address", ""), place.get("agent", "")
        kept.signed_in_at = datetime.fromisoformat(place["at"]) if place else None
        kept.seen_at = clock.now()
        return kept


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who has signed in, and the members that they are: one of each portal they may enter, by its label.

    `second_factor` tells whether they have an authenticator app or a passkey.
    """

    user: User
    memberships: Sequence[Member]
    second_factor: bool
    teammates: Mapping[int, Sequence[int]]
    """The ids of those who share teams with each of the members, where their role may ask."""

    def of(self, portal: str) -> Member | None:
        """Return the member that the person is of a portal."""
        return next((each for each in self.memberships if each.portal.name == portal), None)


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


_FIRST = 4
"""What stands before the columns of the user: session data, when it was seen, a second factor, who shares teams."""

_USER, _MEMBER, _PORTAL = _columns(User), _columns(Member), _columns(Portal)
_LOOK_UP = sql.SQL(
    """
    select s.session_data, s.seen_at,
        exists(select from mfa_authenticator f where f.user_id = u.id and f.type in ('totp', 'webauthn')),
        case when m.role <> {all} then {teammates} end, {columns}
    from accounts_session s
    join accounts_user u on u.id = s.user_id and u.is_active
    left join accounts_member m on m.user_id = u.id and not m.archived
    left join accounts_portal p on p.id = m.portal_id
    where s.session_key = %(key)s and s.expire_date > %(now)s
    order by p.label"""
).format(
    all=sql.Literal(SUPER_ADMIN),
    teammates=TEAMMATES,
    columns=sql.SQL(", ").join(
        sql.Identifier(alias, name)
        for alias, names in (("u", _USER), ("m", _MEMBER), ("p", _PORTAL))
        for name in names
    ),
)


def signed_in_with(session_key: str) -> SignedIn | None:
    """Return who signed in with a session, or None when it is none or not good any more."""
    if not session_key or "\0" in session_key:
        return None
    found = transaction.rows(_LOOK_UP, {"key": session_key, "now": clock.now()})
    if not found:
        return None
    packed, seen_at, second_factor, _ = found[0][:_FIRST]
    session = SessionStore().decode(packed)
    user = User.from_db("default", _USER, found[0][_FIRST : _FIRST + len(_USER)])
    if session.get(SESSION_KEY) != str(user.pk):
        return None
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    now = clock.now()
    if seen_at is None or now - seen_at > SEEN_AGAIN:
        Session.objects.filter(session_key=session_key).update(seen_at=now)
    members = [
        (member, row[_FIRST - 1] or ()) for row in found for member in _member(row[_FIRST + len(_USER) :])
    ]
    mates = {member.pk: ids for member, ids in members}
    return SignedIn(user, [member for member, _ in members], second_factor, mates)


def _member(row: Sequence[Any]) -> Iterator[Member]:
    """Yield the member of a row with their portal, if the person is one anywhere."""
    member = Member.from_db("default", _MEMBER, row[: len(_MEMBER)])
    if member.pk:
        member.portal = Portal.from_db("default", _PORTAL, row[len(_MEMBER) :])
        yield member


# -- A person's own sessions ------------------------------------------------------------------------


def mark(session_key: str) -> str:
    """Return what a session may be called on a page, where its key must not stand."""
    return sha256(session_key.encode()).hexdigest()[:32]


def of_user(user: User) -> list[Session]:
    """Return where a user is signed in, the one seen last first."""
    running = Session.objects.filter(user=user, expire_date__gt=clock.now())
    return list(running.order_by("-seen_at", "session_key"))


def end(user: User, marked: str) -> int:
    """End the session of a user that a page called so; return how many ended."""
    keys = [
        each.session_key for each in of_user(user) if constant_time_compare(mark(each.session_key), marked)
    ]
    return Session.objects.filter(user=user, session_key__in=keys).delete()[0]


def end_others(user: User, session_key: str) -> int:
    """End all sessions of a user but one; return how many ended."""
    return Session.objects.filter(user=user).exclude(session_key=session_key).delete()[0]
