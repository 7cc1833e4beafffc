"""The headings that a column may stand under: names and labels of properties, and of what is associated. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wonward.errors import Invalid
from wonward.records.importing.mapping import Rule
from wonward.records.importing.spelling import fold
from wonward.schema.catalog import AssociationType, Catalog, ObjectType, Property

ID = "hs_object_id"


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


class Names:
    """The names that headers may have: those of the type's properties and of what it can be associated with.

    Labels are understood as they were defined and as whoever matches reads them; an association keeps the former,
    which is what a map says.
    """

    def __init__(self, kind: ObjectType, catalog: Catalog, *, exported: bool) -> None:
        self.kind, self._catalog, self._exported = kind, catalog, exported
        self._by_name = {fold(name): prop for name, prop in kind.properties.items()}
        self._defined = catalog.defined or catalog
        own = self._defined.object_types.get(kind.name, kind)  # owners are no type of the catalog
        self._by_label = {
            **_unambiguous((fold(prop.label), prop) for prop in kind.properties.values()),
            **_unambiguous(
                (fold(own.properties[name].label), prop) for name, prop in kind.properties.items()
            ),
        }
        self._said = {each.type_id: fold(each.label or "") for each in catalog.association_types}

    def property_for(self, header: str) -> tuple[Property | None, Literal["name", "label"]]:
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
    names = Names(kind, catalog, exported=True)
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
