"""Dates and times as people read and type them, in the time zone of the portal."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import formats, timezone, translation

from wonward import clock
from wonward.errors import Invalid
from wonward.schema.field_types.time import iso


def local(at: datetime) -> datetime:
    """Return a moment in the current time zone; in UTC where that zone leaves the years 1 to 9999."""
    try:
        return timezone.localtime(at)
    except OverflowError:
        return at.astimezone(UTC)


def moment(text: str) -> datetime:
    """Return the moment of a canonical datetime, in the current time zone."""
    return local(datetime.fromisoformat(text))


def day(value: date, language: str | None = None) -> str:
    """Write a date, in the language of the request where none is given."""
    return _day(value, language or translation.get_language() or "en")


@lru_cache(maxsize=10_000)
def _day(value: date, language: str) -> str:
    with translation.override(language):
        return str(formats.date_format(value, "DATE_FORMAT"))


def full(at: datetime, language: str | None = None) -> str:
    """Write a moment with its time of day; at midnight, which stands for a whole day, the date alone."""
    here = local(at)
    return (
        day(here.date(), language)
        if here.time() == time.min
        else str(formats.date_format(here, "DATETIME_FORMAT"))
    )


def short(at: datetime) -> str:
    """Write a moment in little room: the time for today, else the date, without the year for this year."""
    here, today = local(at), local(clock.now()).date()
    if here.date() == today and here.time() != time.min:
        return str(formats.time_format(here.time(), "TIME_FORMAT"))
    if here.year == today.year:
        return str(formats.date_format(here.date(), "MONTH_DAY_FORMAT"))
    return day(here.date())


def days_since(at: datetime) -> int:
    """Return how many whole days ago a moment was, 0 for moments to come."""
    return max(0, (clock.now() - at).days)


def heading(at: datetime) -> str:
    """Name the part of a timeline that a moment belongs to."""
    now = clock.now()
    if at > now:
        return "Upcoming"
    on, today = local(at).date(), local(now).date()
    ago = (today - on).days
    if ago < 2:
        return ("Today", "Yesterday")[ago]
    return str(formats.date_format(on, "YEAR_MONTH_FORMAT"))


def for_input(text: str) -> str:
    """Write a canonical datetime for an input of date and time."""
    return moment(text).replace(tzinfo=None).isoformat(timespec="minutes")


def from_input(text: str, was: str | None) -> str:
    """Return the canonical text of a date and time typed in the portal's time zone, as it is if it is none.

    Inputs show minutes: unchanged ones keep the seconds the value `was` stored with.
    """
    if was and _shows(was, text):
        return was
    zone = timezone.get_current_timezone()
    try:
        typed = datetime.fromisoformat(text)
        return iso(
            typed if typed.tzinfo else typed.replace(tzinfo=zone if isinstance(zone, ZoneInfo) else UTC)
        )
    except (ValueError, OverflowError):
        return text


def _shows(stored: str, text: str) -> bool:
    try:
        return text == for_input(stored)
    except ValueError:  # a form that was tampered with
        return False


def typed_day(text: str) -> date | None:
    """Return the day that an input of one gave, None for an empty one; raise Invalid."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(translation.gettext("Write days as 2026-12-24")) from error
