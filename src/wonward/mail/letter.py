"""Puts a mail that the house itself has written into the outbox, without a template, maybe with a calendar's part."""

import secrets
from dataclasses import dataclass
from html import escape

from wonward.mail.address import Address
from wonward.mail.markup import PAGE
from wonward.mail.models import OutgoingMail
from wonward.mail.send import sender_of, thread_of
from wonward.records.work import Work


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in plain text about a record, to one address; `calendar` is iCalendar text for `method`."""

    about: tuple[str, int]
    to: Address
    language: str
    subject: str
    text: str
    contact: int | None = None
    answers: Address | None = None
    calendar: str = ""
    method: str = ""


def write(work: Work, letter: Letter) -> OutgoingMail:
    """Put a letter into the outbox, in the caller's transaction; `send.hurry` has the worker look."""
    origin = sender_of(work.catalog)
    body = escape(letter.text).replace("\n", "<br>\n")
    return OutgoingMail.objects.create(
        portal_id=work.catalog.portal_id,
        object_type=letter.about[0],
        record_id=letter.about[1],
        contact_id=letter.contact,
        template="",
        language=letter.language,
        reply_to=str(letter.answers) if letter.answers else "",
        to_name=letter.to.name,
        to_address=letter.to.address,
        subject=letter.subject,
        text=letter.text,
        html=PAGE.format(language=letter.language, body=body),
        calendar=letter.calendar,
        calendar_method=letter.method,
        message_id=f"<{secrets.token_hex(16)}@{origin.domain}>",
        thread=thread_of(letter.subject),
        actor=work.actor,
        created_at=work.now,
        queued_at=work.now,
        due_at=work.now,
    )
