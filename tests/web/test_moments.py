"""Dates and times as people read and type them, where the portal is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from wonward import clock
from wonward.web import moments


@pytest.fixture(autouse=True)
def _in_copenhagen() -> Iterator[None]:
    present = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
    with timezone.override(ZoneInfo("Europe/Copenhagen")), translation.override("en"), clock.fixed(present):
        yield


@pytest.mark.parametrize(
    ("at", "full", "short"),
    [
        ("2026-07-15T10:30:00.000Z", "15 Jul 2026, 12:30", "12:30"),
        ("2026-03-01T10:30:00.000Z", "1 Mar 2026, 11:30", "1 Mar"),
        ("2017-12-31T22:59:00.000Z", "31 Dec 2017, 23:59", "31 Dec 2017"),
        ("2017-12-30T23:00:00.000Z", "31 Dec 2017", "31 Dec 2017"),
    ],
)
def test_moments_in_full_and_in_little_room(at: str, full: str, short: str) -> None:
    assert moments.full(datetime.fromisoformat(at)) == full
    assert moments.short(datetime.fromisoformat(at)) == short


def test_headings_of_a_timeline() -> None:
    moment = datetime(2026, 7, 15, 11, 0, tzinfo=UTC)
    assert moments.heading(moment) == "Today"
    assert moments.heading(moment.replace(day=14)) == "Yesterday"
    assert moments.heading(moment.replace(month=3)) == "March 2026"
    assert moments.heading(moment.replace(day=16)) == "Upcoming"


def test_an_input_keeps_the_seconds_it_cannot_show() -> None:
    stored = "2026-07-15T10:30:59.123Z"
    assert moments.for_input(stored) == "2026-07-15T12:30"
    assert moments.from_input("2026-07-15T12:30", stored) == stored
    assert moments.from_input("2026-07-15T12:31", stored) == "2026-07-15T10:31:00.000Z"
    assert moments.from_input("someday", None) == "someday"
    assert moments.from_input("2026-07-15T12:30", "tampered") == "2026-07-15T10:30:00.000Z"


def test_moments_at_the_ends_of_time_are_shown_and_read() -> None:
    last, first = "9999-12-31T23:30:00.000Z", "0001-01-01T00:00:00.000Z"
    assert moments.for_input(last) == "9999-12-31T23:30"
    assert moments.from_input("9999-12-31T23:30", last) == last
    assert moments.full(datetime.fromisoformat(last)) == "31 Dec 9999, 23:30"
    assert moments.short(datetime.fromisoformat(last)) == "31 Dec 9999"
    assert moments.heading(datetime.fromisoformat(last)) == "Upcoming"
    assert moments.from_input("0001-01-01T00:00", None) == "0001-01-01T00:00", "for the field to refuse"
    with timezone.override(ZoneInfo("America/New_York")):
        assert moments.for_input(first) == "0001-01-01T00:00"
        assert moments.heading(datetime.fromisoformat(first)).startswith("January")
