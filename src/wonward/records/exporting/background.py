"""Exports that their askers wait for: asked for in one request, written by a job, kept for a time."""

from collections.abc import Callable

import msgspec
from procrastinate.contrib.django import app

from wonward import clock
from wonward.db import transaction
from wonward.errors import Refusal
from wonward.records import filestore
from wonward.records.exporting import write
from wonward.records.exporting.asked import Asked, kind_of
from wonward.records.models import ExportRun
from wonward.records.work import Work

State = ExportRun.State
JOB = "write_export"

Opener = Callable[[str, str], Work]
"""(portal, actor) -> work that reads it."""


class _Stopped(Exception):
    """Someone asked that the export be stopped."""


def ask(work: Work, asked: Asked) -> ExportRun:
    """Have records exported; raise Invalid or Missing when it is asked for wrongly."""
    work.require("export")
    rows = write.count(work, asked)
    with transaction.atomic():
        run = ExportRun.objects.create(
            portal_id=work.catalog.portal_id,
            object_type=kind_of(work, asked).name,
            actor=work.actor,
            asked=msgspec.to_builtins(asked),
            file_name=file_name(work, asked),
            rows=rows,
            started_at=clock.now(),
        )
        app.configure_task(JOB).defer(run_id=run.pk)
    return run


def file_name(work: Work, asked: Asked) -> str:
    """Return what the file of an export is called for people: `companies-2026-11-30.csv`."""
    return f"{kind_of(work, asked).plural}-{work.today.isoformat()}.{asked.form}"


def cancel(run: ExportRun) -> None:
    """Have an export stop; its file goes."""
    ExportRun.objects.filter(id=run.pk, state=State.RUNNING).update(stopping=True)


def carry_on(run_id: int, opener: Opener) -> None:
    """Write the file of an export, from the beginning should another job have begun it."""
    run = ExportRun.objects.select_related("portal").filter(id=run_id, state=State.RUNNING).first()
    if run is None:
        return

    def tell(done: int) -> None:
        going = ExportRun.objects.filter(id=run_id, stopping=False)
        if not going.update(position=done, moved_at=clock.now()):
            raise _Stopped

    asked = msgspec.convert(run.asked, Asked)
    stored = filestore.new_name(f".{asked.form}")
    path = filestore.path_of(stored)
    ExportRun.objects.filter(id=run_id).update(active_since=clock.now(), position=0)
    try:
        tell(0)
        written = write.write(opener(run.portal.name, run.actor), asked, path, tell)
    except _Stopped:
        _end(run_id, state=State.CANCELLED)
    except Refusal as refusal:
        _end(run_id, state=State.FAILED, failure=str(refusal))
    except Exception:
        _end(run_id, state=State.FAILED, failure="Something went wrong on the server; export again")
        raise
    else:
        cut = (
            f"{written.cut} texts were cut to the length of a sheet's cell; CSV has all of them"
            if written.cut
            else ""
        )
        size = path.stat().st_size
        done = {
            "stored": stored,
            "size": size,
            "rows": written.rows,
            "position": written.rows,
            "failure": cut,
        }
        if not _end(run_id, stopped=False, state=State.DONE, **done):
            filestore.remove(stored)
            _end(run_id, state=State.CANCELLED)


def _end(run_id: int, *, stopped: bool = True, **changes: object) -> int:
    """Note the end of an export that is still running, and where not `stopped` that none asked to stop.

    Return whether it was.
    """
    running = ExportRun.objects.filter(id=run_id, state=State.RUNNING)
    if not stopped:
        running = running.filter(stopping=False)
    return running.update(ended_at=clock.now(), stopping=False, **changes)
