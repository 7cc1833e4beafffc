"""The step of an import in which its columns are matched: what was guessed, samples, and what was chosen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from wonward.records.importing import background, columns, headings
from wonward.records.importing.columns import Column
from wonward.records.importing.mapping import NO_KEY, SKIP, ImportMap
from wonward.records.importing.run import kind_of
from wonward.records.importing.spelling import fold
from wonward.records.importing.table import Table
from wonward.records.models import ImportRun
from wonward.schema.catalog import Catalog, ObjectType, Property

SAMPLED, SAMPLES = 200, 3
"""Rows that samples are taken from, and how many a column shows."""

MODES = (
    ("create_or_update", "Update what is there and create the rest"),
    ("create", "Only create new records"),
    ("update", "Only update records that are there"),
)
WAYS = {
    "date": (("", "found out"), ("dmy", "day first: 31-12-17"), ("mdy", "month first: 12-31-17")),
    "number": (("", "found out"), ("point", "decimal point: 1,234.50"), ("comma", "decimal comma: 1.234,50")),
}
_WAY_OF = {"date": "date", "datetime": "date", "number": "number", "currency": "number"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a column can become; `value` goes back and forth in the form."""

    value: str
    label: str
    group: str


@dataclass(frozen=True, slots=True)
class Line:
    """A column of the file: its heading, what some cells hold, what was chosen, and how that is written."""

    place: int
    header: str
    samples: tuple[str, ...]
    chosen: str
    ways: tuple[tuple[str, str], ...]
    way: str


@dataclass(frozen=True, slots=True)
class Matching:
    """All that the step shows."""

    lines: list[Line]
    choices: list[Choice]
    keys: list[tuple[str, str]]
    key: str
    mode: str


def matching(catalog: Catalog, run: ImportRun, table: Table) -> Matching:
    """Return the step for a run: what was chosen before, else what the headings say."""
    kind, said = kind_of(catalog, run.object_type), background.map_of(run)
    exported = headings.key_of_export(table.header, catalog)
    guessed = columns.guess(table.header, kind, catalog, said.columns, said.key or exported or kind.key)
    samples = _samples(table)
    lines = [_line(column, samples[column.place]) for column in guessed]
    keys = [(prop.name, prop.label) for prop in _keys(kind)]
    given = {column.prop.name for column in guessed if column.prop} | set(said.templates)
    key = said.key or exported or _first_key(kind, given)
    return Matching(lines, list(_choices(catalog, kind)), keys, key, said.mode)


def chosen(catalog: Catalog, run: ImportRun, table: Table, form: QueryDict) -> dict[str, Any]:
    """Return the body of the import map that a filled form says."""
    before = background.map_of(run)
    kind = kind_of(catalog, run.object_type)
    rules: dict[str, Any] = {}
    for place, header in enumerate(table.header):
        rules[header] = _rule(
            kind, before, header, form.get(f"column-{place}", ""), form.get(f"way-{place}", "")
        )
    said: dict[str, Any] = {
        "object": run.object_type,
        "columns": rules,
        "mode": form.get("mode", MODES[0][0]),
    }
    if before.said.get("set"):
        said["set"] = before.said["set"]
    return {**said, "key": form.get("key") or NO_KEY}


def _rule(kind: ObjectType, before: ImportMap, header: str, value: str, way: str) -> dict[str, Any]:
    """Return a column's rule; corrections of options that the map had stay with it."""
    sort, _, rest = value.partition(":")
    old = next((rule for name, rule in before.columns.items() if fold(name) == fold(header)), None)
    options = {"options": old.options} if old and old.options else {}
    if sort == "p":
        prop = kind.properties.get(rest)
        written = _WAY_OF.get(prop.type, "") if prop else ""
        fits = way in {each for each, _ in WAYS.get(written, ())} and way
        return {"property": rest, **options, **({written: way} if fits else {})}
    if sort == "a":
        other, by, label = (*rest.split("/"), "", "")[:3]
        return {"association": other, "by": by, **({"label": label} if label else {}), **options}
    return {"property": SKIP}


def _line(column: Column, samples: tuple[str, ...]) -> Line:
    value, way = "", ""
    ways: tuple[tuple[str, str], ...] = ()
    if column.prop:
        value = f"p:{column.prop.name}"
        ways = WAYS.get(_WAY_OF.get(column.prop.type, ""), ())
        way = column.rule.date or column.rule.number or ""
    elif column.reference:
        value = _reference(column.reference.kind, column.reference.by, column.reference.label.label)
    return Line(column.place, column.header, samples, value, ways, way)


def _reference(other: ObjectType, by: Property, label: str | None) -> str:
    return f"a:{other.name}/{by.name}/{label or ''}"


def _choices(catalog: Catalog, kind: ObjectType) -> Iterator[Choice]:
    """Yield what a column can become: a property, or records to associate with, by each way to name them.

    Labels are shown in the reader's language; values have those of the definitions, as import maps do.
    """
    defined = catalog.defined or catalog
    for prop in sorted(kind.properties.values(), key=lambda each: each.label.casefold()):
        if not prop.read_only or prop.name == headings.ID:
            yield Choice(f"p:{prop.name}", prop.label, kind.label)
    for name in catalog.associated_types(kind.name):
        other = catalog.object_types[name]
        told, spelled = (each.associations(kind.name, name) for each in (catalog, defined))
        for said, each in zip(told, spelled, strict=True):
            label = f" ({said.label})" if said.label else ""
            for by in _names_of(other):
                yield Choice(
                    _reference(other, by, each.label),
                    f"{other.label}{label}, by {by.label.lower()}",
                    "Associate with",
                )


def _names_of(kind: ObjectType) -> list[Property]:
    """Return the properties that a cell may name a record by: its name, its key, unique ones, its number."""
    own = headings.named_by(kind)
    found = [own] if own else []
    return [*found, *(prop for prop in _keys(kind) if prop is not own)]


def _keys(kind: ObjectType) -> list[Property]:
    """Return the properties that may say which record a row is: the key, unique ones, the name, the number."""
    own = headings.named_by(kind)
    wanted = [
        prop
        for prop in kind.properties.values()
        if prop.name in (kind.key, headings.ID) or prop.unique or prop is own
    ]
    return sorted(wanted, key=lambda prop: (prop.name != kind.key, not prop.unique, prop.name == headings.ID))


def _first_key(kind: ObjectType, given: set[str]) -> str:
    """Return the first property that can be the key and stands in the file."""
    return next((prop.name for prop in _keys(kind) if prop.name in given and not prop.read_only), "")


def _samples(table: Table) -> Mapping[int, tuple[str, ...]]:
    """Return some different filled cells of each column."""
    found: dict[int, dict[str, None]] = {place: {} for place in range(len(table.header))}
    for row in table.rows():
        if row.number >= SAMPLED:
            break
        for place, cell in enumerate(row.cells if not row.problem else ()):
            if cell and len(found[place]) < SAMPLES:
                found[place][cell[:60]] = None
    return {place: tuple(cells) for place, cells in found.items()}
