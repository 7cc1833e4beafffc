"""Numbers and amounts of money, exact decimals both; canonical text carries no needless zeros."""

import re
from decimal import Decimal

from psycopg import sql

from wonward.schema.catalog import Property
from wonward.schema.field_types.field_type import FieldError, FieldType, casting

_NUMBER = re.compile(r"[-+]?(\d{1,100}(\.\d{0,100})?|\.\d{1,100})([eE][-+]?\d{1,4})?", re.ASCII)


def plain(number: Decimal) -> str:
    """Return a decimal without exponent and trailing zeros: `1200.00` gives `1200`, as HubSpot answers."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _number(given: str, prop: Property) -> str:
    text = given.strip()
    number = Decimal(text) if _NUMBER.fullmatch(text) else Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise FieldError(
            f"{given} was not a valid number for {prop.label}; write it as 1234.50", "INVALID_NUMBER"
        )
    return plain(number)


def _to_text(column: sql.Composable) -> sql.Composable:
    return sql.SQL("trim_scale({})::text").format(column)


NUMBER = FieldType("number", "number", "numeric", _number, _to_text, casting("numeric"))
CURRENCY = FieldType("currency", "number", "numeric", _number, _to_text, casting("numeric"))
