"""Imports a file into a portal in chunks, each a transaction, or says what importing it would do.

`open_work` is what the door's `wiring.writing` gives: importing knows no guards. `background.py` is the way
in for imports that others wait for; these two are for who waits.
"""

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from wonward.accounts import people
from wonward.db.transaction import again_after_deadlock
from wonward.errors import Conflict, Invalid
from wonward.records.importing import errors_file, ledger, maps, plan, workbook
from wonward.records.importing.batch import Outcome, RecordRows
from wonward.records.importing.forecast import Forecast, undone
from wonward.records.importing.mapping import ImportMap
from wonward.records.importing.owners import OWNER, SPELLINGS, OwnerRows
from wonward.records.importing.plan import Plan
from wonward.records.importing.summary import Counts, Preview, Result, columns_of
from wonward.records.importing.table import Row, Table, open_table
from wonward.records.models import ImportRun
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType

OpenWork = Callable[[], AbstractContextManager[Work]]
Progress = Callable[[int, int], None]
"""Told after each chunk how many steps of how many are done."""

CHUNK = 1000
"""Rows of a transaction."""

FIRST = 20
"""Problems that a preview and a result show themselves."""


def preview(
    open_work: OpenWork,
    path: Path,
    object_type: str,
    said: ImportMap | None = None,
    progress: Progress | None = None,
) -> Preview:
    """Return what `run` would do; nothing is written, and nobody else is kept waiting. Raises what `run` raises."""
    with _opened(path) as table:
        planned = plan_of(open_work, table, object_type, said, path.name)
        return foresee(open_work, planned, progress)


def foresee(
    open_work: OpenWork, planned: Plan, progress: Progress | None = None, first: int = FIRST
) -> Preview:
    """Return what carrying out a plan would do, with the first problems by row."""
    ledger.refuse_repeat(planned)
    total = Outcome()
    for number, foretell in enumerate(_foretellers(open_work, planned)):
        done = number * planned.rows
        for chunk in _chunks(planned.table.rows()):
            found = foretell(chunk)
            done += len(chunk)
            _add(total, found, first)
            if progress:
                progress(done, planned.steps)
    problems = tuple(sorted(total.problems, key=lambda each: each.row))
    return Preview(
        planned.kind.name,
        planned.key.name if planned.key else "",
        planned.rows,
        Counts(total.created, total.updated, total.unchanged, total.refused, total.incomplete),
        columns_of(planned),
        problems,
        planned.table.encoding,
        planned.table.delimiter,
    )


def run(
    open_work: OpenWork,
    path: Path,
    object_type: str,
    said: ImportMap | None = None,
    progress: Progress | None = None,
    errors_to: Path | None = None,
) -> Result:
    """Import a file as records of an object type, or as owners; return what was done.

    said: the map; without one, the portal's own for files of that name. errors_to: where rows with problems
    go, else beside the file. A run that was interrupted goes on where it stopped. Raise Missing, Invalid or
    Conflict when nothing of the file can be imported.
    """
    with _opened(path) as table:
        planned = plan_of(open_work, table, object_type, said, path.name)
        with ledger.alone(planned.catalog, planned.kind.name):
            with open_work() as work:
                carried = ledger.begin(work, planned, path.name)
            continued = carried.position > 0
            carry_out(open_work, planned, carried, progress)
            problems = tuple(itertools.islice(ledger.problems(carried), FIRST))
            target = errors_to or errors_file.path_for(path)
            if problems:
                errors_file.write(planned.table, ledger.problems(carried), target)
            ledger.end(carried)
    return Result(
        planned.kind.name,
        planned.rows,
        Counts(carried.created, carried.updated, carried.unchanged, carried.refused, carried.incomplete),
        columns_of(planned),
        problems,
        continued,
        target if problems else None,
    )


@contextmanager
def _opened(path: Path) -> Iterator[Table]:
    """Open a file for reading; a workbook by way of a CSV file that is gone afterwards."""
    if not workbook.is_workbook(path) or not path.is_file():
        yield open_table(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / f"{path.stem}.csv"
        workbook.to_csv(path, text)
        yield open_table(text, sheet=True)


def plan_of(
    open_work: OpenWork, table: Table, object_type: str, said: ImportMap | None, file_name: str
) -> Plan:
    """Plan the import of a file; without a map the portal's own for files of that name holds."""
    with open_work() as work:
        catalog = work.catalog
        kind = kind_of(catalog, object_type)
        said = said or maps.for_file(catalog.portal_id, kind.name, file_name) or ImportMap()
    if said.object_type and kind_of(catalog, said.object_type) is not kind:
        raise Invalid(
            f"The import map reads {said.object_type} records, not {kind.plural_label.lower()}; give another map",
            code="INVALID_IMPORT_MAP",
        )
    return plan.make(catalog, kind, table, said)


def kind_of(catalog: Catalog, object_type: str) -> ObjectType:
    """Return an object type, owners among them."""
    return OWNER if object_type.lower() in SPELLINGS else catalog.object_type(object_type)


def carry_out(
    open_work: OpenWork, planned: Plan, carried: ImportRun, progress: Progress | None = None
) -> None:
    """Go through the file from where the run stands, a transaction a chunk.

    Raise Stopped when someone asks for that between two chunks.
    """
    for number, write in enumerate(_passes(planned)):
        start = carried.position - number * planned.rows
        if start >= planned.rows:
            continue
        for chunk in _chunks(planned.table.rows(start)):
            ledger.heed(carried)
            _write(open_work, planned, carried, chunk, write, second=number > 0)
            if progress:
                progress(carried.position, planned.steps)


Pass = Callable[[Work, Sequence[Row]], Outcome]
"""One going through the file; the second leaves out rows with which something was wrong in the first."""


def _write(
    open_work: OpenWork, planned: Plan, carried: ImportRun, chunk: Sequence[Row], write: Pass, *, second: bool
) -> None:
    """Write a chunk as the run's own change; one that PostgreSQL ended for others' sake is tried again."""

    def attempt() -> None:
        carried.refresh_from_db()
        with open_work() as opened:
            work = replace(opened, actor=carried.label)
            if work.catalog.version != planned.catalog.version:
                raise Conflict(
                    "The portal's definitions were changed during the import; run it again to go on",
                    code="DEFINITIONS_CHANGED",
                )
            refused = ledger.refused(carried, chunk) if second else set()
            left = [row for row in chunk if row.number not in refused]
            ledger.advance(work, carried, len(chunk), write(work, left))

    again_after_deadlock(attempt)


def _passes(planned: Plan) -> tuple[Pass, ...]:
    cells = planned.cells(people.owners(planned.catalog.portal_id))
    if planned.kind is OWNER:
        return (OwnerRows(planned, cells).write,)
    rows = RecordRows(planned, cells)
    return (rows.write, rows.link) if planned.own_references else (rows.write,)


def _foretellers(open_work: OpenWork, planned: Plan) -> Iterator[Callable[[Sequence[Row]], Outcome]]:
    """Yield what foretells a chunk, for each going through the file."""
    cells = planned.cells(people.owners(planned.catalog.portal_id))
    if planned.kind is OWNER:
        with undone(open_work) as work:
            yield lambda chunk: OwnerRows(planned, cells).write(work, chunk)
        return
    forecast = Forecast(planned, cells)

    def first(chunk: Sequence[Row]) -> Outcome:
        if chunk[0].number == 0:
            return forecast.try_out(open_work, chunk)
        with open_work() as work:
            return forecast.foretell(work, chunk)

    def second(chunk: Sequence[Row]) -> Outcome:
        with open_work() as work:
            return forecast.foretell_links(work, chunk)

    yield first
    if planned.own_references:
        yield second


def _add(total: Outcome, found: Outcome, first: int) -> None:
    """Add what was foretold of a chunk, keeping the first problems only."""
    total.created += found.created
    total.updated += found.updated
    total.unchanged += found.unchanged
    total.refused += found.refused
    total.incomplete += found.incomplete
    total.problems += found.problems[: first - len(total.problems)] if len(total.problems) < first else []


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while chunk := list(itertools.islice(left, CHUNK)):
        yield chunk
