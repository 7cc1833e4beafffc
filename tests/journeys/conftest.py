"""A browser and a server for the journeys: Debian's Chromium against the live pages of the portal `starter`.

Every journey ends by asking whether a page complained in its console: an error of a script, or something
that the content security policy forbade.
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal
from wonward.records import associate, write
from wonward.records.associate import Link

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
MEANT = ("status of 422",)
"""Browsers report every refused form; that it is refused is what the journey looks at."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without it the journeys are left out, unless CI asks for all."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium isn't installed; ./dev test installs it") if not os.environ.get(
            "CI"
        ) else pytest.fail("CI needs Chromium")
    with sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        try:
            launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
            yield launched
            launched.close()
        finally:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def sales(transactional_db: None) -> dict[str, int]:
    """The portal with Ada, two companies, a contact, and thirty deals; ids by name."""
    from tests.conftest import make_starter

    make_starter()
    users.create(EMAIL, "Ada Holm", PASSWORD, [Portal.objects.get(name="starter")])
    ada = Member.objects.get(email=EMAIL)
    Member.objects.filter(pk=ada.pk).update(owns_records=True)
    with wiring.writing("starter", actor="import:1", source="import") as work:
        company, contact, deal = map(work.catalog.object_type, ("company", "contact", "deal"))
        nordisk, havn = write.create(work, company, [{"name": "Nordisk Måleri A/S"}, {"name": "Havn & Co"}])
        [soren] = write.create(work, contact, [{"firstname": "Søren", "lastname": "Ågård"}])
        houses = [{"dealname": f"House {number}", "dealstage": "engaging"} for number in range(28)]
        write.create(work, deal, houses)
        facade, roof = write.create(
            work,
            deal,
            [
                {
                    "dealname": "Facade",
                    "dealstage": "prospecting",
                    "amount": "1200.50",
                    "hubspot_owner_id": ada.pk,
                },
                {"dealname": "Roof", "dealstage": "prospecting", "amount": 800},
            ],
        )
        associate.associate(work, deal, company, [Link(facade, nordisk), Link(roof, nordisk)])
    return {"nordisk": nordisk, "havn": havn, "soren": soren, "facade": facade, "roof": roof}


@pytest.fixture
def visit(browser: Browser, live_server: Any, sales: dict[str, int]) -> Iterator[Any]:
    """Give a function that opens a browser of a given shape, signs Ada or someone else in and returns its page."""
    complaints: list[str] = []
    contexts = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(part in message.text for part in MEANT):
            complaints.append(f"{message.location.get('url')}: {message.text}")

    def opened(email: str = EMAIL, **shape: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, locale="en-GB", **shape)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in?next=/p/starter/deals/board/default")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/p/starter/deals/board/default")
        return page

    yield opened
    for context in contexts:
        for page in context.pages:  # htmx complains of a question that closing cuts off
            expect(page.locator(".htmx-request")).to_have_count(0)
        context.close()
    assert complaints == []
