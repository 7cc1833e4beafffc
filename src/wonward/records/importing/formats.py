"""Dates and numbers as people and spreadsheets write them, and which way a whole column writes them.

Pure. One value often reads two ways (`01-02-17`, `1,234`); a column of them seldom does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from typing import Literal

DateOrder = Literal["dmy", "mdy"]
DecimalMark = Literal["point", "comma"]

PIVOT = 69
"""Two-digit years from here on are of the 1900s, those below of the 2000s, as POSIX has it."""

_TIME = r"(?:[ T]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,6})\d*)?)?(?: ?([AaPp])\.?[Mm]\.?)?)?"
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME, re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME, re.ASCII)
_MILLISECONDS = re.compile(r"-?\d{12,14}", re.ASCII)

_GROUPS = " '’\u00a0\u202f"
"""What else than comma and point may stand between thousands."""


def _number_pattern(decimal: str, group: str) -> re.Pattern[str]:
    whole = rf"\d+|[1-9]\d{{0,2}}(?:([{group}{_GROUPS}])\d{{3}})(?:\1\d{{3}})*"
    return re.compile(rf"[+-]?(?:(?:{whole})(?:[{decimal}]\d+)?|[{decimal}]\d+)", re.ASCII)


_NUMBERS: dict[DecimalMark, tuple[re.Pattern[str], str]] = {
    "point": (_number_pattern(".", ","), "."),
    "comma": (_number_pattern(",", "."), ","),
}


def number(text: str, mark: DecimalMark) -> str | None:
    """Return a number as `-1234.50`, or None when `text` is none with this decimal mark."""
    pattern, decimal = _NUMBERS[mark]
    given = text.replace("−", "-")
    if not pattern.fullmatch(given):
        return None
    return "".join(
        "." if sign == decimal else sign for sign in given if sign.isdecimal() or sign in f"-{decimal}"
    )


def day(text: str, order: DateOrder) -> str | None:
    """Return the day of a date, with or without a time, as `2017-12-31`; None when `text` is no date.

    Milliseconds since 1970, as HubSpot's exports have them, stay as they are.
    """
    if _MILLISECONDS.fullmatch(text):
        return text
    found = _moment(text, order)
    return found.date().isoformat() if found else None


def moment(text: str, order: DateOrder, zone: tzinfo) -> str | None:
    """Return a date and time in ISO 8601 and UTC; without a zone it is local time in `zone`, a date its midnight."""
    if _MILLISECONDS.fullmatch(text):
        return text
    found = _moment(text, order)
    if found is None:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC).isoformat()
    except OverflowError:
        return None


def _moment(text: str, order: DateOrder) -> datetime | None:
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            year, _, month, day_of_month, *clock = found.groups()
        elif found := _YEAR_LAST.fullmatch(text):
            first, _, second, year, *clock = found.groups()
            day_of_month, month = (first, second) if order == "dmy" else (second, first)
            year = year if len(year) == 4 else ("20" if int(year) < PIVOT else "19") + year
        else:
            return datetime.fromisoformat(text) if text[4:5] == "-" else None
        return datetime.combine(date(int(year), int(month), int(day_of_month)), _time(*clock))
    except ValueError:
        return None


def _time(
    hour: str | None, minute: str | None, second: str | None, fraction: str | None, half: str | None
) -> time:
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("twelve hours have no such hour")
        hours = hours % 12 + (12 if half in "Pp" else 0)
    return time(hours, int(minute or 0), int(second or 0), int((fraction or "0").ljust(6, "0")))


@dataclass(frozen=True, slots=True)
class Seen:
    """A value and the line it stands on."""

    text: str
    line: int


@dataclass
class Evidence:
    """What the values of a column tell about which of two ways they are written in.

    `read` gives a value's meaning one way, None when it has none; the first of `ways` is taken in doubt.
    """

    ways: tuple[str, str]
    read: Callable[[str, str], str | None]
    only: dict[str, Seen] = field(default_factory=dict)
    doubtful: Seen | None = None
    _known: set[str] = field(default_factory=set)

    def see(self, text: str, line: int) -> None:
        """Take a value into account."""
        if text in self._known:
            return
        if len(self._known) < _REMEMBERED:
            self._known.add(text)
        meanings = [self.read(text, way) for way in self.ways]
        if meanings[0] == meanings[1]:
            return
        if None in meanings:
            self.only.setdefault(self.ways[meanings[0] is None], Seen(text, line))
        elif self.doubtful is None:
            self.doubtful = Seen(text, line)

    @property
    def contradiction(self) -> tuple[Seen, Seen] | None:
        """Two values that can't be written the same way."""
        first, second = (self.only.get(way) for way in self.ways)
        return (first, second) if first and second else None

    @property
    def way(self) -> str:
        """The way the values are written."""
        return next(iter(self.only), self.ways[0])

    @property
    def example(self) -> Seen | None:
        """The value that decided, or one that left it in doubt."""
        return self.only.get(self.way) or self.doubtful

    @property
    def undecided(self) -> bool:
        """True when values read both ways, differently, and none decides."""
        return self.doubtful is not None and not self.only


_REMEMBERED = 100_000
"""Values an Evidence keeps to skip them when they come again."""


def dates(doubt: DateOrder = "dmy") -> Evidence:
    """Return evidence on the order of day and month."""
    other: DateOrder = "mdy" if doubt == "dmy" else "dmy"
    return Evidence((doubt, other), lambda text, way: moment(text, "dmy" if way == "dmy" else "mdy", UTC))


def numbers(doubt: DecimalMark = "point") -> Evidence:
    """Return evidence on the decimal mark."""
    other: DecimalMark = "comma" if doubt == "point" else "point"
    return Evidence((doubt, other), lambda text, way: number(text, "point" if way == "point" else "comma"))
