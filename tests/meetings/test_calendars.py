"""Calendars from outside: when they say somebody is busy, how they are read again, and what is refused."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.remote import Remote, say

from wonward.errors import Invalid, Refusal
from wonward.meetings import feeds
from wonward.meetings.calendars import busy_times
from wonward.meetings.models import BusyTime, CalendarFeed
from wonward.settings import inside
from wonward.worker import jobs

from .conftest import MONDAY, Office

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
WITHIN = (MONDAY, MONDAY + timedelta(days=14))


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\nUID:{number}\n{each}\nEND:VEVENT\n" for number, each in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def shown(written: bytes) -> list[str]:
    found = busy_times(written, COPENHAGEN, WITHIN)
    return [f"{begins:%d %H:%M}-{ends:%d %H:%M}" for begins, ends in found]


def test_a_weekly_meeting_keeps_its_hour_when_clocks_change() -> None:
    weekly = "DTSTART;TZID=Europe/Copenhagen:20260901T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=TU"
    assert shown(calendar(weekly)) == ["20 07:00-20 08:00", "27 08:00-27 09:00"]


def test_exceptions_and_moved_days_are_minded() -> None:
    weekly = (
        "DTSTART;TZID=Europe/Copenhagen:20261020T090000\nDTEND;TZID=Europe/Copenhagen:20261020T100000\n"
        "RRULE:FREQ=DAILY;COUNT=3\nEXDATE;TZID=Europe/Copenhagen:20261021T090000"
    )
    moved = calendar(weekly).replace(
        b"END:VCALENDAR",
        b"BEGIN:VEVENT\r\nUID:0\r\nRECURRENCE-ID;TZID=Europe/Copenhagen:20261022T090000\r\n"
        b"DTSTART;TZID=Europe/Copenhagen:20261022T130000\r\nDTEND;TZID=Europe/Copenhagen:20261022T140000\r\n"
        b"END:VEVENT\r\nEND:VCALENDAR",
    )
    assert shown(moved) == ["20 07:00-20 08:00", "22 11:00-22 12:00"]


def test_whole_days_and_times_without_a_zone_are_local() -> None:
    assert shown(calendar("DTSTART;VALUE=DATE:20261024\nDTEND;VALUE=DATE:20261026")) == ["23 22:00-25 23:00"]
    assert shown(calendar("DTSTART:20261020T090000\nDTEND:20261020T100000")) == ["20 07:00-20 08:00"]


def test_what_keeps_nobody_busy_is_left_out() -> None:
    hour = "DTSTART:20261020T090000Z\nDTEND:20261020T100000Z"
    free = ("TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE")
    assert shown(calendar(*(f"{hour}\n{each}" for each in free))) == []
    assert shown(calendar(f"{hour}\nTRANSP:OPAQUE", hour)) == ["20 09:00-20 10:00"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"<html>sign in</html>", "no calendar"),
        (b"", "no calendar"),
        (b"\xff\xfe\x00", "no calendar"),
        (calendar("DTSTART:20261020T090000Z\nRRULE:FREQ=SECONDLY"), "more often than daily"),
        (
            calendar("DTSTART:20261020T090000Z\nRRULE:FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3"),
            "more often than daily",
        ),
    ],
)
def test_what_is_no_calendar_or_too_much_is_refused(written: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        busy_times(written, COPENHAGEN, WITHIN)


@pytest.fixture
def remote(settings: Any) -> Iterator[Callable[..., Remote]]:
    settings.OUTGOING_ALLOW = inside("127.0.0.1/32")
    running: list[Remote] = []

    def start(answer: Callable[[BaseHTTPRequestHandler], None]) -> Remote:
        running.append(Remote(answer))
        return running[-1]

    yield start
    for each in running:
        each.stop()


BUSY = calendar("DTSTART;TZID=Europe/Copenhagen:20261020T090000\nDURATION:PT1H")


@pytest.mark.django_db(transaction=True)
def test_a_feed_is_read_and_its_times_are_free_no_longer(office: Office, remote: Any) -> None:
    server = remote(say(200, BUSY, ETag='"1"'))
    feed = feeds.set_feed(office.soren, f"{server.url}/secret-key/basic.ics")
    assert "secret-key" not in feed.sealed
    jobs.read_calendars(0)
    assert {"10-20 07:00", "10-20 07:30"}.isdisjoint(office.free())
    assert CalendarFeed.objects.get().error == ""


@pytest.mark.django_db(transaction=True)
def test_an_unchanged_feed_is_asked_for_by_its_tag(office: Office, remote: Any) -> None:
    answers = [say(200, BUSY, ETag='"1"'), say(304), say(200, BUSY)]

    def changes(asked: BaseHTTPRequestHandler) -> None:
        answers.pop(0)(asked)

    server = remote(changes)
    feeds.set_feed(office.soren, server.url)
    jobs.read_calendars(0)
    jobs.read_calendars(0)
    assert len(server.asked) == 1, "not before its time"
    office.at(MONDAY + timedelta(minutes=11))
    jobs.read_calendars(0)
    assert server.asked[1][2]["if-none-match"] == '"1"'
    assert BusyTime.objects.count() == 1
    office.at(MONDAY + timedelta(hours=13))
    jobs.read_calendars(0)
    assert "if-none-match" not in server.asked[2][2], "time moves on, so it is read anew now and then"


@pytest.mark.django_db(transaction=True)
def test_a_feed_that_fails_keeps_what_it_said_and_says_why(office: Office, remote: Any) -> None:
    answers = [say(200, BUSY), say(500), say(200, b"<html>")]

    def worsens(asked: BaseHTTPRequestHandler) -> None:
        answers.pop(0)(asked)

    server = remote(worsens)
    feeds.set_feed(office.soren, server.url)
    for hours in range(3):
        office.at(MONDAY + timedelta(hours=hours))
        jobs.read_calendars(0)
    feed = CalendarFeed.objects.get()
    assert feed.error.startswith("That is no calendar")
    assert (feed.failures, feed.read_at) == (2, MONDAY)
    assert BusyTime.objects.count() == 1
    assert feed.due_at == datetime(2026, 10, 19, 8, 20, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_an_address_inside_is_refused_at_once(office: Office) -> None:
    with pytest.raises(Refusal, match="private address"):
        feeds.set_feed(office.soren, "https://169.254.169.254/latest/meta-data")
    feeds.set_feed(office.soren, "webcal://calendar.example/a.ics")
    assert CalendarFeed.objects.get().host == "calendar.example"


@pytest.mark.django_db(transaction=True)
def test_a_member_whose_feed_keeps_failing_gets_one_mail(office: Office, remote: Any) -> None:
    from wonward.mail.models import OutgoingMail

    server = remote(say(404))
    feeds.set_feed(office.soren, server.url)
    told = []
    for hours in range(0, 36, 3):
        office.at(MONDAY + timedelta(hours=hours))
        jobs.read_calendars(0)
        told.append(OutgoingMail.objects.count())
    assert told[:5] == [0, 0, 0, 1, 1]
    assert told[-1] == 1
    mail = OutgoingMail.objects.get()
    assert (mail.to_address, mail.subject) == ("soren@nordisk.example", "Din kalender kan ikke læses")
    assert "127.0.0.1 answered 404" in mail.text
    assert "/p/starter/calendar" in mail.text
