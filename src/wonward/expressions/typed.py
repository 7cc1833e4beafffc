"""The checked tree: every name looked up, every literal with the type its surroundings asked for.

`check.py` makes it and `compile.py` writes it as SQL; it holds neither text nor SQL itself.
"""

from dataclasses import dataclass
from typing import Literal

from wonward.schema.catalog import ObjectType, Property

Family = Literal["text", "number", "date", "datetime", "boolean", "set", "interval", "null"]
"""What a value is, and so what can be done with it; `interval` is a length of time."""

TIMES: frozenset[Family] = frozenset({"date", "datetime"})

FAMILY_WORDS: dict[str, str] = {
    "text": "text",
    "number": "a number",
    "date": "a date",
    "datetime": "a date and time",
    "boolean": "true or false",
    "set": "several values",
    "interval": "a length of time",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Route:
    """The way to associated records of type `to`; `primary` is the type id that marks the main one.

    `label` is the type id of the only associations to follow, `where` what the records there must meet.
    """

    to: ObjectType
    primary: int | None = None
    label: int | None = None
    where: "Typed | None" = None


@dataclass(frozen=True, slots=True)
class Column:
    """A property of the record, or by `route` of the one main associated record."""

    family: Family
    property: Property
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A literal, bound as a parameter and cast to `cast`."""

    family: Family
    value: object
    cast: Literal["text", "text[]", "int", "bigint", "numeric", "date", "timestamptz", "interval"]


@dataclass(frozen=True, slots=True)
class Fixed:
    """`true`, `false` or `null`."""

    family: Family
    value: Literal["true", "false", "null"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Today's date or the present moment, which whoever runs the SQL supplies."""

    family: Literal["date", "datetime"]
    name: Literal["today", "now"]


@dataclass(frozen=True, slots=True)
class Person:
    """The owner id of whoever the SQL is run for, or those of everyone in their teams, in one portal."""

    family: Literal["number", "set"]
    name: Literal["me", "my_teams"]
    portal_id: int


@dataclass(frozen=True, slots=True)
class Operation:
    """Something done with operands; `operator` is a key of the forms in `compile.py`."""

    family: Family
    operator: str
    operands: tuple["Typed", ...]


@dataclass(frozen=True, slots=True)
class Reduced:
    """An aggregate of the associated records, or of one property of theirs; `by` orders them for the latest."""

    family: Family
    function: str
    route: Route
    property: Property | None = None
    by: Property | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """Whether there is an associated record, or when `ids` are given one of these."""

    family: Literal["boolean"]
    route: Route
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Former:
    """What a property of the record was at a moment, by the change log.

    `else_first` takes, where it was empty then, the first value it got after.
    """

    family: Family
    property: Property
    moment: "Typed"
    else_first: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Whether a property was changed since a moment, or ever.

    `values` are canonical texts, None for empty: nothing, or what it became, or what it was and became.
    """

    family: Literal["boolean"]
    property: Property
    since: "Typed | None"
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Pushes:
    """How often a date was moved later, or by how many days in all."""

    family: Literal["number"]
    property: Property
    days: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """Whether the record is in a list whose members are kept one by one."""

    family: Literal["boolean"]
    name: str


Typed = (
    Column | Bound | Fixed | Clock | Person | Operation | Reduced | Linked | Former | Change | Pushes | Listed
)
