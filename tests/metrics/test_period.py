"""Periods: those people choose, and what each is compared with and cut into."""

import itertools
from datetime import date, timedelta
from random import Random

import pytest

from wonward.errors import Invalid
from wonward.metrics import period
from wonward.schema.metrics import Bucket

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("this_month", "2026-11-01", "2026-12-01"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("this_quarter", "2026-10-01", "2027-01-01"),
        ("last_quarter", "2026-07-01", "2026-10-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("last_12_months", "2025-12-01", "2026-12-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2026-Q3", "2026-07-01", "2026-10-01"),
        ("2031", "2031-01-01", "2032-01-01"),
    ],
)
def test_what_is_chosen(text: str, start: str, end: str) -> None:
    found = period.chosen(text, TODAY)
    assert (str(found.start), str(found.end)) == (start, end)
    assert text in (found.written, text) or found.length == ""
    if found.written:
        assert period.chosen(found.written, TODAY) == found


@pytest.mark.parametrize("text", ["", "this_week", "next_month", "2026-13", "2026-Q5", "9999", "last_"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(Invalid, match="There is no period"):
        period.chosen(text, TODAY)


@pytest.mark.parametrize("bucket", ["day", "week", "month", "quarter", "year"])
def test_buckets_cover_a_span_without_gap_or_overlap(bucket: Bucket) -> None:
    chance = Random(3)
    for _ in range(200):
        start = date(2020, 1, 1) + timedelta(days=chance.randrange(3000))
        span = period.Span(start, start + timedelta(days=chance.randrange(1, 500)))
        parts = period.buckets(span, bucket)
        assert parts[0].start == span.start
        assert parts[-1].end == span.end
        assert all(one.end == other.start for one, other in itertools.pairwise(parts))
        for part in parts:
            days = (part.start, part.end - timedelta(days=1))
            assert len({period.beginning(day, bucket) for day in days}) == 1


def test_a_running_period_is_compared_with_as_much_of_the_one_before() -> None:
    march = period.chosen("2026-03", TODAY)
    assert period.before(march, date(2026, 3, 31)) == period.Span(date(2026, 2, 1), date(2026, 3, 1))
    assert period.before(march, date(2026, 3, 2)) == period.Span(date(2026, 2, 1), date(2026, 2, 3))
    assert period.before(march, TODAY).written == "2026-02"
    year = period.chosen("last_12_months", TODAY)
    assert period.before(year, TODAY) == period.Span(date(2024, 12, 1), date(2025, 12, 1))
