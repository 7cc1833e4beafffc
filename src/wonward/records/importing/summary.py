"""What a door shows of an import: each column with what is made of it, the counts, the problems. Pure."""

from dataclasses import dataclass
from pathlib import Path

from wonward.records.importing.batch import RowProblem
from wonward.records.importing.columns import Column, How
from wonward.records.importing.formats import Evidence
from wonward.records.importing.plan import Plan

_WRITTEN = {
    "dmy": "day-month-year",
    "mdy": "month-day-year",
    "point": "decimal point",
    "comma": "decimal comma",
}
_NOT_IMPORTED: dict[How, str] = {
    "skipped": "left out by the map",
    "error column": "told what was wrong with a row",
    "kept by the system": "the system keeps this itself",
    "names of ids": "the column with their ids is imported",
    "unknown": "no property or association has this name",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows; `incomplete` ones are among the first three, but lack one of their links."""

    created: int
    updated: int
    unchanged: int
    refused: int
    incomplete: int


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """A column: what it becomes (empty when it isn't imported), how that was found, how its values are written.

    `note` says why a column isn't imported, or what is in doubt.
    """

    header: str
    target: str
    how: How
    written: str
    note: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: nothing of it was done. `problems` are the first ones."""

    object_type: str
    key: str
    rows: int
    counts: Counts
    columns: tuple[ColumnSummary, ...]
    problems: tuple[RowProblem, ...]
    encoding: str
    delimiter: str

    @property
    def not_imported(self) -> tuple[ColumnSummary, ...]:
        """The columns that nothing is made of."""
        return tuple(column for column in self.columns if not column.target)


@dataclass(frozen=True, slots=True)
class Result:
    """What an import did. `continued` says that part of it was done by a run that was interrupted.

    `errors_file` has the rows with problems, None when there are none; `problems` are the first ones.
    """

    object_type: str
    rows: int
    counts: Counts
    columns: tuple[ColumnSummary, ...]
    problems: tuple[RowProblem, ...]
    continued: bool
    errors_file: Path | None

    @property
    def not_imported(self) -> tuple[ColumnSummary, ...]:
        """The columns that nothing was made of."""
        return tuple(column for column in self.columns if not column.target)


def columns_of(plan: Plan) -> tuple[ColumnSummary, ...]:
    """Return what becomes of each column of a plan's file."""
    return tuple(_summary(plan, column) for column in plan.columns)


def _summary(plan: Plan, column: Column) -> ColumnSummary:
    target = ""
    if column.prop:
        target = f"{column.prop.label} ({column.prop.name})"
    elif column.reference:
        target = column.reference.text
    evidence = plan.survey.evidence.get(column.place)
    written, note = _format(plan, column, evidence) if evidence else ("", _NOT_IMPORTED.get(column.how, ""))
    return ColumnSummary(column.header, target, column.how, written, note)


def _format(plan: Plan, column: Column, evidence: Evidence) -> tuple[str, str]:
    """Return how a column's values are written, and the doubt that is left."""
    way = plan.ways[column.place]
    if column.rule.date or column.rule.number:
        return f"{_WRITTEN[way]}, as the map says", ""
    example = evidence.example
    if example is None:
        return "", ""
    if not evidence.undecided:
        return f"{_WRITTEN[way]}, as in {example.text}", ""
    what = "date" if "dmy" in evidence.ways else "number"
    other = next(each for each in evidence.ways if each != way)
    note = f"nothing decides it; if {_WRITTEN[other]} is meant, say in the map {column.header}: {{{what}: {other}}}"
    return f"{_WRITTEN[way]}, as in {example.text}", note
