"""Numbers and money as people read and write them in their language."""

import re
from decimal import Decimal

from django.utils import formats, translation

from wonward.records import amounts


def number(text: str) -> str:
    """Write a canonical number in the language of the request: `1234.5` as `1,234.5` or `1.234,5`."""
    return amounts.number(text, translation.get_language() or "en")


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency, whole amounts without cents: `$1,200`, `1.200,50 kr.`."""
    return amounts.money(amount, currency, translation.get_language() or "en")


def typed_number(text: str) -> str:
    """Return what a person typed as a number, canonical if it is one in their language: `1.234,50` as `1234.50`."""
    decimal, thousands = formats.get_format("DECIMAL_SEPARATOR"), formats.get_format("THOUSAND_SEPARATOR")
    plain = re.sub(r"[\s']", "", text)
    if not re.fullmatch(r"[-+]?[\d.,]+", plain):
        return text
    grouped = rf"[-+]?[1-9]\d{{0,2}}({re.escape(thousands)}\d{{3}})+({re.escape(decimal)}\d*)?"
    if re.fullmatch(grouped, plain):
        plain = plain.replace(thousands, "")
    return plain.replace(decimal, ".") if plain.count(decimal) == 1 and thousands not in plain else plain


def editable_number(text: str) -> str:
    """Write a canonical number for an input: in the person's language, without grouping."""
    return text.replace(".", formats.get_format("DECIMAL_SEPARATOR"))
