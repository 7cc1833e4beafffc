"""Reads a whole file once for what only all of its rows can tell: how many, which formats, which stand twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wonward.errors import Problem
from wonward.records.importing import formats
from wonward.records.importing.cells import Cells
from wonward.records.importing.columns import Column
from wonward.records.importing.formats import Evidence
from wonward.records.importing.table import Row, Table
from wonward.schema.catalog import ObjectType, Property


@dataclass(frozen=True)
class Survey:
    """What a file holds.

    evidence: by column place, how dates and numbers are written.
    doubled: by row number, the problem of a row that has the key or another unique value of an earlier one.
    named: by property name, the values of it that the rows have.
    """

    rows: int
    evidence: Mapping[int, Evidence]
    doubled: Mapping[int, Problem]
    named: Mapping[str, frozenset[str]]


def take(
    table: Table, kind: ObjectType, columns: Sequence[Column], cells: Cells, key: Property | None
) -> Survey:
    """Read the file and return its survey."""
    evidence = dict(_evidence(table, columns))
    singular = _Singular(kind, columns, cells, key)
    named: dict[str, tuple[Property, set[str]]] = {
        each.reference.by.name: (each.reference.by, set())
        for each in columns
        if each.reference and each.reference.kind is kind
    }
    rows = 0
    for row in table.rows():
        rows += 1
        if row.problem:
            continue
        for place, each in evidence.items():
            if row.cells[place]:
                each.see(cells.text(row, columns[place]), row.line)
        singular.see(row)
        for by, known in named.values():
            if name := cells.identity(row, by):
                known.add(name)
    names = {name: frozenset(known) for name, (_, known) in named.items()}
    return Survey(rows, evidence, singular.doubled, names)


def contradictions(survey: Survey, columns: Sequence[Column]) -> Iterator[Problem]:
    """Yield a problem for each column that is written in two ways at once and whose map doesn't say which."""
    for place, evidence in survey.evidence.items():
        column = columns[place]
        found = evidence.contradiction
        if found is None or column.rule.date or column.rule.number:
            continue
        first, second = found
        what = "date" if "dmy" in evidence.ways else "number"
        yield Problem(
            f"Column {column.header} has '{first.text}' (line {first.line}) and '{second.text}' "
            f"(line {second.line}), which can't be written the same way; say in the map which is meant: "
            f"{column.header}: {{{what}: {' | '.join(sorted(evidence.ways))}}}",
            "MIXED_FORMATS",
            context={"column": column.header},
        )


def _evidence(table: Table, columns: Sequence[Column]) -> Iterator[tuple[int, Evidence]]:
    """Yield the columns whose values may be written in two ways; in doubt a file with semicolons has commas."""
    for column in columns:
        if column.prop is None:
            continue
        if column.prop.type in ("date", "datetime"):
            yield column.place, formats.dates()
        elif column.prop.type in ("number", "currency"):
            yield column.place, formats.numbers("comma" if table.delimiter == ";" else "point")


class _Singular:
    """Finds rows that have the key, or another unique value, of an earlier row."""

    def __init__(
        self, kind: ObjectType, columns: Sequence[Column], cells: Cells, key: Property | None
    ) -> None:
        self._kind, self._cells = kind, cells
        props = [
            column.prop for column in columns if column.prop and (column.prop.unique or column.prop == key)
        ]
        if key is not None and key not in props:
            props.append(key)
        self._first: list[tuple[Property, dict[str, int]]] = [(prop, {}) for prop in props]
        self.doubled: dict[int, Problem] = {}

    def see(self, row: Row) -> None:
        for prop, first in self._first:
            value = self._cells.identity(row, prop)
            line = first.setdefault(value, row.line) if value else row.line
            if line != row.line:
                message = (
                    f"{prop.label} '{value}' stands on line {line} already; "
                    f"a file has each {self._kind.label.lower()} once"
                )
                self.doubled.setdefault(row.number, Problem(message, "DUPLICATE_ID", prop.name))
