"""CON-7, documents shared by link: Ada shares, Søren reads at a desk, on a phone and without scripts, Ada sees it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.attachments.conftest import use

from wonward import settings as own
from wonward import wiring
from wonward.records import write
from wonward.sharing import proof
from wonward.sharing.models import View

GONE = "status of 410"
"""Browsers report the page of a revoked link; that it is gone is what the journey looks at."""

PHONE = {"width": 390, "height": 844}
STREAM = b"BT /F1 24 Tf 72 720 Td (Facaden: et forslag i blaat) Tj ET"
PARTS = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
    b"<</Length %d>>stream\n%s\nendstream" % (len(STREAM), STREAM),
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
)


def pdf() -> bytes:
    """Return a page that browsers can show."""
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(PARTS, 1):
        places.append(len(made))
        made += b"%d 0 obj%sendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        made
        + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (
            table,
            len(made),
        )
    )


@pytest.fixture(autouse=True)
def _sending(settings: Any, tmp_path: Path, sales: dict[str, int]) -> None:
    settings.WONWARD_MAIL_FROM = "post@nordisk.example"
    settings.SMTP = own.smtp("smtp://localhost:2525?starttls=no")
    use(settings, "", tmp_path / "files")
    with wiring.writing("starter", actor="cli", source="cli") as work:
        contact = work.catalog.object_type("contact")
        write.update(work, contact, [(sales["soren"], {"email": "soren@maleri.example"})])


@pytest.fixture
def outside(browser: Browser, live_server: Any) -> Iterator[Any]:
    """A function that opens a browser of somebody who isn't signed in, at an address."""
    complaints: list[str] = []
    contexts = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and GONE not in message.text:
            complaints.append(message.text)

    def opened(address: str, *, counts: bool = False, **shape: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, locale="en-GB", **shape)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if counts:
            with page.expect_response("**/view") as told:
                page.goto(address)
            assert told.value.status == 204
        else:
            page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def pictured(page: Page, name: str) -> None:
    """Keep a picture of a page where the build keeps such, so that people can look at it."""
    page.screenshot(path=f".cache/pictures/{name}.png", full_page=True)


def link_of(page: Page) -> str:
    found = re.search(r"/d/[\w-]+", page.get_by_label("Address", exact=True).input_value())
    assert found
    return found[0]


def share(page: Page, tmp_path: Path, soren: int) -> str:
    """Go from the contact's page to a link for them; return its address."""
    file = tmp_path / "Oplæg til facaden.pdf"
    file.write_bytes(pdf())
    page.goto(f"/p/starter/contacts/{soren}")
    page.get_by_role("link", name="Share a document").click()
    expect(page.get_by_text("Choose what to share with Søren Ågård.")).to_be_visible()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Oplæg til facaden")).to_be_visible()
    expect(page.get_by_label("For whom")).to_have_value("soren@maleri.example")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_text("The link is made")).to_be_visible()
    return link_of(page)


def test_con_7_a_document_is_shared_read_and_seen_to_be_read(
    visit: Any, outside: Any, sales: dict[str, int], tmp_path: Path
) -> None:
    ada = visit(viewport={"width": 1280, "height": 900})
    address = share(ada, tmp_path, sales["soren"])
    pictured(ada, "document-made")
    assert fits(ada)
    desk = outside(address, counts=True, viewport={"width": 1200, "height": 900})
    expect(desk.get_by_role("heading", name="Oplæg til facaden")).to_be_visible()
    pictured(desk, "document-desk")
    with desk.expect_download() as saving:
        desk.get_by_role("button", name="Download").click()
    assert saving.value.suggested_filename == "Oplæg til facaden.pdf"
    assert View.objects.get().downloaded_at
    phone = outside(address, counts=True, viewport=PHONE, has_touch=True, is_mobile=True)
    assert fits(phone)
    expect(phone.locator("iframe")).to_be_hidden()
    expect(phone.get_by_role("link", name="Open the document")).to_be_visible()
    pictured(phone, "document-phone")
    ada.goto(f"/p/starter/contacts/{sales['soren']}")
    expect(ada.get_by_text("Søren Ågård looked at")).to_have_count(2)
    expect(ada.get_by_text("2 views")).to_be_visible()
    pictured(ada, "document-contact")
    ada.goto("/p/starter/notifications")
    expect(ada.get_by_text("Søren Ågård reads “Oplæg til facaden”")).to_be_visible()
    ada.goto("/p/starter/documents")
    ada.get_by_role("link", name="Oplæg til facaden").click()
    pictured(ada, "document-views")
    ada.get_by_role("button", name="Revoke").click()
    expect(ada.get_by_text("revoked")).to_be_visible()
    phone.goto(address)
    expect(phone.get_by_role("heading", name="This link works no longer")).to_be_visible()


def test_without_scripts_a_download_counts(
    visit: Any, outside: Any, sales: dict[str, int], tmp_path: Path
) -> None:
    address = share(visit(), tmp_path, sales["soren"])
    page = outside(address, java_script_enabled=False)
    expect(page.get_by_role("heading", name="Oplæg til facaden")).to_be_visible()
    assert not View.objects.exists()
    with page.expect_download():
        page.get_by_role("button", name="Download").click()
    assert View.objects.get().downloaded_at


def test_who_is_named_proves_it_by_a_mailed_code(
    visit: Any, outside: Any, sales: dict[str, int], tmp_path: Path
) -> None:
    ada = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    share(ada, tmp_path, sales["soren"])
    ada.get_by_text("New link").click()
    ada.get_by_label("Only the people named").check()
    ada.get_by_label("For whom").fill("aase@havn.example")
    assert fits(ada)
    pictured(ada, "document-private-phone")
    ada.get_by_role("button", name="Make the link").click()
    page = outside(link_of(ada), viewport=PHONE, has_touch=True, is_mobile=True)
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    pictured(page, "document-who")
    page.get_by_label("Email").fill("aase@havn.example")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    pictured(page, "document-code")
    letters: list[str] = []
    [job] = ProcrastinateJob.objects.filter(task_name=proof.JOB)
    proof.send_code(job.args["number"], lambda name, to, subject, text: letters.append(text))
    [code] = re.findall(r"\b\d{8}\b", letters[0])
    page.get_by_label("Code").fill(code)
    with page.expect_response("**/view"):
        page.get_by_role("button", name="Read the document").click()
    expect(page.get_by_role("heading", name="Oplæg til facaden")).to_be_visible()
    assert View.objects.get().reader
