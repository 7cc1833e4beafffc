"""What properties were before, as expressions ask the change log that writing kept."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import sql

from wonward import clock
from wonward.errors import Invalid
from wonward.expressions.compile import Compiled, both
from wonward.records import query, write
from wonward.records.query import Query
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


@contextmanager
def on(writing: Writing, day: int, month: int = 1) -> Iterator[Work]:
    with clock.fixed(datetime(2026, month, day, 9, tzinfo=UTC)), writing() as work:
        yield work


def value(work: Work, expression: str, record_id: int) -> Any:
    ((_, found),) = query.rows(work, Query(work.catalog.object_type("deal"), ids=[record_id]), [expression])
    return found


def met(work: Work, condition: str) -> list[int]:
    kind = work.catalog.object_type("deal")
    return [row[0] for row in query.rows(work, Query(kind, query.condition(work, kind, condition)), [])]


@pytest.fixture
def deal(writing: Writing) -> int:
    """A deal of the 1st of January for 100, raised to 150 on the 10th, without an amount on the 20th, then 400."""
    with on(writing, 1) as work:
        kind = work.catalog.object_type("deal")
        (made,) = write.create(work, kind, [{"dealname": "Døråbner", "amount": 100}])
    for day, amount in ((10, "150"), (20, ""), (25, "400")):
        with on(writing, day) as work:
            write.update(work, kind, [(made, {"amount": amount})])
    return made


def test_value_at_is_what_the_property_was(deal: int, writing: Writing) -> None:
    with on(writing, 1, month=2) as work:
        for moment, expected in (
            ("2025-12-31", None),
            ("2026-01-01T09:00:00Z", "100"),
            ("2026-01-10", "100"),  # as the day began
            ("2026-01-11", "150"),
            ("2026-01-21", None),
            ("2026-02-01", "400"),
            ("2027-01-01", "400"),
        ):
            assert value(work, f"value_at(amount, '{moment}')", deal) == expected
        assert value(work, "value_at(dealname, today())", deal) == "Døråbner"
        assert value(work, "value_at(dealstage, now() - '1 minute')", deal) == "prospecting"
        assert met(work, "value_at(amount, createdate + '10 days') = 150") == [deal]


def test_increase_counts_from_then_or_from_the_first_value_after(deal: int, writing: Writing) -> None:
    with on(writing, 26) as work:
        assert value(work, "increase(amount, '90 days')", deal) == "300"  # younger: from 100, its first
        assert value(work, "increase(amount, '10 days')", deal) == "250"
        assert value(work, "increase(amount, '3 days')", deal) == "0"  # empty then: from 400, the next value
        assert value(work, "increase(amount, '1 hour')", deal) == "0"
        assert met(work, "increase(amount, '10 days') >= 250") == [deal]


def test_a_property_that_the_log_knows_nothing_of_has_always_been_as_it_is(
    deal: int, writing: Writing
) -> None:
    with on(writing, 26) as work:
        work.run(sql.SQL("delete from {}").format(work.table("_change")))
        assert value(work, "value_at(amount, '2026-01-11')", deal) == "400"
        assert value(work, "increase(amount, '90 days')", deal) == "0"
        assert met(work, "changed(amount)") == []


def test_what_was_logged_before_the_property_had_its_type_is_no_value(deal: int, writing: Writing) -> None:
    with on(writing, 26) as work:
        diff = """{"amount": ["many", "lots"]}"""
        work.run(sql.SQL("update {} set diff = {}").format(work.table("_change"), sql.Literal(diff)))
        assert value(work, "value_at(amount, '2026-01-11')", deal) is None


def test_changed_asks_when_and_from_what_to_what(deal: int, writing: Writing) -> None:
    with on(writing, 26) as work:
        for condition, holds in (
            ("changed(amount)", True),
            ("changed(dealname)", False),  # given when it was made, never changed
            ("changed(amount, '2 days')", True),
            ("changed(amount, '1 hour')", False),
            ("changed(amount, 100, 150)", True),
            ("changed(amount, 100, 150, '10 days')", False),
            ("changed(amount, 150, null)", True),
            ("changed(amount, 100, 400)", False),
            ("changed_to(amount, 400.00)", True),
            ("changed_to(amount, 150, '2 weeks')", False),
            ("changed_to(amount, null)", True),
        ):
            assert (met(work, condition) == [deal]) is holds, condition


def test_a_guard_sees_the_change_that_is_being_made(writing: Writing) -> None:
    with on(writing, 1) as work:
        kind = work.catalog.object_type("deal")
        (made,) = write.create(work, kind, [{"dealname": "Døråbner", "amount": 100}])
    seen: list[list[int]] = []
    with on(writing, 2) as work:

        def guard(inside: Work, _kind: Any, _changes: Any) -> list[Any]:
            seen.append(met(inside, "changed(amount, '1 hour') and value_at(amount, now()) = 7"))
            return []

        write.update(replace(work, guards=(guard,)), kind, [(made, {"amount": 7})])
    assert seen == [[made]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("increase(dealname, '90 days') > 1", "only numbers can be calculated with; 'Deal name' is text"),
        ("increase(amount, 'soon') > 1", "write it as increase(seats, '90 days')"),
        ("increase(company.name, '9 days') > 1", "write it as increase(seats, '90 days')"),
        ("changed(dealstage, 'won', 'lost')", "'won' is a label of Deal stage"),
        ("changed(amount, 'a', 5)", "a was not a valid number"),
        ("changed(amount, 1)", "write it as changed(sector)"),
        ("changed_to(amount, seats)", "write it as changed_to("),
        ("value_at(amount, 5) = 1", "value_at takes a date; '5' is a number"),
        ("count(contacts where changed(email)) > 1", "a condition on associated Contacts reads their own"),
        (" or ".join(["changed(amount)"] * 11), "an expression looks at most 10 times into the change log"),
        (" or ".join(["count(contacts) > 1"] * 21), "an expression looks at most 20 times at associated records"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_refused(text: str, message: str, writing: Writing) -> None:
    with writing() as work, pytest.raises(Invalid) as raised:
        query.condition(work, work.catalog.object_type("deal"), text)
    assert message in raised.value.problems[0].message


def test_a_condition_that_takes_too_long_is_given_up(
    writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "PATIENCE", 50)
    slow = Compiled(sql.SQL("pg_sleep(20) is not null"), {}, "boolean", looks=True)
    with writing() as work:
        kind = work.catalog.object_type("deal")
        write.create(work, kind, [{"dealname": "Døråbner"}])
        with pytest.raises(Invalid, match="took too long and was given up"):
            query.count(work, Query(kind, slow))
        cheap = query.condition(work, kind, "amount > 1")
        with pytest.raises(Invalid, match="took too long and was given up"):
            query.count(work, Query(kind, both(slow, cheap)))
        assert query.count(work, Query(kind)) == 1
