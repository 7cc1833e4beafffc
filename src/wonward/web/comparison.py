"""Two records side by side: where they differ, whose value would stand when they are merged, what comes along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wonward.errors import Missing
from wonward.records.merging import merge
from wonward.records.merging.links import Carried
from wonward.records.validate import Clean
from wonward.records.work import Diff
from wonward.schema.catalog import ObjectType, Property
from wonward.web import people
from wonward.web.access import Visit
from wonward.web.loading import Record, load
from wonward.web.values import Values

CHOICE = "value."
"""What the name of a form's field begins with that chooses whose value of a property stands."""


@dataclass(frozen=True, slots=True)
class Row:
    """A property in which two records differ; `open` when one can choose, `theirs` when the other's would stand."""

    prop: Property
    field: str
    mine: str
    theirs_shown: str
    open: bool
    theirs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The record that stays, the one that goes, where they differ, and what is associated with both in the end."""

    kept: Record
    other: Record
    rows: Sequence[Row]
    gained: Sequence[str]
    left: Sequence[str]


def compare(visit: Visit, plural: str, kept_id: int, other_id: int) -> Comparison:
    """Return what merging a live record into another would do; raise Missing when one isn't there."""
    kept, other = (load(visit, plural, each, live=True) for each in (kept_id, other_id))
    mine, theirs, diff, carried = merge.preview(visit.work, kept.kind, kept_id, other_id)
    if kept_id == other_id:
        raise Missing("A record has no other in itself")
    gained, left = _along(visit, carried)
    return Comparison(kept, other, _rows(visit, kept.kind, mine, theirs, diff), gained, left)


def chosen(given: Mapping[str, str]) -> dict[str, int]:
    """Return whose value of each property a form asks for: property → record id."""
    return {
        name.removeprefix(CHOICE): int(value)
        for name, value in given.items()
        if name.startswith(CHOICE) and value.isdecimal() and len(value) < 19
    }


def _rows(visit: Visit, kind: ObjectType, mine: Clean, theirs: Clean, diff: Diff) -> list[Row]:
    shown = [prop for prop in kind.properties.values() if _compared(kind, prop) and prop.name in mine]
    owners = [each[prop.name] for prop in shown if prop.type == "owner" for each in (mine, theirs)]
    values = Values(visit.catalog, people.owner_names(visit.catalog.portal_id, owners))
    return [
        Row(
            prop,
            f"{CHOICE}{prop.name}",
            values.text(prop, mine[prop.name]),
            values.text(prop, theirs[prop.name]),
            bool(mine[prop.name] and theirs[prop.name]),
            prop.name in diff,
        )
        for prop in shown
        if mine[prop.name] != theirs[prop.name]
    ]


def _compared(kind: ObjectType, prop: Property) -> bool:
    return not (
        prop.hidden
        or prop.read_only
        or prop.collects
        or prop.column.startswith("_")
        or (prop.options_from == "pipelines" and kind.stage_property)
    )


def _along(visit: Visit, carried: Carried) -> tuple[list[str], list[str]]:
    """Return in words what comes along, by type, and what limits leave behind."""
    counts: dict[str, int] = {}
    for gain in carried.gains:
        if gain.fresh:
            counts[gain.to_type] = counts.get(gain.to_type, 0) + 1
    types = visit.catalog.object_types

    def said(found: Mapping[str, int]) -> list[str]:
        return [
            f"{count} {(types[name].label if count == 1 else types[name].plural_label).lower()}"
            for name, count in found.items()
        ]

    return said(counts), said(carried.left)
