"""Keeps how far each import has come and what was wrong, in the transactions of its chunks.

So a run that was killed goes on where the last chunk ended, and a file without a key isn't taken twice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from wonward import clock
from wonward.db import transaction
from wonward.errors import Conflict
from wonward.records.importing.batch import Outcome, RowProblem
from wonward.records.importing.plan import Plan
from wonward.records.importing.table import Row
from wonward.records.models import ImportProblem, ImportRun


@contextmanager
def alone(plan: Plan) -> Iterator[None]:
    """Keep others from importing the same type into the portal; raise Conflict when someone does already.

    The lock is the connection's, not a transaction's, and goes with the process whatever ends it.
    """
    name = {"name": f"{plan.catalog.schema}.{plan.kind.name}"}
    ((taken,),) = transaction.rows("select pg_try_advisory_lock(7701, hashtext(%(name)s))", name)
    if not taken:
        raise Conflict(
            f"{plan.kind.plural_label} are being imported into {plan.catalog.portal} already; "
            "wait until that import has ended",
            code="IMPORT_RUNNING",
        )
    try:
        yield
    finally:
        transaction.rows("select pg_advisory_unlock(7701, hashtext(%(name)s))", name)


def begin(plan: Plan) -> ImportRun:
    """Return the run to carry out: the one that was interrupted, else a new one.

    Raise Conflict when a file whose rows have no key was imported before.
    """
    same = ImportRun.objects.filter(
        portal_id=plan.catalog.portal_id, object_type=plan.kind.name, digest=plan.table.digest
    )
    if plan.key is None:
        ended = same.exclude(ended_at=None).first()
        if ended and ended.ended_at:
            raise Conflict(
                f"{plan.table.path.name} was imported already on {ended.ended_at:%Y-%m-%d %H:%M} UTC; its rows have "
                "no key, so importing it again would double them",
                code="IMPORTED_ALREADY",
            )
    else:
        same = same.filter(mapping=dict(plan.map.said))
    interrupted = same.filter(ended_at=None).order_by("-id").first()
    return interrupted or ImportRun.objects.create(
        portal_id=plan.catalog.portal_id,
        object_type=plan.kind.name,
        file_name=plan.table.path.name[-255:],
        digest=plan.table.digest,
        mapping=dict(plan.map.said),
        rows=plan.rows,
        started_at=clock.now(),
    )


def advance(run: ImportRun, rows: int, outcome: Outcome) -> None:
    """Note that a chunk of `rows` rows was gone through, and what became of them."""
    ImportProblem.objects.bulk_create(
        ImportProblem(run=run, row=each.row, line=each.line, column=each.column[:500], message=each.message)
        for each in outcome.problems
    )
    run.position += rows
    run.created += outcome.created
    run.updated += outcome.updated
    run.unchanged += outcome.unchanged
    run.refused += outcome.refused
    run.incomplete += outcome.incomplete
    run.save(update_fields=["position", "created", "updated", "unchanged", "refused", "incomplete"])


def end(run: ImportRun) -> None:
    """Note that a run has come to its end."""
    ImportRun.objects.filter(id=run.id, ended_at=None).update(ended_at=clock.now())


def refused(run: ImportRun, rows: Sequence[Row]) -> set[int]:
    """Return the numbers of those of a chunk's rows with which something was wrong."""
    numbers = (rows[0].number, rows[-1].number)
    return set(run.problems.filter(row__range=numbers).values_list("row", flat=True))


def problems(run: ImportRun) -> Iterator[RowProblem]:
    """Yield the problems of a run in the order of the rows."""
    found = run.problems.order_by("row", "id").values_list("row", "line", "column", "message")
    for row, line, column, message in found.iterator(chunk_size=1000):
        yield RowProblem(row, line, column, message)
