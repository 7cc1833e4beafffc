"""Somebody outside books a meeting: on a phone, in another time zone; at a desk with the keyboard; without scripts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.meetings.models import Booking

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PAGE = "/meet/starter/samtale"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def page_of_ada(sales: dict[str, int]) -> None:
    ada = Member.objects.get(email="ada@example.com")
    Member.objects.filter(pk=ada.pk).update(title="Rådgiver")
    body = {
        "label": "Indledende samtale",
        "hosts": ["ada@example.com"],
        "hours": {day: ["09:00-16:00"] for day in DAYS},
        "lengths": [30, 60],
        "location": "Havnegade 1, København",
        "text": "Vi taler om jeres behov, og hvad vi kan gøre.",
        "questions": [{"name": "emne", "label": "Hvad vil du tale om?", "long": True}],
    }
    portal = {
        "label": "Nordisk",
        "time_zone": "Europe/Copenhagen",
        "mail_from": "Nordisk <salg@nordisk.example>",
    }
    apply.define(
        "starter", {("scheduling_page", "samtale"): body, ("portal", "portal"): portal}, actor="user:1"
    )


@pytest.fixture
def outside(browser: Browser, live_server: Any, page_of_ada: None) -> Iterator[Any]:
    """A function that opens a browser of somebody who isn't signed in."""
    complaints: list[str] = []
    contexts = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def opened(**shape: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, locale="en-GB", **shape)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(PAGE)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def book(page: Page) -> None:
    page.get_by_label("Name").fill("Lone Bøgh")
    page.get_by_label("Email").fill("lone@havn.example")
    page.get_by_label("Hvad vil du tale om?").fill("Et nyt tag")
    page.get_by_role("button", name="Book the meeting").click()
    expect(page.get_by_role("heading", name="The meeting is booked")).to_be_visible()


def test_con_7_on_a_phone_far_away(outside: Any) -> None:
    page = outside(viewport=PHONE, has_touch=True, is_mobile=True, timezone_id="America/New_York")
    expect(page.get_by_label("Time zone")).to_have_value("America/New_York")
    assert fits(page)
    first = page.locator(".meet-day a").nth(1)
    box = first.bounding_box()
    assert box
    assert box["height"] >= 40, "a finger hits it"
    first.tap()
    expect(page.get_by_text("America/New_York")).to_be_visible()
    assert fits(page)
    book(page)
    assert fits(page)
    booking = Booking.objects.get()
    assert (booking.email, booking.time_zone) == ("lone@havn.example", "America/New_York")
    page.get_by_role("link", name="Choose another time").tap()
    page.locator(".meet-day a").last.tap()
    page.get_by_role("button", name="Move the meeting to this time").tap()
    expect(page.get_by_role("heading", name="The meeting is booked")).to_be_visible()
    page.get_by_role("button", name="Cancel the meeting").tap()
    expect(page.get_by_role("heading", name="The meeting is cancelled")).to_be_visible()
    booking.refresh_from_db()
    assert booking.cancelled_at
    assert booking.sequence == 2


def test_at_a_desk_with_the_keyboard(outside: Any) -> None:
    page = outside(viewport={"width": 1200, "height": 900}, timezone_id="Europe/Copenhagen")
    page.get_by_label("30 min").focus()
    with page.expect_navigation():
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("60 min")).to_be_checked()
    page.locator(".meet-day a").first.focus()
    page.keyboard.press("Enter")
    book(page)
    booking = Booking.objects.get()
    assert (booking.ends_at - booking.starts_at).total_seconds() == 3600


def test_without_scripts(outside: Any) -> None:
    page = outside(java_script_enabled=False, timezone_id="Asia/Tokyo")
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Show times").click()
    page.locator(".meet-day a").first.click()
    expect(page.get_by_text("Asia/Tokyo")).to_be_visible()
    book(page)
    assert Booking.objects.get().time_zone == "Asia/Tokyo"


def test_ada_finds_her_page_and_her_meeting(visit: Any, page_of_ada: None) -> None:
    page = visit()
    page.goto("/p/starter/calendar")
    expect(page.get_by_role("heading", name="Indledende samtale")).to_be_visible()
    page.get_by_role("button", name="Make an address").click()
    expect(page.locator(".own-link")).to_have_value(re.compile(r".*/calendar/.{40,}\.ics"))
    assert Portal.objects.get(name="starter")
