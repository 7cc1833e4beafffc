"""What people outside see and do: times, the form, their meeting; what they can't; and the member's own page."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from icalendar import Calendar

from wonward import wiring
from wonward.accounts.models import Member, User
from wonward.meetings.models import Booking, CalendarFeed
from wonward.records import write

from .conftest import MONDAY, Office

PAGE = "/meet/starter/samtale"
NINE = "2026-10-20T07:00:00.000Z"
LONE = {
    "name": "Lone Bøgh",
    "email": "lone@havn.example",
    "q-emne": "Nyt <tag>",
    "zone": "Europe/London",
    "length": "30",
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def text(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_times_are_shown_in_the_visitors_zone(office: Office, client: Client) -> None:
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Indledende samtale" in text(page)
    assert "Søren Ågård" in text(page)
    assert re.findall(r"Monday 19 October (.*?) Tuesday", text(page)) == [
        "09:00 09:30 10:00 10:30 11:00 11:30"
    ]
    london = text(client.get(PAGE, {"zone": "Europe/London", "length": "60"}))
    assert re.findall(r"Monday 19 October (.*?) Tuesday", london) == ["08:00 08:30 09:00 09:30 10:00"]
    auckland = text(client.get(PAGE, {"zone": "Pacific/Auckland"}))
    assert "Friday 23 October 20:00" in auckland
    assert "Monday 26 October 21:00" in auckland, "Copenhagen's clocks have gone back, Auckland's have not"
    assert "zone=Europe%2FCopenhagen" in client.get(PAGE, {"zone": "Mars/Olympus"}).content.decode()


def test_con_7_a_meeting_is_booked_shown_moved_and_cancelled(office: Office, client: Client) -> None:
    form = client.get(PAGE, {"start": NINE, "zone": "Europe/London"})
    assert "Tuesday 20 October 2026, 08:00" in text(form)
    booked = client.post(PAGE, {**LONE, "start": NINE})
    assert booked.status_code == 302
    shown = client.get(booked["Location"])
    assert "The meeting is booked" in text(shown)
    assert "Tuesday 20 October 2026, 08:00–08:30 Europe/London" in text(shown)
    assert "An invitation is on its way to lone@havn.example" in text(shown)
    file = client.get(booked["Location"] + ".ics")
    assert Calendar.from_ical(file.content).walk("VEVENT")[0]["DTSTART"].dt == datetime(
        2026, 10, 20, 7, tzinfo=UTC
    )
    times = client.get(booked["Location"], {"move": "1"})
    assert "You have a meeting on Tuesday 20 October 2026, 08:00–08:30" in text(times)
    other = "2026-10-21T08:00:00.000Z"
    assert "Move the meeting to this time" in text(client.get(booked["Location"], {"start": other}))
    client.post(booked["Location"], {"start": other})
    assert "Wednesday 21 October 2026, 09:00–09:30" in text(client.get(booked["Location"]))
    client.post(booked["Location"])
    assert "The meeting is cancelled" in text(client.get(booked["Location"]))
    assert "was cancelled" in text(client.post(booked["Location"], {"start": NINE}))


def test_a_time_that_was_taken_meanwhile_is_told_with_others(office: Office, client: Client) -> None:
    client.post(PAGE, {**LONE, "start": NINE})
    late = client.post(PAGE, {**LONE, "email": "per@havn.example", "start": NINE})
    assert late.status_code == 409
    assert "That time was just taken" in text(late)
    assert "Tuesday 20 October 08:30" in text(late)
    assert client.post(PAGE, {**LONE, "start": "2026-10-20T22:00:00Z"}).status_code == 409
    assert Booking.objects.count() == 1


def test_what_is_missing_is_told_at_its_field_and_the_rest_stays(office: Office, client: Client) -> None:
    refused = client.post(PAGE, {"start": NINE, "name": "Lone", "email": "lone at havn", "q-emne": ""})
    assert refused.status_code == 422
    assert 'value="Lone"' in refused.content.decode()
    assert text(refused).count("Please give an email address") == 1
    assert "Please answer this" in text(refused)
    refused = client.post(PAGE, {**LONE, "start": NINE, "phone": "ring bare"})
    assert "is not a phone number" in text(refused)
    assert not Booking.objects.exists()


def test_nothing_a_visitor_writes_becomes_markup_or_a_header(office: Office, client: Client) -> None:
    from wonward.mail.models import OutgoingMail

    name = 'Lone <script>alert(1)</script>\r\nBcc: alle@havn.example"'
    booked = client.post(PAGE, {**LONE, "name": name, "start": NINE})
    assert "<script>alert" not in client.get(booked["Location"]).content.decode()
    mail = OutgoingMail.objects.first()
    assert mail
    assert "<script>" not in mail.html
    assert "\n" not in mail.to_name
    event = Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
    assert not {"BCC", "Bcc"} & set(event)


@pytest.mark.parametrize(
    "path",
    ["/meet/starter/findes-ikke", "/meet/andet/samtale", f"{PAGE}/1.forkert", f"{PAGE}/x", f"{PAGE}/1.x.ics"],
)
def test_what_isnt_there_is_404(office: Office, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_meeting_opens_under_its_own_page_only(office: Office, client: Client) -> None:
    office.define("anden")
    booked = client.post(PAGE, {**LONE, "start": NINE})["Location"]
    assert client.get(booked.replace("samtale", "anden")).status_code == 404


def test_forms_without_their_token_are_refused(office: Office) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(PAGE, {**LONE, "start": NINE}).status_code == 403
    assert not Booking.objects.exists()


def test_who_books_without_end_is_stopped(office: Office, client: Client) -> None:
    answers = [client.post(PAGE, {**LONE, "start": "2026-10-20T22:00:00Z"}).status_code for _ in range(11)]
    assert answers == [409] * 10 + [429]


def test_odd_questions_are_answered_without_a_fault(office: Office, client: Client) -> None:
    for given in (
        {"start": "i morgen"},
        {"start": "2026-10-20T07:00"},
        {"length": "9" * 30},
        {"from": "-1"},
        {"zone": "\0"},
    ):
        assert client.get(PAGE, given).status_code == 200
    assert client.delete(PAGE).status_code == 405


# -- The member's own page, and their agenda ---------------------------------------------------------


@pytest.fixture
def soren(office: Office) -> Client:
    """A browser in which Søren has signed in."""
    user = User.objects.create_user("soren@nordisk.example", "correct horse battery")
    office.soren.user = user
    office.soren.save()
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


OWN = "/p/starter/calendar"


def test_a_member_makes_a_page_for_themself_and_removes_it(
    soren: Client, office: Office, client: Client
) -> None:
    said = {
        "name": "kaffe", "label": "Kaffe", "lengths": "15, 30", "begins": "13:00", "ends": "15:00",
        "days": ["monday", "friday"], "buffer": "5", "notice": "0", "horizon": "7", "location": "Kantinen",
    }  # fmt: skip
    assert soren.post(f"{OWN}/pages", said)["Location"] == OWN
    assert "/meet/starter/kaffe" in text(soren.get(OWN))
    assert "Monday 19 October 13:00 13:30 14:00 14:30" in text(client.get("/meet/starter/kaffe"))
    refused = soren.post(f"{OWN}/pages", {**said, "begins": "16:00"})
    assert refused.status_code == 422
    assert "ends after it begins" in text(refused)
    office.define("begge", hosts=["soren@nordisk.example", "ase@nordisk.example"])
    assert "isn't yours alone" in text(soren.post(f"{OWN}/pages", {**said, "name": "begge"}))
    soren.post(f"{OWN}/pages", {"name": "kaffe", "remove": "1"})
    assert client.get("/meet/starter/kaffe").status_code == 404


def test_a_feed_is_set_told_of_and_forgotten(soren: Client, office: Office) -> None:
    assert "private address" in text(soren.post(f"{OWN}/feed", {"url": "https://10.0.0.1/a.ics"}))
    soren.post(f"{OWN}/feed", {"url": "https://calendar.example/secret-key/basic.ics"})
    page = soren.get(OWN)
    assert "calendar.example, not read yet" in text(page)
    assert "secret-key" not in page.content.decode()
    CalendarFeed.objects.update(error="calendar.example answered 404", read_at=MONDAY - timedelta(days=2))
    assert "others may book you while you are busy: calendar.example answered 404" in text(soren.get(OWN))
    soren.post(f"{OWN}/feed", {"remove": "1"})
    assert not CalendarFeed.objects.exists()


def agenda_of(client: Client) -> str:
    found = re.search(r'value="https?://[^/]+(/calendar/[^"]+)"', client.post(f"{OWN}/link").content.decode())
    assert found
    return found[1]


def test_con_7_tasks_and_meetings_are_in_the_members_calendar(
    soren: Client, office: Office, client: Client
) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        mine, others = {"hubspot_owner_id": office.soren.pk}, {"hubspot_owner_id": office.ase.pk}
        due = {"hs_timestamp": "2026-10-21T10:00:00Z"}
        tasks = [
            {"hs_task_subject": "Ring til Lone", **due, **mine},
            {"hs_task_subject": "Færdig", "hs_task_status": "COMPLETED", **due, **mine},
            {"hs_task_subject": "Åses", **due, **others},
        ]
        write.create(work, work.catalog.object_type("task"), tasks)
    client.post(PAGE, {**LONE, "start": NINE})
    address = agenda_of(soren)
    answer = client.get(address)
    events = {str(each["SUMMARY"]): each for each in Calendar.from_ical(answer.content).walk("VEVENT")}
    assert set(events) == {"Ring til Lone", "Indledende samtale: Lone Bøgh"}
    assert events["Ring til Lone"]["DTSTART"].dt == datetime(2026, 10, 21, 10, tzinfo=UTC)
    assert events["Ring til Lone"]["TRANSP"] == "TRANSPARENT"
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    office.create(
        "task", hs_task_subject="Ny", hs_timestamp="2026-10-22T10:00:00Z", hubspot_owner_id=office.soren.pk
    )
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 200


def test_the_address_of_an_agenda_is_shown_once_and_can_be_revoked(soren: Client, client: Client) -> None:
    first = agenda_of(soren)
    assert first not in soren.get(OWN).content.decode()
    second = agenda_of(soren)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    soren.post(f"{OWN}/link", {"revoke": "1"})
    assert client.get(second).status_code == 404
    assert client.get("/calendar/gaet.ics").status_code == 404


def test_who_has_left_has_no_agenda(soren: Client, office: Office, client: Client) -> None:
    address = agenda_of(soren)
    Member.objects.filter(pk=office.soren.pk).update(archived=True)
    assert client.get(address).status_code == 404


def test_a_danish_visitor_reads_danish(office: Office, client: Client) -> None:
    page = client.get(PAGE, {"start": NINE}, headers={"Accept-Language": "da"})
    assert "tirsdag 20 oktober 2026, 09:00" in text(page)
    assert "Book mødet" in text(page)
