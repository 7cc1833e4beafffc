"""Guests answer their invitations by mail; who isn't the guest changes nothing, whatever they say."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from wonward import clock, wiring
from wonward.accounts.models import Member
from wonward.mail.incoming import connect, letter
from wonward.mail.incoming.models import Mailbox
from wonward.meetings import answers
from wonward.meetings.models import Booking
from wonward.notifications.models import Notification

from .conftest import MONDAY, Office

pytestmark = pytest.mark.django_db

START = datetime(2026, 10, 20, 7, tzinfo=UTC)
LONE = "lone@havn.example"
SAYS = "You have accepted the invitation."


def opener(portal: str, actor: str) -> Any:
    return wiring.writing(portal, actor=actor, source="worker")


def reply(
    booking: Booking,
    said: str = "ACCEPTED",
    *,
    sender: str = LONE,
    attendee: str = f"mailto:{LONE}",
    at: datetime = MONDAY,
    **changed: str,
) -> EmailMessage:
    """Return what a calendar program sends when somebody answers."""
    fields = {"METHOD": "REPLY", "UID": booking.uid, "SEQUENCE": str(booking.sequence), **changed}
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Another program//EN",
        "VERSION:2.0",
        f"METHOD:{fields['METHOD']}",
        "BEGIN:VEVENT",
        f"UID:{fields['UID']}",
        f"SEQUENCE:{fields['SEQUENCE']}",
        f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{booking.starts_at:%Y%m%dT%H%M%SZ}",
        f"ATTENDEE;PARTSTAT={said};CN=Lone Bøgh:{attendee}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "salg@nordisk.example", "Accepteret: Møde"
    made["Message-ID"] = f"<{abs(hash((said, sender, attendee, str(at), *fields.values())))}@havn.example>"
    made.set_content("Lone har svaret.")
    made.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": "REPLY"})
    return made


def arrives(office: Office, message: EmailMessage, member: Member | None = None) -> bool:
    """Read a letter from Søren's mailbox; return whether it was done with."""
    moved: list[int] = []
    box = Mailbox(member=member or office.soren)
    connect.take(box, message.as_bytes(), lambda: moved.append(1), opener, answers.take)
    return bool(moved)


def answer(booking: Booking) -> str:
    booking.refresh_from_db()
    return booking.answer


def test_an_answer_stands_on_booking_and_meeting_and_the_host_is_told(office: Office, client: Any) -> None:
    booking = office.book(START)
    assert arrives(office, reply(booking))
    assert answer(booking) == "ACCEPTED"
    assert office.values("meeting", "guest_answer") == [("ACCEPTED",)]
    assert office.values("email") == [], "it is no letter to be filed"
    assert [each.member for each in Notification.objects.all()] == [office.soren]
    from wonward.meetings import invitation

    page = client.get(f"/meet/starter/samtale/{invitation.token(booking)}")
    assert SAYS in page.content.decode()
    later = MONDAY + timedelta(minutes=5)
    office.at(MONDAY + timedelta(hours=1))
    assert arrives(office, reply(booking, "DECLINED", at=later))
    assert arrives(office, reply(booking, "TENTATIVE", at=MONDAY)), "it came late, and was overtaken"
    assert answer(booking) == "DECLINED"
    assert arrives(office, reply(booking, "DECLINED", at=later)), "read again"
    assert Notification.objects.count() == 2


def test_an_answer_to_another_time_counts_for_nothing(office: Office) -> None:
    booking = office.book(START)
    old = reply(booking, "DECLINED")
    arrives(office, reply(booking, "ACCEPTED"))
    office.change(booking, START + timedelta(days=1))
    assert answer(booking) == "", "who moves a meeting is asked again"
    assert office.values("meeting", "guest_answer") == [(None,)]
    assert arrives(office, old)
    assert answer(booking) == ""
    arrives(office, reply(booking, "ACCEPTED"))
    assert answer(booking) == "ACCEPTED"
    office.change(booking)
    arrives(office, reply(booking, "DECLINED", SEQUENCE="9"))
    assert answer(booking) == "ACCEPTED", "a cancelled meeting isn't answered"


@pytest.mark.parametrize(
    "forged",
    [
        {"sender": "fremmed@andre.example"},
        {"attendee": "mailto:fremmed@andre.example"},
        {"sender": "fremmed@andre.example", "attendee": "mailto:fremmed@andre.example"},
        {"sender": f"{LONE} <fremmed@andre.example>"},
        {"UID": "et-andet@wonward"},
        {"METHOD": "REQUEST"},
        {"said": "DELEGATED"},
        {"SEQUENCE": "x"},
        {"attendee": "ikke en adresse"},
    ],
)
def test_who_is_not_the_guest_changes_nothing_and_is_filed_as_any_letter(
    office: Office, forged: dict[str, str]
) -> None:
    booking = office.book(START)
    office.create("contact", email="fremmed@andre.example")
    given: dict[str, Any] = forged
    assert arrives(office, reply(booking, **given))
    assert answer(booking) == ""
    assert office.values("meeting", "guest_answer") == [(None,)]
    assert len(office.values("email")) == 1
    assert not Notification.objects.exists()


def test_another_portals_mailbox_answers_nothing(office: Office) -> None:
    booking = office.book(START)
    found = letter.read(reply(booking).as_bytes(), clock.now())
    moved: list[int] = []
    assert not answers.take(found, "another", lambda: moved.append(1), opener)
    assert answers.take(found, "", lambda: moved.append(1), opener), "the server's own mailbox is of all"
    assert (moved, answer(booking)) == ([1], "ACCEPTED")


def test_an_answer_that_is_broken_off_is_taken_whole_the_next_time(office: Office) -> None:
    booking = office.book(START)
    found = letter.read(reply(booking).as_bytes(), clock.now())

    def breaks() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answers.take(found, "", breaks, opener)
    assert (answer(booking), Notification.objects.count()) == ("", 0)
    assert answers.take(found, "", lambda: None, opener)
    assert (answer(booking), Notification.objects.count()) == ("ACCEPTED", 1)


@pytest.mark.parametrize(
    "rubbish", [b"", b"x", b"BEGIN:VCALENDAR", b"\xff" * 99, b"BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR"]
)
def test_rubbish_is_no_answer(rubbish: bytes) -> None:
    assert answers.read(rubbish) is None
