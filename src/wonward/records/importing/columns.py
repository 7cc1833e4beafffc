"""Matches the columns of a file with properties and associations: by the map, by name, by label. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wonward.errors import Invalid, Problem, Refusal
from wonward.records.importing.headings import Names, Reference, key_of_export
from wonward.records.importing.mapping import Rule
from wonward.records.importing.spelling import fold, meant
from wonward.records.importing.table import ERROR_COLUMNS
from wonward.schema.catalog import Catalog, ObjectType, Property

How = Literal[
    "map",
    "name",
    "label",
    "association",
    "skipped",
    "error column",
    "kept by the system",
    "names of ids",
    "unknown",
]
"""How a column was matched, or why it isn't imported."""


@dataclass(frozen=True)
class Column:
    """A column of the file and what its cells mean: values of `prop`, or records of `reference`, or nothing."""

    place: int
    header: str
    how: How
    rule: Rule
    prop: Property | None = None
    reference: Reference | None = None

    @property
    def imported(self) -> bool:
        """Whether anything is made of it."""
        return self.prop is not None or self.reference is not None


def match(
    header: Sequence[str],
    kind: ObjectType,
    catalog: Catalog,
    rules: Mapping[str, Rule],
    key: str | None = None,
) -> tuple[Column, ...]:
    """Match every column of `header`; `key` may be a property that the system keeps, such as the record id.

    Raise Invalid for rules about columns that aren't there, targets that don't exist, and two columns
    for one target.
    """
    by_header = {fold(name): name for name in header}
    problems = [
        Problem(f"The map speaks of a column '{name}', which the file doesn't have{meant(name, header)}")
        for name in rules
        if fold(name) not in by_header
    ]
    said = {by_header.get(fold(name), name): rule for name, rule in rules.items()}
    names = Names(kind, catalog, exported=key_of_export(header, catalog) is not None)
    columns: list[Column] = []
    for place, name in enumerate(header):
        try:
            columns.append(_column(place, name, said.get(name), names, key))
        except Refusal as refusal:
            problems += [Problem(f"Column {name}: {problem.message}") for problem in refusal.problems]
    problems += _doubled(columns)
    if problems:
        raise Invalid(problems)
    return tuple(columns)


def guess(
    header: Sequence[str],
    kind: ObjectType,
    catalog: Catalog,
    rules: Mapping[str, Rule],
    key: str | None = None,
) -> list[Column]:
    """Match columns as `match` does, but leave out what can't be matched, for someone to choose."""
    said = {fold(name): rule for name, rule in rules.items()}
    names = Names(kind, catalog, exported=key_of_export(header, catalog) is not None)
    found: list[Column] = []
    for place, name in enumerate(header):
        try:
            column = _column(place, name, said.get(fold(name)), names, key)
        except Refusal:
            column = Column(place, name, "unknown", Rule())
        doubled = any(_doubled([*found, column]))
        found.append(Column(place, name, "unknown", Rule()) if doubled else column)
    return found


def _column(place: int, header: str, rule: Rule | None, names: Names, key: str | None) -> Column:
    rule = rule or Rule()
    if header in ERROR_COLUMNS:
        return Column(place, header, "error column", rule)
    if rule.skipped:
        return Column(place, header, "skipped", rule)
    if rule.association:
        return Column(place, header, "map", rule, reference=names.reference(rule))
    if rule.target:
        prop = names.kind.property_named(rule.target)
        if prop.read_only and prop.name != key:
            raise Invalid(f"{prop.label} is kept by the system and can't be imported")
        return Column(place, header, "map", rule, prop)
    return _matched(place, header, rule, names, key)


def _matched(place: int, header: str, rule: Rule, names: Names, key: str | None) -> Column:
    """Match a column that no rule gives a target."""
    prop, how = names.property_for(header)
    if prop is None:
        if names.told_by_ids(header):
            return Column(place, header, "names of ids", rule)
        reference = names.reference_for(header)
        return Column(place, header, "association" if reference else "unknown", rule, reference=reference)
    if prop.read_only and prop.name != key:
        return Column(place, header, "kept by the system", rule)
    return Column(place, header, how, rule, prop)


def _doubled(columns: Iterable[Column]) -> Iterator[Problem]:
    """Yield a problem for each target that two columns give."""
    first: dict[str, Column] = {}
    for column in columns:
        if column.prop:
            target, text = f"property {column.prop.name}", column.prop.label
        elif column.reference and column.reference.single:
            target = f"association {column.reference.kind.name} {column.reference.label.type_id}"
            text = column.reference.text
        else:
            continue
        before = first.setdefault(target, column)
        if before is not column:
            yield Problem(
                f"The columns '{before.header}' and '{column.header}' both give {text}; "
                f"write '{column.header}: skip' in the map for the one to leave out"
            )
