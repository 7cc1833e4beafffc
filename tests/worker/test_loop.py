"""The worker's loop: one failure stops nobody else, and only a signal ends it."""

import asyncio
import os
import signal
from collections.abc import Sequence

import psycopg
import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected, SerializationFailure

from wonward import wiring
from wonward.db import transaction
from wonward.records import write
from wonward.records.changes import Change, Consumer, lags
from wonward.records.work import Work
from wonward.worker import loop


@pytest.mark.django_db(transaction=True)
def test_a_failing_consumer_rests_while_the_others_go_on(
    starter: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def fail(work: Work, changes: Sequence[Change]) -> None:
        seen.append("failed")
        raise ValueError("the postman is ill")

    def count(work: Work, changes: Sequence[Change]) -> None:
        seen.append("counted")

    monkeypatch.setattr(wiring, "CONSUMERS", (Consumer("ill", fail), Consumer("well", count)))
    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("company"), [{"name": "Nordisk Måleri A/S"}])
    resting: dict[tuple[str, str], float] = {}
    assert loop.catch_up(resting) > 0
    assert "portal starter: the consumer ill failed" in caplog.text
    assert loop.catch_up(resting) == 0
    assert seen == ["failed", "counted"]
    assert set(resting) == {("starter", "ill")}
    ill, well = lags(wiring.reading(starter, actor="x", source="cli"), ["ill", "well"])
    assert (ill.changes, ill.error) == (1, "ValueError: the postman is ill")
    assert (well.changes, well.error) == (0, None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_django", [True, False])
@pytest.mark.parametrize("lost", [DeadlockDetected, SerializationFailure])
def test_a_batch_that_lost_to_another_transaction_is_done_again_at_once(
    starter: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    lost: type[psycopg.Error],
    by_django: bool,
) -> None:
    seen: list[int] = []

    def lose_once(work: Work, changes: Sequence[Change]) -> None:
        seen.append(len(changes))
        if len(seen) == 1 and by_django:
            raise OperationalError("lost") from lost("lost")
        if len(seen) == 1:
            raise lost("lost")

    monkeypatch.setattr(wiring, "CONSUMERS", (Consumer("busy", lose_once),))
    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("company"), [{"name": "Nordisk Måleri A/S"}])
    resting: dict[tuple[str, str], float] = {}
    assert loop.catch_up(resting) == 1
    assert seen == [1, 1]
    assert resting == {}
    assert "failed" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_loses_again_and_again_rests(
    starter: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[int] = []

    def lose(work: Work, changes: Sequence[Change]) -> None:
        seen.append(len(changes))
        raise DeadlockDetected("lost")

    monkeypatch.setattr(wiring, "CONSUMERS", (Consumer("busy", lose),))
    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("company"), [{"name": "Nordisk Måleri A/S"}])
    resting: dict[tuple[str, str], float] = {}
    assert loop.catch_up(resting) == 0
    assert seen == [1] * transaction.ATTEMPTS
    assert set(resting) == {("starter", "busy")}


@pytest.mark.django_db
@pytest.mark.parametrize("failure", [OperationalError("the database is away"), None])
def test_jobs_are_begun_again_until_someone_asks_to_stop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, failure: Exception | None
) -> None:
    begun: list[int] = []

    async def jobs(signalled: object) -> None:
        begun.append(1)
        if len(begun) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0)
        elif failure:
            raise failure

    monkeypatch.setattr(loop, "_run_jobs_until", jobs)
    monkeypatch.setattr(loop, "_follow", lambda stopping: None)
    monkeypatch.setattr(loop, "_tend", lambda stopping: None)
    monkeypatch.setattr(loop, "AFTER_FAILURE", 0.01)
    loop.run()
    assert len(begun) == 3
    assert ("jobs can't be run; it is tried again" in caplog.text) == bool(failure)
