"""Looks for duplicates of what was changed: a consumer of the change feed."""

from collections.abc import Sequence

from wonward.records.changes import Change, Consumer
from wonward.records.duplicates import keys
from wonward.records.duplicates.check import check
from wonward.records.work import Work


def _follow(work: Work, changes: Sequence[Change]) -> None:
    for kind in work.catalog.object_types.values():
        looked_at = set(keys.names(kind))
        ids = {
            change.record_id
            for change in changes
            if change.object_type == kind.name
            and (
                change.kind in ("archived", "restored", "erased")
                or (change.kind in ("created", "updated") and looked_at & change.diff.keys())
            )
        }
        if ids and looked_at:
            check(work, kind, ids)


DUPLICATES = Consumer("duplicates", _follow)
