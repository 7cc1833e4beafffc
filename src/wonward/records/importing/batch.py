"""Writes a chunk of rows: each becomes a new record, changes the one its key names, or is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from wonward.errors import Problem
from wonward.records.importing import identify, links, statistics
from wonward.records.importing.cells import Cells, Draft
from wonward.records.importing.columns import Column
from wonward.records.importing.links import Wanted
from wonward.records.importing.plan import Plan
from wonward.records.importing.references import References
from wonward.records.importing.table import Row
from wonward.records.salvage import salvage
from wonward.records.upsert import Upserted
from wonward.records.work import Work

Fate = Literal["created", "updated", "unchanged"]
Result = TypeVar("Result")

_FEW = 500
"""Records that PostgreSQL may go through one by one without a loss."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row, and in which column if it is one."""

    row: int
    line: int
    column: str
    message: str


@dataclass
class Outcome:
    """What became of the rows of a chunk; `incomplete` ones were written without one of their links."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    incomplete: int = 0
    problems: list[RowProblem] = field(default_factory=list)


def drafted(plan: Plan, cells: Cells, row: Row) -> Draft:
    """Return what a row asks for, with a problem when it has an earlier row's key or none."""
    draft = cells.read(row)
    if row.problem:
        return draft
    doubled = plan.survey.doubled.get(row.number)
    if doubled:
        draft.problems.append(doubled)
    key = plan.key
    told = {problem.property for problem in draft.problems}
    if key and key.name not in {*draft.values, *told}:
        message = f"{key.label} is empty; it says which {plan.kind.label.lower()} is meant"
        draft.problems.append(Problem(message, "NO_KEY", key.name))
    return draft


def outcome_of(plan: Plan, drafts: Sequence[Draft], fates: Sequence[Fate]) -> Outcome:
    """Count what became of a chunk; drafts with problems are the refused ones, `fates` those of the others."""
    refused = [draft for draft in drafts if draft.problems]
    return Outcome(
        fates.count("created"),
        fates.count("updated"),
        fates.count("unchanged"),
        len(refused),
        problems=[each for draft in refused for each in _told(plan, draft)],
    )


def _told(plan: Plan, draft: Draft) -> list[RowProblem]:
    headers = {column.prop.name: column.header for column in plan.columns if column.prop}
    return [
        RowProblem(
            draft.row.number,
            draft.row.line,
            problem.context.get("column") or headers.get(problem.property or "", ""),
            problem.message,
        )
        for problem in draft.problems
    ]


class RecordRows:
    """Writes rows as records of an object type, chunk by chunk."""

    def __init__(self, plan: Plan, cells: Cells) -> None:
        self._plan, self._cells = plan, cells
        self._own = {each.place: each.reference.by.name for each in plan.own_references if each.reference}
        expected = {place: plan.survey.named[by] for place, by in self._own.items()}
        self._references = References(plan.columns, expected)
        self._later = References(plan.own_references, {})
        self._created = 0

    def write(self, work: Work, rows: Sequence[Row]) -> Outcome:
        """Write a chunk; what is wrong with a row is told, and the others are written all the same."""
        drafts = self.drafts(work, rows)
        fates = salvaged(drafts, lambda some: self._store(work, some))
        self._created += fates.count("created")
        if self._created >= _FEW:
            statistics.refresh(work, self._plan.kind, self._created)
        return outcome_of(self._plan, drafts, fates)

    def drafts(self, work: Work, rows: Sequence[Row]) -> list[Draft]:
        """Return what rows ask for, with the records that they name found."""
        drafts = [self._draft(row) for row in rows]
        self._references.look_up(work, drafts)
        return drafts

    def link(self, work: Work, rows: Sequence[Row]) -> Outcome:
        """Link rows to other rows of the file, now that all of them are there."""
        drafts = [draft for row in rows if (draft := self._own_links(row))]
        self._later.look_up(work, drafts)
        salvaged(drafts, lambda some: self._connect(work, some))
        found = outcome_of(self._plan, drafts, ())
        problems = [replace(each, message=f"Imported, but: {each.message}") for each in found.problems]
        return Outcome(incomplete=found.refused, problems=problems)

    def _draft(self, row: Row) -> Draft:
        draft = drafted(self._plan, self._cells, row)
        for place, by in self._own.items():
            if draft.values.get(by) in draft.references.get(place, ()):
                header = self._plan.columns[place].header
                draft.problems.append(Problem("The row refers to itself", context={"column": header}))
        return draft

    def _own_links(self, row: Row) -> Draft | None:
        """Return a draft of nothing but the row's references to other rows, None when it has none."""
        draft = self._cells.read(row)
        draft.references = {place: names for place, names in draft.references.items() if place in self._own}
        return draft if draft.references else None

    def _store(self, work: Work, drafts: list[Draft]) -> list[Fate]:
        stored = identify.store(work, self._plan.kind, self._plan.key, self._plan.map.mode, drafts)
        changed = {row for row, each in enumerate(stored) if each.changed}
        for column in self._plan.columns:
            if column.place in self._own:
                changed |= self._pending(work, column, drafts, stored)
            elif column.reference:
                fresh = frozenset(each.record_id for each in stored if each.new)
                ids = [each.record_id for each in stored]
                wanted = _wanted(self._references, column, drafts, ids)
                changed |= links.connect(work, self._plan.kind, column.reference, wanted, fresh)
        return [
            "created" if each.new else "updated" if row in changed else "unchanged"
            for row, each in enumerate(stored)
        ]

    def lacking(self, work: Work, drafts: Sequence[Draft], stored: Sequence[Upserted]) -> set[int]:
        """Return the rows of known records that ask for an association which isn't there yet."""
        columns = [column for column in self._plan.columns if column.reference]
        return {row for column in columns for row in self._pending(work, column, drafts, stored)}

    def _pending(
        self, work: Work, column: Column, drafts: Sequence[Draft], stored: Sequence[Upserted]
    ) -> set[int]:
        """Return the rows of known records that the second pass will give a link they don't have yet."""
        rows = {
            row
            for row, draft in enumerate(drafts)
            if column.place in draft.references and not stored[row].new
        }
        wanted = [
            each
            for each in _wanted(self._references, column, drafts, [each.record_id for each in stored])
            if each[0] in rows
        ]
        if not rows or column.reference is None:
            return set()
        new, _ = links.missing(work, column.reference, wanted)
        return (rows - {row for row, _, _ in wanted}) | {row for row, _, _ in new}

    def _connect(self, work: Work, drafts: list[Draft]) -> list[None]:
        key = self._plan.key
        ids = identify.matches(work, self._plan.kind, key, drafts) if key else []
        for column in self._plan.own_references:
            if column.reference:
                wanted = _wanted(self._later, column, drafts, ids)
                links.connect(work, self._plan.kind, column.reference, wanted, frozenset())
        return [None] * len(drafts)


def _wanted(
    references: References, column: Column, drafts: Sequence[Draft], ids: Sequence[int | None]
) -> list[Wanted]:
    """Return what the cells of a column want associated, where both records are known."""
    wanted = []
    for row, (draft, record_id) in enumerate(zip(drafts, ids, strict=True)):
        found = (references.id_of(column.place, text) for text in draft.references.get(column.place, ()))
        if record_id is not None:
            wanted += [(row, record_id, to) for to in found if to is not None]
    return wanted


def salvaged(drafts: Sequence[Draft], write: Callable[[list[Draft]], Sequence[Result]]) -> list[Result]:
    """Write the drafts without problems, adding the problems of those that are refused; return the results."""
    sound = [draft for draft in drafts if not draft.problems]
    results, problems = salvage(sound, write)
    for problem in problems:
        sound[problem.row or 0].problems.append(problem)
    return list(results.values())
