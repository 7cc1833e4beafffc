"""Attaching files to records: taken in, removed, restored, given out; each is told in the record's change log.

A file is checked and stored before the transaction that makes it visible begins, so nothing slow holds a
lock, and is written down as loose meanwhile. The storage isn't asked about rights: the record's page is.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files import File

from wonward.attachments import file_name, file_type, scanning, storage
from wonward.attachments.models import Attachment, Scan
from wonward.errors import Conflict, Invalid, Missing, Refusal
from wonward.records import hold, log
from wonward.records.work import ChangeKind, Work
from wonward.schema.catalog import ObjectType

logger = logging.getLogger(__name__)

Writing = Callable[[], AbstractContextManager[Work]]
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Checked:
    """A file that may be attached."""

    name: str
    size: int
    digest: str
    media_type: str
    scan: Scan


def largest() -> int:
    """Return how many bytes a file may have."""
    return settings.WONWARD_FILE_MEGABYTES * MEGABYTE


def too_large(name: str) -> Invalid:
    """Return the refusal of a file that is too large."""
    most = settings.WONWARD_FILE_MEGABYTES
    return Invalid(f"{name} is too large; a file may have {most} MB at most", code="FILE_TOO_LARGE")


def attach(
    writing: Writing, portal_id: int, about: tuple[ObjectType, int], name: str, content: "File[Any]"
) -> Attachment:
    """Attach a file to a live record. One that the record has already, name and content, isn't doubled.

    Raise Invalid for a file that is too large, of a wrong kind or infected, or one too many;
    ScannerAway when it can't be scanned and the settings say so; Missing without the record.
    """
    checked = _check(file_name.clean(name), content)
    return _taken(writing, portal_id, content, lambda work, key: _enter(work, *about, checked, key))


def keep(
    writing: Writing,
    portal_id: int,
    name: str,
    content: "File[Any]",
    then: Callable[[Work, Attachment], None],
) -> Attachment:
    """Keep a file of no record; `then` enters what holds it, in the same transaction. Refuse as `attach` does."""
    checked = _check(file_name.clean(name), content)

    def enter(work: Work, key: str) -> Attachment:
        kept = _created(work, ("", None), checked, key)
        then(work, kept)
        return kept

    return _taken(writing, portal_id, content, enter)


def _taken(
    writing: Writing, portal_id: int, content: "File[Any]", enter: Callable[[Work, str], Attachment]
) -> Attachment:
    """Store a file and enter it; what isn't entered doesn't stay in the storage."""
    key = storage.keep(portal_id, content)
    try:
        with writing() as work:
            attached = enter(work, key)
    except Refusal:
        storage.discard([key])
        raise
    if attached.key != key:
        storage.discard([key])
    return attached


def remove(work: Work, kind: ObjectType, record_id: int, number: int) -> Attachment:
    """Take a file off a live record; it can be restored until it is deleted for good."""
    hold.hold(work, kind, record_id)
    attachment = one(work, record_id, number)
    _mark(work, attachment, "detached")
    return attachment


def restore(work: Work, kind: ObjectType, record_id: int, number: int) -> Attachment:
    """Put a removed file back on its record; raise Missing when it is gone for good."""
    hold.hold(work, kind, record_id)
    attachment = one(work, record_id, number, archived=True)
    _refuse_too_many(work, record_id)
    _mark(work, attachment, "attached")
    return attachment


def of_record(work: Work, record_id: int) -> Sequence[Attachment]:
    """Return the files of a record, the newest first."""
    found = Attachment.objects.filter(portal_id=work.catalog.portal_id, record_id=record_id)
    return list(found.filter(archived_at=None).order_by("-uploaded_at", "-id"))


def one(work: Work, record_id: int, number: int, *, archived: bool = False) -> Attachment:
    """Return a file of a record; raise Missing."""
    of_portal = Attachment.objects.filter(portal_id=work.catalog.portal_id, record_id=record_id)
    found = of_portal.filter(id=number, archived_at__isnull=not archived).first()
    if found is None:
        raise Missing("The file isn't there any more", code="FILE_NOT_FOUND")
    return found


def opened(attachment: Attachment) -> "File[Any]":
    """Open a file for reading; raise Missing when it waits for its scan."""
    if not attachment.ready:
        raise Missing(f"{attachment.name} hasn't been scanned for viruses yet", code="FILE_NOT_FOUND")
    try:
        return storage.files().open(attachment.key)
    except FileNotFoundError:
        logger.exception("the file %s is missing in the storage", attachment.key)
        raise Missing(f"{attachment.name} is missing in the storage", code="FILE_NOT_FOUND") from None


def told(attachment: Attachment) -> dict[str, object]:
    """Return what the change log says of a file."""
    return {"file": attachment.pk, "name": attachment.name, "size": attachment.size}


def _check(name: str, content: "File[Any]") -> _Checked:
    digest, size = hashlib.sha256(), 0
    content.seek(0)
    for chunk in content.chunks():
        size += len(chunk)
        if size > largest():
            raise too_large(name)
        digest.update(chunk)
    if not size:
        raise Invalid(f"{name} is empty", code="FILE_EMPTY")
    media_type = file_type.recognise(name, content)
    try:
        scan = scanning.scan(name, content)
    except scanning.ScannerAway:
        if settings.WONWARD_VIRUS_SCAN_AWAY != "wait":
            raise
        scan = Scan.WAITING
    return _Checked(name, size, digest.hexdigest(), media_type, scan)


def _enter(work: Work, kind: ObjectType, record_id: int, checked: _Checked, key: str) -> Attachment:
    hold.hold(work, kind, record_id)
    same = Attachment.objects.filter(portal_id=work.catalog.portal_id, record_id=record_id, archived_at=None)
    twin = same.filter(name=checked.name, digest=checked.digest).first()
    if twin:
        return twin
    _refuse_too_many(work, record_id)
    attachment = _created(work, (kind.name, record_id), checked, key)
    log.append(work, [("attached", kind.name, record_id, told(attachment))])
    return attachment


def _created(work: Work, about: tuple[str, int | None], checked: _Checked, key: str) -> Attachment:
    if not storage.take(key):
        raise Conflict(f"Storing {checked.name} took too long; attach it again", code="CONFLICT")
    return Attachment.objects.create(
        portal_id=work.catalog.portal_id,
        object_type=about[0],
        record_id=about[1],
        name=checked.name,
        size=checked.size,
        digest=checked.digest,
        media_type=checked.media_type,
        key=key,
        scan=checked.scan,
        uploaded_by=work.actor,
        uploaded_at=work.now,
    )


def _refuse_too_many(work: Work, record_id: int) -> None:
    most = settings.WONWARD_FILES_PER_RECORD
    if len(of_record(work, record_id)) >= most:
        raise Invalid(
            f"A record may have {most} files at most; remove one first or attach it elsewhere",
            code="TOO_MANY_FILES",
        )


def _mark(work: Work, attachment: Attachment, what: ChangeKind) -> None:
    attachment.archived_at = work.now if what == "detached" else None
    attachment.save(update_fields=["archived_at"])
    if attachment.record_id is not None:
        log.append(work, [(what, attachment.object_type, attachment.record_id, told(attachment))])
