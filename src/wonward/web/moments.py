"""Dates and times as people read and type them, in the time zone of the portal."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import formats, timezone, translation

from wonward import clock
from wonward.schema.field_types.time import iso


def moment(text: str) -> datetime:
    """Return the moment of a canonical datetime, in the current time zone."""
    return timezone.localtime(datetime.fromisoformat(text))


def day(value: date) -> str:
    """Write a date."""
    return _day(value, translation.get_language() or "en")


@lru_cache(maxsize=10_000)
def _day(value: date, language: str) -> str:
    with translation.override(language):
        return str(formats.date_format(value, "DATE_FORMAT"))


def full(at: datetime) -> str:
    """Write a moment with its time of day; at midnight, which stands for a whole day, the date alone."""
    local = timezone.localtime(at)
    return (
        day(local.date()) if local.time() == time.min else str(formats.date_format(local, "DATETIME_FORMAT"))
    )


def short(at: datetime) -> str:
    """Write a moment in little room: the time for today, else the date, without the year for this year."""
    local, today = timezone.localtime(at), timezone.localtime(clock.now()).date()
    if local.date() == today and local.time() != time.min:
        return str(formats.time_format(local.time(), "TIME_FORMAT"))
    if local.year == today.year:
        return str(formats.date_format(local.date(), "MONTH_DAY_FORMAT"))
    return day(local.date())


def days_since(at: datetime) -> int:
    """Return how many whole days ago a moment was, 0 for moments to come."""
    return max(0, (clock.now() - at).days)


def heading(at: datetime) -> str:
    """Name the part of a timeline that a moment belongs to."""
    now = clock.now()
    if at > now:
        return "Upcoming"
    local, today = timezone.localtime(at).date(), timezone.localtime(now).date()
    ago = (today - local).days
    if ago < 2:
        return ("Today", "Yesterday")[ago]
    return str(formats.date_format(local, "YEAR_MONTH_FORMAT"))


def for_input(text: str) -> str:
    """Write a canonical datetime for an input of date and time."""
    return f"{moment(text):%Y-%m-%dT%H:%M}"


def from_input(text: str, was: str | None) -> str:
    """Return the canonical text of a date and time typed in the portal's time zone, as it is if it is none.

    Inputs show minutes: unchanged ones keep the seconds the value `was` stored with.
    """
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    if was and text == for_input(was):
        return was
    zone = timezone.get_current_timezone()
    aware = local if local.tzinfo else local.replace(tzinfo=zone if isinstance(zone, ZoneInfo) else UTC)
    return iso(aware)
