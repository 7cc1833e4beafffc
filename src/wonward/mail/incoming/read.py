"""Reads a mailbox from where it stopped: each message is taken and the place moved on in one transaction.

What can't be filed is set aside with the reason, and the next one is taken. A mailbox that can't be read is tried
again with growing pauses.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from wonward import clock
from wonward.db import transaction
from wonward.db.transaction import is_away
from wonward.errors import Refusal
from wonward.mail.incoming import imap
from wonward.mail.incoming.imap import Access, Box, Numbers
from wonward.mail.incoming.letter import LARGEST
from wonward.mail.incoming.models import MOST_SAID, Folder, Mailbox, SetAside

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
"""How often a mailbox is looked into."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long one rests after its first, second, … failure in a row; the last one again and again."""

AT_ONCE = 200
"""Messages of a folder that are read in one visit."""

OVERLAP = timedelta(days=2)
"""How far back a folder is read anew whose numbers have changed; what was filed isn't filed again."""

KEPT = timedelta(days=90)
"""How long it is told what was set aside."""

MoveOn = Callable[[], None]
Take = Callable[[bytes, MoveOn], str]
"""Files a message and moves on in the same transaction; or does neither and returns why."""


def read(
    mailbox: Mailbox, enter: Callable[[], Access], folders: Callable[[Box], Sequence[str]], take: Take
) -> int:
    """Read what has come into a mailbox; return how many messages were looked at.

    A failure is noted at the mailbox, and when it is tried again.
    """
    now, count = clock.now(), 0
    try:
        with imap.opened(enter()) as box:
            for name in folders(box):
                count += _read_folder(mailbox, box, name, take)
    except imap.Away as away:
        _rest(mailbox, str(away), now)
    else:
        Mailbox.objects.filter(pk=mailbox.pk).update(read_at=now, next_at=now + EVERY, failures=0, error="")
        SetAside.objects.filter(mailbox=mailbox, at__lt=now - KEPT).delete()
    return count


def _rest(mailbox: Mailbox, error: str, now: datetime) -> None:
    log.warning("mailbox %s rests: %s", mailbox.pk, error)
    failures = mailbox.failures + 1
    pause = PAUSES[min(failures, len(PAUSES)) - 1]
    Mailbox.objects.filter(pk=mailbox.pk).update(failures=failures, error=error, next_at=now + pause)


def place(mailbox: Mailbox, name: str, numbers: Numbers, last_uid: int) -> Folder:
    """Note where reading of a folder begins."""
    folder, _ = Folder.objects.update_or_create(
        mailbox=mailbox, name=name, defaults={"validity": numbers.validity, "last_uid": last_uid}
    )
    return folder


def _read_folder(mailbox: Mailbox, box: Box, name: str, take: Take) -> int:
    numbers = box.open_folder(name)
    folder = _begin(mailbox, box, name, numbers)
    waiting = box.after(folder.last_uid)[:AT_ONCE]
    sizes = box.sizes(waiting) if waiting else {}
    for uid in waiting:
        _one(folder, box, uid, sizes.get(uid, 0), take)
    return len(waiting)


def _begin(mailbox: Mailbox, box: Box, name: str, numbers: Numbers) -> Folder:
    """Return where reading goes on. A member's folder begins when it is first seen, the server's with all it has."""
    folder = Folder.objects.filter(mailbox=mailbox, name=name).first()
    if folder is None:
        return place(mailbox, name, numbers, numbers.next_uid - 1 if mailbox.member_id else 0)
    if folder.validity == numbers.validity:
        return folder
    since = max(mailbox.connected_at, (mailbox.read_at or mailbox.connected_at) - OVERLAP)
    recent = box.since(since.date())
    return place(mailbox, name, numbers, (recent or [numbers.next_uid])[0] - 1)


def _one(folder: Folder, box: Box, uid: int, size: int, take: Take) -> None:
    """Take one message, or set it aside; either way it is done with."""
    behind = Folder.objects.filter(pk=folder.pk, validity=folder.validity, last_uid__lt=uid)

    def move_on() -> None:
        if not behind.update(last_uid=uid):
            raise _Elsewhere

    try:
        if size > LARGEST:
            why = f"It is larger than {LARGEST // 1024**2} MB"
        else:
            why = _taken(folder, take, box.message(uid), move_on)
    except _Elsewhere:
        return
    except imap.Gone:
        why = ""
    with transaction.atomic():
        if behind.update(last_uid=uid) and why:
            SetAside.objects.create(
                mailbox_id=folder.mailbox_id,
                folder=folder.name,
                uid=uid,
                at=clock.now(),
                reason=why[:MOST_SAID],
            )


def _taken(folder: Folder, take: Take, message: bytes, move_on: MoveOn) -> str:
    """Take a message; return why it can't be filed, also where nobody foresaw that."""
    try:
        return take(message, move_on)
    except (imap.Away, _Elsewhere):
        raise
    except Refusal as refusal:
        return str(refusal)
    except Exception as error:
        if is_away(error):
            raise
        log.exception("mailbox %s: a message of %s can't be filed", folder.mailbox_id, folder.name)
        return f"{type(error).__name__}: it can't be filed; the worker's log says more"


class _Elsewhere(Exception):
    """Another worker was faster with the message."""
