"""The free times of a scheduling page: its hours, less what is busy. Pure: facts in, moments out.

A window of hours becomes two moments, and times are counted between these. So on the night when clocks go back there
is an hour more of them, when they go forward one less, and no meeting is longer or shorter than it says.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wonward.schema.scheduling import SchedulingPage

Span = tuple[datetime, datetime]
"""Two moments, the second not part of it."""


def free(page: SchedulingPage, busy: Iterable[Span], now: datetime, length: int) -> list[datetime]:
    """Return when a meeting of `length` minutes can begin, in UTC and in order, from `now` to the page's horizon."""
    taken = merged(busy)
    ends_of_taken = [end for _, end in taken]
    buffer, lasts = timedelta(minutes=page.buffer), timedelta(minutes=length)
    earliest = now + timedelta(hours=page.notice)
    found = []
    for begins, ends in windows(page, now):
        at = begins
        while at + lasts <= ends:
            next_end = bisect_left(ends_of_taken, at - buffer + timedelta.resolution)
            is_free = next_end == len(taken) or taken[next_end][0] >= at + lasts + buffer
            if at >= earliest and is_free:
                found.append(at)
            at += timedelta(minutes=page.every)
    return found


def reach(page: SchedulingPage, now: datetime) -> Span:
    """Return between which moments a page's meetings may be, in whole days: what is asked stays the same for a day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=1), today + timedelta(days=page.horizon + 4)


def windows(page: SchedulingPage, now: datetime) -> Iterator[Span]:
    """Yield the hours of each day as moments, from today to the horizon, in the page's time zone."""
    zone = ZoneInfo(page.time_zone)
    today = now.astimezone(zone).date()
    for number in range(page.horizon + 1):
        day = today + timedelta(days=number)
        for begins, ends in sorted(page.hours.get(day.weekday(), ())):
            yield _moment(day, begins, zone), _moment(day, ends, zone)


def merged(busy: Iterable[Span]) -> Sequence[Span]:
    """Return stretches of time in order, those that touch made one."""
    found: list[Span] = []
    for begins, ends in sorted(busy):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return the moment when clocks of a zone show a time; the first of two, and after the gap where there is none."""
    shown = datetime.combine(day, time.min) + timedelta(minutes=minutes)
    return shown.replace(tzinfo=zone).astimezone(UTC)
