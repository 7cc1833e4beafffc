"""Books a meeting, moves it and cancels it: the record, who it is with, the mails; all in the caller's transaction.

Two who want the same time wait for each other at the hosts' rows; the second one is told that it was just taken.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wonward.accounts.models import Member
from wonward.activities.enter import enter
from wonward.errors import Conflict, Invalid, Missing
from wonward.expressions import compile as expressions
from wonward.expressions import tree
from wonward.mail.address import Address
from wonward.meetings import busy, invitation
from wonward.meetings.models import Booking
from wonward.records import associate, associated, query, upsert, write
from wonward.records.associate import Link
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.field_types.time import iso
from wonward.schema.scheduling import SchedulingPage

CONTACT, EMAIL, OWNER = "contact", "email", "hubspot_owner_id"
MOST_AHEAD = 5
"""Meetings that one address may have ahead of it in a portal."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who books: clean text of one line each; `answers` are the page's questions with what was said."""

    name: str
    address: Address
    phone: str
    time_zone: str
    answers: Sequence[tuple[str, str]] = ()


def book(work: Work, page: SchedulingPage, visitor: Visitor, start: datetime, length: int) -> Booking:
    """Book a meeting; raise Conflict when the time was taken, Invalid when the address has enough ahead of it."""
    if length not in page.lengths:
        raise Invalid("Choose one of the lengths", code="MEETING_LENGTH")
    hosts = _locked(work, page)
    if start not in busy.free(work, page, hosts, length):
        raise _taken()
    ahead = Booking.objects.filter(
        portal_id=work.catalog.portal_id, email=visitor.address.address.lower(), cancelled_at=None
    )
    if ahead.filter(starts_at__gt=work.now).count() >= MOST_AHEAD:
        raise Invalid(
            f"You have {MOST_AHEAD} meetings booked already; move or cancel one", code="TOO_MANY_MEETINGS"
        )
    contact = _contact(work, visitor, hosts[0])
    ends = start + timedelta(minutes=length)
    meeting = _record(work, page, visitor, hosts, contact, (start, ends))
    made = Booking.objects.create(
        portal_id=work.catalog.portal_id,
        page=page.name,
        meeting_id=meeting,
        contact_id=contact,
        uid=f"{secrets.token_hex(16)}@wonward",
        starts_at=start,
        ends_at=ends,
        name=visitor.name,
        email=visitor.address.address.lower(),
        time_zone=visitor.time_zone,
        created_at=work.now,
    )
    made.hosts.set(hosts)
    invitation.send(work, page, made, hosts, "booked")
    return made


def move(work: Work, page: SchedulingPage, booking: Booking, start: datetime) -> Booking:
    """Move a meeting to another free time; raise Conflict when that was taken, or the meeting is over or cancelled."""
    hosts = _locked(work, page)
    booking = _alive(work, booking)
    lasts = booking.ends_at - booking.starts_at
    if start not in busy.free(work, page, hosts, int(lasts.total_seconds()) // 60, but=booking):
        raise _taken()
    booking.starts_at, booking.ends_at = start, start + lasts
    booking.sequence += 1
    booking.answer, booking.answered_at = "", None  # it was to the other time
    booking.save(update_fields=["starts_at", "ends_at", "sequence", "answer", "answered_at"])
    moved = {"hs_timestamp": iso(start), busy.START: iso(start), busy.END: iso(start + lasts)}
    _update(work, booking, {**moved, busy.OUTCOME: "SCHEDULED", busy.ANSWER: ""})
    invitation.send(work, page, booking, hosts, "moved")
    return booking


def cancel(work: Work, page: SchedulingPage, booking: Booking) -> Booking:
    """Cancel a meeting; raise Conflict when it is over or cancelled already."""
    hosts = _locked(work, page)
    booking = _alive(work, booking)
    booking.cancelled_at = work.now
    booking.sequence += 1
    booking.save(update_fields=["cancelled_at", "sequence"])
    _update(work, booking, {busy.OUTCOME: "CANCELED"})
    invitation.send(work, page, booking, hosts, "cancelled")
    return booking


def _taken() -> Conflict:
    return Conflict("That time was just taken; choose another", code="TIME_TAKEN")


def _locked(work: Work, page: SchedulingPage) -> list[Member]:
    """Return the hosts, whose rows nobody else who books holds until the transaction ends."""
    hosts = busy.hosts_of(work.catalog, page)
    rows = Member.objects.filter(pk__in=[each.pk for each in hosts]).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
    return hosts


def _alive(work: Work, booking: Booking) -> Booking:
    found = Booking.objects.select_for_update().filter(pk=booking.pk).first()
    if found is None:
        raise Missing("This meeting isn't known any more", code="BOOKING_NOT_FOUND")
    if found.cancelled_at or found.starts_at <= work.now:
        what = "was cancelled" if found.cancelled_at else "has begun or is over"
        raise Conflict(f"The meeting {what}; book another", code="MEETING_OVER")
    return found


def _update(work: Work, booking: Booking, values: dict[str, str]) -> None:
    """Give the meeting's record its new values, unless someone has archived it."""
    kind = work.catalog.object_type(busy.MEETING)
    values = {name: value for name, value in values.items() if name != busy.ANSWER or name in kind.properties}
    if query.rows(work, Query(kind, ids=[booking.meeting_id]), []):
        write.update(work, kind, [(booking.meeting_id, values)])


def _contact(work: Work, visitor: Visitor, host: Member) -> int:
    """Return the contact with the visitor's address as it is, else a new one of the host's."""
    kind = work.catalog.object_type(CONTACT)
    address = visitor.address.address.lower()
    text = tree.Membership(tree.Reference(EMAIL), (tree.Text(address),))
    where = expressions.compile_condition(work.catalog, kind, text)
    found = query.rows(work, Query(kind, where=where, limit=1), [])
    if found:
        return int(found[0][0])
    first, _, last = visitor.name.partition(" ")
    given = {"firstname": first, "lastname": last, "phone": visitor.phone, OWNER: str(host.pk)}
    values = {name: value for name, value in given.items() if value and name in kind.properties}
    email = kind.property_named(EMAIL)
    if email.unique:
        return upsert.upsert(work, kind, email, [(address, values)])[0].record_id
    return write.create(work, kind, [{**values, EMAIL: address}])[0]


def _record(
    work: Work,
    page: SchedulingPage,
    visitor: Visitor,
    hosts: Sequence[Member],
    contact: int,
    at: tuple[datetime, datetime],
) -> int:
    """Create the meeting's record, associated with the contact and with what the contact has just one of."""
    kind, person = work.catalog.object_type(busy.MEETING), work.catalog.object_type(CONTACT)
    said = [("Phone", visitor.phone), *visitor.answers]
    given = {
        "hs_timestamp": iso(at[0]),
        "hs_meeting_title": f"{page.label}: {visitor.name}",
        "hs_meeting_body": "\n".join(f"{label}: {answer}" for label, answer in said if answer),
        "hs_meeting_location": page.location,
        busy.START: iso(at[0]),
        busy.END: iso(at[1]),
        busy.OUTCOME: "SCHEDULED",
    }
    values = {name: value for name, value in given.items() if name in kind.properties}
    made = enter(work, kind, values, (person, contact), owner=hosts[0].pk)
    for name in ("company", "deal"):
        other = work.catalog.object_types.get(name)
        if (
            other
            and work.catalog.associations(name, busy.MEETING)
            and work.catalog.associations(CONTACT, name)
        ):
            found = associated.of_records(work, person, other, [(contact, 0)], limit=2).get(contact, [])
            if len(found) == 1:
                associate.associate(work, other, kind, [Link(found[0].record_id, made)])
    return made
