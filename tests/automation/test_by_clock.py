"""Workflows by date and by schedule, over months that pass in a test."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from wonward.automation import timers
from wonward.blueprints import apply

from .conftest import House

pytestmark = pytest.mark.django_db(transaction=True)

RENEWAL = """
trigger: {date: udloebsdato, days: -30}
again: always
steps: [{create: {object: task, properties: {hs_task_subject: "Forny {{dealname}}", hs_timestamp: "=udloebsdato"}}}]
"""


def test_thirty_days_before_also_for_dates_set_before_the_workflow(house: House) -> None:
    soon = house.create("deal", dealname="Udløber snart", udloebsdato="2026-01-20")
    ahead = house.create("deal", dealname="Forår", udloebsdato="2026-04-01")
    house.create("deal", dealname="Forbi", udloebsdato="2025-12-31")
    house.define("deal.forny", RENEWAL)
    house.later(days=1)
    assert [each.record_id for each in house.enrolments("deal.forny")] == [soon]
    house.at(datetime(2026, 3, 2, 7, 59, tzinfo=UTC))
    house.work()
    assert len(house.enrolments("deal.forny")) == 1
    house.later(minutes=2)
    assert [each.record_id for each in house.enrolments("deal.forny")] == [soon, ahead]
    house.later(days=1)
    late = house.create("deal", dealname="Sent indtastet", udloebsdato="2026-03-10")
    house.work()
    assert house.statuses("deal.forny")[2:] == [(late, "finished")]
    house.update("deal", late, udloebsdato="2027-03-10")
    house.at(datetime(2027, 2, 20, 9, tzinfo=UTC))
    house.work()
    assert [row[0] for row in house.values("task", "hs_task_subject")] == [
        "Forny Udløber snart",
        "Forny Forår",
        "Forny Sent indtastet",
        "Forny Sent indtastet",
    ]


def test_days_when_no_worker_ran_are_caught_up(house: House) -> None:
    house.define("deal.efter", "{trigger: {date: closedate, days: 3}, steps: [{set: {a: 1}}]}")
    house.later(days=1)
    for day in (5, 7, 9, 20):
        house.create("deal", dealname=f"Dag {day}", closedate=f"2026-01-{day:02}T12:00:00Z")
    house.at(datetime(2026, 1, 15, 9, tzinfo=UTC))
    house.work()
    assert house.values("deal", "a") == [("1",), ("1",), ("1",), (None,)]


def test_every_morning_over_all_that_meet_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "PAGE", 2)
    house.define(
        "deal.hver",
        '{trigger: {every: day, at: "08:00", where: amount > 100}, again: always, '
        "steps: [{set: {a: '=coalesce(a, 0) + 1'}}]}",
    )
    for number in range(5):
        house.create("deal", dealname=f"Facade {number}", amount=101 + number)
    house.create("deal", dealname="Trappe", amount=1)
    house.work()
    assert house.enrolments("deal.hver") == []
    for day in (6, 7):
        house.at(datetime(2026, 1, day, 8, 0, tzinfo=UTC))
        house.work()
        house.later(hours=3)
    assert house.values("deal", "a") == [("2",)] * 5 + [(None,)]


def test_the_day_and_time_of_a_schedule() -> None:
    from zoneinfo import ZoneInfo

    from wonward.schema.workflow import Trigger

    zone = ZoneInfo("Europe/Copenhagen")
    now = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # the Saturday before summer time
    found = [
        timers.next_time(Trigger(every=each), now, zone).astimezone(UTC) for each in ("day", "week", "month")
    ]
    assert [f"{each:%m-%d %H:%M}" for each in found] == ["03-29 06:00", "03-30 06:00", "04-01 06:00"]


def test_the_dates_it_looks_for_are_indexed_while_it_is_there(house: House) -> None:
    def indexed() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_indexes where indexname = 'date:deal:udloebsdato'")
            return cursor.fetchone() is not None

    house.define("deal.forny", RENEWAL)
    assert indexed()
    apply.define(house.portal, {}, frozenset([("workflow", "deal.forny")]), actor="user:1")
    assert not indexed()
