"""The jobs that run by the clock: functions, entered in `register`, scheduled and kept in PostgreSQL."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
from procrastinate import App, JobContext, RetryStrategy

from wonward import clock, wiring
from wonward.accounts import letters, sign_ins
from wonward.accounts.models import Portal
from wonward.accounts.sessions import SessionStore
from wonward.attachments import late_scan, retire, storage
from wonward.automation import webhooks
from wonward.errors import Conflict
from wonward.mail import deliver, post
from wonward.mail import send as mail
from wonward.mail.incoming import visit
from wonward.meetings import answers, feeds
from wonward.notifications import letter as notification
from wonward.notifications import tell
from wonward.records import expiry, retention, tally
from wonward.records.duplicates import scan
from wonward.records.exporting import background as exporting
from wonward.records.handover import ask as leaving
from wonward.records.handover import run as handover
from wonward.records.importing import background as importing
from wonward.records.importing.run import OpenWork
from wonward.schema import apply as schema
from wonward.schema.seen import acting
from wonward.sharing import proof, views

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)
"""How long archived records can be restored, as with HubSpot."""


def register(app: App) -> None:
    """Enter every job; procrastinate calls this once, when Django is ready."""
    for cron, job in (
        ("37 2 * * *", keep_logs),
        ("* * * * *", compact_tallies),
        ("17 3 * * *", purge_archived),
        ("37 3 * * *", purge_files),
        ("7 4 * * *", clear_sessions),
        ("17 4 * * *", forget_sign_ins),
        ("27 4 * * *", forget_networks),
        ("37 * * * *", delete_files),
        ("*/10 * * * *", scan_duplicates),
        ("*/5 * * * *", scan_files),
        ("* * * * *", send_due_mail),
        ("* * * * *", send_due_webhooks),
        ("*/5 * * * *", read_calendars),
        ("* * * * *", read_due_mailboxes),
    ):
        app.periodic(cron=cron)(app.task(name=job.__name__, queueing_lock=job.__name__)(job))
    app.periodic(cron="*/5 * * * *")(
        app.task(name="rescue_jobs", queueing_lock="rescue_jobs", pass_context=True)(rescue_jobs)
    )
    busy = RetryStrategy(max_attempts=2000, wait=15, retry_exceptions=[Conflict])
    app.task(name=importing.JOB, retry=busy)(carry_on_import)
    app.task(name=exporting.JOB)(write_export)
    app.task(name=leaving.JOB, retry=RetryStrategy(max_attempts=100, wait=30))(hand_over)
    app.task(name=mail.JOB)(send_mail)
    app.task(name=visit.JOB)(read_mailbox)
    patient = RetryStrategy(max_attempts=12, exponential_wait=2, retry_exceptions=[post.Later])
    app.task(name=letters.JOB, retry=patient)(send_letter)
    app.task(name=webhooks.JOB)(send_webhooks)
    app.task(name=tell.JOB, retry=patient)(send_notification)
    app.task(name=proof.JOB, retry=patient)(send_document_code)


def carry_on_import(run_id: int) -> None:
    """Do what an import waits for; while another one of its type runs elsewhere, it is tried again later."""
    importing.carry_on(run_id, _opener)


def write_export(run_id: int) -> None:
    """Write the file of an export."""
    exporting.carry_on(
        run_id,
        lambda portal, actor: wiring.reading(
            portal, actor=actor, source="worker", rights=acting(portal, actor)
        ),
    )


def hand_over(run_id: int) -> None:
    """Give others what somebody owned who left; tried again, it goes on where it stopped."""
    handover.carry_on(run_id, lambda portal, actor: wiring.writing(portal, actor=actor, source="worker"))


def send_mail(portal: str) -> None:
    """Send the mail of a portal that is due."""
    sent = deliver.deliver(portal, lambda actor: wiring.writing(portal, actor=actor, source="worker"))
    if sent:
        log.info("portal %s: %d mails sent", portal, sent)


def send_due_mail(timestamp: int) -> None:
    """Send what was to be tried again, and what workers left that died."""
    _in_each_portal(send_mail)


def read_mailbox(number: int) -> None:
    """Read what has come into a mailbox."""
    visit.visit(
        number, lambda portal, actor: wiring.writing(portal, actor=actor, source="worker"), answers.take
    )


def read_due_mailboxes(timestamp: int) -> None:
    """Have every mailbox read whose time has come, each by a job of its own, so that a slow one keeps none waiting."""
    visit.hurry()


def send_letter(letter: str, **about: Any) -> None:
    """Send a letter about someone's way in; what the mail server can't take now is tried again within two hours."""
    written = letters.write(letter, **about)
    if written:
        post.post(written.name, written.address, written.subject, written.text)


def send_notification(numbers: list[int]) -> None:
    """Mail notifications, each once; what the mail server can't take now is tried again as letters are."""
    for number in numbers:
        notification.send(number, post.post)


def send_document_code(number: int) -> None:
    """Mail a reader of a shared document the code that proves who they are."""
    proof.send_code(number, post.post)


def send_webhooks(portal: str) -> None:
    """Send the webhooks of a portal that are due."""
    taken = webhooks.send_due(portal)
    if taken:
        log.info("portal %s: %d webhooks taken", portal, taken)


def send_due_webhooks(timestamp: int) -> None:
    """Send the webhooks that are to be tried again, and what workers left that died."""
    _in_each_portal(send_webhooks)


def read_calendars(timestamp: int) -> None:
    """Read the calendar feeds of members whose time has come."""

    def read(portal: str) -> None:
        opener = partial(wiring.writing, portal, actor="job:read_calendars", source="worker")
        feeds.read_due(portal, opener)

    _in_each_portal(read)


def _opener(portal: str, actor: str) -> OpenWork:
    return lambda: wiring.writing(portal, actor=actor, source="import", rights=acting(portal, actor))


def delete_files(timestamp: int) -> None:
    """Delete the files of imports and exports whose time is over."""
    gone = expiry.delete_files()
    if gone:
        log.info("%d files of imports and exports deleted", gone)


def keep_logs(timestamp: int) -> None:
    """Make the coming months of every portal's change log, and drop those it keeps no longer."""
    _in_each_portal(_keep_log)


def _keep_log(portal: str) -> None:
    try:
        made = schema.make_months(portal)
        dropped = retention.drop_old(portal, wiring.CONSUMERS)
    except psycopg.errors.LockNotAvailable:
        log.warning("portal %s: the change log is being read for long; its months are tried again", portal)
        return
    for what, months in (("made", made), ("dropped", dropped)):
        if months:
            log.info("portal %s: months of the change log %s: %s", portal, what, ", ".join(map(str, months)))


def compact_tallies(timestamp: int) -> None:
    """Put the tallies of every portal together, so that reading them stays as fast as it is."""

    def compact(portal: str) -> None:
        with wiring.writing(portal, actor="job:compact_tallies", source="worker") as work:
            tally.compact(work)

    _in_each_portal(compact)


def purge_archived(timestamp: int) -> None:
    """Delete for good what was archived more than 90 days ago."""

    def purge(portal: str) -> None:
        with wiring.writing(portal, actor="job:purge_archived", source="worker") as work:
            gone = wiring.purge(work, work.now - KEPT)
        if gone:
            log.info("portal %s: %d archived records deleted for good", portal, gone)

    _in_each_portal(purge)


def scan_duplicates(timestamp: int) -> None:
    """Look through the records of types whose rules for duplicates are new, batch by batch, from where it stopped."""

    def scan_all(portal: str) -> None:
        while True:
            with wiring.writing(portal, actor="job:scan_duplicates", source="worker") as work:
                if not scan.next_batch(work):
                    break

    _in_each_portal(scan_all)


def purge_files(timestamp: int) -> None:
    """Delete the files removed more than 90 days ago, those of records that are gone, and what nobody holds."""

    def purge(portal: str) -> None:
        with wiring.writing(portal, actor="job:purge_files", source="worker") as work:
            gone = retire.archived_before(work, work.now - KEPT)
        if gone:
            log.info("portal %s: %d files deleted for good", portal, gone)

    _in_each_portal(purge)
    storage.collect()


def scan_files(timestamp: int) -> None:
    """Scan the files that were taken while the virus scanner was away."""
    numbers = dict(Portal.objects.values_list("name", "id"))

    def scan_waiting(portal: str) -> None:
        late_scan.scan_waiting(
            numbers[portal], partial(wiring.writing, portal, actor="job:scan_files", source="worker")
        )

    _in_each_portal(scan_waiting)


def _in_each_portal(work: Callable[[str], None]) -> None:
    """Do a work in every portal. Where it fails the others go on; in the end the job fails, and the log says why."""
    failed = []
    for portal in list(Portal.objects.values_list("name", flat=True)):
        try:
            work(portal)
        except Exception:
            log.exception("portal %s: a job failed; the other portals go on", portal)
            failed.append(portal)
    if failed:
        raise RuntimeError(f"the job failed in {', '.join(failed)}; the worker's log says why")


def clear_sessions(timestamp: int) -> None:
    """Delete the sessions that have run out."""
    SessionStore.clear_expired()


def forget_sign_ins(timestamp: int) -> None:
    """Delete the tries to sign in that are kept no longer."""
    gone = sign_ins.expire(clock.now())
    if gone:
        log.info("%d tries to sign in deleted", gone)


def forget_networks(timestamp: int) -> None:
    """Forget where strangers read shared documents from, long ago."""
    gone = views.forget_networks(clock.now())
    if gone:
        log.info("%d views of documents: where they were from is forgotten", gone)


async def rescue_jobs(context: JobContext, timestamp: int) -> None:
    """Give the jobs of workers that died to the living."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        log.warning("job %s of a dead worker is tried again", job.id)
        await manager.retry_job(job)
