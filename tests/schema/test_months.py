"""The change log in partitions: made ahead and made up for, converted from an older portal's, dropped whole."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from wonward import clock, wiring
from wonward.blueprints import apply as blueprints
from wonward.cli.demo import BLUEPRINTS
from wonward.db import transaction
from wonward.records import history, write
from wonward.records.changes import Consumer, consume
from wonward.schema import apply, layout, load, months

NOVEMBER = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_company(portal: str, name: str, at: datetime = NOVEMBER) -> int:
    with clock.fixed(at), wiring.writing(portal, actor="user:1", source="web") as work:
        return write.create(work, work.catalog.object_type("company"), [{"name": name}])[0]


def log_of(portal: str, table: str = months.LOG) -> list[tuple[Any, ...]]:
    statement = sql.SQL("select seq, xid::text, at, kind, record_id, diff::text from {} order by seq")
    return transaction.rows(statement.format(sql.Identifier(load.current(portal).schema, table)))


def made(portal: str) -> set[date]:
    return months.made(load.current(portal))


@pytest.fixture
def own_portal(db: None) -> Callable[[str], None]:
    """Give a function that makes a portal of the starter blueprint, undone after the test."""
    return lambda name: blueprints.create_portal(name, BLUEPRINTS / "starter", actor="system")


@pytest.mark.parametrize(
    ("month", "by", "then"),
    [
        (date(2026, 11, 1), 1, date(2026, 12, 1)),
        (date(2026, 11, 1), 2, date(2027, 1, 1)),
        (date(2026, 11, 1), -11, date(2025, 12, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2024, 12, 1), 12, date(2025, 12, 1)),
    ],
)
def test_months_are_counted_over_the_turn_of_the_year(month: date, by: int, then: date) -> None:
    assert months.later(month, by) == then


def test_a_new_portal_has_this_month_and_three_more(own_portal: Callable[[str], None]) -> None:
    with clock.fixed(NOVEMBER):
        own_portal("ny")
    assert made("ny") == {date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)}
    a_company("ny", "Ærø Færger")
    assert len(log_of("ny", "_change_2026_11")) == 1


def test_a_month_belongs_to_utc(own_portal: Callable[[str], None]) -> None:
    with clock.fixed(NOVEMBER):
        own_portal("ny")
    a_company("ny", "the last of November", datetime(2026, 11, 30, 23, 59, 59, 999000, tzinfo=UTC))
    a_company("ny", "the first of December", datetime(2026, 12, 1, tzinfo=UTC))
    assert len(log_of("ny", "_change_2026_11")) == len(log_of("ny", "_change_2026_12")) == 1


def test_an_older_portal_keeps_its_log_and_its_numbers(
    own_portal: Callable[[str], None],
    take_step: Callable[[str, Any], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as older:
        others = tuple(step for step in layout.STEPS if step is not layout._log_by_month)
        older.setattr(layout, "STEPS", others)
        older.setattr(apply, "make_months", lambda name: [])
        own_portal("gammel")
    for year in (2024, 2025, 2026):
        a_company("gammel", f"Nordisk Måleri A/S {year}", NOVEMBER.replace(year=year))
    before = log_of("gammel")
    with clock.fixed(NOVEMBER):
        take_step("gammel", layout._log_by_month)
    assert log_of("gammel") == before
    assert log_of("gammel", months.REST) == []
    assert {date(2024, 11, 1), date(2025, 11, 1), date(2026, 11, 1), date(2026, 12, 1)} <= made("gammel")
    a_company("gammel", "Ågård & Søn")
    assert [entry[0] for entry in log_of("gammel")] == [each[0] for each in before] + [before[-1][0] + 1]
    with clock.fixed(NOVEMBER):
        apply.upgrade_portal("gammel")
    assert len(log_of("gammel")) == 4, "an upgrade of what is up to date changes nothing"


def test_a_write_needs_no_month_and_gets_one_later(own_portal: Callable[[str], None]) -> None:
    with clock.fixed(NOVEMBER):
        own_portal("ny")
    long_ago, far_ahead = datetime(1999, 12, 31, tzinfo=UTC), datetime(2031, 5, 17, tzinfo=UTC)
    ids = [a_company("ny", "from an archive", long_ago), a_company("ny", "from a demo", far_ahead)]
    written = log_of("ny")
    assert log_of("ny", months.REST) == written
    work = wiring.reading("ny", actor="x", source="cli")
    assert [len(history.of_record(work, each)) for each in ids] == [1, 1]
    with clock.fixed(NOVEMBER):
        assert apply.make_months("ny") == [date(2031, 5, 1), date(1999, 12, 1)]
        assert apply.make_months("ny") == []
    assert log_of("ny", months.REST) == []
    assert log_of("ny") == written
    assert [entry[4] for entry in log_of("ny", "_change_1999_12")] == ids[:1]


@pytest.mark.django_db(transaction=True)
def test_two_processes_make_the_same_months_at_once(
    starter: str, in_threads: Callable[..., list[list[date]]]
) -> None:
    a_company(starter, "from a demo", datetime(2031, 5, 17, tzinfo=UTC))
    a_company(starter, "from another", datetime(2031, 6, 17, tzinfo=UTC))
    found = in_threads(lambda _: apply.make_months(starter), range(3))
    assert sorted(month for each in found for month in each) == [date(2031, 5, 1), date(2031, 6, 1)]
    assert log_of(starter, months.REST) == []


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_does_not_end_delays_a_month_and_nothing_else(
    starter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "ATTEMPTS", 1)
    monkeypatch.setattr(apply, "LOCK_TIMEOUT", "50ms")
    far = datetime(2032, 5, 17, tzinfo=UTC)
    a_company(starter, "before", far)
    reading, release = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            log_of(starter)
            reading.set()
            release.wait(20)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    assert reading.wait(10)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        apply.make_months(starter)
    a_company(starter, "meanwhile", far)
    assert len(log_of(starter, months.REST)) == 2
    release.set()
    reader.join(10)
    assert apply.make_months(starter) == [date(2032, 5, 1)]
    assert log_of(starter, months.REST) == []


@pytest.mark.django_db(transaction=True)
def test_the_feed_goes_over_months_that_come_while_it_is_read(starter: str) -> None:
    heard: list[str] = []
    listener = Consumer(
        "listener", lambda work, changes: heard.extend(each.diff["name"][1] for each in changes)
    )
    for year in (2033, 2034, 2031):
        a_company(starter, str(year), datetime(year, 5, 17, tzinfo=UTC))
    consume(starter, listener, (), limit=2)
    apply.make_months(starter)
    while consume(starter, listener, (), limit=2):
        pass
    assert heard == ["2033", "2034", "2031"]
