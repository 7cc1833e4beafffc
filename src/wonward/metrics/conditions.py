"""Writes the conditions that figures are asked with, in the expression language: a list takes them as they are."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from wonward.errors import Invalid
from wonward.expressions.parse import parse
from wonward.expressions.scope import family_of
from wonward.expressions.tree import Or, Text
from wonward.expressions.unparse import unparse
from wonward.metrics.period import Span
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.metrics import Metric

_WILD, _ESCAPED = re.compile(r"([%_\\])"), r"\\\1"


def joined(parts: Iterable[str]) -> str:
    """Return the condition that all of some hold; empty ones are no conditions."""
    return " and ".join(dict.fromkeys(_closed(part) for part in parts if part))


@lru_cache(maxsize=1024)
def _closed(text: str) -> str:
    """Return a condition so that another can follow it."""
    try:
        return f"({text})" if isinstance(parse(text), Or) else text
    except Invalid:  # where it is compiled it is refused with its place
        return f"({text})"


def during(kind: ObjectType, metric: Metric, span: Span, zone: str) -> str:
    """Return the condition that a record falls into a span by a metric's date; none for what is of no period.

    Days begin where the portal is, in the time zone `zone`: moments are compared with those of their midnights.
    """
    prop = kind.properties.get(metric.date)
    if prop is None:
        return ""
    ends = [
        f"'{_midnight(day, zone) if family_of(prop) == 'datetime' else day}'"
        for day in (span.start, span.end)
    ]
    return f"{prop.name} >= {ends[0]} and {prop.name} < {ends[1]}"


def _midnight(day: date, zone: str) -> str:
    return datetime.combine(day, time.min, ZoneInfo(zone)).isoformat()


def equal(prop: Property, value: str | None) -> str:
    """Return the condition that a property has a canonical value, or none."""
    if value is None:
        return f"{prop.name} is null"
    if prop.type in ("owner", "number", "currency", "boolean"):
        return f"{prop.name} = {value}"
    if prop.options and value not in prop.option_values:  # an option that there is no more
        return f"{prop.name} like {_quoted(_WILD.sub(_ESCAPED, value))}"
    return f"{prop.name} = {_quoted(value)}"


def among(prop: Property, values: Sequence[str]) -> str:
    """Return the condition that a property has one of some canonical values, each an option or an owner."""
    if not values:
        return "false"
    written = values if prop.type == "owner" else [_quoted(each) for each in values]
    return f"{prop.name} in ({', '.join(written)})"


def _quoted(text: str) -> str:
    return unparse(Text(text))


def owner_of(kind: ObjectType) -> Property | None:
    """Return the property that names whose a record is first of all, on types that have one and show it."""
    found = (
        each
        for each in kind.properties.values()
        if each.type == "owner" and not each.expression and not each.masked
    )
    return next(found, None)
