"""Jobs by the clock: all entered, and what they do."""

from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.contrib.django import app

from wonward import clock, wiring
from wonward.records import query, write
from wonward.records.query import Query
from wonward.worker import jobs


def test_every_job_is_entered_with_its_time() -> None:
    scheduled = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert {"purge_archived", "clear_sessions", "rescue_jobs", "compact_tallies"} <= scheduled


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
