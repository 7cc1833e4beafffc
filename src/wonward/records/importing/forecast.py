"""Says what importing a file would do, by checking every row as writing it would, without writing any.

Reads a chunk at a time and holds nothing meanwhile. Rules that only hold or fail on written records, those
of guards, are tried on the first chunk, whose changes are taken back at once.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from wonward.errors import Conflict, Invalid, Problem, placed
from wonward.records import query, unique
from wonward.records.importing import identify
from wonward.records.importing.batch import Fate, Outcome, RecordRows, RowProblem, outcome_of, salvaged
from wonward.records.importing.cells import Cells, Draft
from wonward.records.importing.plan import Plan
from wonward.records.importing.table import Row
from wonward.records.query import Query
from wonward.records.upsert import Upserted
from wonward.records.validate import Clean, validate
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

OpenWork = Callable[[], AbstractContextManager[Work]]

NOT_YET = -1
"""Stands for the id of a record that is to be created."""


class Forecast:
    """Foretells chunk by chunk; `refused_names` are the values that refused rows would have been known by."""

    def __init__(self, plan: Plan, cells: Cells) -> None:
        self._plan, self._cells = plan, cells
        self._rows = RecordRows(plan, cells)
        self._named = {each.place: each.reference.by.name for each in plan.own_references if each.reference}
        self._refused: set[int] = set()
        self._refused_names: dict[str, set[str]] = {name: set() for name in self._named.values()}

    def try_out(self, open_work: OpenWork, rows: Sequence[Row]) -> Outcome:
        """Write a chunk, take it back, and return what became of its rows."""
        with undone(open_work) as work:
            return self._remembered(rows, RecordRows(self._plan, self._cells).write(work, rows))

    def foretell(self, work: Work, rows: Sequence[Row]) -> Outcome:
        """Return what would become of a chunk."""
        drafts = self._rows.drafts(work, rows)
        fates = salvaged(drafts, lambda some: self._fates(work, some))
        return self._remembered(rows, outcome_of(self._plan, drafts, fates))

    def foretell_links(self, work: Work, rows: Sequence[Row]) -> Outcome:
        """Return which rows would be written without a link, since the row they refer to would be refused."""
        problems = []
        for row in rows:
            draft = self._cells.read(row) if row.number not in self._refused else Draft(row)
            for place, by in self._named.items():
                lost = [name for name in draft.references.get(place, ()) if name in self._refused_names[by]]
                column = self._plan.columns[place]
                if lost and column.reference and not self._known(work, column.reference.kind, by, lost[0]):
                    message = (
                        f"Imported, but: the row of '{lost[0]}' is refused, so it can't be associated with it"
                    )
                    problems.append(RowProblem(row.number, row.line, column.header, message))
        return Outcome(incomplete=len({each.row for each in problems}), problems=problems)

    def _known(self, work: Work, kind: ObjectType, by: str, name: str) -> bool:
        return bool(unique.holders(work, kind, kind.properties[by], [name]))

    def _remembered(self, rows: Sequence[Row], outcome: Outcome) -> Outcome:
        """Keep the names that the refused rows of a chunk would have had."""
        refused = {each.row for each in outcome.problems}
        self._refused |= refused
        for row in rows:
            if row.number in refused and not row.problem:
                for by, refused_names in self._refused_names.items():
                    name = self._cells.identity(row, self._plan.kind.properties[by])
                    refused_names.update([name] if name else [])
        return outcome

    def _fates(self, work: Work, drafts: list[Draft]) -> list[Fate]:
        """Return what writing rows would do; raise what it would raise, with their places in `drafts`."""
        kind, key = self._plan.kind, self._plan.key
        ids: list[int | None] = [None] * len(drafts)
        if key:
            ids = list(identify.matches(work, kind, key, drafts))
            identify.refuse_unwanted(kind, key, self._plan.map.mode, drafts, ids)
        values = [
            {
                name: value
                for name, value in draft.values.items()
                if not (key and key.read_only and name == key.name)
            }
            for draft in drafts
        ]
        clean: dict[int, Clean] = {}
        for creating in (True, False):
            places = [place for place, record_id in enumerate(ids) if (record_id is None) is creating]
            with placed(places):
                checked = validate(work, kind, [values[place] for place in places], creating=creating)
                _refuse(Invalid, checked.problems)
                _refuse(Conflict, unique.taken(work, kind, checked.rows, [ids[place] for place in places]))
            clean |= dict(zip(places, checked.rows, strict=True))
        changed = _changed(work, kind, ids, clean)
        stored = [
            Upserted(NOT_YET if record_id is None else record_id, record_id is None, place in changed)
            for place, record_id in enumerate(ids)
        ]
        changed |= self._rows.lacking(work, drafts, stored)
        return [
            "created" if each.new else "updated" if place in changed else "unchanged"
            for place, each in enumerate(stored)
        ]


def _changed(work: Work, kind: ObjectType, ids: Sequence[int | None], clean: dict[int, Clean]) -> set[int]:
    """Return the places of known records that have other values now."""
    names = sorted({name for place, values in clean.items() if ids[place] is not None for name in values})
    known = [record_id for record_id in ids if record_id is not None]
    if not known:
        return set()
    present = {
        row[0]: dict(zip(names, row[1:], strict=True))
        for row in query.rows(work, Query(kind, ids=known), names)
    }
    return {
        place
        for place, record_id in enumerate(ids)
        if record_id is not None
        and any(present.get(record_id, {}).get(name) != value for name, value in clean[place].items())
    }


def _refuse(error: type[Invalid | Conflict], problems: list[Problem]) -> None:
    if problems:
        raise error(problems)


class _Undo(Exception):
    """Takes back what was written, and is heard of no more."""


@contextmanager
def undone(open_work: OpenWork) -> Iterator[Work]:
    """Open work whose changes are taken back in the end."""
    try:
        with open_work() as work:
            yield work
            raise _Undo
    except _Undo:
        pass
