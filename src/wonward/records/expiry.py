"""Deletes the files of imports and exports whose time is over; what they did stays told."""

from wonward import clock
from wonward.records import filestore
from wonward.records.models import KEPT_FOR, ExportRun, ImportRun, kept_until


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
    return gone
