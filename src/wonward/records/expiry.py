"""Deletes the files of imports and exports whose time is over; what they did stays told."""

from datetime import timedelta

from wonward import clock
from wonward.records import filestore
from wonward.records.models import KEPT_FOR, ExportRun, ImportRun, kept_until

PATIENCE = timedelta(days=1)
"""How long a file may lie that is of no run yet: while an export writes it, or an upload is read."""


def delete_files() -> int:
    """Delete the files that nobody may need any more, and return how many there were."""
    gone = 0
    runs: list[ImportRun | ExportRun] = [
        *ImportRun.objects.exclude(stored="").filter(started_at__lt=clock.now() - KEPT_FOR),
        *ExportRun.objects.exclude(stored="").filter(started_at__lt=clock.now() - KEPT_FOR),
    ]
    for run in runs:
        if run.active or kept_until(run) > clock.now():
            continue
        filestore.remove(run.stored)
        run.stored = ""
        run.save(update_fields=["stored"])
        gone += 1
    return gone + _delete_unknown()


def _delete_unknown() -> int:
    """Delete files of no run, which work that was killed, or an erasure, has left behind."""
    known = {
        *ImportRun.objects.exclude(stored="").values_list("stored", flat=True),
        *ExportRun.objects.exclude(stored="").values_list("stored", flat=True),
    }
    before = (clock.now() - PATIENCE).timestamp()
    left = [
        path for path in filestore.all_files() if path.name not in known and path.stat().st_mtime < before
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
