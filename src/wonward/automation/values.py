"""The values that steps give: as they stand, `=expression`, or text with `{{expressions}}` in it.

PostgreSQL works the expressions out, all those of a step for all its records in one question.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from wonward.automation.actions.action import Batch, Part
from wonward.expressions.variables import expression
from wonward.expressions.variables import parts as parts_of
from wonward.records import query
from wonward.records.query import Query
from wonward.records.validate import text_of
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.time import iso

Given = Mapping[str, str | int | float | bool | None]

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a value that an expression fills; `shown` puts labels of options there, as people read them."""

    expression: str
    shown: bool = False


def pieces(kind: ObjectType, value: object) -> list[str | Hole]:
    """Return a value as fixed text and holes, over records of `kind`."""
    if not isinstance(value, str):
        text = text_of(value)
        return [] if text is None else [text]
    if value.startswith("="):
        return [Hole(expression(kind, value[1:].strip()))]
    return [
        part if isinstance(part, str) else Hole(expression(kind, part.text), shown=True)
        for part in parts_of(value)
    ]


def parts(reading: ObjectType, setting: ObjectType, given: Given) -> Iterator[Part]:
    """Yield what properties of `setting` are given from records of `reading`."""
    for name, value in given.items():
        found = pieces(reading, value)
        holes = [each for each in found if isinstance(each, Hole)]
        if holes and not holes[0].shown:
            yield Part(name, reading, expression=holes[0].expression, sets=name, owner=setting)
            continue
        for hole in holes:
            yield Part(name, reading, expression=hole.expression, into=name, owner=setting)
        yield Part(name, reading, sets=name, value=None if holes else value, owner=setting)


def worked_out(batch: Batch, given: Given) -> list[dict[str, str | None]]:
    """Return the values for each record of a batch, in their order."""
    read = {name: pieces(batch.kind, value) for name, value in given.items()}
    wanted = list(dict.fromkeys(each for found in read.values() for each in found if isinstance(each, Hole)))
    texts = answers(batch, [hole.expression for hole in wanted])
    rows = []
    for record_id in batch.ids:
        filled = dict(zip(wanted, texts[record_id], strict=True))
        rows.append({name: _joined(batch.kind, found, filled) for name, found in read.items()})
    return rows


def for_records(batch: Batch, kind: ObjectType, given: Given) -> list[dict[str, str | None]]:
    """Return what records of `kind` are given, for each record of a batch.

    A day, given to a property that holds a moment, is the beginning of that day where the portal is.
    """
    zone = ZoneInfo(batch.work.catalog.time_zone)
    moments = [name for name in given if kind.property_named(name).type == "datetime"]
    return [
        {**row, **{name: _beginning(row[name], zone) for name in moments}} for row in worked_out(batch, given)
    ]


def _beginning(text: str | None, zone: ZoneInfo) -> str | None:
    day = text is not None and _DAY.fullmatch(text)
    return iso(datetime.combine(date.fromisoformat(text), time(), zone)) if text and day else text


def _joined(kind: ObjectType, found: Sequence[str | Hole], filled: Mapping[Hole, str | None]) -> str | None:
    texts = [each if isinstance(each, str) else _filled(kind, each, filled[each]) for each in found]
    return "".join(text or "" for text in texts) or None


def _filled(kind: ObjectType, hole: Hole, text: str | None) -> str | None:
    prop = kind.properties.get(hole.expression)
    if not (hole.shown and prop and prop.options and text):
        return text
    return ", ".join(prop.option_label(value) for value in text.split(";"))


def answers(batch: Batch, expressions: Sequence[str]) -> dict[int, tuple[str | None, ...]]:
    """Return the canonical text of each expression for each record of a batch, by its id."""
    if not expressions:
        return dict.fromkeys(batch.ids, ())
    found = query.rows(batch.work, Query(batch.kind, ids=batch.ids), expressions)
    return {row[0]: row[1:] for row in found}
