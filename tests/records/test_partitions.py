"""What PostgreSQL reads of a log with 24 months: an index of each month at most, and no month before the moment."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import sql

from wonward import clock, wiring
from wonward.db import transaction
from wonward.records import changes, history, write
from wonward.records.work import Work
from wonward.schema import apply, load, months
from wonward.schema.catalog import ObjectType

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FIRST = months.later(months.month_of(NOW), -23)
A_MONTH = 400
"""Changes of a month, enough that PostgreSQL would rather use an index than read them all."""


class Explained:
    """Work that explains its statements instead of answering them, and keeps the plans' parts."""

    def __init__(self, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parts: list[dict[str, Any]] = []
        plain = Work.rows

        def rows(own: Work, statement: sql.Composable, params: Any = None) -> list[tuple[Any, ...]]:
            explain = sql.SQL("explain (analyze, format json) {}").format(statement)
            for (plan,) in plain(own, explain, params):
                self.parts += walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
            return plain(own, statement, params)

        monkeypatch.setattr(Work, "rows", rows)

    @property
    def of_log(self) -> list[dict[str, Any]]:
        """The parts that read partitions of the log; a bitmap's index part tells the rows of its heap part again."""
        return [part for part in self.parts if part.get("Relation Name", "").startswith(months.LOG)]

    @property
    def read(self) -> int:
        """How many rows of the log were read, those passed over included."""
        return sum(part["Actual Rows"] + part.get("Rows Removed by Filter", 0) for part in self.of_log)


def walk(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from walk(part)


@pytest.fixture
def company(starter: str) -> ObjectType:
    return load.current(starter).object_type("company")


@pytest.fixture
def nordisk(starter: str, company: ObjectType) -> int:
    """A company that was renamed in each of 24 months, among many changes of others."""
    for place in range(24):
        moment = months.start(months.later(FIRST, place)) + timedelta(days=3)
        with clock.fixed(moment), wiring.writing(starter, actor="user:1", source="web") as work:
            if place == 0:
                [made] = write.create(work, company, [{"name": "Nordisk Måleri"}])
            else:
                write.update(work, company, [(made, {"name": f"Nordisk Måleri {place}"})])
    transaction.run(
        sql.SQL("""
            insert into {} (at, kind, object_type, record_id, actor, source, diff)
            select {}::timestamptz + make_interval(months => n % 24, days => 3), 'created', 'company', 1000000 + n,
                'user:1', 'web', '{{"name": [null, "Ågård"]}}' from generate_series(0, {}) n""").format(
            sql.Identifier(load.current(starter).schema, months.LOG),
            sql.Literal(months.start(FIRST)),
            sql.Literal(24 * A_MONTH - 1),
        )
    )
    with clock.fixed(NOW):
        apply.make_months(starter)
    transaction.run(sql.SQL("analyze {}").format(sql.Identifier(load.current(starter).schema, months.LOG)))
    return made


@pytest.fixture
def explained(nordisk: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Work, Explained]]:
    work = wiring.reading("starter", actor="user:1", source="web")
    return lambda: (work, Explained(work, monkeypatch))


def test_the_history_of_a_record_reads_its_own_changes_alone(
    nordisk: int, explained: Callable[[], tuple[Work, Explained]]
) -> None:
    work, plans = explained()
    found = history.of_record(work, nordisk, limit=100)
    assert len(found) == 24
    assert plans.read == 24
    assert (
        history.of_properties(work, [nordisk], ["name"], limit=100)[nordisk, "name"][0].value
        == "Nordisk Måleri 23"
    )
    assert plans.read == 48


def test_a_value_in_the_past_reads_the_months_since_alone(
    nordisk: int, company: ObjectType, explained: Callable[[], tuple[Work, Explained]]
) -> None:
    work, plans = explained()
    moment = datetime(2026, 9, 1, tzinfo=UTC)
    assert history.as_of(work, company, [nordisk], ["name"], moment)[nordisk].values == {
        "name": "Nordisk Måleri 20"
    }
    names = {part["Relation Name"] for part in plans.of_log if "Relation Name" in part}
    since = {months.partition(months.later(months.month_of(moment), ahead)) for ahead in range(6)}
    assert names == {*since, months.REST}
    assert plans.read == 3


def test_a_value_at_a_moment_by_its_record_reads_few_rows(
    nordisk: int, explained: Callable[[], tuple[Work, Explained]]
) -> None:
    work, plans = explained()
    [(value,)] = work.rows(
        sql.SQL("""
            select diff -> 'name' ->> 1 from {} where record_id = %(id)s and at <= %(moment)s and diff ? 'name'
            order by seq desc limit 1""").format(work.table("_change")),
        {"id": nordisk, "moment": datetime(2026, 9, 1, tzinfo=UTC)},
    )
    assert value == "Nordisk Måleri 20"
    names = {part["Relation Name"] for part in plans.of_log if "Relation Name" in part}
    assert months.partition(FIRST) in names
    assert "_change_2026_10" not in names, "a month that had not begun is not looked at"
    assert plans.read <= 24


def test_a_consumer_reads_what_is_new_alone(
    nordisk: int, explained: Callable[[], tuple[Work, Explained]]
) -> None:
    work, plans = explained()
    [(xid, seq)] = transaction.rows(
        sql.SQL("select xid::text, seq from {} order by seq desc offset 10 limit 1").format(
            work.table("_change")
        )
    )
    assert changes._after(work, xid, seq, 1000) == [], "they are of the transaction that is under way"
    assert plans.read == 0
    plans.parts.clear()
    [lag] = changes.lags(work, ["listener"])
    assert lag.changes == 24 * (A_MONTH + 1)
