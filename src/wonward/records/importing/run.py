"""Imports a file into a portal in chunks, each a transaction, or shows what importing it would do.

The doors' way in. `open_work` is what the door's `wiring.writing` gives: importing knows no guards.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from wonward.accounts import people
from wonward.errors import Conflict, Invalid
from wonward.records.importing import errors_file, ledger, maps, plan
from wonward.records.importing.batch import Outcome, RecordRows
from wonward.records.importing.mapping import ImportMap
from wonward.records.importing.owners import OWNER, SPELLINGS, OwnerRows
from wonward.records.importing.plan import Plan
from wonward.records.importing.summary import Counts, Preview, Result, columns_of
from wonward.records.importing.table import Row, open_table
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
    """Return what `run` would do, by doing it in one transaction that is undone.

    Until it is done, records that it would change can't be changed by others. Raises what `run` raises.
    """
    planned = _plan(open_work, path, object_type, said)
    with _undone(open_work) as work:
        carried = ledger.begin(planned)
        _carry_out(lambda: nullcontext(work), planned, carried, progress)
        return Preview(
            planned.kind.name,
            planned.key.name if planned.key else "",
            planned.rows,
            _counts(carried),
            columns_of(planned),
            tuple(itertools.islice(ledger.problems(carried), FIRST)),
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
    planned = _plan(open_work, path, object_type, said)
    with ledger.alone(planned):
        with open_work():
            carried = ledger.begin(planned)
        continued = carried.position > 0
        _carry_out(open_work, planned, carried, progress)
        problems = tuple(itertools.islice(ledger.problems(carried), FIRST))
        target = errors_to or errors_file.path_for(path)
        if problems:
            errors_file.write(planned.table, ledger.problems(carried), target)
        ledger.end(carried)
    return Result(
        planned.kind.name,
        planned.rows,
        _counts(carried),
        columns_of(planned),
        problems,
        continued,
        target if problems else None,
    )


class _Undo(Exception):
    """Takes back what was written, and is heard of no more."""


@contextmanager
def _undone(open_work: OpenWork) -> Iterator[Work]:
    """Open work whose changes are taken back in the end."""
    try:
        with open_work() as work:
            yield work
            raise _Undo
    except _Undo:
        pass


def _plan(open_work: OpenWork, path: Path, object_type: str, said: ImportMap | None) -> Plan:
    with open_work() as work:
        catalog = work.catalog
        kind = _kind(catalog, object_type)
        said = said or maps.for_file(catalog.portal_id, kind.name, path.name) or ImportMap()
    if said.object_type and _kind(catalog, said.object_type) is not kind:
        raise Invalid(
            f"The import map reads {said.object_type} records, not {kind.plural_label.lower()}; give another map",
            code="INVALID_IMPORT_MAP",
        )
    return plan.make(catalog, kind, open_table(path), said)


def _kind(catalog: Catalog, object_type: str) -> ObjectType:
    return OWNER if object_type.lower() in SPELLINGS else catalog.object_type(object_type)


Pass = Callable[[Work, Sequence[Row]], Outcome]
"""One going through the file; the second leaves out rows with which something was wrong in the first."""


def _passes(planned: Plan) -> tuple[Pass, ...]:
    cells = planned.cells(people.owners(planned.catalog.portal_id))
    if planned.kind is OWNER:
        return (OwnerRows(planned, cells).write,)
    rows = RecordRows(planned, cells)
    return (rows.write, rows.link) if planned.own_references else (rows.write,)


def _carry_out(open_work: OpenWork, planned: Plan, carried: ImportRun, progress: Progress | None) -> None:
    """Go through the file from where the run stands, a transaction a chunk."""
    for number, write in enumerate(_passes(planned)):
        start = carried.position - number * planned.rows
        if start >= planned.rows:
            continue
        for chunk in _chunks(planned.table.rows(start)):
            with open_work() as work:
                if work.catalog.version != planned.catalog.version:
                    raise Conflict(
                        "The portal's definitions were changed during the import; run it again to go on",
                        code="DEFINITIONS_CHANGED",
                    )
                refused = ledger.refused(carried, chunk) if number else set()
                left = [row for row in chunk if row.number not in refused]
                ledger.advance(carried, len(chunk), write(work, left))
            if progress:
                progress(carried.position, planned.steps)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while chunk := list(itertools.islice(left, CHUNK)):
        yield chunk


def _counts(carried: ImportRun) -> Counts:
    return Counts(carried.created, carried.updated, carried.unchanged, carried.refused, carried.incomplete)
