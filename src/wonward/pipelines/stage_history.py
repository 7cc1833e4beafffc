"""Keeps how long records stood in which stage: a consumer of the change feed, with nothing to set up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wonward.pipelines.models import StageVisit
from wonward.records.changes import Change, Consumer
from wonward.records.work import Work


def entered(portal_id: int, record_ids: Iterable[int]) -> Mapping[int, datetime]:
    """Return since when each record has stood in the stage it is in, as far as the feed has been read."""
    visits = StageVisit.objects.filter(portal_id=portal_id, record_id__in=list(record_ids), left_at=None)
    return dict(visits.values_list("record_id", "entered_at"))


def _follow(work: Work, changes: Sequence[Change]) -> None:
    """End the visit a record was in and begin the next, for every change of a stage, in their order."""
    portal_id = work.catalog.portal_id
    moves = [move for change in changes if (move := _move(work, change))]
    present = {
        visit.record_id: visit
        for visit in StageVisit.objects.filter(
            portal_id=portal_id, record_id__in={record_id for record_id, _, _ in moves}, left_at=None
        )
    }
    known = set(present.values())
    begun: list[StageVisit] = []
    for record_id, stage, at in moves:
        before = present.pop(record_id, None)
        if before is not None:
            before.left_at = at
        if stage is not None:
            present[record_id] = StageVisit(
                portal_id=portal_id, record_id=record_id, stage=stage, entered_at=at
            )
            begun.append(present[record_id])
    StageVisit.objects.bulk_create(begun)
    StageVisit.objects.bulk_update([visit for visit in known if visit.left_at], ["left_at"])


def _move(work: Work, change: Change) -> tuple[int, str | None, datetime] | None:
    kind = work.catalog.object_types.get(change.object_type)
    prop = kind.stage_property if kind else None
    if prop is None or change.kind not in ("created", "updated") or prop.name not in change.diff:
        return None
    return change.record_id, change.diff[prop.name][1], change.at


STAGE_HISTORY = Consumer("stage_history", _follow)
