"""Visits mailboxes whose time has come, each by a job of its own, and tells how they are."""

from contextlib import suppress
from functools import partial

from django.db.models import Q, QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from wonward import clock
from wonward.accounts.models import Member
from wonward.mail.incoming import connect, copies, tell
from wonward.mail.incoming.copies import Answers, Opener
from wonward.mail.incoming.models import Mailbox, SetAside
from wonward.mail.incoming.read import read

JOB = "read_mailbox"

TOLD_AFTER = 4
"""Failures in a row, an hour and more, after which the member is told."""


def hurry() -> None:
    """Have the worker read every mailbox whose time has come; one that is asked for already isn't twice."""
    copies.own_mailbox()  # a mailbox that the settings name for the first time is there from now on
    for number in _due().values_list("id", flat=True):
        key = f"mailbox:{number}"
        with suppress(AlreadyEnqueued):
            app.configure_task(JOB, lock=key, queueing_lock=key).defer(number=number)


def visit(number: int, opener: Opener, answers: Answers) -> int:
    """Read what has come into a mailbox; return how many messages were looked at."""
    mailbox = _due().select_related("member__portal", "member__user").filter(pk=number).first()
    if mailbox is None:  # disconnected, or read meanwhile
        return 0
    if mailbox.member is not None:
        take = partial(connect.take, mailbox, opener=opener, answers=answers)
        count = read(mailbox, partial(connect.access_to, mailbox), connect.folders, take)
        _tell(mailbox, mailbox.member, opener)
        return count
    own = copies.own_mailbox()
    if own is None or own[0].pk != mailbox.pk:
        return 0
    folder = copies.folder()
    take = partial(copies.take, opener=opener, answers=answers)
    return read(mailbox, lambda: own[1], lambda _: (folder,), take)


def _tell(mailbox: Mailbox, member: Member, opener: Opener) -> None:
    """Mail a member whose mailbox has just failed for the TOLD_AFTER-th time in a row."""
    now = Mailbox.objects.filter(pk=mailbox.pk, failures=TOLD_AFTER).first()
    if now and mailbox.failures == TOLD_AFTER - 1:
        with opener(member.portal.name, copies.ACTOR) as work:
            tell.tell(work, member, tell.MAILBOX_FAILS, box=str(mailbox), reason=now.error)


def mailboxes(portal_id: int) -> list[Mailbox]:
    """Return the mailboxes that are read for a portal: its members', and the server's own."""
    found = Mailbox.objects.select_related("member").filter(_of(portal_id))
    return list(found.order_by("member__email", "id"))


def set_aside(portal_id: int, *, limit: int = 200) -> list[SetAside]:
    """Return what couldn't be filed, the newest first."""
    found = SetAside.objects.select_related("mailbox").filter(
        Q(mailbox__member__portal_id=portal_id) | Q(mailbox__member=None)
    )
    return list(found.order_by("-id")[:limit])


def _of(portal_id: int) -> Q:
    return Q(member__portal_id=portal_id) | Q(member=None)


def _due() -> QuerySet[Mailbox]:
    """Return the mailboxes to read now; one that was the server's own before stays as it is."""
    due = Mailbox.objects.filter(next_at__lte=clock.now())
    own = copies.own_mailbox()
    return due.filter(Q(member__isnull=False, member__archived=False) | Q(pk=own[0].pk if own else None))
