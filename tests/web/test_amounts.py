"""Numbers and money as people read and write them."""

from decimal import Decimal

import pytest
from django.utils import translation

from wonward.web import amounts

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("en", "10005534", "USD", "$10,005,534"),
        ("en", "1200.5", "EUR", "€1,200.50"),
        ("en", "-3.25", "GBP", "-£3.25"),
        ("en", "1200", "DKK", f"1,200{SPACE}kr."),
        ("da", "1200.5", "DKK", f"1.200,50{SPACE}kr."),
        ("da", "-1200", "USD", f"-1.200{SPACE}$"),
        ("en", "99.5", "CHF", f"99.50{SPACE}CHF"),
        ("en", "1234.4", "JPY", "¥1,234"),
    ],
)
def test_money(language: str, amount: str, currency: str, written: str) -> None:
    with translation.override(language):
        assert amounts.money(Decimal(amount), currency) == written


@pytest.mark.parametrize(
    ("language", "typed", "canonical"),
    [
        ("en", "1,234.50", "1234.50"),
        ("en", "1234.5", "1234.5"),
        ("en", "1,5", "1,5"),
        ("en", "12,34,567", "12,34,567"),
        ("da", "1.234,50", "1234.50"),
        ("da", "1234,5", "1234.5"),
        ("da", "1.234", "1234"),
        ("da", "12.5", "12.5"),
        ("da", "0.500", "0.500"),
        ("da", "+1.200", "+1200"),
        ("da", "-1.200", "-1200"),
        ("da", "-1 234 567,8", "-1234567.8"),
        ("da", "1,2,3", "1,2,3"),
        ("en", "a lot", "a lot"),
    ],
)
def test_what_is_typed(language: str, typed: str, canonical: str) -> None:
    with translation.override(language):
        assert amounts.typed_number(typed) == canonical


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("number", ["0", "-12.5", "1234567.891", "0.05"])
def test_what_an_input_shows_is_read_back_as_it_was(language: str, number: str) -> None:
    with translation.override(language):
        assert amounts.typed_number(amounts.editable_number(number)) == number
