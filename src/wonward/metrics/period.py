"""Periods: stretches of days that figures and goals are of, as people choose them. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from wonward.errors import Invalid
from wonward.schema.metrics import Bucket

MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
"""The lengths that goals have, in months, the shortest first."""
PARTS: Mapping[str, str] = {"year": "quarter", "quarter": "month"}
"""What a length consists of."""
CHOICES = (
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
    "this_year",
    "last_year",
    "last_12_months",
)
_WRITTEN = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` up to and without `end`; `length` is that of a goal, empty for a stretch that has none."""

    start: date
    end: date
    length: str = ""

    def parts(self, length: str) -> Iterator["Span"]:
        """Yield the spans of a length of goals that begin within this one."""
        found = around(self.start, length)
        while found.start < self.end:
            if found.start >= self.start:
                yield found
            found = step(found, 1)

    def contains(self, day: date) -> bool:
        """Tell whether a day is within."""
        return self.start <= day < self.end

    @property
    def written(self) -> str:
        """The span as an address has it: `2026`, `2026-Q3` or `2026-07`; empty for any other stretch."""
        if self.length == "year":
            return f"{self.start.year:04}"
        if self.length == "quarter":
            return f"{self.start.year:04}-Q{(self.start.month + 2) // 3}"
        return f"{self.start.year:04}-{self.start.month:02}" if self.length == "month" else ""


def moved(day: date, months: int) -> date:
    """Return the first day of the month so many months from that of a day."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def around(day: date, length: str) -> Span:
    """Return the month, quarter or year that a day is in."""
    months = MONTHS[length]
    start = moved(day, -((day.month - 1) % months))
    return Span(start, moved(start, months), length)


def step(span: Span, number: int) -> Span:
    """Return the span so many of its own lengths later."""
    start = moved(span.start, number * MONTHS[span.length])
    return Span(start, moved(start, MONTHS[span.length]), span.length)


def chosen(text: str, today: date) -> Span:
    """Return what a person chose: one of CHOICES, `2026`, `2026-Q3` or `2026-07`; raise Invalid."""
    if text == "last_12_months":
        return Span(moved(today, -11), moved(today, 1))
    which, _, length = text.partition("_")
    if length in MONTHS and which in ("this", "last"):
        return step(around(today, length), 0 if which == "this" else -1)
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise Invalid(
            f"There is no period '{text[:40]}'; write 2026, 2026-Q3 or 2026-07, or one of {', '.join(CHOICES)}",
            code="PERIOD_UNKNOWN",
        )
    quarter, month = found["quarter"], found["month"]
    first = int(month) if month else int(quarter) * 3 - 2 if quarter else 1
    return around(date(int(found["year"]), first, 1), "month" if month else "quarter" if quarter else "year")


def before(span: Span, today: date) -> Span:
    """Return what to compare with: the period before, and while a period runs, as much of it as has passed of this."""
    if not span.length:
        return Span(moved(span.start, -12), span.start)
    earlier = step(span, -1)
    if not span.contains(today):
        return earlier
    passed = earlier.start + (today - span.start) + timedelta(days=1)
    return Span(earlier.start, min(passed, earlier.end))


def beginning(day: date, bucket: Bucket) -> date:
    """Return the first day of the bucket that a day falls into; weeks begin on Monday."""
    if bucket == "day":
        return day
    return day - timedelta(days=day.weekday()) if bucket == "week" else around(day, bucket).start


def following(day: date, bucket: Bucket) -> date:
    """Return the first day of the bucket after the one that begins on a day."""
    if bucket in ("day", "week"):
        return day + timedelta(days=1 if bucket == "day" else 7)
    return around(day, bucket).end


def buckets(span: Span, bucket: Bucket) -> list[Span]:
    """Return the buckets of a span in order; those at its ends are cut."""
    found, day = [], beginning(span.start, bucket)
    while day < span.end:
        after = following(day, bucket)
        length = bucket if bucket in MONTHS and day >= span.start and after <= span.end else ""
        found.append(Span(max(day, span.start), min(after, span.end), length))
        day = after
    return found
