"""Keeps how far each import has come and what was wrong, in the transactions of its chunks.

So a run that was killed goes on where the last chunk ended, and a file without a key isn't taken twice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db.models import QuerySet

from wonward import clock
from wonward.db import transaction
from wonward.errors import Conflict
from wonward.records.importing import trace
from wonward.records.importing.batch import Outcome, RowProblem
from wonward.records.importing.plan import Plan
from wonward.records.importing.table import Row
from wonward.records.models import ImportProblem, ImportRun
from wonward.records.work import Work
from wonward.schema.catalog import Catalog

State = ImportRun.State


class Stopped(Exception):
    """Someone asked that the import be stopped; what was written stays."""


@contextmanager
def alone(catalog: Catalog, object_type: str) -> Iterator[None]:
    """Keep others from importing the same type into the portal; raise Conflict when someone does already.

    The lock is the connection's, not a transaction's, and goes with the process whatever ends it.
    """
    name = {"name": f"{catalog.schema}.{object_type}"}
    ((taken,),) = transaction.rows("select pg_try_advisory_lock(7701, hashtext(%(name)s))", name)
    if not taken:
        raise Conflict(
            f"Records of the type {object_type} are being imported into {catalog.portal} already; "
            "wait until that import has ended",
            code="IMPORT_RUNNING",
        )
    try:
        yield
    finally:
        transaction.rows("select pg_advisory_unlock(7701, hashtext(%(name)s))", name)


def refuse_repeat(plan: Plan) -> None:
    """Raise Conflict when a file whose rows have no key was imported before, and not undone."""
    if plan.key is not None:
        return
    ended = _same(plan).filter(state__in=(State.DONE, State.CANCELLED), position__gt=0).first()
    if ended and ended.ended_at:
        raise Conflict(
            f"{ended.file_name} was imported already on {ended.ended_at:%Y-%m-%d %H:%M} UTC; its rows have "
            "no key, so importing it again would double them; undo that import first",
            code="IMPORTED_ALREADY",
        )


def begin(work: Work, plan: Plan, file_name: str) -> ImportRun:
    """Return the run to carry out: the one that was interrupted, else a new one.

    Raise Conflict when a file whose rows have no key was imported before.
    """
    refuse_repeat(plan)
    same = _same(plan) if plan.key is None else _same(plan).filter(mapping=dict(plan.map.said))
    interrupted = same.filter(state=State.RUNNING, stored="").order_by("-id").first()
    return interrupted or ImportRun.objects.create(
        portal_id=plan.catalog.portal_id,
        object_type=plan.kind.name,
        file_name=file_name[-255:],
        digest=plan.table.digest,
        mapping=dict(plan.map.said),
        actor=work.actor,
        rows=plan.rows,
        steps=plan.steps,
        first_change=trace.newest(work),
        started_at=clock.now(),
    )


def advance(work: Work, run: ImportRun, rows: int, outcome: Outcome) -> None:
    """Note that a chunk of `rows` rows was gone through, and what became of them.

    Raise Conflict when another process has carried the run on meanwhile, so that nothing is written twice.
    """
    ImportProblem.objects.bulk_create(
        ImportProblem(run=run, row=each.row, line=each.line, column=each.column[:500], message=each.message)
        for each in outcome.problems
    )
    before = run.position
    run.position += rows
    run.created += outcome.created
    run.updated += outcome.updated
    run.unchanged += outcome.unchanged
    run.refused += outcome.refused
    run.incomplete += outcome.incomplete
    run.last_change = trace.newest(work)
    run.moved_at = clock.now()
    counts = (
        "position",
        "created",
        "updated",
        "unchanged",
        "refused",
        "incomplete",
        "last_change",
        "moved_at",
    )
    held = ImportRun.objects.filter(id=run.pk, state=State.RUNNING, position=before)
    if not held.update(**{name: getattr(run, name) for name in counts}):
        raise Conflict("The import was carried on elsewhere meanwhile", code="IMPORT_RUNNING")


def heed(run: ImportRun) -> None:
    """Raise Stopped when someone asked that the run be stopped."""
    if ImportRun.objects.filter(id=run.pk, stopping=True).exists():
        raise Stopped


def end(run: ImportRun, state: ImportRun.State = State.DONE) -> None:
    """Note that a run has come to its end."""
    ImportRun.objects.filter(id=run.pk).update(state=state, stopping=False, failure="", ended_at=clock.now())


def refused(run: ImportRun, rows: Sequence[Row]) -> set[int]:
    """Return the numbers of those of a chunk's rows with which something was wrong."""
    numbers = (rows[0].number, rows[-1].number)
    return set(run.problems.filter(row__range=numbers).values_list("row", flat=True))


def problems(run: ImportRun) -> Iterator[RowProblem]:
    """Yield the problems of a run in the order of the rows."""
    found = run.problems.order_by("row", "id").values_list("row", "line", "column", "message")
    for row, line, column, message in found.iterator(chunk_size=1000):
        yield RowProblem(row, line, column, message)


def _same(plan: Plan) -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(
        portal_id=plan.catalog.portal_id, object_type=plan.kind.name, digest=plan.table.digest
    )
