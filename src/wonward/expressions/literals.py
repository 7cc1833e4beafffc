"""Reads the texts and numbers of an expression as what they are compared with: a date, an option, an id.

The field types decide what a date or an option is; here are only the lengths of time, which no property has.
"""

import re
from decimal import Decimal

from wonward.expressions import tree
from wonward.expressions.place import refusal
from wonward.expressions.suggest import listed, suggestion
from wonward.expressions.tree import Node
from wonward.expressions.typed import Bound, Column, Family, Typed
from wonward.schema.catalog import Property
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES

_LENGTH = re.compile(r"(\d{1,9}) ?(minute|hour|day|week|month|year)s?", re.IGNORECASE)
_MINUTES = {"minute": 1, "hour": 60, "day": 1_440, "week": 10_080, "month": 43_800, "year": 525_600}
_LONGEST_YEARS = 100
_LARGEST_INTEGER = 2**63 - 1


def number(node: tree.Number) -> Bound:
    """Return a number, whole ones as integers so that an index on ids serves them."""
    if node.value == int(node.value) and abs(node.value) <= _LARGEST_INTEGER:
        return Bound("number", int(node.value), "bigint")
    return Bound("number", Decimal(node.value), "numeric")


def text(node: tree.Text) -> Bound:
    """Return a text as it is; raise Invalid when PostgreSQL couldn't hold it."""
    if "\x00" in node.value or any("\ud800" <= character <= "\udfff" for character in node.value):
        raise refusal("this text has a character that can't be stored; remove it", node.place)
    return Bound("text", node.value, "text")


def read(node: tree.Text, guide: Typed, label: str) -> Bound:
    """Return a text as what `guide`, called `label`, is; raise Invalid when it can't be that."""
    if guide.family in ("date", "datetime"):
        return moment(node, guide.family, label)
    if guide.family == "number":
        raise refusal(f"'{label}' is a number; write one without quotes", node.place)
    if guide.family == "boolean":
        raise refusal(f"'{label}' is true or false; write true or false without quotes", node.place)
    if guide.family == "text" and isinstance(guide, Column):
        return option(node, guide.property)
    return text(node)


def option(node: tree.Text, prop: Property) -> Bound:
    """Return a text, which must be an option's value where `prop` has options."""
    if not prop.options or node.value in prop.option_values:
        return text(node)
    labelled = next((each for each in prop.options if each.label.lower() == node.value.lower()), None)
    if labelled:
        message = f"'{node.value}' is a label of {prop.label}; write its value '{labelled.value}'"
    else:
        near = suggestion(node.value, prop.option_values)
        message = f"{prop.label} has no option '{node.value}'"
        message += near or f"; its options are {listed(prop.option_values)}"
    raise refusal(message, node.place, "INVALID_OPTION", prop.name)


def moment(node: tree.Text, family: Family, label: str) -> Bound:
    """Return a text as a date or a date and time; one with a time of day is always the latter."""
    try:
        if family == "datetime" or _has_time(node.value):
            exact = FIELD_TYPES["datetime"].canonical(node.value, _called(label))
            if family == "datetime" or not exact.endswith("T00:00:00.000Z"):
                return Bound("datetime", exact, "timestamptz")
        return Bound("date", FIELD_TYPES["date"].canonical(node.value, _called(label)), "date")
    except FieldError as error:
        raise refusal(str(error), node.place, error.code) from None


def _has_time(value: str) -> bool:
    return len(value.strip()) > len("2017-12-31") and not value.strip().removeprefix("-").isdecimal()


def _called(label: str) -> Property:
    return Property(name=label, label=label, type="datetime", column="")


def length(node: tree.Text, family: Family) -> Bound | None:
    """Return a text such as `90 days` as a length of time to move a `family` by, None when it isn't one."""
    found = _LENGTH.fullmatch(node.value.strip())
    if found is None:
        return None
    amount, unit = int(found.group(1)), found.group(2).lower()
    if amount * _MINUTES[unit] > _LONGEST_YEARS * _MINUTES["year"]:
        raise refusal(f"a length of time is at most {_LONGEST_YEARS} years", node.place)
    if family == "date" and unit in ("minute", "hour"):
        raise refusal("a date has no time of day; move it by days, weeks, months or years", node.place)
    return Bound("interval", f"{amount} {unit}", "interval")


def logged(node: Node, prop: Property) -> str | None:
    """Return a literal as the canonical text the change log has of `prop`; None for null, "" for no literal."""
    match node:
        case tree.Null():
            return None
        case tree.Text(value):
            given = value
        case tree.Number(number):
            given = f"{number:f}"
        case tree.Truth(truth):
            given = "true" if truth else "false"
        case _:
            return ""
    if isinstance(node, tree.Text) and FIELD_TYPES[prop.type].family == "text":
        option(node, prop)
    try:
        return FIELD_TYPES[prop.type].canonical(given, prop) if given else ""
    except FieldError as error:
        raise refusal(str(error), node.place, error.code) from None
