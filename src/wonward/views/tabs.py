"""The views that a person has over a list: pinned ones, the organisation's, their own, those shared with them.

All of it is one statement, for which Django's models would take ten times the CPU. A view of the organisation is
called by its name, one that somebody made by its number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member
from wonward.db import transaction
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.view import View
from wonward.views.models import SavedView

SAVED = ("label", "object_type", "filter", "columns", "sort", "layout", "pipeline")
"""The fields that a saved view has in common with any view."""


_FIRST = 3
"""What stands before the columns of a saved view: the person's teams, and the keys of what they have pinned."""

_LOOK_UP = sql.SQL("""
    select t.name, x.name, c.pinned, v.id, v.member_id, v.sharing, concat(o.first_name, ' ', o.last_name), {saved}
    from accounts_member m
    left join accounts_team t on t.id = m.team_id
    left join accounts_team x on x.id = m.extra_team_id
    left join views_choice c on c.member_id = m.id and c.object_type = %(kind)s
    left join views_savedview v on v.portal_id = %(portal)s and v.object_type = %(kind)s and (
        v.member_id = %(member)s or v.sharing = 'everyone'
        or (v.sharing = 'team' and (%(all)s or v.member_id = any(%(mates)s::bigint[]))))
    left join accounts_member o on o.id = v.member_id
    where m.id = %(member)s
    order by v.label, v.id""").format(saved=sql.SQL(", ").join(sql.Identifier("v", name) for name in SAVED))


@dataclass(frozen=True, slots=True)
class Tab:
    """A view as one person has it; `number` is set on saved ones, whose `owner` is the name of who made it."""

    view: View
    pinned: bool = False
    number: int | None = None
    mine: bool = False
    owner: str = ""
    sharing: str = ""

    @property
    def key(self) -> str:
        """What addresses and pins call it."""
        return self.view.name


def tabs(work: Work, member: Member, kind: ObjectType) -> list[Tab]:
    """Return the views that a member has over lists of a type, in their order."""
    sees_all = work.rights.role in (None, SUPER_ADMIN)
    asked = {
        "member": member.pk,
        "portal": member.portal_id,
        "kind": kind.name,
        "all": sees_all,
        "mates": work.rights.team,
    }
    found = transaction.rows(_LOOK_UP, asked)
    primary, secondary, pinned = found[0][:_FIRST]
    teams = {name for name in (primary, secondary) if name}
    shipped = [
        Tab(view) for view in work.catalog.views_of(kind.name) if is_for(view, work.rights.role, teams)
    ]
    made = [_made(row[_FIRST:], member.pk) for row in found if row[_FIRST] is not None]
    own, shared = [each for each in made if each.mine], [each for each in made if not each.mine]
    return _pinned_first([*shipped, *own, *shared], pinned or ())


def is_for(view: View, role: str | None, teams: set[str]) -> bool:
    """Tell whether a view of the organisation is for who has a role and teams; who may all sees all."""
    narrowed = view.roles or view.teams
    return (
        not narrowed or role in (None, SUPER_ADMIN) or role in view.roles or not teams.isdisjoint(view.teams)
    )


def default(catalog: Catalog, kind: ObjectType, role: str | None) -> View | None:
    """Return the view that lists of a type open with for a role, if there is one."""
    return next((view for view in catalog.views_of(kind.name) if role in view.default_for), None)


def view_of(saved: SavedView) -> View:
    """Return a saved view in the shape that all views have."""
    said: dict[str, Any] = {name: getattr(saved, name) for name in SAVED}
    return View(name=str(saved.pk), **said | {"columns": tuple(saved.columns)})


def _made(row: Sequence[Any], member_id: int) -> Tab:
    number, owner_id, sharing, owner, *said = row
    values = dict(zip(SAVED, said, strict=True))
    values["columns"] = tuple(values["columns"])
    view = View(name=str(number), **values)
    return Tab(view, number=number, mine=owner_id == member_id, owner=owner.strip(), sharing=sharing)


def _pinned_first(found: Sequence[Tab], pinned: Sequence[str]) -> list[Tab]:
    by_key = {each.key: each for each in found}
    first = [_pinned(by_key[key]) for key in pinned if key in by_key]
    taken = set(pinned)
    return [*first, *(each for each in found if each.key not in taken)]


def _pinned(tab: Tab) -> Tab:
    return Tab(tab.view, True, tab.number, tab.mine, tab.owner, tab.sharing)
