"""CON-15: somebody outside sends a form, becomes a lead and an MQL, and a seller sees where they came from."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from wonward.blueprints import apply
from wonward.marketing.models import Submission
from wonward.worker import loop

PAGE = "/f/starter/kontakt?utm_source=linkedin&utm_medium=social&utm_campaign=tag"
PHONE = {"width": 390, "height": 844}
FORM = {
    "label": "Kontakt os",
    "description": "Fortæl kort, hvad vi kan hjælpe med, så vender vi tilbage inden for en arbejdsdag.",
    "fields": [
        {"property": "firstname", "label": "Fornavn", "required": True},
        {"property": "lastname", "label": "Efternavn"},
        {"property": "email", "label": "Arbejdsmail"},
        {"property": "phone", "label": "Telefon", "description": "Hvis vi hellere må ringe."},
        {"property": "company.name", "label": "Virksomhed"},
        {"property": "emner", "label": "Hvad drejer det sig om?", "overwrite": True},
        {"property": "besked", "label": "Jeres besked", "overwrite": True},
    ],
    "consents": [
        {"name": "vilkaar", "label": "I må gemme mine oplysninger for at kunne svare mig.", "required": True},
        {"name": "nyt", "label": "Ja tak til nyhedsbrevet. Jeg kan altid framelde mig igen."},
    ],
    "button": "Send beskeden",
    "message": "Tak for din besked. Vi vender tilbage inden for en arbejdsdag.",
}
DEFINITIONS: dict[tuple[str, str], Any] = {
    ("property", "contact.emner"): {
        "label": "Emner",
        "type": "multi_enumeration",
        "options": [{"value": "tag", "label": "Tag"}, {"value": "facade", "label": "Facade"}],
    },
    ("property", "contact.besked"): {"label": "Besked", "type": "long_text"},
    ("form", "kontakt"): FORM,
    ("workflow", "contact.lead"): {
        "label": "Auto | Lead",
        "trigger": {"form": "kontakt"},
        "steps": [{"set": {"lifecyclestage": "lead"}}],
    },
    ("workflow", "contact.mql"): {
        "label": "Auto | MQL",
        "trigger": {"when": "lifecyclestage = 'lead' and has(emner, 'tag')"},
        "steps": [{"set": {"lifecyclestage": "marketingqualifiedlead"}}],
    },
}


@pytest.fixture
def form(sales: dict[str, int]) -> None:
    cache.clear()
    apply.define("starter", DEFINITIONS, actor="user:1")


@pytest.fixture
def outside(browser: Browser, live_server: Any, form: None) -> Iterator[Any]:
    """A function that opens the form in a browser of somebody who isn't signed in."""
    complaints: list[str] = []
    contexts = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 422" not in message.text:
            complaints.append(message.text)

    def opened(**shape: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **{"locale": "da-DK", **shape})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(PAGE)
        return page

    yield opened
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert complaints == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def fill(page: Page) -> None:
    page.get_by_label("Fornavn").fill("Lone")
    page.get_by_label("Efternavn").fill("Bøgh")
    page.get_by_label("Arbejdsmail").fill("lone@havn.example")
    page.get_by_label("Virksomhed").fill("Havn & Co")
    page.get_by_label("Tag").check()
    page.get_by_label("Jeres besked").fill("Taget er utæt.\nKom gerne i dag.")


def settle() -> None:
    while loop.catch_up() + loop.tend_workflows():
        pass


def test_con_15_from_a_phone_to_the_sellers_timeline(outside: Any, visit: Any) -> None:
    page = outside(viewport=PHONE, has_touch=True, is_mobile=True)
    assert fits(page)
    fill(page)
    page.get_by_label("Telefon").fill("ring bare")
    page.get_by_label("I må gemme").check()
    page.get_by_role("button", name="Send beskeden").tap()
    expect(page.get_by_text("Angiv et telefonnummer")).to_be_visible()
    expect(page.get_by_label("Telefon")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Jeres besked")).to_have_value("Taget er utæt.\nKom gerne i dag.")
    assert fits(page)
    page.get_by_label("Telefon").fill("+45 12 34 56 78")
    page.get_by_role("button", name="Send beskeden").tap()
    expect(page.get_by_text("Tak for din besked")).to_be_visible()
    assert fits(page)
    settle()

    seller = visit(viewport={"width": 1400, "height": 900})
    seller.goto("/p/starter/submissions")
    expect(seller.get_by_text("Emner: Tag")).to_be_visible()
    seller.get_by_role("link", name="Lone Bøgh").click()
    card = seller.locator(".touchpoints")
    expect(card).to_contain_text("Organic social")
    expect(card).to_contain_text("linkedin")
    seller.get_by_role("link", name="Marketing", exact=True).click()
    seller.wait_for_url(re.compile("timeline=marketing"))
    stories = seller.locator("#timeline .story")
    expect(stories.filter(has_text="Kontakt os was sent")).to_contain_text("Besked: Taget er utæt.")
    expect(stories.filter(has_text="Marketing qualified lead").first).to_be_visible()
    expect(seller.get_by_role("link", name="Marketing", exact=True)).to_have_attribute("aria-current", "true")


def test_with_the_keyboard_and_without_scripts(outside: Any) -> None:
    page = outside(java_script_enabled=False, locale="en-GB", viewport={"width": 1200, "height": 900})
    fill(page)
    page.get_by_label("I må gemme").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Send beskeden").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert Submission.objects.count() == 1, "going back and sending the same again changes nothing"
