"""Tells visitor and hosts of a meeting: a mail to each, with the meeting for their calendar (RFC 5545 and 5546)."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.utils import formats, translation
from icalendar import Calendar, Event, vCalAddress

from wonward.accounts.models import Member
from wonward.errors import Invalid
from wonward.mail import letter
from wonward.mail.address import Address, address
from wonward.mail.letter import Letter
from wonward.mail.send import hurry, sender_of
from wonward.meetings import wording
from wonward.meetings.models import Booking
from wonward.records.work import Work
from wonward.schema.catalog import Catalog
from wonward.schema.scheduling import SchedulingPage

PRODUCT = "-//Wonward//Meetings//EN"
_SIGNER = signing.Signer(salt="wonward.meetings", sep=".")


def link(catalog: Catalog, booking: Booking) -> str:
    """Return the address under which a meeting can be moved and cancelled, by whoever has it."""
    return f"{settings.WONWARD_URL.rstrip('/')}/meet/{catalog.portal}/{booking.page}/{token(booking)}"


def token(booking: Booking) -> str:
    """Return the signed number of a booking."""
    return _SIGNER.sign(str(booking.pk))


def signed(text: str) -> int | None:
    """Return the number of a booking from its token, None for none of ours."""
    try:
        return int(_SIGNER.unsign(text))
    except (signing.BadSignature, ValueError):
        return None


def send(
    work: Work, page: SchedulingPage, booking: Booking, hosts: Sequence[Member], event: wording.Event
) -> None:
    """Write a mail to the visitor and one to each host; a portal without a sender of mail sends none."""
    try:
        origin = sender_of(work.catalog)
    except Invalid:
        return
    visitor = address(booking.email, booking.name)
    people = [each for host in hosts if (each := address(str(host.email), host.full_name))]
    everyone = [*([visitor] if visitor else []), *people]
    language = work.catalog.language if work.catalog.language in wording.FIRST else "en"
    method = "CANCEL" if booking.cancelled_at else "REQUEST"
    written = calendar(work.catalog, page, booking, origin, everyone, work.now, method=method)
    for to in everyone:
        zone = booking.time_zone if to is visitor else page.time_zone
        letter.write(
            work,
            Letter(
                about=("meeting", booking.meeting_id),
                contact=booking.contact_id if to is visitor else None,
                to=to,
                answers=people[0] if to is visitor and people else visitor,
                language=language,
                subject=wording.SUBJECTS[language][event].format(label=page.label),
                text=_text(work.catalog, page, booking, everyone, language, event, ZoneInfo(zone)),
                calendar=written,
                method=method,
            ),
        )
    hurry(work.catalog.portal)


def calendar(
    catalog: Catalog,
    page: SchedulingPage,
    booking: Booking,
    origin: Address | None,
    everyone: Sequence[Address],
    now: datetime,
    *,
    method: str = "REQUEST",
) -> str:
    """Return a meeting as calendars read it; the portal's sender is its organizer, so that all are invited alike."""
    event = Event()
    event.add("uid", booking.uid)
    event.add("sequence", booking.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", booking.starts_at)
    event.add("dtend", booking.ends_at)
    event.add("summary", f"{page.label}: {booking.name}")
    event.add("status", "CANCELLED" if booking.cancelled_at else "CONFIRMED")
    event.add("description", link(catalog, booking))
    if page.location:
        event.add("location", page.location)
    if origin:
        event.add("organizer", _person(origin))
    for each in everyone:
        attendee = _person(each)
        attendee.params["RSVP"], attendee.params["PARTSTAT"] = "TRUE", "NEEDS-ACTION"
        event.add("attendee", attendee)
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", method)
    made.add_component(event)
    text: str = made.to_ical().decode("utf-8")
    return text


def _person(who: Address) -> vCalAddress:
    made = vCalAddress(f"mailto:{who.envelope}")
    if who.name:
        made.params["CN"] = who.name
    return made


def _text(
    catalog: Catalog,
    page: SchedulingPage,
    booking: Booking,
    everyone: Sequence[Address],
    language: str,
    event: wording.Event,
    zone: ZoneInfo,
) -> str:
    facts = wording.FACTS[language]
    lines = [
        wording.FIRST[language][event],
        "",
        f"{page.label}",
        f"{facts['when']}: {_when(booking, language, zone)}",
        *([f"{facts['where']}: {page.location}"] if page.location else []),
        f"{facts['with']}: {', '.join(each.name or each.address for each in everyone)}",
    ]
    if not booking.cancelled_at:
        lines += ["", f"{facts['link']}:", link(catalog, booking)]
    return "\n".join(lines) + "\n"


def _when(booking: Booking, language: str, zone: ZoneInfo) -> str:
    begins, ends = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    with translation.override(language):
        return f"{formats.date_format(begins.date(), 'DATE_FORMAT')} {begins:%H:%M}–{ends:%H:%M} ({zone.key})"
