"""Jobs by the clock: all entered, and what they do."""

from datetime import UTC, date, datetime, timedelta

import pytest
from procrastinate.contrib.django import app

from wonward import clock, wiring
from wonward.accounts.models import Portal
from wonward.blueprints import apply as blueprints
from wonward.records import query, write
from wonward.records.changes import consume
from wonward.records.query import Query
from wonward.schema import load, months
from wonward.worker import jobs


def test_every_job_is_entered_with_its_time() -> None:
    scheduled = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert {"keep_logs", "purge_archived", "clear_sessions", "rescue_jobs", "compact_tallies"} <= scheduled


@pytest.mark.django_db(transaction=True)
def test_archived_records_are_kept_ninety_days(starter: str) -> None:
    then = datetime(2026, 1, 1, tzinfo=UTC)
    with clock.fixed(then), wiring.writing(starter, actor="user:1", source="web") as work:
        company = work.catalog.object_type("company")
        write.archive(work, company, write.create(work, company, [{"name": "Nordisk Måleri A/S"}]))
    archived = Query(company, archived=True)
    for days, left in ((89, 1), (91, 0)):
        with clock.fixed(then + timedelta(days=days)):
            jobs.purge_archived(0)
        assert query.count(wiring.reading(starter, actor="x", source="cli"), archived) == left


@pytest.mark.django_db(transaction=True)
def test_the_months_of_the_log_come_and_go(starter: str) -> None:
    then, later = datetime(2027, 1, 30, tzinfo=UTC), datetime(2027, 4, 2, tzinfo=UTC)
    body = {"label": "Starter", "currency": "USD", "time_zone": "UTC", "history_months": 2}
    blueprints.define(starter, {("portal", "portal"): body}, actor="user:1")
    with clock.fixed(then), wiring.writing(starter, actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("company"), [{"name": "Nordisk Måleri A/S"}])
    with clock.fixed(later):
        jobs.keep_logs(0)
    made = months.made(load.current(starter))
    assert then.date().replace(day=1) in made, "nobody has read it yet"
    assert date(2027, 7, 1) in made
    for consumer in wiring.CONSUMERS:
        while consume(starter, consumer, ()):
            pass
    with clock.fixed(later):
        jobs.keep_logs(0)
    made = months.made(load.current(starter))
    assert min(made) == date(2027, 2, 1)


@pytest.mark.django_db
def test_where_a_job_fails_the_other_portals_go_on(
    starter: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("before", "zebra"):  # one on either side of the one that is there
        Portal.objects.create(name=name, label=name, schema=f"portal_{name}", created_at=clock.now())
    done: list[str] = []

    def keep(portal: str) -> None:
        if portal == starter:
            raise ValueError("the log is on fire")
        done.append(portal)

    monkeypatch.setattr(jobs, "_keep_log", keep)
    with pytest.raises(RuntimeError, match="the job failed in starter"):
        jobs.keep_logs(0)
    assert sorted(done) == ["before", "zebra"]
    assert "the log is on fire" in caplog.text
