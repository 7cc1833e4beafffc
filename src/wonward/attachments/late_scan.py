"""Scans the files that were taken while the virus scanner was away."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from wonward.attachments import attach, retire, scanning, storage
from wonward.attachments.models import Attachment, Scan
from wonward.errors import Invalid
from wonward.records import log as change_log
from wonward.records.work import Work

log = logging.getLogger(__name__)


def scan_waiting(portal_id: int, writing: Callable[[], AbstractContextManager[Work]]) -> int:
    """Scan the files of a portal that wait for it, and give out the clean ones; return how many were scanned.

    Infected ones are removed for good, and their record's change log says so. Stops when the scanner is still away.
    """
    scanned = 0
    for attachment in Attachment.objects.filter(portal_id=portal_id, scan=Scan.WAITING).order_by("id"):
        try:
            verdict = _scan(attachment)
        except scanning.ScannerAway as away:
            log.warning("files wait for the virus scanner: %s", away)
            break
        except FileNotFoundError:
            log.exception("the file %s is missing in the storage", attachment.key)
            continue
        with writing() as work:
            _settle(work, attachment, verdict)
        scanned += 1
    return scanned


def _scan(attachment: Attachment) -> Scan | None:
    """Return what the scanner says; None of an infected file."""
    with storage.files().open(attachment.key) as content:
        try:
            return scanning.scan(attachment.name, content)
        except Invalid:
            return None


def _settle(work: Work, attachment: Attachment, verdict: Scan | None) -> None:
    waiting = Attachment.objects.filter(id=attachment.pk, scan=Scan.WAITING)
    if verdict:
        waiting.update(scan=verdict)
    elif retire.delete(waiting) and attachment.record_id is not None:
        told = {**attach.told(attachment), "infected": True}
        change_log.append(work, [("detached", attachment.object_type, attachment.record_id, told)])
