"""Numbers and money as people read them in a language."""

from decimal import Decimal
from functools import lru_cache

from django.utils import formats, translation

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_WORDS = {"DKK": "kr.", "SEK": "kr", "NOK": "kr"}
_WITHOUT_CENTS = {"JPY", "ISK", "KRW", "CLP"}
_NARROW = "\N{NO-BREAK SPACE}"


@lru_cache(maxsize=10_000)
def number(text: str, language: str) -> str:
    """Write a canonical number in a language: `1234.5` as `1,234.5` or `1.234,5`."""
    with translation.override(language):
        return formats.number_format(Decimal(text), use_l10n=True, force_grouping=True)


@lru_cache(maxsize=10_000)
def money(amount: Decimal, currency: str, language: str) -> str:
    """Write an amount with its currency in a language, whole amounts without cents: `$1,200`, `1.200,50 kr.`."""
    cents = 0 if currency in _WITHOUT_CENTS or amount == amount.to_integral_value() else 2
    with translation.override(language):
        written = formats.number_format(amount, decimal_pos=cents, use_l10n=True, force_grouping=True)
    sign = _SIGNS.get(currency)
    if sign and language.startswith("en"):
        minus, digits = ("-", written[1:]) if written.startswith("-") else ("", written)
        return f"{minus}{sign}{digits}"
    return f"{written}{_NARROW}{sign or _WORDS.get(currency, currency)}"
