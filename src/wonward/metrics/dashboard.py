"""Dashboards, whoever keeps them: those of the blueprint as documents, people's own as rows with the same body.

A document goes by its name, a person's by its number. People see the documents, their own, and what is shared with
them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from wonward.accounts.models import Member
from wonward.errors import Conflict, Forbidden, Invalid, Missing, Problem
from wonward.metrics.check import wrong_tile
from wonward.metrics.models import OwnDashboard, PinnedDashboard
from wonward.records.work import Work
from wonward.schema.metric_body import DashboardBody, dashboard_of
from wonward.schema.metric_body import wrong_tile as wrong_alone
from wonward.schema.metrics import Dashboard, Tile

SHARING: tuple[str, ...] = tuple(OwnDashboard.Sharing.values)


@dataclass(frozen=True)
class Kept:
    """A dashboard with who keeps it: `owner` None for the blueprint's; `mine` those of whoever asks."""

    dashboard: Dashboard
    owner: Member | None = None
    mine: bool = False
    sharing: str = OwnDashboard.Sharing.EVERYONE
    version: int = 0
    pinned: bool = False

    @property
    def name(self) -> str:
        """What it goes by in an address."""
        return self.dashboard.name


def seen(work: Work, member: Member) -> list[Kept]:
    """Return the dashboards that a member sees: pinned ones first, then the blueprint's, their own, others'."""
    pins = set(PinnedDashboard.objects.filter(member=member).values_list("name", flat=True))
    found = [
        *(Kept(each, pinned=each.name in pins) for each in work.catalog.dashboards.values()),
        *(_kept(row, member, pins) for row in _rows(member)),
    ]
    return sorted(found, key=_place)


def _place(kept: Kept) -> tuple[bool, int, int]:
    whose = 0 if kept.owner is None else 1 if kept.mine else 2
    return not kept.pinned, whose, kept.dashboard.order


def _rows(member: Member) -> QuerySet[OwnDashboard]:
    teams = [each for each in (member.team_id, member.extra_team_id) if each]
    shared = Q(sharing="everyone") | Q(owner=member)
    shared |= Q(sharing="team") & (Q(owner__team__in=teams) | Q(owner__extra_team__in=teams))
    rows = OwnDashboard.objects.filter(shared, portal_id=member.portal_id, owner__archived=False)
    return rows.select_related("owner").order_by("made_at")


def _kept(row: OwnDashboard, member: Member, pins: set[str]) -> Kept:
    name = str(row.pk)
    return Kept(
        dashboard_of(name, row.body),
        row.owner,
        row.owner_id == member.pk,
        row.sharing,
        row.version,
        name in pins,
    )


def named(found: Sequence[Kept], name: str) -> Kept:
    """Return the dashboard of a name among those somebody sees, the first for an empty one; raise Missing."""
    for kept in found:
        if name in ("", kept.name):
            return kept
    raise Missing("There is no such dashboard", code="DASHBOARD_NOT_FOUND")


def clone(work: Work, member: Member, of: Kept, label: str) -> str:
    """Make a dashboard of a member's own that is as another is now, for themselves alone; return what it goes by."""
    body = {**body_of(of.dashboard), "label": label, "order": 0}
    made = OwnDashboard.objects.create(
        portal_id=member.portal_id,
        owner=member,
        body=_stored(work, body),
        made_at=work.now,
        changed_at=work.now,
    )
    return str(made.pk)


def body_of(shown: Dashboard) -> dict[str, Any]:
    """Return the body that makes a dashboard, as it is called where it is read."""
    tiles = [
        {
            "kind": tile.kind,
            "metrics": list(tile.metrics),
            "label": tile.label,
            "by": tile.by,
            "bucket": tile.bucket,
            "size": tile.size,
            "goal": tile.goal,
        }
        for tile in shown.tiles
    ]
    return {
        "label": shown.label,
        "tiles": [{key: said for key, said in tile.items() if said} for tile in tiles],
        "period": shown.period,
        "owner": shown.owner,
        **({"choice": shown.choice} if shown.choice else {}),
        "order": shown.order,
        "description": shown.description,
    }


def change(work: Work, kept: Kept, body: Mapping[str, Any], sharing: str, version: int) -> None:
    """Change a dashboard of one's own to a body.

    Raise Forbidden when it is another's, Conflict when it was changed meanwhile, and Invalid with problems whose `row`
    is the tile that they are about.
    """
    _own(kept)
    stored = _stored(work, body)
    if sharing not in SHARING:
        raise Invalid(f"Share it as {', '.join(SHARING)}", code="INVALID_OPTION", property="sharing")
    rows = OwnDashboard.objects.filter(pk=int(kept.name), version=version)
    if not rows.update(body=stored, sharing=sharing, version=version + 1, changed_at=work.now):
        raise Conflict("It was changed in another window meanwhile; load it anew", code="CHANGED_MEANWHILE")


def remove(kept: Kept) -> None:
    """Remove a dashboard of one's own, and everyone's pin of it; raise Forbidden when it is another's."""
    _own(kept)
    OwnDashboard.objects.filter(pk=int(kept.name)).delete()
    PinnedDashboard.objects.filter(name=kept.name).delete()


def pin(member: Member, kept: Kept, *, pinned: bool) -> None:
    """Keep a dashboard in front for a member, or no longer."""
    if pinned:
        PinnedDashboard.objects.get_or_create(member=member, name=kept.name)
    else:
        PinnedDashboard.objects.filter(member=member, name=kept.name).delete()


def _own(kept: Kept) -> None:
    if not kept.mine:
        whose = kept.owner.full_name if kept.owner else "the portal"
        raise Forbidden(
            f"This dashboard belongs to {whose}; clone it, and change your own", code="DASHBOARD_NOT_OWN"
        )


def _stored(work: Work, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as it is kept; raise Invalid with each tile that can't be shown."""
    try:
        said = msgspec.convert(body, DashboardBody)
    except msgspec.ValidationError as error:
        raise Invalid(str(error), code="INVALID_DEFINITION") from None
    found = dashboard_of("", body)
    problems = [
        Problem(reason, "INVALID_DEFINITION", row=place)
        for place, (alone, tile) in enumerate(zip(said.tiles, found.tiles, strict=True))
        if (reason := wrong_alone(alone) or _unseen(work, tile))
    ]
    if problems:
        raise Invalid(problems)
    stored: dict[str, Any] = msgspec.to_builtins(said)
    return stored


def _unseen(work: Work, tile: Tile) -> str:
    """Return why a tile can't be shown; who made it may see less of the records than it is about."""
    return wrong_tile((work.catalog.whole or work.catalog), tile)
