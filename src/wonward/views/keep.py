"""Keeping views: making one, changing, sharing and removing it, and pinning any.

Whoever made a view changes it. One that is shared with everyone belongs to those with the right `views`, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from wonward import clock
from wonward.accounts.models import Member
from wonward.errors import Forbidden, Invalid, Missing
from wonward.records import query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.view import Layout
from wonward.views.models import Choice, SavedView
from wonward.views.tabs import Tab, tabs

MOST = 200
"""Views of one type that a member may have."""

LONGEST = 3000
"""Letters of a filter."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a view is to show."""

    filter: str
    columns: Sequence[str]
    sort: str
    layout: Layout
    pipeline: str


def make(
    work: Work,
    member: Member,
    kind: ObjectType,
    label: str,
    sharing: str,
    wanted: Wanted,
    *,
    pin: bool = False,
) -> SavedView:
    """Save a view for a member; raise Invalid for a name or filter that won't do, Forbidden to share it too far."""
    if SavedView.objects.filter(member=member, object_type=kind.name).count() >= MOST:
        raise Invalid(_("You have %(most)s views of these already; delete one first") % {"most": MOST})
    view = SavedView(portal=member.portal, member=member, object_type=kind.name)
    _name(work, member, view, label, sharing)
    _show(work, kind, view, wanted)
    with transaction.atomic():
        view.save()
        if pin:
            set_pinned(member, kind, [*pinned(member, kind), str(view.pk)])
    return view


def rename(work: Work, member: Member, view: SavedView, label: str, sharing: str) -> None:
    """Give a view another name, or share it otherwise."""
    _require(work, member, view)
    _name(work, member, view, label, sharing)
    view.save()


def show(work: Work, member: Member, kind: ObjectType, view: SavedView, wanted: Wanted) -> None:
    """Have a view show something else."""
    _require(work, member, view)
    _show(work, kind, view, wanted)
    view.save()


def delete(work: Work, member: Member, view: SavedView) -> None:
    """Remove a view for good; pins of it lead nowhere and are passed over."""
    _require(work, member, view)
    view.delete()


def named(work: Work, member: Member, kind: ObjectType, number: int) -> SavedView:
    """Return a saved view that a member sees; raise Missing."""
    seen = any(each.number == number for each in tabs(work, member, kind))
    found = SavedView.objects.filter(pk=number).first() if seen else None
    if found is None:
        raise Missing(_("There is no such view, or it isn't shared with you"), code="VIEW_NOT_FOUND")
    return found


def may_change(work: Work, tab: Tab) -> bool:
    """Tell whether whoever's work it is may change a view that they see."""
    everyones = tab.sharing == SavedView.Sharing.EVERYONE and work.may("views")
    return tab.number is not None and (tab.mine or everyones)


def pinned(member: Member, kind: ObjectType) -> list[str]:
    """Return the keys of the views that a member has pinned, in their order."""
    found = Choice.objects.filter(member=member, object_type=kind.name).values_list("pinned", flat=True)
    return list(found.first() or ())


def set_pinned(member: Member, kind: ObjectType, keys: Sequence[str]) -> None:
    """Have a member's pinned views be these, in this order."""
    kept = list(dict.fromkeys(keys))
    Choice.objects.update_or_create(member=member, object_type=kind.name, defaults={"pinned": kept})


def _require(work: Work, member: Member, view: SavedView) -> None:
    everyones = view.sharing == SavedView.Sharing.EVERYONE and work.may("views")
    if view.member_id != member.pk and not everyones:
        raise Forbidden(
            _("This view is somebody else's; copy it, and the copy is yours"), code="VIEW_OF_ANOTHER"
        )


def _name(work: Work, member: Member, view: SavedView, label: str, sharing: str) -> None:
    said = " ".join(label.replace("\0", " ").split())
    if not 0 < len(said) <= 100:
        raise Invalid(_("Give the view a name of up to 100 letters"), code="INVALID_VIEW", property="label")
    if sharing not in SavedView.Sharing.values:
        raise Invalid(_("Choose who sees the view"), code="INVALID_VIEW", property="sharing")
    if sharing == SavedView.Sharing.EVERYONE and view.sharing != sharing:
        work.require("views")
    if sharing == SavedView.Sharing.TEAM and view.sharing != sharing and not has_team(member):
        message = _("You are in no team to share the view with; ask an admin to put you into one")
        raise Invalid(message, code="INVALID_VIEW", property="sharing")
    view.label, view.sharing, view.changed_at = said, sharing, clock.now()


def has_team(member: Member) -> bool:
    """Tell whether a member is in a team."""
    return member.team_id is not None or member.extra_team_id is not None


def _show(work: Work, kind: ObjectType, view: SavedView, wanted: Wanted) -> None:
    if len(wanted.filter) > LONGEST:
        message = _("The filter has more than %(most)s letters; shorten it") % {"most": LONGEST}
        raise Invalid(message, code="INVALID_VIEW")
    query.condition(work, kind, wanted.filter)
    known = [name for name in dict.fromkeys(wanted.columns) if name in kind.properties]
    view.filter, view.columns, view.changed_at = wanted.filter.strip(), known, clock.now()
    view.sort = wanted.sort if wanted.sort.removeprefix("-") in kind.properties else ""
    pipelines = [each.name for each in work.catalog.pipelines_of(kind.name)]
    view.layout = wanted.layout if pipelines else "list"
    view.pipeline = wanted.pipeline if view.layout == "board" and wanted.pipeline in pipelines else ""
