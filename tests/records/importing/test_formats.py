"""Dates and numbers as people write them: one value may read two ways, a column of them rarely does."""

from datetime import UTC, date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wonward.records.importing import formats
from wonward.records.importing.formats import Evidence

DAYS = st.dates(date(1969, 1, 1), date(2068, 12, 31))
WRITTEN = {
    "dmy": ("{d:02}-{m:02}-{y:04}", "{d}/{m}/{y:04}", "{d:02}.{m:02}.{y:04}", "{d:02}-{m:02}-{s:02}"),
    "mdy": ("{m:02}/{d:02}/{y:04}", "{m}-{d}-{y:04}", "{m}/{d}/{s:02}"),
}


def written(day: date, form: str) -> str:
    return form.format(d=day.day, m=day.month, y=day.year, s=day.year % 100)


def seen(evidence: Evidence, *texts: str) -> Evidence:
    for line, text in enumerate(texts, start=2):
        evidence.see(text, line)
    return evidence


@pytest.mark.parametrize(
    "text",
    ["31-12-17", "31-12-2017", "31/12/2017", "31.12.2017", "2017-12-31", "2017/12/31", "31/12/2017 10:30"],
)
def test_the_last_day_of_2017_in_many_spellings(text: str) -> None:
    assert formats.day(text, "dmy") == "2017-12-31"


def test_month_first() -> None:
    assert formats.day("12/31/2017", "mdy") == "2017-12-31"
    assert formats.day("12/31/2017", "dmy") is None


@pytest.mark.parametrize(("text", "year"), [("1-1-68", "2068"), ("1-1-69", "1969"), ("1-1-00", "2000")])
def test_two_digit_years_turn_at_69(text: str, year: str) -> None:
    assert formats.day(text, "dmy") == f"{year}-01-01"


@pytest.mark.parametrize(
    "text", ["", "30-02-17", "31-12", "31-12/17", "20171231", "næste år", "2017-13-01", "1-2-345", "١-١-٢٠١٧"]
)
def test_what_is_no_date(text: str) -> None:
    assert formats.day(text, "dmy") is None


def test_a_time_without_a_zone_is_the_portals() -> None:
    copenhagen = ZoneInfo("Europe/Copenhagen")
    assert formats.moment("31-12-17 10:30", "dmy", copenhagen) == "2017-12-31T09:30:00+00:00"
    assert formats.moment("31-12-17", "dmy", copenhagen) == "2017-12-30T23:00:00+00:00"
    assert formats.moment("7/4/2017 3:05 PM", "mdy", UTC) == "2017-07-04T15:05:00+00:00"
    assert formats.moment("2017-12-31T10:30:00+01:00", "dmy", UTC) == "2017-12-31T09:30:00+00:00"
    assert formats.moment("1514678400000", "dmy", UTC) == "1514678400000"


@pytest.mark.parametrize("text", ["31-12-17 25:00", "31-12-17 13:00 PM", "0001-01-01 00:00"])
def test_a_time_that_no_clock_shows_is_none(text: str) -> None:
    assert formats.moment(text, "dmy", ZoneInfo("Asia/Tokyo")) is None


@given(st.lists(DAYS, min_size=1), st.sampled_from(["dmy", "mdy"]), st.data())
def test_a_column_with_a_day_past_the_twelfth_is_read_as_it_was_written(
    days: list[date], order: formats.DateOrder, data: st.DataObject
) -> None:
    form = data.draw(st.sampled_from(WRITTEN[order]))
    telling = data.draw(DAYS.filter(lambda day: day.day > 12))
    texts = [written(day, form) for day in [*days, telling]]
    evidence = seen(formats.dates(), *texts)
    assert evidence.contradiction is None
    assert not evidence.undecided
    assert evidence.way == order
    assert [formats.day(text, order) for text in texts] == [day.isoformat() for day in [*days, telling]]


@given(st.lists(DAYS.filter(lambda day: day.day <= 12 and day.day != day.month), min_size=1))
def test_a_column_that_leaves_the_order_open_is_read_day_first_and_says_so(days: list[date]) -> None:
    evidence = seen(formats.dates(), *(written(day, "{d:02}-{m:02}-{y:04}") for day in days))
    assert (evidence.way, evidence.undecided) == ("dmy", True)
    assert evidence.example


def test_years_first_decide_nothing_and_need_no_decision() -> None:
    evidence = seen(formats.dates(), "2017-01-02", "03-03-17", "")
    assert (evidence.way, evidence.undecided, evidence.example) == ("dmy", False, None)


def test_a_column_written_both_ways_contradicts_itself() -> None:
    evidence = seen(formats.dates(), "01-02-17", "31-12-17", "12-31-17")
    assert evidence.contradiction
    assert [(each.text, each.line) for each in evidence.contradiction] == [("31-12-17", 3), ("12-31-17", 4)]


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1234.5", "1234.5", None),
        ("1,234.50", "1234.50", None),
        ("1.234,50", None, "1234.50"),
        ("1 234,50", None, "1234.50"),
        ("1\u00a0234", "1234", "1234"),
        ("1'234'567", "1234567", "1234567"),
        ("1.234", "1.234", "1234"),
        ("1,234", "1234", "1.234"),
        ("0.500", "0.500", None),
        (".5", ".5", None),
        ("-3", "-3", "-3"),
        ("−3,5", None, "-3.5"),
        ("+7", "7", "7"),
        ("12,34,567", None, None),
        ("1.2.3", None, None),
        ("1.234,5.6", None, None),
        ("10 kr", None, None),
        ("", None, None),
        ("-", None, None),
        ("٣", None, None),
    ],
)
def test_numbers_by_decimal_mark(text: str, point: str | None, comma: str | None) -> None:
    assert (formats.number(text, "point"), formats.number(text, "comma")) == (point, comma)


AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)


@given(st.lists(AMOUNTS, min_size=1), st.booleans(), st.booleans())
def test_a_column_of_amounts_is_read_as_it_was_written(
    amounts: list[Decimal], comma: bool, grouped: bool
) -> None:
    texts = [f"{amount:,.2f}" if grouped else f"{amount:.2f}" for amount in amounts]
    if comma:
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    evidence = seen(formats.numbers(), *texts)
    assert evidence.contradiction is None
    assert not evidence.undecided
    assert evidence.way == ("comma" if comma else "point")
    mark: formats.DecimalMark = "comma" if comma else "point"
    assert [Decimal(formats.number(text, mark) or "NaN") for text in texts] == amounts


def test_numbers_that_leave_the_mark_open_take_the_one_in_doubt_and_say_so() -> None:
    for doubt in ("point", "comma"):
        evidence = seen(formats.numbers(doubt), "1.250", "300")
        assert (evidence.way, evidence.undecided) == (doubt, True)


@given(st.text())
def test_no_text_makes_reading_fail(text: str) -> None:
    evidence = seen(formats.dates(), text)
    seen(formats.numbers(), text)
    assert evidence.way in ("dmy", "mdy")
