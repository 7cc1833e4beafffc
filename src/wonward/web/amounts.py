"""Numbers and money as people read and write them in their language."""

import re
from decimal import Decimal
from functools import lru_cache

from django.utils import formats, translation

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_WORDS = {"DKK": "kr.", "SEK": "kr", "NOK": "kr"}
_WITHOUT_CENTS = {"JPY", "ISK", "KRW", "CLP"}
_NARROW = "\N{NO-BREAK SPACE}"


def number(text: str) -> str:
    """Write a canonical number in the language of the request: `1234.5` as `1,234.5` or `1.234,5`."""
    return _grouped(text, translation.get_language() or "en")


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency, whole amounts without cents: `$1,200`, `1.200,50 kr.`."""
    return _money(amount, currency, translation.get_language() or "en")


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


@lru_cache(maxsize=10_000)
def _grouped(text: str, language: str) -> str:
    with translation.override(language):
        return formats.number_format(Decimal(text), use_l10n=True, force_grouping=True)


@lru_cache(maxsize=10_000)
def _money(amount: Decimal, currency: str, language: str) -> str:
    cents = 0 if currency in _WITHOUT_CENTS or amount == amount.to_integral_value() else 2
    with translation.override(language):
        written = formats.number_format(amount, decimal_pos=cents, use_l10n=True, force_grouping=True)
    sign = _SIGNS.get(currency)
    if sign and language.startswith("en"):
        minus, digits = ("-", written[1:]) if written.startswith("-") else ("", written)
        return f"{minus}{sign}{digits}"
    return f"{written}{_NARROW}{sign or _WORDS.get(currency, currency)}"
