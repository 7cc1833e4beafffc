"""Matches the columns of a file with properties and associations: by the map, by name, by label. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wonward.errors import Invalid, Problem, Refusal
from wonward.records.importing.mapping import Rule
from wonward.records.importing.spelling import fold, meant
from wonward.records.importing.table import ERROR_COLUMNS
from wonward.schema.catalog import AssociationType, Catalog, ObjectType, Property

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
class Reference:
    """What a column's cells name: records of `kind` by the property `by`, to associate under `label`.

    `single` says that a record has one of them at most, so that another one takes its place.
    """

    kind: ObjectType
    by: Property
    label: AssociationType
    single: bool

    @property
    def type_ids(self) -> tuple[int, ...]:
        """The association type ids of a link; none for the unlabelled association."""
        return () if self.label.label is None else (self.label.type_id,)

    @property
    def several(self) -> bool:
        """Whether a cell may name several records, with semicolons between: ids may, names can hold one."""
        return self.by.column == "_id"

    @property
    def text(self) -> str:
        """How people read it: `Company (Primary), by Company name`."""
        label = f" ({self.label.label})" if self.label.label else ""
        return f"{self.kind.label}{label}, by {self.by.label}"


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
    names = _Names(kind, catalog, exported=key_of_export(header, catalog) is not None)
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
    names = _Names(kind, catalog, exported=key_of_export(header, catalog) is not None)
    found: list[Column] = []
    for place, name in enumerate(header):
        try:
            column = _column(place, name, said.get(fold(name)), names, key)
        except Refusal:
            column = Column(place, name, "unknown", Rule())
        doubled = any(_doubled([*found, column]))
        found.append(Column(place, name, "unknown", Rule()) if doubled else column)
    return found


def _column(place: int, header: str, rule: Rule | None, names: "_Names", key: str | None) -> Column:
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


def _matched(place: int, header: str, rule: Rule, names: "_Names", key: str | None) -> Column:
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


class _Names:
    """The names that headers may have: those of the type's properties and of what it can be associated with.

    Labels are understood as they were defined and as whoever matches reads them; an association keeps the former,
    which is what a map says.
    """

    def __init__(self, kind: ObjectType, catalog: Catalog, *, exported: bool) -> None:
        self.kind, self._catalog, self._exported = kind, catalog, exported
        self._by_name = {fold(name): prop for name, prop in kind.properties.items()}
        self._defined = catalog.defined or catalog
        defined = self._defined.object_types[kind.name].properties
        self._by_label = {
            **_unambiguous((fold(prop.label), prop) for prop in kind.properties.values()),
            **_unambiguous((fold(defined[name].label), prop) for name, prop in kind.properties.items()),
        }
        self._said = {each.type_id: fold(each.label or "") for each in catalog.association_types}

    def property_for(self, header: str) -> tuple[Property | None, How]:
        """Return the property of that name, else of that label; `owner` is the only property that holds one."""
        if header in id_headers(self._catalog):
            return self.kind.properties[ID], "name"
        exact = self.kind.properties.get(header) or self._by_name.get(fold(header))
        if exact is not None:
            return exact, "name"
        owners = [prop for prop in self.kind.properties.values() if prop.type == "owner"]
        if fold(header) == "owner" and len(owners) == 1:
            return owners[0], "label"
        return self._by_label.get(fold(header)), "label"

    def reference_for(self, header: str) -> Reference | None:
        """Return the association that a header names: by object type, or by a label such as Parent company."""
        wanted = fold(header)
        found = []
        if self._exported:
            for name in self._catalog.associated_types(self.kind.name):
                if wanted in {fold(each) for each in ids_headers(self._defined.object_types[name])}:
                    other = self._catalog.object_types[name]
                    label = _unlabelled(self._defined.associations(self.kind.name, name))
                    return Reference(other, other.properties[ID], label, label.limit == 1)
        for name in self._catalog.associated_types(self.kind.name):
            other = self._catalog.object_types[name]
            known = self._defined.associations(self.kind.name, name)
            if wanted in _called(other) | _called(self._defined.object_types[name]):
                primary = next((each for each in known if each.primary), None)
                found.append((other, primary or _unlabelled(known)))
            else:
                found += [
                    (other, each)
                    for each in known
                    if each.label and wanted in (fold(each.label), self._said[each.type_id])
                ]
        if len(found) != 1:
            return None
        other, label = found[0]
        by = named_by(other)
        return Reference(other, by, label, label.limit == 1) if by else None

    def told_by_ids(self, header: str) -> bool:
        """Tell whether a column of an export has the names of records whose ids stand in another one."""
        others = [self._defined.object_types[name] for name in self._catalog.associated_types(self.kind.name)]
        return self._exported and fold(header) in {
            fold(each) for kind in others for each in names_headers(kind)
        }

    def reference(self, rule: Rule) -> Reference:
        """Return the association a rule speaks of; raise Missing or Invalid naming what there is."""
        other = self._catalog.object_type(rule.association or "")
        known = self._defined.associations(self.kind.name, other.name)
        if not known:
            raise Invalid(
                f"{self.kind.plural_label} can't be associated with {other.plural_label} in this portal"
            )
        by = other.property_named(rule.by) if rule.by else named_by(other)
        if by is None:
            raise Invalid(f"say by: which property of {other.plural_label} the cells hold")
        label = _labelled(known, rule.label) if rule.label else _unlabelled(known)
        return Reference(other, by, label, label.limit == 1)


ID = "hs_object_id"


def id_headers(catalog: Catalog) -> tuple[str, str]:
    """Return what an export calls the column of record ids, by name and by label: ids hold in one portal only."""
    return f"{ID} ({catalog.portal})", f"Record ID ({catalog.portal})"


def ids_headers(other: ObjectType) -> tuple[str, str]:
    """Return what an export calls the ids of associated records, by name and by label."""
    return f"{other.name}_ids", f"{other.label} ids"


def names_headers(other: ObjectType) -> tuple[str, str]:
    """Return what an export calls the names of associated records, by name and by label."""
    return f"{other.name}_names", f"{other.label} names"


def key_of_export(header: Sequence[str], catalog: Catalog) -> str | None:
    """Return the key of a file that this portal exported, None for any other file."""
    return ID if set(header) & set(id_headers(catalog)) else None


def headings(kind: ObjectType, catalog: Catalog) -> Mapping[str, str]:
    """Return the labels of properties, by their names, that a file's columns can be known by."""
    names = _Names(kind, catalog, exported=True)
    return {
        prop.name: prop.label
        for prop in kind.properties.values()
        if " ".join(prop.label.split()) == prop.label and names.property_for(prop.label)[0] is prop
    }


def named_by(kind: ObjectType) -> Property | None:
    """Return the property that people know records of a type by: its name, else a key of its own."""
    if len(kind.display) == 1:
        return kind.properties.get(kind.display[0])
    return kind.properties.get(kind.key) if kind.key else None


def _called(kind: ObjectType) -> set[str]:
    return {fold(kind.name), fold(kind.label), fold(kind.plural), fold(kind.plural_label)}


def _unlabelled(known: Sequence[AssociationType]) -> AssociationType:
    return next((each for each in known if each.label is None), known[0])


def _labelled(known: Sequence[AssociationType], label: str) -> AssociationType:
    """Return the association type with a label, by its text or by its name in the definition."""
    by_text = [each for each in known if each.label and fold(each.label) == fold(label)]
    by_name = [each for each in known if each.label and each.name.endswith(f"_{label}")]
    for each in (*by_text, *by_name):
        return each
    labels = [each.label for each in known if each.label]
    raise Invalid(f"there is no label '{label}'; choose from {', '.join(labels) or 'none'}")


def _unambiguous(pairs: Iterable[tuple[str, Property]]) -> Mapping[str, Property]:
    found: dict[str, Property | None] = {}
    for name, prop in pairs:
        found[name] = None if name in found else prop
    return {name: prop for name, prop in found.items() if prop is not None}
