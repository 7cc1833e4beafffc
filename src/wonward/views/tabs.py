"""The views that a person has over a list: pinned ones, the organisation's, their own, those shared with them.

All of it is one statement. A view of the organisation is called by its name, one that somebody made by its number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.view import View
from wonward.views.models import Choice, SavedView

SAVED = ("label", "object_type", "filter", "columns", "sort", "layout", "pipeline")
"""The fields that a saved view has in common with any view."""


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
    asked = Member.objects.filter(pk=member.pk).values_list(
        "team__name",
        "extra_team__name",
        Subquery(Choice.objects.filter(member=OuterRef("pk"), object_type=kind.name).values("pinned")),
        ArraySubquery(_saved(work, member, kind)),
    )
    primary, secondary, pinned, saved = asked.get()
    teams = {name for name in (primary, secondary) if name}
    shipped = [
        Tab(view) for view in work.catalog.views_of(kind.name) if is_for(view, work.rights.role, teams)
    ]
    made = [_made(each, member.pk) for each in saved]
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


def visible(work: Work, member: Member) -> QuerySet[SavedView]:
    """Return the saved views that a member sees: their own, those shared with everyone or by their teammates."""
    shared = Q(sharing=SavedView.Sharing.TEAM)
    if work.rights.role not in (None, SUPER_ADMIN):
        shared &= Q(member__in=[int(each) for each in work.rights.team.strip("{}").split(",") if each])
    seen = Q(member=member.pk) | Q(sharing=SavedView.Sharing.EVERYONE) | shared
    return SavedView.objects.filter(seen, portal=member.portal_id)


def view_of(saved: SavedView) -> View:
    """Return a saved view in the shape that all views have."""
    said: dict[str, Any] = {name: getattr(saved, name) for name in SAVED}
    return View(name=str(saved.pk), **said | {"columns": tuple(saved.columns)})


def _saved(work: Work, member: Member, kind: ObjectType) -> QuerySet[SavedView, Any]:
    told = {name: F(name) for name in ("pk", "member_id", "sharing", *SAVED)}
    names = {"first": F("member__first_name"), "last": F("member__last_name")}
    found = visible(work, member).filter(object_type=kind.name).order_by("label", "pk")
    return found.values(told=JSONObject(**told, **names))


def _made(told: Mapping[str, Any], member_id: int) -> Tab:
    said = {name: told[name] for name in SAVED}
    return Tab(
        View(name=str(told["pk"]), **said | {"columns": tuple(told["columns"])}),
        number=told["pk"],
        mine=told["member_id"] == member_id,
        owner=f"{told['first']} {told['last']}".strip(),
        sharing=told["sharing"],
    )


def _pinned_first(found: Sequence[Tab], pinned: Sequence[str]) -> list[Tab]:
    by_key = {each.key: each for each in found}
    first = [_pinned(by_key[key]) for key in pinned if key in by_key]
    taken = set(pinned)
    return [*first, *(each for each in found if each.key not in taken)]


def _pinned(tab: Tab) -> Tab:
    return Tab(tab.view, True, tab.number, tab.mine, tab.owner, tab.sharing)
