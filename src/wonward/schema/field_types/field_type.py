"""What every field type is: a SQL type, and the way between text and it.

Inside the house a value travels as *canonical text* (HubSpot's spelling: `1200`, `2017-12-31`,
`2017-12-31T10:00:00.000Z`, `true`, `a;b`) or None. A field type knows how to make text canonical,
how PostgreSQL reads canonical text, and how PostgreSQL writes it. It knows nothing of the web or API.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from wonward.schema.catalog import Property

Family = Literal["text", "number", "date", "datetime", "boolean", "set"]
"""How expressions treat a value: which comparisons and functions it takes."""


class FieldError(ValueError):
    """A text isn't a value of the field type; the message says what would be."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class FieldType:
    """One kind of value.

    canonical: (text as given, property) -> canonical text; raises FieldError. Never sees empty text.
    to_text: SQL of the column -> SQL of its canonical text (NULL stays NULL).
    from_text: SQL of canonical text -> SQL of the column's value (NULL stays NULL).
    """

    name: str
    family: Family
    sql_type: str
    canonical: Callable[[str, Property], str]
    to_text: Callable[[sql.Composable], sql.Composable]
    from_text: Callable[[sql.Composable], sql.Composable]

    def same(self, one: str | None, other: str | None) -> bool:
        """Tell whether two canonical texts are one value: in a set, order is only how options stood then."""
        if one == other or self.family != "set":
            return one == other
        return one is not None and other is not None and set(one.split(";")) == set(other.split(";"))


def casting(sql_type: str) -> Callable[[sql.Composable], sql.Composable]:
    """Return a from_text that is a plain cast to `sql_type`."""
    return lambda value: sql.SQL("{}::{}").format(value, sql.SQL(sql_type))


def as_is(value: sql.Composable) -> sql.Composable:
    """Return SQL unchanged: the column is text already."""
    return value
