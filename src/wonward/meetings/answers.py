"""Reads answers to invitations (RFC 5546, REPLY) out of letters: a guest accepts, declines or may come.

Only the guest themselves may answer: the letter must be from the address that was invited. Others change nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import override
from icalendar import Calendar

from wonward.mail.address import address
from wonward.mail.incoming.copies import ACTOR, Opener
from wonward.mail.incoming.letter import Letter
from wonward.mail.incoming.read import MoveOn
from wonward.meetings import busy
from wonward.meetings.models import Answer, Booking
from wonward.notifications.tell import notify
from wonward.records import query, write
from wonward.records.query import Query
from wonward.records.work import Work

LARGEST = 256 * 1024
"""Bytes of a calendar part that is looked at."""

_WRONG = (ValueError, KeyError, IndexError, TypeError, AttributeError)
"""What the calendar package raises over rubbish."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Who answers which invitation how: `sequence` says which version of it, `at` when."""

    uid: str
    attendee: str
    answer: Answer
    sequence: int
    at: datetime


def take(letter: Letter, portal: str, move_on: MoveOn, opener: Opener) -> bool:
    """Set the answer that a letter gives to a meeting of a portal, of any when `portal` is empty, and move on.

    Return False for every other letter, which is then filed as letters are.
    """
    reply = read(letter.calendar)
    if reply is None:
        return False
    found = Booking.objects.select_related("portal").filter(uid=reply.uid).first()
    if found is None or (portal and found.portal.name != portal):
        return False
    invited = _plain(found.email)
    if not invited or reply.attendee != invited or _plain(letter.sender.address) != invited:
        return False
    with opener(found.portal.name, ACTOR) as work:
        _answer(work, found.pk, reply)
        move_on()
    return True


def read(calendar: bytes) -> Reply | None:
    """Return what a calendar part answers; None for what is no answer of one guest to one invitation."""
    if not calendar or len(calendar) > LARGEST:
        return None
    try:
        whole = Calendar.from_ical(calendar)
        events = whole.walk("VEVENT")
        if str(whole.get("METHOD", "")).upper() != "REPLY" or len(events) != 1:
            return None
        event = events[0]
        attendee = event["ATTENDEE"]
        if isinstance(attendee, list):
            return None
        said = str(attendee.params.get("PARTSTAT", "")).upper()
        stamp = event.decoded("DTSTAMP")
        at = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        who = str(attendee)
        named = who[7:] if who.lower().startswith("mailto:") else who
        return Reply(str(event["UID"]), _plain(named), Answer(said), int(event.get("SEQUENCE", 0)), at)
    except _WRONG:
        return None


def _plain(text: str) -> str:
    """Return an address as it is compared, "" for what is none."""
    found = address(text)
    return found.envelope.lower() if found else ""


def _answer(work: Work, number: int, reply: Reply) -> None:
    """Enter an answer, unless the meeting has another time since, is off, or was answered later."""
    booking = Booking.objects.select_for_update().filter(pk=number, cancelled_at=None).first()
    if booking is None or reply.sequence < booking.sequence:
        return
    at = min(reply.at, work.now)
    if booking.answered_at and at < booking.answered_at:
        return
    changed = booking.answer != reply.answer
    booking.answer, booking.answered_at = reply.answer, at
    booking.save(update_fields=["answer", "answered_at"])
    kind = work.catalog.object_type(busy.MEETING)
    there = query.rows(work, Query(kind, ids=[booking.meeting_id]), [])
    if not (changed and there):
        return
    if busy.ANSWER in kind.properties:
        write.update(work, kind, [(booking.meeting_id, {busy.ANSWER: reply.answer})])
    _tell(work, booking, reply)


def _tell(work: Work, booking: Booking, reply: Reply) -> None:
    """Tell the hosts what their guest answers."""
    with override(work.catalog.language):
        said = {
            Answer.ACCEPTED: _("%(name)s comes to the meeting"),
            Answer.TENTATIVE: _("%(name)s may come to the meeting"),
            Answer.DECLINED: _("%(name)s doesn't come to the meeting"),
        }[reply.answer]
    about = (work.catalog.object_type(busy.MEETING), booking.meeting_id)
    hosts = list(booking.hosts.filter(archived=False))
    key = f"answer:{booking.pk}:{booking.sequence}:{reply.answer}:{reply.at.isoformat()}"
    notify(work, hosts, "record", said % {"name": booking.name}, about=about, key=key)
