"""Dates and moments. HubSpot's two spellings are read: milliseconds since 1970 in UTC, and ISO 8601."""

import re
from datetime import UTC, date, datetime, timedelta

from psycopg import sql

from wonward.schema.catalog import Property
from wonward.schema.field_types.field_type import FieldError, FieldType, casting

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1000, 9999)
"""Years that every time zone can show, and that PostgreSQL and ISO 8601 write with four digits."""
_MILLISECONDS = re.compile(r"-?\d{5,15}")


def _moment(text: str) -> datetime:
    if _MILLISECONDS.fullmatch(text):
        return _EPOCH + timedelta(milliseconds=int(text))
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _in_years(text: str) -> str:
    """Return canonical text of a date or moment; raise ValueError outside the years that can be kept."""
    if int(text[:4]) not in _YEARS:
        raise ValueError(text)
    return text


def iso(moment: datetime) -> str:
    """Return a moment as HubSpot writes it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _date(given: str, prop: Property) -> str:
    text = given.strip()
    try:
        if _MILLISECONDS.fullmatch(text):
            moment = _moment(text)
            if moment.time() != datetime.min.time():
                raise FieldError(
                    f"{given} is at {moment:%H:%M:%S.%f} UTC, not midnight, so it is no date for {prop.label}",
                    "INVALID_DATE",
                )
            return _in_years(moment.date().isoformat())
        day = date.fromisoformat(text) if len(text) == 10 else _moment(text).date()
        return _in_years(day.isoformat())
    except FieldError:
        raise
    except (ValueError, OverflowError) as error:
        raise FieldError(
            f"{given} is not a date for {prop.label}; write it as 2017-12-31", "INVALID_DATE"
        ) from error


def _datetime(given: str, prop: Property) -> str:
    try:
        return _in_years(iso(_moment(given.strip())))
    except (ValueError, OverflowError) as error:
        raise FieldError(
            f"{given} is not a date and time for {prop.label}; write it as 2017-12-31T10:00:00Z",
            "INVALID_DATE",
        ) from error


def _date_to_text(column: sql.Composable) -> sql.Composable:
    return sql.SQL("to_char({}, 'YYYY-MM-DD')").format(column)


def _datetime_to_text(column: sql.Composable) -> sql.Composable:
    return sql.SQL("""to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""").format(column)


DATE = FieldType("date", "date", "date", _date, _date_to_text, casting("date"))
DATETIME = FieldType(
    "datetime", "datetime", "timestamptz(3)", _datetime, _datetime_to_text, casting("timestamptz")
)
