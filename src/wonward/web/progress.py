"""How far long work has come, for the pages that show it."""

from dataclasses import dataclass
from datetime import timedelta

from wonward import clock
from wonward.records.models import ExportRun, ImportRun

QUIET = timedelta(seconds=90)
"""Without a step for so long, work seems to have lost its worker."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps; `rate` a second and `left` seconds, None while nothing can be said."""

    done: int
    total: int
    rate: int | None
    left: int | None
    quiet: bool

    @property
    def percent(self) -> int:
        """How much is done, in percent."""
        return min(100, self.done * 100 // self.total) if self.total else 0


def of_import(run: ImportRun) -> Progress:
    """Return how far an import has come, or its undoing."""
    if run.state == ImportRun.State.UNDOING:
        first, last = run.first_change or 0, run.last_change or 0
        done = last - (run.undo_from if run.undo_from is not None else last)
        return _progress(run, done, last - first, 0)
    return _progress(run, run.position, run.steps or run.rows, run.active_from)


def of_export(run: ExportRun) -> Progress:
    """Return how far an export has come."""
    return _progress(run, run.position, run.rows, 0)


def _progress(run: ImportRun | ExportRun, done: int, total: int, began: int) -> Progress:
    now = clock.now()
    last = max(each for each in (run.moved_at, run.active_since, run.started_at) if each)
    quiet = run.active and now - last > QUIET
    if not (run.active_since and run.moved_at) or done <= began:
        return Progress(done, total, None, None, quiet)
    spent = max((run.moved_at - run.active_since).total_seconds(), 0.1)
    rate = (done - began) / spent
    return Progress(done, total, round(rate), round((total - done) / rate) if rate else None, quiet)
