"""The change feed: everything once, nothing skipped, whatever order transactions commit in."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from wonward import clock, wiring
from wonward.records import write
from wonward.records.changes import Change, Consumer, consume, lags, note_failure, settle_in
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def a_company(name: str) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("company"), [{"name": name}])


class Listener:
    """A consumer that remembers the names of the companies it was told of."""

    def __init__(self, name: str = "listener") -> None:
        self.names: list[str] = []
        self.consumer = Consumer(name, self.hear)

    def hear(self, work: Work, changes: Sequence[Change]) -> None:
        self.names += [change.diff["name"][1] for change in changes]

    def listen(self, limit: int = 1000) -> int:
        return consume("starter", self.consumer, (), limit=limit)

    def behind(self) -> int:
        [lag] = lags(wiring.reading("starter", actor="x", source="cli"), [self.consumer.name])
        return lag.changes


@contextmanager
def slowly(name: str) -> Iterator[None]:
    """Write a company in a transaction that begins before the block and commits after it."""
    written, release = threading.Event(), threading.Event()

    def write_it() -> None:
        with wiring.writing("starter", actor="user:1", source="web") as work:
            write.create(work, work.catalog.object_type("company"), [{"name": name}])
            written.set()
            release.wait(10)
        connection.close()

    slow = threading.Thread(target=write_it)
    slow.start()
    try:
        assert written.wait(10)
        yield
    finally:
        release.set()
        slow.join(10)


def patiently(done: Callable[[], bool], what: Callable[[], object]) -> None:
    """Do `what` until it is done: a transaction of the server's own may hold the feed back for a moment."""
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        what()


@pytest.mark.django_db(transaction=True)
def test_every_change_once_in_batches(starter: str) -> None:
    listener = Listener()
    for name in ("Nordisk Måleri A/S", "Ågård & Søn", "Ærø Færger"):
        a_company(name)
    assert listener.behind() == 3
    assert [listener.listen(2), listener.listen(2), listener.listen(2)] == [2, 1, 0]
    assert listener.names == ["Nordisk Måleri A/S", "Ågård & Søn", "Ærø Færger"]
    assert listener.behind() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_is_not_skipped(starter: str) -> None:
    listener = Listener()
    with slowly("early, committed late"):
        a_company("late, committed early")
        listener.listen()
        assert listener.names == []
    patiently(lambda: not listener.behind(), listener.listen)
    assert listener.names == ["early, committed late", "late, committed early"]


@pytest.mark.django_db(transaction=True)
def test_two_consumers_one_of_which_crashes_get_all_of_what_is_committed_out_of_order(starter: str) -> None:
    told, billing = Listener("told"), Listener("billing")
    crashes = iter([False, True, False, True, *[False] * 100])

    def bill(work: Work, changes: Sequence[Change]) -> None:
        names = [change.diff["name"][1] for change in changes if change.actor == "user:1"]
        if names:
            copies = [{"name": f"bill for {name}"} for name in names]
            write.create(work, work.catalog.object_type("company"), copies)
        if next(crashes):
            raise RuntimeError("power cut")
        billing.names += names

    billing.consumer = Consumer("billing", bill)

    def listen() -> None:
        told.listen(2)
        try:
            billing.listen(2)
        except RuntimeError:
            assert billing.behind(), "a batch that failed is still to be handled"

    a_company("1")
    with slowly("2"):
        a_company("3")
        for _ in range(3):
            listen()
        with slowly("4"):
            a_company("5")
            listen()
        a_company("6")
        listen()
    patiently(lambda: not told.behind() and not billing.behind(), listen)
    assert sorted(billing.names) == list("123456")
    assert sorted(told.names) == sorted([*"123456", *(f"bill for {name}" for name in "123456")])


@pytest.mark.django_db(transaction=True)
def test_transactions_are_numbers_not_texts(starter: str) -> None:
    listener = Listener()
    for name in ("nine", "ten", "eleven"):
        a_company(name)
    with wiring.writing(starter, actor="system", source="worker") as work:
        for number, name in ((9, "nine"), (10, "ten"), (11, "eleven")):
            work.run(
                sql.SQL(
                    "update {} set xid = %(xid)s::text::xid8 where diff -> 'name' ->> 1 = %(name)s"
                ).format(work.table("_change")),
                {"xid": str(number), "name": name},
            )
    while listener.listen(1):
        pass
    assert listener.names == ["nine", "ten", "eleven"]


@pytest.mark.django_db(transaction=True)
def test_the_lag_tells_how_many_wait_since_when_and_why(starter: str) -> None:
    listener = Listener()
    then = datetime(2026, 11, 22, 10, tzinfo=UTC)
    with clock.fixed(then):
        a_company("Nordisk Måleri A/S")
        a_company("Ågård & Søn")
        note_failure(starter, "listener", ValueError("the postman is ill\nsoren@example.com isn't at home"))
    work = wiring.reading(starter, actor="x", source="cli")
    [lag, other] = lags(work, ["listener", "never ran"])
    assert (lag.changes, lag.since, lag.failed_at) == (2, then, then)
    assert lag.error == "ValueError: the postman is ill"
    assert (other.changes, other.since, other.error) == (2, then, None)
    patiently(lambda: not listener.behind(), listener.listen)
    [lag] = lags(work, ["listener"])
    assert (lag.changes, lag.since, lag.failed_at, lag.error) == (0, None, None, None)


@pytest.mark.django_db(transaction=True)
def test_a_consumer_that_fails_gets_the_batch_again(starter: str) -> None:
    listener = Listener()
    a_company("Nordisk Måleri A/S")

    def fail(work: Work, changes: Sequence[Change]) -> None:
        write.create(work, work.catalog.object_type("company"), [{"name": "half done"}])
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        consume("starter", Consumer("listener", fail), ())
    while listener.listen():
        pass
    assert listener.names == ["Nordisk Måleri A/S"]


@pytest.mark.django_db(transaction=True)
def test_of_two_processes_one_has_the_cursor(starter: str, in_threads: Callable[..., list[Any]]) -> None:
    for number in range(20):
        a_company(f"Company {number}")
    listener = Listener()

    def work_off(_: int) -> None:
        patiently(lambda: not listener.behind(), lambda: listener.listen(3))

    in_threads(work_off, range(3))
    assert sorted(listener.names) == sorted(f"Company {number}" for number in range(20))


@pytest.mark.django_db(transaction=True)
def test_a_restored_database_has_transactions_of_another_time(starter: str) -> None:
    listener = Listener()
    a_company("heard")
    listener.listen()
    a_company("not heard yet")
    with wiring.writing(starter, actor="system", source="worker") as work:
        for table in ("_change", "_cursor"):
            work.run(
                sql.SQL("update {} set xid = (xid::text::bigint + 1000000)::text::xid8").format(
                    work.table(table)
                )
            )
    a_company("after the restore")
    assert settle_in(starter)
    assert not settle_in(starter)
    while listener.listen():
        pass
    assert listener.names == ["heard", "not heard yet", "after the restore"]
