"""Texts put together from cells, options found by what people write, names folded and compared."""

import pytest

from wonward.errors import Invalid
from wonward.records.importing import spelling, template
from wonward.records.importing.choices import Choices
from wonward.schema.catalog import Option, Property
from wonward.schema.field_types.field_type import FieldError

ROW = {"account": "Nordisk Måleri A/S", "product": "GTX Pro", "series": "", "note": ""}
SECTOR = Property(
    "sector",
    "Sector",
    "enumeration",
    "sector",
    options=(
        Option("technology", "Technology"),
        Option("real_estate", "Real estate"),
        Option("a1", "Other"),
        Option("a2", "other"),
    ),
)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{account} · {product}", "Nordisk Måleri A/S · GTX Pro"),
        ("{series} · {product}", "GTX Pro"),
        ("{account} · {series}", "Nordisk Måleri A/S"),
        ("{account} / {series} / {product}", "Nordisk Måleri A/S / GTX Pro"),
        ("{series} · {note}", ""),
        ("Deal: {series} · {note}", ""),
        ("Deal: {series} · {product}", "Deal: GTX Pro"),
        ("default", "default"),
        ("{{{product}}}", "{GTX Pro}"),
    ],
)
def test_an_empty_part_takes_its_separator_along(text: str, filled: str) -> None:
    assert template.parse(text).filled(ROW.__getitem__) == filled


@pytest.mark.parametrize("text", ["{account", "account}", "{}", "{ }", "{account:>9}", "{account!r}"])
def test_braces_that_dont_match_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is no template"):
        template.parse(text)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("technology", "technology"),
        ("Technology", "technology"),
        ("REAL ESTATE", "real_estate"),
        ("Real_Estate", "real_estate"),
        ("a2", "a2"),
    ],
)
def test_an_option_by_value_or_label(given: str, value: str) -> None:
    assert Choices(SECTOR, SECTOR.options).value(given) == value


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "technolgy",
            "did you mean 'Technology'? Mend the cell, or say it in the map: options: {technolgy: technology}",
        ),
        ("Other", "'Other' may be a1 or a2 of Sector"),
        ("zzz", "'zzz' is no option of Sector; choose from Technology, Real estate, Other"),
    ],
)
def test_what_is_no_option_is_told_with_the_nearest(given: str, message: str) -> None:
    with pytest.raises(FieldError) as refused:
        Choices(SECTOR, SECTOR.options).value(given)
    assert message in str(refused.value)


def test_several_options_with_semicolons() -> None:
    assert Choices(SECTOR, SECTOR.options).values("Real estate; technology;") == "real_estate;technology"


def test_names_are_the_same_whatever_case_spaces_and_underscores() -> None:
    assert spelling.fold("Close  Date") == spelling.fold("close_date") == spelling.fold("CLOSEDATE")
    assert spelling.fold("A\u030arhus") == spelling.fold("Århus")


@pytest.mark.parametrize(("given", "near"), [("GTXPro", "GTX Pro"), ("gtx por", "GTX Pro"), ("Kran", None)])
def test_the_nearest_name(given: str, near: str | None) -> None:
    assert spelling.nearest(given, ["GTX Plus Pro", "GTX Pro", "MG Special"]) == near
