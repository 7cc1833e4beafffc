"""Where the bytes of attachments lie: a folder of this machine, or a bucket (`bucket.py`).

Keys are random, never made of what people type. Each is written down as a loose file before anything is
stored under it and when its attachment goes, so a crash leaves no file that nobody knows of.
"""

import logging
import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db.models import QuerySet

from wonward import clock
from wonward.attachments.models import LooseFile
from wonward.db import transaction

log = logging.getLogger(__name__)

PATIENCE = timedelta(days=1)
"""How long an upload may take before what it has stored is taken for abandoned."""


class Folder(FileSystemStorage):
    """Files on disk, for their owner's eyes; a file that was saved survives a power cut."""

    def save(self, name: str | None, content: IO[Any], max_length: int | None = None) -> str:
        """Save a file and wait until it is on the disk; return its name."""
        saved = super().save(name, content, max_length)
        place = Path(self.path(saved))
        for path in (place, *list(place.parents)[:3]):  # the folders on the way may be new too
            number = os.open(path, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)
        return saved


def files() -> Storage:
    """Return the storage that the settings name."""
    return storages["files"]


def keep(portal_id: int, content: "File[Any]") -> str:
    """Store a file and return its key; unless an attachment takes it, it is deleted after a day."""
    name = uuid4().hex
    key = f"{portal_id}/{name[:2]}/{name}"
    LooseFile.objects.create(key=key, due_at=clock.now() + PATIENCE)
    content.seek(0)
    # Wrapped, so that it is copied: a temporary file that is moved away couldn't be stored a second time.
    return files().save(key, File(content))


def take(key: str) -> bool:
    """Make a stored file an attachment's, in the caller's transaction; False when it is gone already."""
    return bool(LooseFile.objects.filter(key=key).delete()[0])


def let_go(keys: Iterable[str]) -> None:
    """Write keys down as loose, in the transaction that takes away what named them."""
    LooseFile.objects.bulk_create([LooseFile(key=key, due_at=clock.now()) for key in keys])


def discard(keys: Iterable[str]) -> None:
    """Delete files at once, as far as no attachment took them; outside a transaction."""
    loose = LooseFile.objects.filter(key__in=list(keys))
    loose.update(due_at=clock.now())
    _collect(loose)


def collect() -> int:
    """Delete the loose files that are due; return how many went."""
    return _collect(LooseFile.objects.filter(due_at__lte=clock.now()))


def _collect(found: QuerySet[LooseFile]) -> int:
    """Delete files, each in a transaction of its own: what can't be deleted now is tried again later."""
    return sum(_delete(number) for number in list(found.order_by("id").values_list("id", flat=True)))


def _delete(number: int) -> int:
    with transaction.atomic():
        loose = LooseFile.objects.select_for_update(skip_locked=True).filter(id=number).first()
        if loose is None:
            return 0
        try:
            files().delete(loose.key)
        except Exception:
            log.exception("the file %s can't be deleted; it is tried again", loose.key)
            return 0
        loose.delete()
        return 1
