"""The change feed: everything once, nothing skipped, whatever order transactions commit in."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from wonward import wiring
from wonward.records import write
from wonward.records.changes import Change, Consumer, consume, lag, settle_in
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def a_company(name: str) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("company"), [{"name": name}])


class Listener:
    """A consumer that remembers the names of the companies it was told of."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.consumer = Consumer("listener", self.hear)

    def hear(self, work: Work, changes: Sequence[Change]) -> None:
        self.names += [change.diff["name"][1] for change in changes]

    def listen(self, limit: int = 1000) -> int:
        return consume("starter", self.consumer, (), limit=limit)


@pytest.mark.django_db(transaction=True)
def test_every_change_once_in_batches(starter: str) -> None:
    listener = Listener()
    for name in ("Nordisk Måleri A/S", "Ågård & Søn", "Ærø Færger"):
        a_company(name)
    work = wiring.reading("starter", actor="x", source="cli")
    assert lag(work, "listener") == 3
    assert [listener.listen(2), listener.listen(2), listener.listen(2)] == [2, 1, 0]
    assert listener.names == ["Nordisk Måleri A/S", "Ågård & Søn", "Ærø Færger"]
    assert lag(work, "listener") == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_is_not_skipped(starter: str) -> None:
    listener = Listener()
    written, release = threading.Event(), threading.Event()

    def slowly() -> None:
        with wiring.writing("starter", actor="user:1", source="web") as work:
            write.create(work, work.catalog.object_type("company"), [{"name": "early, committed late"}])
            written.set()
            release.wait(10)
        connection.close()

    slow = threading.Thread(target=slowly)
    slow.start()
    assert written.wait(10)
    a_company("late, committed early")
    listener.listen()
    assert listener.names == []
    release.set()
    slow.join(10)
    while listener.listen():
        pass
    assert sorted(listener.names) == ["early, committed late", "late, committed early"]


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
        for _attempt in range(40):
            listener.listen(3)

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
