"""Booking: who comes first, what is made of it, whom it is told to, and how it is moved and cancelled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from icalendar import Calendar

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.blueprints import apply, export
from wonward.errors import Conflict, Invalid, Missing
from wonward.mail import message
from wonward.mail.models import OutgoingMail
from wonward.mail.send import sender_of
from wonward.meetings.models import Booking
from wonward.records import associate, associated, write
from wonward.records.associate import Link
from wonward.records.merging import merge

from .conftest import MONDAY, Office

pytestmark = pytest.mark.django_db(transaction=True)

NINE = datetime(2026, 10, 20, 7, 0, tzinfo=UTC)
"""Tuesday at nine in Copenhagen."""


def test_hours_and_what_is_booked_say_what_is_free(office: Office) -> None:
    before = office.free()
    assert before[:6] == [f"10-19 {hour:02}:{minute}" for hour in (7, 8, 9) for minute in ("00", "30")]
    office.book(NINE)
    assert set(before) - set(office.free()) == {"10-20 07:00"}
    assert "10-20 07:00" not in office.free(length=60)


def test_of_two_at_once_one_gets_the_time(office: Office, in_threads: Callable[..., list[Any]]) -> None:
    from wonward import clock

    def book(email: str) -> str:
        with clock.fixed(MONDAY):
            try:
                return office.book(NINE, email=email).email
            except Conflict as conflict:
                return conflict.problems[0].code

    made = in_threads(book, [f"gaest{number}@havn.example" for number in range(4)])
    assert sorted(each == "TIME_TAKEN" for each in made) == [False, True, True, True]
    assert Booking.objects.count() == 1
    assert len(office.values("meeting", "hs_meeting_title")) == 1
    assert len(office.values("contact", "email")) == 1


def test_a_meeting_is_made_with_the_contact_and_what_that_has_one_of(office: Office) -> None:
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        kinds = {name: work.catalog.object_type(name) for name in ("contact", "company", "deal")}
        person = {"firstname": "Lone", "email": "LONE@havn.example", "phone": "+45 87 65 43 21"}
        [lone] = write.create(work, kinds["contact"], [person])
        [havn] = write.create(work, kinds["company"], [{"name": "Havn & Co"}])
        deals = write.create(work, kinds["deal"], [{"dealname": "Tag"}, {"dealname": "Facade"}])
        associate.associate(work, kinds["contact"], kinds["company"], [Link(lone, havn)])
        associate.associate(work, kinds["contact"], kinds["deal"], [Link(lone, deal) for deal in deals])
    booking = office.book(NINE)
    assert booking.contact_id == lone
    assert office.values("contact", "firstname", "phone") == [("Lone", "+45 87 65 43 21")], (
        "who books changes nobody's contact"
    )
    [(title, body, place, begins, ends, outcome, owner)] = office.values(
        "meeting", "hs_meeting_title", "hs_meeting_body", "hs_meeting_location", "hs_meeting_start_time",
        "hs_meeting_end_time", "hs_meeting_outcome", "hubspot_owner_id",
    )  # fmt: skip
    assert (title, body) == ("Indledende samtale: Lone Bøgh", "Phone: +45 12 34 56 78\nEmne: Tag")
    assert (begins, ends) == ("2026-10-20T07:00:00.000Z", "2026-10-20T07:30:00.000Z")
    assert (place, outcome, owner) == ("Havnegade 1, København", "SCHEDULED", str(office.soren.pk))
    work = wiring.reading(office.portal, actor="user:1", source="web")
    meeting = work.catalog.object_type("meeting")
    of = {
        name: [
            each.record_id
            for each in associated.of_records(
                work, meeting, work.catalog.object_type(name), [(booking.meeting_id, 0)], limit=9
            )[booking.meeting_id]
        ]
        for name in ("contact", "company", "deal")
    }
    assert of == {"contact": [lone], "company": [havn], "deal": []}, "which of two deals isn't plain"


def test_a_new_contact_is_the_hosts(office: Office) -> None:
    office.book(NINE)
    columns = ("firstname", "lastname", "email", "phone", "hubspot_owner_id")
    assert office.values("contact", *columns) == [
        ("Lone", "Bøgh", "lone@havn.example", "+45 12 34 56 78", str(office.soren.pk))
    ]


def test_con_7_a_group_is_met_when_all_are_free(office: Office) -> None:
    office.define("begge", hosts=["soren@nordisk.example", "ASE@nordisk.example"])
    office.create(
        "meeting",
        hs_timestamp="2026-10-20T07:00:00Z",
        hs_meeting_start_time="2026-10-20T07:00:00Z",
        hs_meeting_end_time="2026-10-20T08:00:00Z",
        hubspot_owner_id=office.ase.pk,
    )
    assert {"10-20 07:00", "10-20 07:30"} == set(office.free()) - set(office.free("begge"))
    booking = office.book(NINE + timedelta(hours=1), "begge")
    assert set(booking.hosts.all()) == {office.soren, office.ase}
    assert "10-20 08:00" not in office.free()


def test_a_host_who_has_left_closes_the_page(office: Office) -> None:
    office.soren.archived = True
    office.soren.save()
    with pytest.raises(Missing, match=r"soren@nordisk.example is no member"):
        office.free()


def parts(portal: str) -> list[tuple[str, Any]]:
    """Return each mail of the outbox: whom it is to, and the message."""
    origin = sender_of(wiring.reading(portal, actor="x", source="web").catalog)
    found = OutgoingMail.objects.filter(portal__name=portal).order_by("id")
    return [
        (each.to_address, message_from_bytes(bytes(message.message(each, origin, MONDAY)), policy=default))
        for each in found
    ]


def test_everyone_is_invited_told_of_the_move_and_of_the_end(office: Office) -> None:
    booking = office.book(NINE)
    office.change(booking, NINE + timedelta(days=1))
    office.change(booking)
    mails = parts(office.portal)
    assert [to for to, _ in mails] == ["lone@havn.example", "soren@nordisk.example"] * 3
    calendars = []
    for _, each in mails[::2]:
        [part] = [part for part in each.walk() if part.get_content_type() == "text/calendar"]
        calendars.append((part.get_param("method"), Calendar.from_ical(part.get_content())))
    facts = [
        (method, event["UID"] == booking.uid, event["SEQUENCE"], event["STATUS"], event["DTSTART"].dt)
        for method, calendar in calendars
        for event in calendar.walk("VEVENT")
    ]
    assert facts == [
        ("REQUEST", True, 0, "CONFIRMED", NINE),
        ("REQUEST", True, 1, "CONFIRMED", NINE + timedelta(days=1)),
        ("CANCEL", True, 2, "CANCELLED", NINE + timedelta(days=1)),
    ]
    event = calendars[0][1].walk("VEVENT")[0]
    assert event["ORGANIZER"] == "mailto:salg@nordisk.example"
    assert [str(each) for each in event["ATTENDEE"]] == [
        "mailto:lone@havn.example",
        "mailto:soren@nordisk.example",
    ]
    first = mails[0][1]
    assert first["Subject"] == "Møde: Indledende samtale"
    assert first["Reply-To"] == "Søren Ågård <soren@nordisk.example>"
    text = first.get_body(("plain",)).get_content()
    assert "08:00–08:30 (Europe/London)" in text
    assert "/meet/starter/samtale/" in text
    assert "09:00–09:30 (Europe/Copenhagen)" in mails[1][1].get_body(("plain",)).get_content()


def test_a_moved_meeting_leaves_its_time_and_a_cancelled_one_too(office: Office) -> None:
    booking = office.book(NINE)
    office.change(booking, NINE + timedelta(minutes=30))
    assert "10-20 07:00" in office.free()
    assert "10-20 07:30" not in office.free()
    office.change(booking)
    assert "10-20 07:30" in office.free()
    assert office.values("meeting", "hs_meeting_outcome", "hs_meeting_start_time") == [
        ("CANCELED", "2026-10-20T07:30:00.000Z")
    ]
    with pytest.raises(Conflict, match="was cancelled"):
        office.change(booking, NINE)


def test_a_meeting_that_is_over_stays(office: Office) -> None:
    booking = office.book(NINE)
    office.at(NINE + timedelta(minutes=5))
    with pytest.raises(Conflict, match="has begun or is over"):
        office.change(booking)


def test_one_address_cant_fill_a_calendar(office: Office) -> None:
    for number in range(5):
        office.book(NINE + timedelta(minutes=30 * number))
    with pytest.raises(Invalid, match="5 meetings booked already"):
        office.book(NINE + timedelta(days=1))
    office.book(NINE + timedelta(days=1), email="en-anden@havn.example")


def test_without_a_sender_of_mail_a_meeting_is_booked_all_the_same(office: Office) -> None:
    apply.define(
        office.portal,
        {("portal", "portal"): {"label": "Nordisk", "time_zone": "Europe/Copenhagen"}},
        actor="u",
    )
    office.book(NINE)
    assert not OutgoingMail.objects.exists()


def test_bookings_go_with_their_contact_and_follow_a_merged_one(office: Office) -> None:
    booking = office.book(NINE)
    other = office.create("contact", firstname="Lone", email="lone@privat.example")
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        merge.merge(work, work.catalog.object_type("contact"), other, [booking.contact_id])
    booking.refresh_from_db()
    assert booking.contact_id == other
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        wiring.erase(work, work.catalog.object_type("contact"), [other], "GDPR")
    assert not Booking.objects.exists()


def test_blueprints_carry_pages_both_ways(office: Office, tmp_path: Any) -> None:
    files = export.export(office.portal, tmp_path / "out")
    assert tmp_path / "out" / "scheduling_pages" / "samtale.yaml" in files
    assert apply.planned(office.portal, tmp_path / "out").changes == ()


def test_pages_of_another_portal_are_another_portals(office: Office) -> None:
    Portal.objects.create(
        name="andet", label="Andet", schema="portal_andet", created_at=MONDAY, time_zone="Europe/Copenhagen"
    )
    with pytest.raises(Missing, match="no scheduling page"):
        from wonward.meetings import busy

        busy.page_named(wiring.reading("andet", actor="x", source="web").catalog, "samtale")
