"""Notices that a mail came back (RFC 3464): the mail of ours is marked, its address isn't mailed by itself any more."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from email.message import Message

from wonward.accounts.models import Member
from wonward.mail.incoming import letter, tell
from wonward.mail.incoming.models import MOST_SAID, DeadAddress
from wonward.mail.models import OutgoingMail, State
from wonward.records import query, write
from wonward.records.query import Query
from wonward.records.work import Work

Opener = Callable[[str, str], AbstractContextManager[Work]]
ACTOR = "mail"
EMAIL = "email"
_ID = re.compile(r"^Message-ID:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_DEAD = re.compile(r"5\.(1\.\d+|2\.1)")
_FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Notice:
    """That a mail came back: its Message-ID, whom it didn't reach and what their server said.

    `dead` tells that nobody has that address.
    """

    message_id: str
    address: str
    dead: bool
    reason: str


def read(raw: bytes) -> Notice | None:
    """Return what a delivery status notification says of a mail that failed; None for any other message."""
    _, whole = letter.parsed(raw)
    if whole.get_content_type() != "multipart/report":
        return None
    parts = list(_parts(whole))
    message_id = next((found for part in parts if (found := _returned(part))), "")
    for status in (part for part in parts if part.get_content_type() == "message/delivery-status"):
        for fields in _groups(status):
            action = str(fields.get("Action", "")).strip().lower()
            if message_id and action == _FAILED:
                return _notice(message_id, fields)
    return None


def _parts(whole: Message) -> Iterator[Message]:
    payload = whole.get_payload()
    yield from (each for each in payload if isinstance(each, Message)) if isinstance(payload, list) else ()


def _groups(status: Message) -> Iterator[Message]:
    """Yield the groups of fields of a delivery status, which `email` reads as messages."""
    payload = status.get_payload()
    yield from (each for each in payload if isinstance(each, Message)) if isinstance(payload, list) else ()


def _returned(part: Message) -> str:
    """Return the Message-ID of a mail that a notice gives back, whole or its head."""
    if part.get_content_type() not in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
        return ""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return str(payload[0].get("Message-ID", "")).strip()
    content = part.get_payload(decode=True)
    text = content.decode("ascii", "replace") if isinstance(content, bytes) else str(payload)
    found = _ID.search(text)
    return found[1] if found else ""


def _notice(message_id: str, fields: Message) -> Notice:
    who = str(fields.get("Final-Recipient") or fields.get("Original-Recipient") or "")
    said = " ".join(str(fields.get("Diagnostic-Code") or "").split())
    status = str(fields.get("Status") or "").strip()
    return Notice(
        message_id,
        who.rpartition(";")[2].strip().lower(),
        dead=bool(_DEAD.fullmatch(status)),
        reason=(said.partition(";")[2].strip() or said or f"status {status}")[:MOST_SAID],
    )


def is_ours(notice: Notice, member: Member | None) -> bool:
    """Tell whether a notice is about a mail that the member's portal sent."""
    mails = OutgoingMail.objects.filter(message_id=notice.message_id)
    return member is not None and mails.filter(portal_id=member.portal_id).exists()


def take(notice: Notice, move_on: Callable[[], None], opener: Opener) -> str:
    """Mark the mail that came back, with the reason; return why that can't be done."""
    mail = (
        OutgoingMail.objects.filter(message_id=notice.message_id).select_related("portal", "sender").first()
    )
    if mail is None:
        return f"It says that a mail came back which didn't go out from here: {notice.message_id}"
    if notice.address and notice.address != mail.to_address.lower():
        return f"It says that a mail to {notice.address} came back; that one went to {mail.to_address}"
    with opener(mail.portal.name, ACTOR) as work:
        _mark_email(work, notice)
        fresh = OutgoingMail.objects.filter(pk=mail.pk, state=State.SENT).update(
            state=State.BOUNCED, last_error=notice.reason
        )
        if fresh and mail.object_type != tell.MEMBER:
            facts = {"subject": mail.subject, "to": mail.to_address, "reason": notice.reason}
            tell.tell(work, mail.sender, tell.CAME_BACK, **facts)
        if notice.dead:
            bury(mail.portal_id, mail.to_address, notice.reason, work.now)
        move_on()
    return ""


def _mark_email(work: Work, notice: Notice) -> None:
    """Say on the timeline that a mail came back."""
    kind = work.catalog.object_types.get(EMAIL)
    if kind is None or "hs_email_message_id" not in kind.properties:
        return
    found = query.rows(work, Query(kind, equal=(("hs_email_message_id", notice.message_id),)), [])
    told = {"hs_email_status": "BOUNCED", "bounce_reason": notice.reason}
    given = {name: value for name, value in told.items() if name in kind.properties}
    write.update(work, kind, [(number, given) for (number,) in found])


def bury(portal_id: int, address: str, reason: str, now: datetime) -> None:
    """Note that nothing reaches an address."""
    DeadAddress.objects.update_or_create(
        portal_id=portal_id, address=address.lower(), defaults={"reason": reason[:MOST_SAID], "at": now}
    )
