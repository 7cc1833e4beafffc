"""Works the outbox of a portal off: claims a mail, sends it, notes what became of it.

A mail is claimed, and that committed, before the server hears of it, so two workers never send one. A worker
that dies in between leaves it claimed; nobody can know whether it went out. After CLAIMED it is sent again, under
the same Message-ID, by which whoever got it already can tell.
"""

import logging
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from smtplib import SMTP

from django.conf import settings
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Concat

from wonward import clock
from wonward.accounts.models import Portal
from wonward.db import transaction
from wonward.errors import Missing
from wonward.mail import message, timeline, transport
from wonward.mail.address import Address
from wonward.mail.incoming import bounce
from wonward.mail.models import OutgoingMail, State
from wonward.mail.send import sender_of
from wonward.records.work import Work
from wonward.schema import load

log = logging.getLogger(__name__)

Opener = Callable[[str], AbstractContextManager[Work]]
"""actor -> work that writes the portal for them."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long a mail waits after its first, second, … try; the last one again and again."""

GIVEN_UP = timedelta(days=4)
"""How long a mail is tried for before it has failed, as RFC 5321 advises."""

CLAIMED = timedelta(minutes=20)
"""How long after a claim its worker must be dead: far beyond the time limits of all commands of a session."""

MOST_CONNECTIONS = 3
"""How often a lost connection is opened again before the rest waits for the next minute."""

_NOBODY = re.compile(r"5\d\d 5\.(1\.\d+|2\.1)\b")
"""The server's words for an address that nobody has, as against mail that it doesn't like (RFC 3463)."""

MOST_DEATHS = 5
"""Tries after which a mail that never came to an end, good or bad, has failed."""


def deliver(portal: str, opener: Opener) -> int:
    """Send what is due of a portal's mail, one after another over one connection; return how many mails went out.

    While the server can't be used, mails stay due. Raise Invalid when the portal has no sender.
    """
    number = Portal.objects.values_list("id", flat=True).get(name=portal)
    _settle_old(number)
    server = settings.SMTP
    if server is None:
        return 0
    sent = 0
    try:
        for _ in range(MOST_CONNECTIONS):
            if not _due(number).exists():
                break
            origin = sender_of(load.current(portal))
            with transport.connected(server) as connection:
                sent += _work_off(number, connection, origin, opener)
    except transport.Away as away:
        log.warning("portal %s: mail waits: %s", portal, away)
        _due(number).exclude(last_error=str(away)).update(last_error=str(away))
    return sent


def _work_off(portal_id: int, connection: SMTP, origin: Address, opener: Opener) -> int:
    """Send what is due until there is nothing, or the connection is lost; return how many mails went out."""
    sent = 0
    while mail := claim(portal_id):
        try:
            transport.send(connection, _message(mail, origin), origin, message.receiver(mail))
        except transport.Refused as refused:
            _refused(mail, refused)
            if refused.lost:
                break
        else:
            _sent(mail, origin, opener)
            sent += 1
    return sent


def _message(mail: OutgoingMail, origin: Address) -> EmailMessage:
    try:
        return message.message(mail, origin, clock.now())
    except (ValueError, IndexError, MessageError) as error:
        raise transport.Refused(f"No message can be made of it: {error}", permanent=True) from error


def claim(portal_id: int) -> OutgoingMail | None:
    """Take the next mail that is due, for this worker alone; None when there is none."""
    with transaction.atomic():
        free = _due(portal_id).select_for_update(skip_locked=True, of=("self",))
        mail = free.select_related("sender").order_by("due_at", "id").first()
        if mail:
            mail.state, mail.claimed_at, mail.attempts = State.SENDING, clock.now(), mail.attempts + 1
            mail.save(update_fields=["state", "claimed_at", "attempts"])
        return mail


def _due(portal_id: int) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(portal_id=portal_id, state=State.QUEUED, due_at__lte=clock.now())


def _settle_old(portal_id: int) -> None:
    """Give up what was tried for long, and free what dead workers had claimed."""
    of_portal, now = OutgoingMail.objects.filter(portal_id=portal_id), clock.now()
    dead = of_portal.filter(state=State.SENDING, claimed_at__lt=now - CLAIMED)
    dead.filter(attempts__gte=MOST_DEATHS).update(
        state=State.FAILED,
        last_error="The worker died each time it was being sent; look into the worker's log",
    )
    dead.update(state=State.QUEUED, due_at=now, last_error="The worker died while it was being sent")
    old = of_portal.filter(state=State.QUEUED, queued_at__lt=now - GIVEN_UP)
    old.update(
        state=State.FAILED,
        last_error=Concat(Value("Given up after 4 days. "), F("last_error"), output_field=TextField()),
    )


def _refused(mail: OutgoingMail, refused: transport.Refused) -> None:
    if refused.permanent:
        if _NOBODY.match(str(refused)):
            bounce.bury(mail.portal_id, mail.to_address, str(refused), clock.now())
        _mark(mail, State.BOUNCED if refused.address else State.FAILED, str(refused))
        return
    pause = PAUSES[min(mail.attempts, len(PAUSES)) - 1]
    _mark(mail, State.QUEUED, str(refused), due_at=clock.now() + pause)


def _sent(mail: OutgoingMail, origin: Address, opener: Opener) -> None:
    """Note that a mail went out, with its place on the timeline; it did so whatever becomes of that."""
    try:
        with opener(mail.actor) as work:
            timeline.enter(work, mail, origin)  # records before mails, as erasing locks them
            if not _mark(mail, State.SENT, sent_at=work.now):
                raise Missing("It was erased, or taken for abandoned, while it was being sent")
    except Exception as error:
        log.exception("mail %s went out and isn't on the timeline", mail.pk)
        _mark(mail, State.SENT, f"It went out, and isn't on the timeline: {error}", sent_at=clock.now())


def _mark(mail: OutgoingMail, state: State, error: str = "", **more: datetime) -> int:
    """Note what became of a claimed mail; return 0 when it was erased, or claimed anew, meanwhile."""
    claimed = OutgoingMail.objects.filter(id=mail.pk, state=State.SENDING, attempts=mail.attempts)
    return claimed.update(state=state, last_error=error, **more)
