"""The properties of a record as its page shows them, in groups; those that a person has chosen stand first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from wonward.schema.catalog import ObjectType, Property
from wonward.views import key_properties
from wonward.web import fields, people
from wonward.web.access import Visit
from wonward.web.loading import Record
from wonward.web.values import NUMERIC, Values

KEY, OWN = "Key properties", "Other properties"
"""The headings of what stands first, and of what is in none of the type's groups."""


MASKED = SafeString('<span class="none">Hidden: sensitive</span>')


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
    told = values_of(visit, record)
    first = key_properties.chosen(visit.member, record.kind)
    shown = [
        (label, [show(told, record.values, prop) for prop in props])
        for label, props in grouped(record.kind, visible(record.kind), first)
    ]
    return [
        Section(label, each, label == KEY or (label != OWN and any(one.value for one in each)))
        for label, each in shown
    ]


def visible(kind: ObjectType) -> list[Property]:
    """Return the properties of a type that its pages show, each column of the system once."""
    return [prop for prop in kind.properties.values() if not prop.hidden and not _doubled(prop, kind)]


def grouped(
    kind: ObjectType, properties: Sequence[Property], first: Sequence[str] | None = None
) -> list[tuple[str, list[Property]]]:
    """Return properties under headings: those named `first`, else the default, then the type's groups."""
    wanted = {prop.name: prop for prop in properties}
    key = [
        wanted[name] for name in (key_properties.default(kind) if first is None else first) if name in wanted
    ]
    parts: dict[str, list[Property]] = {KEY: key, **{label: [] for label in kind.groups.values()}}
    own = []
    for prop in properties:
        if prop in key:
            continue
        if prop.group in kind.groups:
            parts[kind.groups[prop.group]].append(prop)
        else:
            own.append(prop)
    return [(label, props) for label, props in {**parts, OWN: own}.items() if props]


def values_of(visit: Visit, record: Record) -> Values:
    """Return what writes the values of a record, knowing the owners it names."""
    ids = [value for name, value in record.values.items() if record.kind.properties[name].type == "owner"]
    return Values(visit.catalog, people.owner_names(visit.catalog.portal_id, ids))


def show(told: Values, values: Mapping[str, str | None], prop: Property) -> Shown:
    """Return a property with its value written for people."""
    settable = fields.settable(prop) and prop.options_from != "pipelines"
    value = MASKED if prop.masked else told.html(prop, values.get(prop.name))
    logged = not (prop.masked or prop.column.startswith("_"))
    return Shown(prop, value, settable, logged, prop.type == "long_text", prop.type in NUMERIC)


def _doubled(prop: Property, kind: ObjectType) -> bool:
    """Tell whether another property shows the same column of the system."""
    same: Iterable[Property] = (each for each in kind.properties.values() if each.column == prop.column)
    return next(iter(same)) is not prop
