"""What a page that is open is told: everything committed since it was read, once, in whatever order."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import connection

from wonward import clock, wiring
from wonward.blueprints import apply
from wonward.records import live, write
from wonward.records.live import MANY, News
from wonward.records.work import Work
from wonward.schema.seen import Rights

Writing = Callable[[], AbstractContextManager[Work]]
REAL = pytest.mark.django_db(transaction=True)


def reading() -> Work:
    return wiring.reading("starter", actor="user:2", source="web")


def companies(mark: str) -> News:
    work = reading()
    return live.of_type(work, mark, work.catalog.object_type("company"))


def create(*names: str) -> list[int]:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        return write.create(work, work.catalog.object_type("company"), [{"name": name} for name in names])


def ids(news: News) -> list[int]:
    return [entry.record_id for entry in news.entries]


@REAL
def test_nothing_new_is_nothing_and_what_is_new_is_told_once(starter: str) -> None:
    create("Before")
    mark = live.mark(reading())
    assert companies(mark).entries == []
    [nordisk] = create("Nordisk Måleri A/S")
    news = companies(mark)
    assert ids(news) == [nordisk]
    assert (news.many, news.stale, news.entries[0].actor) == (False, False, "user:1")
    assert companies(news.mark).entries == []


@REAL
def test_other_types_and_other_records_are_not_told(starter: str) -> None:
    nordisk, havn = create("Nordisk Måleri A/S", "Havn & Co")
    mark = live.mark(reading())
    with wiring.writing("starter", actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("contact"), [{"firstname": "Søren"}])
        write.update(work, work.catalog.object_type("company"), [(havn, {"city": "Ærø"})])
    assert ids(companies(mark)) == [havn]
    assert live.of_record(reading(), mark, nordisk).entries == []
    [change] = live.of_record(reading(), mark, havn).entries
    assert change.diff["city"] == [None, "Ærø"]


@REAL
def test_what_began_before_and_is_committed_after_is_told_once_too(starter: str) -> None:
    written, release = threading.Event(), threading.Event()

    def slowly() -> None:
        with wiring.writing("starter", actor="user:1", source="web") as work:
            write.create(work, work.catalog.object_type("company"), [{"name": "early, committed late"}])
            written.set()
            release.wait(30)
        connection.close()

    slow = threading.Thread(target=slowly)
    slow.start()
    assert written.wait(30)
    mark = live.mark(reading())
    late = create("late, committed early")
    first = companies(mark)
    assert ids(first) == late, "told though an older transaction is still running"
    assert companies(first.mark).entries == [], "and not again"
    release.set()
    slow.join(30)
    second = companies(first.mark)
    assert len(ids(second)) == 1
    assert ids(second) != late
    assert companies(second.mark).entries == []


@REAL
def test_a_burst_is_told_as_many(starter: str) -> None:
    mark = live.mark(reading())
    create(*(f"House {number}" for number in range(MANY + 5)))
    news = companies(mark)
    assert news.many
    assert len(news.entries) == MANY
    assert not companies(news.mark).many


@pytest.mark.django_db
@pytest.mark.parametrize(
    "odd",
    [
        "",
        "x",
        "1-1:1:",
        "999999999999-1:1:",
        "{now}-5:1:",
        "{now}-1:9:9,3",
        "{now}-1:9:0",
        "{now}-0:9:",
        "{now}-1:9:3,3",
        "{now}-999999999999999999:999999999999999999:",
        "{now}-1:9:" + "5," * 11_000 + "6",
    ],
    ids=range(11),
)
def test_a_mark_that_is_none_or_of_another_server_makes_the_page_read_itself_anew(
    starter: str, odd: str
) -> None:
    news = companies(odd.replace("{now}", str(int(clock.now().timestamp()))))
    assert (news.stale, news.entries) == (True, ())
    assert not companies(news.mark).stale


@pytest.mark.django_db
def test_a_mark_grows_old(starter: str) -> None:
    mark = live.mark(reading())
    with clock.fixed(clock.now() + timedelta(hours=2)):
        assert companies(mark).stale


@REAL
def test_the_question_uses_the_index_of_the_feed(starter: str) -> None:
    """However long the log is, only what was committed since the mark is looked at."""
    create(*(f"House {number}" for number in range(2000)))
    mark = live.mark(reading())
    with connection.cursor() as cursor:
        cursor.execute("analyze portal_starter._change")
    work = reading()
    snapshot = mark.partition("-")[2]
    plan = work.cursor.execute(
        "explain select from portal_starter._change where at > now() - interval '1 day' and object_type = 'company'"
        " and xid >= pg_snapshot_xmin(%s::pg_snapshot) and not pg_visible_in_snapshot(xid, %s::pg_snapshot) limit 101",
        (snapshot, snapshot),
    ).fetchall()
    assert any("Index" in line and "xid" in line for (line,) in plan), plan


@REAL
def test_what_is_sensitive_is_told_to_those_who_may_see_it_alone(starter: str) -> None:
    body = {"label": "Løn", "type": "number", "group": "companyinformation", "sensitive": True}
    apply.define(starter, {("property", "company.pay"): body}, actor="user:1")
    [nordisk] = create("Nordisk Måleri A/S")
    mark = live.mark(reading())
    with wiring.writing(starter, actor="user:1", source="web", rights=Rights(lambda _: True)) as work:
        kind = work.catalog.object_type("company")
        write.update(work, kind, [(nordisk, {"pay": "70000", "city": "Ærø"})])
    [change] = live.of_record(reading(), mark, nordisk).entries
    assert change.diff == {"city": [None, "Ærø"]}
    seeing = wiring.reading(starter, actor="user:2", source="web", rights=Rights(lambda _: True))
    [change] = live.of_record(seeing, mark, nordisk).entries
    assert change.diff["pay"] == [None, "70000"]
