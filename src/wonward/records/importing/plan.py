"""The plan of an import: columns matched, key settled, formats detected, doubles found.

Nothing of it depends on what the portal's records hold, so that a plan made again is the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wonward.accounts.people import Owners
from wonward.errors import Invalid, Problem
from wonward.records.importing import survey
from wonward.records.importing.cells import Cells
from wonward.records.importing.columns import Column, match
from wonward.records.importing.headings import key_of_export
from wonward.records.importing.mapping import NO_KEY, ImportMap
from wonward.records.importing.spelling import fold, meant
from wonward.records.importing.survey import Survey
from wonward.records.importing.table import Table
from wonward.records.importing.template import Template
from wonward.schema.catalog import Catalog, ObjectType, Property


@dataclass(frozen=True)
class Plan:
    """How a file will be imported; `key` tells which record a row is, None when every row makes a new one."""

    catalog: Catalog
    kind: ObjectType
    table: Table
    map: ImportMap
    columns: tuple[Column, ...]
    templates: Mapping[str, Template]
    key: Property | None
    survey: Survey

    @property
    def ways(self) -> Mapping[int, str]:
        """How the dates and numbers of each column are written; what the map says goes before what was seen."""
        seen = {place: evidence.way for place, evidence in self.survey.evidence.items()}
        said = {column.place: column.rule.date or column.rule.number for column in self.columns}
        return {**seen, **{place: way for place, way in said.items() if way}}

    @property
    def own_references(self) -> tuple[Column, ...]:
        """The columns that refer to records of the file's own type, linked when all rows are there."""
        return tuple(each for each in self.columns if each.reference and each.reference.kind is self.kind)

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return self.survey.rows

    @property
    def steps(self) -> int:
        """How many rows are gone through in all: a second time when rows refer to one another."""
        return self.rows * 2 if self.own_references else self.rows

    def cells(self, owners: Owners) -> Cells:
        """Return what reads the file's rows."""
        return Cells(self.catalog, self.kind, self.columns, self.templates, self.ways, owners)


def make(catalog: Catalog, kind: ObjectType, table: Table, said: ImportMap) -> Plan:
    """Plan the import of a file; raise Invalid with everything that stands in its way."""
    key_name = said.key or key_of_export(table.header, catalog) or kind.key
    columns = match(table.header, kind, catalog, said.columns, key_name)
    templates, problems = _templates(kind, table, columns, said)
    key, unkeyed = (None, []) if said.key == NO_KEY else _key(kind, key_name, columns, templates)
    if said.key == NO_KEY and said.mode == "update":
        problems.append(
            Problem("Rows without a key can only create records; name a key to update by", "NO_KEY")
        )
    problems += [*unkeyed, *(_keyless(kind, columns) if said.key == NO_KEY else ())]
    if problems:
        raise Invalid(problems)
    cells = Cells(catalog, kind, columns, templates, {}, Owners(()))
    found = survey.take(table, kind, columns, cells, key)
    contradictions = list(survey.contradictions(found, columns))
    if contradictions:
        raise Invalid(contradictions)
    return Plan(catalog, kind, table, said, columns, templates, key, found)


def _templates(
    kind: ObjectType, table: Table, columns: Iterable[Column], said: ImportMap
) -> tuple[dict[str, Template], list[Problem]]:
    """Return the map's templates with their fields spelled as the header is, and what is wrong with them."""
    headers = {fold(name): name for name in table.header}
    given = {column.prop.name: column.header for column in columns if column.prop}
    templates: dict[str, Template] = {}
    problems: list[str] = []
    for name, template in said.templates.items():
        prop = kind.properties.get(name)
        unknown = [each for each in template.names if fold(each) not in headers]
        if prop is None:
            problems.append(f"'{name}' is no property of {kind.label}{meant(name, kind.properties)}")
        elif prop.read_only:
            problems.append(f"{prop.label} is kept by the system and can't be imported")
        elif name in given:
            problems.append(
                f"{prop.label} is given by the column '{given[name]}' already; keep one of the two"
            )
        elif unknown:
            problems.append(f"{name}: the file has no column '{unknown[0]}'{meant(unknown[0], table.header)}")
        else:
            fields = tuple((separator, headers[fold(each)]) for separator, each in template.fields)
            templates[name] = Template(template.before, fields, template.after)
    return templates, [Problem(f"set: {message}", "INVALID_IMPORT_MAP") for message in problems]


def _key(
    kind: ObjectType, name: str | None, columns: Iterable[Column], templates: Mapping[str, Template]
) -> tuple[Property | None, list[Problem]]:
    """Return the key; it must be in the file, since a row's record can't be told otherwise."""
    given = [*(column.prop.name for column in columns if column.prop), *templates]
    prop = kind.properties.get(name or "")
    if prop is not None and prop.name in given:
        return prop, []
    if name is None:
        reason = f"{kind.plural_label} have no key"
    elif prop is None:
        reason = f"{kind.label} has no property '{name}' to be the key{meant(name, kind.properties)}"
    else:
        reason = f"The key {prop.label} ({name}) is in no column of the file"
    advice = (
        f"name in the map the property that tells one {kind.label.lower()} from another, as in "
        f"'key: {given[0] if given else 'name'}', or say 'key: {NO_KEY}' to make a new one of every row"
    )
    return None, [Problem(f"{reason}; {advice}", "NO_KEY")]


def _keyless(kind: ObjectType, columns: Iterable[Column]) -> Iterator[Problem]:
    """Yield a problem for each column that refers to rows which can't be found again without a key."""
    for column in columns:
        if column.reference and column.reference.kind is kind:
            yield Problem(
                f"Column {column.header} refers to other {kind.plural_label.lower()} of the file, "
                "which needs a key; name one in the map, or skip the column",
                "NO_KEY",
            )
