"""The change log of a portal that keeps so many months: whole months go, once everybody has handled them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from wonward import clock, wiring
from wonward.blueprints import apply as blueprints
from wonward.errors import Invalid
from wonward.records import history, query, retention, write
from wonward.records.changes import Change, Consumer, consume
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema import apply, load, months

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OCTOBER_2025, NOVEMBER_2025 = date(2025, 10, 1), date(2025, 11, 1)


def hear(work: Work, changes: Sequence[Change]) -> None:
    """Take no notice."""


FAST, SLOW = Consumer("fast", hear), Consumer("slow", hear)


def keep(count: int | None) -> None:
    body = {"label": "Starter", "currency": "USD", "time_zone": "UTC", "history_months": count}
    blueprints.define("starter", {("portal", "portal"): body}, actor="user:1")


def log_months() -> set[date]:
    return {month for month in months.made(load.current("starter")) if month < date(2026, 11, 1)}


@pytest.fixture
def nordisk(starter: str) -> int:
    """A company made in October 2025, renamed in November and in March; the months are made."""
    october = datetime(2025, 10, 31, 23, 59, tzinfo=UTC)
    with clock.fixed(october), wiring.writing(starter, actor="user:1", source="web") as work:
        company = work.catalog.object_type("company")
        [made] = write.create(work, company, [{"name": "October", "city": "Ribe"}])
    for moment, name in (
        (datetime(2025, 11, 1, tzinfo=UTC), "November"),
        (datetime(2026, 3, 1, tzinfo=UTC), "March"),
    ):
        with clock.fixed(moment), wiring.writing(starter, actor="user:1", source="web") as work:
            write.update(work, company, [(made, {"name": name})])
    with clock.fixed(NOW):
        apply.make_months(starter)
    return made


def drop(*consumers: Consumer) -> list[date]:
    with clock.fixed(NOW):
        return retention.drop_old("starter", consumers)


def test_everything_is_kept_unless_the_portal_says_otherwise(nordisk: int) -> None:
    assert drop() == []
    keep(None)
    assert drop() == []
    assert log_months() == {OCTOBER_2025, NOVEMBER_2025, date(2026, 3, 1)}


@pytest.mark.parametrize(
    ("count", "gone"),
    [(13, []), (12, [OCTOBER_2025]), (11, [OCTOBER_2025, NOVEMBER_2025]), (8, [OCTOBER_2025, NOVEMBER_2025])],
)
def test_so_many_whole_months_before_this_one_stay(nordisk: int, count: int, gone: list[date]) -> None:
    keep(count)
    assert drop() == gone
    assert drop() == []
    assert log_months() == {OCTOBER_2025, NOVEMBER_2025, date(2026, 3, 1)} - set(gone)


@pytest.mark.django_db(transaction=True)
def test_what_a_consumer_has_not_handled_stays(nordisk: int) -> None:
    keep(12)
    while consume("starter", FAST, ()):
        pass
    assert drop(FAST, SLOW) == [], "the slow one has never run"
    assert consume("starter", SLOW, (), limit=1) == 1
    assert drop(FAST, SLOW) == [OCTOBER_2025]


def test_values_since_are_told_from_what_is_left_and_earlier_ones_refused(nordisk: int) -> None:
    keep(12)
    drop()
    work = wiring.reading("starter", actor="user:1", source="web")
    company = work.catalog.object_type("company")
    for moment, name in (
        (datetime(2025, 11, 1, tzinfo=UTC), "November"),
        (datetime(2026, 2, 28, tzinfo=UTC), "November"),
        (datetime(2026, 3, 1, tzinfo=UTC), "March"),
    ):
        [past] = history.as_of(work, company, [nordisk], ["name", "city"], moment).values()
        assert past.values == {"name": name, "city": "Ribe"}, "written in October, whose log is gone"
    with pytest.raises(Invalid, match="isn't known before 2025-11-01") as refused:
        history.as_of(work, company, [nordisk], ["name"], datetime(2025, 10, 31, 23, 59, 59, tzinfo=UTC))
    assert refused.value.problems[0].code == "HISTORY_NOT_KEPT"
    keep(None)
    work = wiring.reading("starter", actor="user:1", source="web")
    with pytest.raises(Invalid, match="isn't known before 2025-11-01"):
        history.as_of(work, company, [nordisk], ["name"], datetime(2025, 10, 1, tzinfo=UTC))


def test_history_months_is_a_number_from_one_on(starter: str) -> None:
    with pytest.raises(Invalid, match="history_months"):
        keep(0)


def test_an_expression_knows_nothing_of_a_time_whose_months_are_gone(nordisk: int) -> None:
    keep(12)
    drop()
    work = wiring.reading("starter", actor="x", source="cli")
    asked = ["value_at(name, '2025-10-31')", "value_at(name, '2025-11-02')", "value_at(name, '2026-03-02')"]
    [row] = query.rows(work, Query(work.catalog.object_type("company"), ids=[nordisk]), asked)
    assert row[1:] == (None, "November", "March")
