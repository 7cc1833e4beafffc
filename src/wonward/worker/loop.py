"""The worker's duties side by side: every consumer's share of the change feed, workflows, and jobs that are due."""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Literal

from django.db import close_old_connections, connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app, connector_params

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.db.transaction import again_after_deadlock
from wonward.records.changes import consume, note_failure, settle_in
from wonward.worker import jobs

log = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between looks at a feed that had nothing new."""

JOBS = 3
"""Jobs at a time, so that a long import keeps nobody's export waiting."""

AFTER_FAILURE = 5.0
"""Seconds before a consumer that failed is tried again."""


def run() -> None:
    """Work until told to stop by SIGTERM or SIGINT; what is under way is finished first."""
    for portal in list(Portal.objects.values_list("name", flat=True)):
        if settle_in(portal):
            log.warning("portal %s: the change feed was fitted to this database, a restored one", portal)
    jobs.keep_logs(0)  # by the clock it might not be its turn while this worker lives
    stopping = threading.Event()
    feed = threading.Thread(target=_follow, args=(stopping,), name="feed")
    workflows = threading.Thread(target=_tend, args=(stopping,), name="workflows")
    feed.start()
    workflows.start()
    try:
        asyncio.run(_run_jobs())
    finally:
        stopping.set()
        feed.join()
        workflows.join()


async def _run_jobs() -> None:
    """Run jobs until a signal asks to stop, and begin again when the database went away meanwhile."""
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    signalled = asyncio.create_task(asked.wait())
    while not asked.is_set():
        try:
            await _run_jobs_until(signalled)
        except Exception:
            log.exception("jobs can't be run; it is tried again")
        await asyncio.wait({signalled}, timeout=AFTER_FAILURE)


async def _run_jobs_until(signalled: "asyncio.Task[Literal[True]]") -> None:
    """Run jobs until a signal came and those under way are finished, or the database went away."""
    with app.replace_connector(PsycopgConnector(kwargs=connector_params())):
        async with app.open_async():
            work = asyncio.create_task(
                app.run_worker_async(
                    concurrency=JOBS,
                    listen_notify=True,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                )
            )
            await asyncio.wait({work, signalled}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()  # once: a second time would cut off the job that is being finished
            with suppress(asyncio.CancelledError):
                await work


def catch_up(resting: dict[tuple[str, str], float] | None = None) -> int:
    """Give every consumer of every portal one batch; return how many changes were handled.

    A failure is logged and the others go on. The consumer that failed is kept in `resting`, by portal and
    name, with the moment from which it is tried again; its cursor hasn't moved.
    """
    resting = {} if resting is None else resting
    handled = 0
    for portal in list(Portal.objects.values_list("name", flat=True)):
        for consumer in wiring.CONSUMERS:
            place = (portal, consumer.name)
            if resting.get(place, 0.0) > time.monotonic():
                continue
            resting.pop(place, None)
            try:
                handled += again_after_deadlock(partial(consume, portal, consumer, wiring.GUARDS))
            except Exception as error:
                log.exception(
                    "portal %s: the consumer %s failed; it is tried again from where it was", *place
                )
                resting[place] = time.monotonic() + AFTER_FAILURE
                close_old_connections()
                note_failure(portal, consumer.name, error)
    return handled


def tend_workflows(resting: dict[str, float] | None = None) -> int:
    """Do one batch of what is due of every portal's workflows; return how many records that were.

    A failure is logged and the other portals go on; that one is kept in `resting` and tried again later.
    """
    resting = {} if resting is None else resting
    handled = 0
    for portal in list(Portal.objects.values_list("name", flat=True)):
        if resting.get(portal, 0.0) > time.monotonic():
            continue
        resting.pop(portal, None)
        try:
            handled += again_after_deadlock(partial(wiring.tend, portal))
        except Exception:
            log.exception(
                "portal %s: workflows can't go on; they are tried again from where they were", portal
            )
            resting[portal] = time.monotonic() + AFTER_FAILURE
            close_old_connections()
    return handled


def _follow(stopping: threading.Event) -> None:
    """Read the feed until stopped, also when the database is away for a while."""
    resting: dict[tuple[str, str], float] = {}
    _again_and_again(stopping, partial(catch_up, resting), "the change feed can't be read; it is tried again")


def _tend(stopping: threading.Event) -> None:
    """Do what is due of workflows until stopped, also when the database is away for a while."""
    resting: dict[str, float] = {}
    _again_and_again(
        stopping, partial(tend_workflows, resting), "workflows can't go on; they are tried again"
    )


def _again_and_again(stopping: threading.Event, duty: Callable[[], int], failed: str) -> None:
    """Do a duty until stopped, without a pause while there is something to do."""
    while not stopping.is_set():
        try:
            close_old_connections()
            pause = 0.0 if duty() else PAUSE
        except Exception:
            log.exception(failed)
            pause = AFTER_FAILURE
        stopping.wait(pause)
    connection.close()
