"""Keeps how long records stood in which stage: a consumer of the change feed, with nothing to set up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from wonward.pipelines.models import StageVisit
from wonward.records import history
from wonward.records.changes import Change, Consumer
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

MOST_VISITS = 1000
"""Visits of one record that are kept, the newest."""


def entered(portal_id: int, record_ids: Iterable[int]) -> Mapping[int, datetime]:
    """Return since when each record has stood in the stage it is in, as far as the feed has been read."""
    visits = StageVisit.objects.filter(portal_id=portal_id, record_id__in=list(record_ids), left_at=None)
    return dict(visits.values_list("record_id", "entered_at"))


def _follow(work: Work, changes: Sequence[Change]) -> None:
    """Write the visits of every record whose stage changed anew, from its own log.

    The feed gives transactions in the order they began, so one that touched a record last may come first;
    a record's log is in the order of its changes. Doing it twice does no harm.
    """
    for kind in work.catalog.object_types.values():
        prop = kind.stage_property
        if prop is None:
            continue
        ids = {
            change.record_id
            for change in changes
            if change.object_type == kind.name
            and (
                change.kind == "erased"
                or (change.kind in ("created", "updated", "redacted") and prop.name in change.diff)
            )
        }
        if ids:
            _rewrite(work, ids, prop.name)


def _rewrite(work: Work, ids: Collection[int], stage: str) -> None:
    portal_id = work.catalog.portal_id
    values = history.of_properties(work, list(ids), [stage], limit=MOST_VISITS)
    visits = []
    for record_id in sorted(ids):
        had = values.get((record_id, stage), [])[::-1]
        ends = [*(each.at for each in had[1:]), None][: len(had)]
        visits += [
            StageVisit(
                portal_id=portal_id, record_id=record_id, stage=each.value, entered_at=each.at, left_at=end
            )
            for each, end in zip(had, ends, strict=True)
            if each.value is not None
        ]
    StageVisit.objects.filter(portal_id=portal_id, record_id__in=ids).delete()
    StageVisit.objects.bulk_create(visits)


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete the visits of records that go for good; return how many."""
    of_portal = StageVisit.objects.filter(portal_id=work.catalog.portal_id)
    gone, _ = of_portal.filter(record_id__in=list(ids)).delete()
    return {"stage_visits": gone}


STAGE_HISTORY = Consumer("stage_history", _follow)
