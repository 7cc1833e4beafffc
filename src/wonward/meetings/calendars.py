"""Reads a calendar: when does it say that its owner is busy. Pure.

Calendars come from outside: events that repeat every second, and calendars with too many, are refused.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from wonward.errors import Invalid
from wonward.meetings.slots import Span, merged

MOST_EVENTS = 20_000
MOST_TIMES = 20_000
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")


def busy_times(written: bytes, zone: ZoneInfo, within: Span) -> list[Span]:
    """Return the busy stretches of a calendar between two moments; `zone` is for times that name none, and whole days.

    Raise Invalid for what is no calendar.
    """
    try:
        calendar = Calendar.from_ical(written)
        _check(calendar)
        times = list(islice(_times(calendar, zone, within), MOST_TIMES + 1))
    except Invalid:
        raise
    except (
        Exception
    ) as error:  # the library raises whatever its parts do, for calendars that are wrong anywhere
        said = " ".join(str(error).split())[:200]
        raise Invalid(f"That is no calendar that can be read ({said})", code="CALENDAR_UNREADABLE") from error
    if len(times) > MOST_TIMES:
        raise Invalid("The calendar has too many events", code="CALENDAR_TOO_LARGE")
    return list(
        merged((max(begins, within[0]), min(ends, within[1])) for begins, ends in times if begins < ends)
    )


def _check(calendar: Any) -> None:
    if calendar.name != "VCALENDAR":
        raise Invalid("That is no calendar", code="CALENDAR_UNREADABLE")
    events = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        raise Invalid("The calendar has too many events", code="CALENDAR_TOO_LARGE")
    for event in events:
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            if rule.get("FREQ", [""])[0] in _TOO_OFTEN or rule.keys() & {"BYSECOND", "BYMINUTE", "BYHOUR"}:
                raise Invalid("An event repeats more often than daily", code="CALENDAR_TOO_LARGE")


def _times(calendar: Any, zone: ZoneInfo, within: Span) -> Iterator[Span]:
    for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(*within):
        away = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
        if away or event.get("TRANSP") == "TRANSPARENT" or event.get("STATUS") == "CANCELLED":
            continue
        yield _moment(event.start, zone), _moment(event.end, zone)


def _moment(at: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(at, datetime):
        at = datetime.combine(at, time.min)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
