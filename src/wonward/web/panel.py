"""The properties of a record as its page shows them, in groups; those a type's lists show stand first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from wonward.schema.catalog import ObjectType, Property
from wonward.web import people
from wonward.web.access import Visit
from wonward.web.loading import Record
from wonward.web.values import NUMERIC, Values


@dataclass(frozen=True, slots=True)
class Shown:
    """One property and its value; `settable` when people may change it, `logged` when its changes are kept."""

    prop: Property
    value: SafeString
    settable: bool
    logged: bool
    long: bool
    numeric: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Some properties under a heading, folded when they are all empty."""

    label: str
    properties: Sequence[Shown]
    open: bool


def sections(visit: Visit, record: Record) -> list[Section]:
    """Return the properties of a record section by section."""
    kind = record.kind
    told = values_of(visit, record)
    visible = [prop for prop in kind.properties.values() if not prop.hidden]
    leading = dict.fromkeys((*kind.display, *kind.columns, *kind.card))
    key = [
        kind.properties[name]
        for name in leading
        if name in kind.properties and not kind.properties[name].column.startswith("_")
    ]
    parts = [("Key properties", key)]
    for group, label in kind.groups.items():
        parts.append((label, [prop for prop in visible if prop.group == group and prop.name not in leading]))
    own = [
        prop
        for prop in visible
        if prop.group not in kind.groups and prop not in key and not _doubled(prop, kind)
    ]
    parts.append(("Kept by Wonward", own))
    return [
        Section(label, shown, place == 0 or (any(each.value for each in shown) and place < len(parts) - 1))
        for place, (label, props) in enumerate(parts)
        if (shown := [show(told, record.values, prop) for prop in props])
    ]


def values_of(visit: Visit, record: Record) -> Values:
    """Return what writes the values of a record, knowing the owners it names."""
    ids = [value for name, value in record.values.items() if record.kind.properties[name].type == "owner"]
    return Values(visit.catalog, people.owner_names(visit.catalog.portal_id, ids))


def show(told: Values, values: Mapping[str, str | None], prop: Property) -> Shown:
    """Return a property with its value written for people."""
    settable = not prop.read_only and prop.options_from != "pipelines"
    value = told.html(prop, values.get(prop.name))
    logged = not prop.column.startswith("_")
    return Shown(prop, value, settable, logged, prop.type == "long_text", prop.type in NUMERIC)


def _doubled(prop: Property, kind: ObjectType) -> bool:
    """Tell whether another property shows the same column of the system."""
    same: Iterable[Property] = (each for each in kind.properties.values() if each.column == prop.column)
    return next(iter(same)) is not prop
