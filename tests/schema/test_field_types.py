"""What each field type takes for a value, and how it writes it."""

import pytest

from wonward.schema.catalog import Option, Property
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES

CHOICES = (Option("rød", "Rød"), Option("blå", "Blå"))


def canonical(kind: str, text: str) -> str:
    return FIELD_TYPES[kind].canonical(text, Property("p", "P", kind, "p", options=CHOICES))


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("number", "1200.00", "1200"),
        ("number", " -0 ", "0"),
        ("number", "1e3", "1000"),
        ("number", ".5", "0.5"),
        ("date", "1514678400000", "2017-12-31"),
        ("date", "2017-12-31", "2017-12-31"),
        ("datetime", "2017-12-31", "2017-12-31T00:00:00.000Z"),
        ("datetime", "2017-12-31T12:00:00+01:00", "2017-12-31T11:00:00.000Z"),
        ("boolean", "Yes", "true"),
        ("enumeration", "rød", "rød"),
        ("multi_enumeration", "blå; rød", "rød;blå"),
        ("email", " Soren@Maleri.DK ", "soren@maleri.dk"),
        ("phone", "+45 12 34 56 78", "+45 12 34 56 78"),
        ("url", "maleri.dk/om-os", "maleri.dk/om-os"),
        ("text", "Ærø\nog Åbenrå", "Ærø\nog Åbenrå"),
    ],
)
def test_values_become_canonical(kind: str, given: str, kept: str) -> None:
    assert canonical(kind, given) == kept


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        ("number", "1_000", "INVALID_NUMBER"),
        ("number", "١٢", "INVALID_NUMBER"),
        ("number", "NaN", "INVALID_NUMBER"),
        ("number", "1e40", "INVALID_NUMBER"),
        ("number", "0." + "1" * 200, "INVALID_NUMBER"),
        ("date", "31-12-2017", "INVALID_DATE"),
        ("date", "1514678400001", "INVALID_DATE"),
        ("date", "0001-01-01", "INVALID_DATE"),
        ("datetime", "9999-12-31T23:59:59Z", "INVALID_DATE"),
        ("datetime", "soon", "INVALID_DATE"),
        ("boolean", "perhaps", "INVALID_BOOLEAN"),
        ("enumeration", "Rød", "INVALID_OPTION"),
        ("multi_enumeration", "rød;grøn", "INVALID_OPTION"),
        ("email", "nobody", "INVALID_EMAIL"),
        ("phone", "call me", "INVALID_PHONE_NUMBER"),
        ("url", "http://[::1", "INVALID_URL"),
        ("owner", "Søren", "INVALID_OWNER_ID"),
        ("text", "half \ud83d", "INVALID_STRING"),
        ("text", "a" * 70_000, "PROPERTY_VALUE_TOO_LONG"),
    ],
)
def test_what_is_no_value_is_refused(kind: str, given: str, code: str) -> None:
    with pytest.raises(FieldError) as refused:
        canonical(kind, given)
    assert refused.value.code == code
