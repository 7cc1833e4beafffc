"""Free times: hours of a page in its own zone, less what is busy; and nights on which clocks change."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wonward.meetings import slots
from wonward.schema.scheduling import SchedulingPage

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def page(**more: Any) -> SchedulingPage:
    said: dict[str, Any] = {
        "name": "samtale", "label": "Samtale", "hosts": ("s@n.example",), "hours": {6: ((60, 240),)}, "lengths": (60,),
        "every": 60, "time_zone": "Europe/Copenhagen", "buffer": 0, "notice": 0, "horizon": 7, "location": "",
        "text": "", "questions": (),
    }  # fmt: skip
    return SchedulingPage(**{**said, **more})


def shown(found: list[datetime]) -> list[str]:
    return [f"{at.astimezone(COPENHAGEN):%d %H:%M%z}" for at in found]


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=COPENHAGEN).astimezone(UTC)  # type: ignore[arg-type]


def test_the_night_clocks_go_back_has_an_hour_more() -> None:
    found = slots.free(page(), [], at(2026, 10, 24, 12), 60)
    assert shown(found) == ["25 01:00+0200", "25 02:00+0200", "25 02:00+0100", "25 03:00+0100"]


def test_the_night_clocks_go_forward_has_one_less() -> None:
    found = slots.free(page(), [], at(2027, 3, 27, 12), 60)
    assert shown(found) == ["28 01:00+0100", "28 03:00+0200"]


def test_the_same_hours_hold_on_both_sides_of_the_change() -> None:
    found = slots.free(page(hours={4: ((540, 600),), 0: ((540, 600),)}), [], at(2026, 10, 23, 8), 60)
    assert shown(found) == ["23 09:00+0200", "26 09:00+0100", "30 09:00+0100"]
    assert [each.hour for each in found] == [7, 8, 8]


def test_a_window_can_last_until_midnight() -> None:
    found = slots.free(page(hours={6: ((1380, 1440),)}), [], at(2026, 10, 24, 12), 60)
    assert shown(found) == ["25 23:00+0100"]


def test_notice_horizon_and_buffer_narrow_what_is_free() -> None:
    hours = {0: ((540, 720),)}
    now = at(2026, 10, 19, 8)
    assert len(slots.free(page(hours=hours, horizon=14), [], now, 60)) == 9
    assert shown(slots.free(page(hours=hours, notice=3), [], now, 60))[0] == "19 11:00+0200"
    busy = [(at(2026, 10, 19, 10), at(2026, 10, 19, 10, 30))]
    assert shown(slots.free(page(hours=hours, horizon=6), busy, now, 60)) == [
        "19 09:00+0200",
        "19 11:00+0200",
    ]
    buffered = slots.free(page(hours=hours, horizon=6, buffer=15), busy, now, 60)
    assert shown(buffered) == ["19 11:00+0200"]


moments = st.integers(0, 7 * 24 * 12).map(lambda fives: at(2026, 10, 19) + timedelta(minutes=5 * fives))
spans = st.tuples(moments, st.integers(1, 60)).map(
    lambda each: (each[0], each[0] + timedelta(minutes=5 * each[1]))
)


@given(st.lists(spans, max_size=12), st.sampled_from([0, 15, 40]), st.sampled_from([30, 45, 60]))
def test_what_is_free_is_what_meets_nothing_busy(busy: list[slots.Span], buffer: int, length: int) -> None:
    """Against the rule said plainly, time by time."""
    every_day = dict.fromkeys(range(7), ((480, 960),))
    found = page(hours=every_day, buffer=buffer, every=15)
    now = at(2026, 10, 19)
    around, lasts = timedelta(minutes=buffer), timedelta(minutes=length)
    all_times = slots.free(found, [], now, length)
    wanted = [
        each
        for each in all_times
        if not any(begins < each + lasts + around and ends > each - around for begins, ends in busy)
    ]
    assert slots.free(found, busy, now, length) == wanted


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"monday": ["12:00-09:00"]}, "ends after it begins"),
        ({"monday": ["09:00-12:00", "11:00-13:00"]}, "overlap"),
        ({"monday": ["9-12"]}, "Expected `str` matching regex"),
        ({"lundag": ["09:00-12:00"]}, "Invalid enum value 'lundag'"),
        ({}, "length >= 1"),
    ],
)
def test_hours_that_cant_be_are_told(hours: Any, said: str) -> None:
    from wonward.schema.definitions import normal

    body = {"label": "Samtale", "hosts": ["a@b.dk"], "lengths": [30], "hours": hours}
    _, problem = normal("scheduling_page", "samtale", body)
    assert problem
    assert said in problem.message
