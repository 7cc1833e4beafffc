"""The jobs that run by the clock: functions, entered in `register`, scheduled and kept in PostgreSQL."""

import logging
from datetime import timedelta
from functools import partial

from django.contrib.sessions.backends.db import SessionStore
from procrastinate import App, JobContext

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.attachments import late_scan, retire, storage
from wonward.records import purge

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)
"""How long archived records can be restored, as with HubSpot."""


def register(app: App) -> None:
    """Enter every job; procrastinate calls this once, when Django is ready."""
    for cron, job in (
        ("17 3 * * *", purge_archived),
        ("37 3 * * *", purge_files),
        ("7 4 * * *", clear_sessions),
        ("*/5 * * * *", scan_files),
    ):
        app.periodic(cron=cron)(app.task(name=job.__name__, queueing_lock=job.__name__)(job))
    app.periodic(cron="*/5 * * * *")(
        app.task(name="rescue_jobs", queueing_lock="rescue_jobs", pass_context=True)(rescue_jobs)
    )


def purge_archived(timestamp: int) -> None:
    """Delete for good what was archived more than 90 days ago."""
    for portal in Portal.objects.values_list("name", flat=True):
        with wiring.writing(portal, actor="job:purge_archived", source="worker") as work:
            gone = purge.archived_before(work, work.now - KEPT)
        if gone:
            log.info("portal %s: %d archived records deleted for good", portal, gone)


def purge_files(timestamp: int) -> None:
    """Delete the files removed more than 90 days ago, those of records that are gone, and what nobody holds."""
    for portal in Portal.objects.values_list("name", flat=True):
        with wiring.writing(portal, actor="job:purge_files", source="worker") as work:
            gone = retire.archived_before(work, work.now - KEPT)
        if gone:
            log.info("portal %s: %d files deleted for good", portal, gone)
    storage.collect()


def scan_files(timestamp: int) -> None:
    """Scan the files that were taken while the virus scanner was away."""
    for number, portal in Portal.objects.values_list("id", "name"):
        late_scan.scan_waiting(
            number, partial(wiring.writing, portal, actor="job:scan_files", source="worker")
        )


def clear_sessions(timestamp: int) -> None:
    """Delete the sessions that have run out."""
    SessionStore.clear_expired()


async def rescue_jobs(context: JobContext, timestamp: int) -> None:
    """Give the jobs of workers that died to the living."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        log.warning("job %s of a dead worker is tried again", job.id)
        await manager.retry_job(job)
