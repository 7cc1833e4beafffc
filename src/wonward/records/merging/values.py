"""Which values stand when a record is merged into another: the surviving one's, empty ones filled. Pure.

A property's definition may say otherwise (`merge`, `collects`), and so may whoever merges.
"""

from collections.abc import Mapping
from datetime import datetime

from wonward.records.validate import Clean
from wonward.records.work import Diff
from wonward.schema.catalog import ObjectType, Property

BETWEEN = ";"
"""What stands between collected values."""


def merged_properties(kind: ObjectType) -> list[Property]:
    """Return the properties that a merge may change: none that are calculated, of the system's only its own."""
    return [
        prop
        for prop in kind.properties.values()
        if not prop.expression and (prop.merge or not prop.column.startswith("_"))
    ]


def needed(kind: ObjectType) -> list[str]:
    """Return the names of the properties that `outcome` reads."""
    properties = merged_properties(kind)
    collected = [prop.collects for prop in properties if prop.collects in kind.properties]
    return list(dict.fromkeys([*(prop.name for prop in properties), *(name for name in collected if name)]))


def outcome(kind: ObjectType, kept: Clean, other: Clean, theirs: Mapping[str, bool], at: datetime) -> Diff:
    """Return what changes of the surviving record `kept` when `other` is merged into it at the moment `at`.

    `theirs` says of properties whether the other's value was chosen; a pipeline goes with its stage.
    """
    chosen = dict(theirs)
    pipeline, stage = kind.pipeline_property, kind.stage_property
    if pipeline and stage and stage.name in chosen:
        chosen[pipeline.name] = chosen[stage.name]
    properties = merged_properties(kind)
    values = {
        prop.name: _standing(prop, kept[prop.name], other[prop.name], chosen.get(prop.name))
        for prop in properties
        if not prop.collects
    }
    for prop in properties:
        if prop.collects:
            values[prop.name] = _collected(prop, kept, other, values, at)
    return {name: (kept[name], value) for name, value in values.items() if kept[name] != value}


def _standing(prop: Property, mine: str | None, theirs: str | None, chosen: bool | None) -> str | None:
    if mine is None or theirs is None:
        return mine if mine is not None else theirs
    if chosen is not None:
        return theirs if chosen else mine
    if prop.merge == "furthest":
        order = list(prop.option_values)
        return max(mine, theirs, key=lambda value: order.index(value) if value in order else -1)
    if prop.merge in ("earliest", "latest"):  # the canonical text of dates sorts as they do
        return (min if prop.merge == "earliest" else max)(mine, theirs)
    return mine


def _collected(
    prop: Property, kept: Clean, other: Clean, standing: Mapping[str, str | None], at: datetime
) -> str | None:
    """Return the values of another property that don't stand, after those that were collected before."""
    source = prop.collects or ""
    stands = standing.get(source, kept.get(source))
    lost = [value for record in (kept, other) if (value := record.get(source)) and value != stands]
    if prop.merge == "dated":
        lost = [f"{value}:{int(at.timestamp() * 1000)}" for value in lost]
    before = [
        value for record in (kept, other) for value in (record[prop.name] or "").split(BETWEEN) if value
    ]
    return BETWEEN.join(each for each in dict.fromkeys([*before, *lost]) if each != stands) or None
