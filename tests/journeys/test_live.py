"""Two people at two screens: what one changes the other sees, and nobody loses what they are about to do."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Portal
from wonward.records import write

from .conftest import PASSWORD
from .test_sales_day import column, drag, head

Visit = Callable[..., Page]
DESKTOP = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Pages ask every three seconds; a busy machine takes its time besides."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def ada(visit: Visit, sales: dict[str, int]) -> Page:
    """Ada's browser."""
    return visit(**DESKTOP)


@pytest.fixture
def soren(visit: Visit, sales: dict[str, int]) -> Page:
    """Søren's browser."""
    users.create("soren@example.com", "Søren Ågård", PASSWORD, [Portal.objects.get(name="starter")])
    return visit(email="soren@example.com", **DESKTOP)


def update(number: int, **values: Any) -> None:
    with wiring.writing("starter", actor="token:1", source="api") as work:
        write.update(work, work.catalog.object_type("deal"), [(number, values)])


def change(page: Page, number: int, name: str, text: str) -> None:
    """Change a property of a deal on its page."""
    page.goto(f"/p/starter/deals/{number}")
    prop = page.locator(f"#property-{name}")
    prop.hover()
    prop.get_by_role("link", name="Edit").click()
    prop.get_by_role("textbox").fill(text)
    prop.get_by_role("button", name="Save").click()
    expect(prop.locator(".value")).to_be_visible()


def test_a_list_shows_what_another_changed_and_keeps_ones_place(
    ada: Page, soren: Page, sales: dict[str, int]
) -> None:
    ada.goto("/p/starter/deals?sort=dealname")
    facade = ada.get_by_role("row").filter(has_text="Facade")
    ada.get_by_role("link", name="House 20").focus()
    ada.locator(".table-frame").evaluate("frame => frame.scrollTop = 120")
    ada.locator("[name=where]").first.fill("amount > 5")
    ada.get_by_role("link", name="House 20").focus()
    top = ada.locator(".table-frame").evaluate("frame => frame.scrollTop")
    change(soren, sales["facade"], "amount", "5000")
    expect(facade).to_contain_text("$5,000")
    expect(facade).to_have_class(re.compile("changed"))
    expect(ada.get_by_role("link", name="House 20")).to_be_focused()
    assert ada.locator(".table-frame").evaluate("frame => frame.scrollTop") == top
    expect(ada.locator("[name=where]").first).to_have_value("amount > 5")
    update(sales["roof"], dealname="Ærø roof")
    expect(ada.get_by_role("row").last).to_contain_text("Ærø roof")


def test_a_board_shows_what_another_moved_but_not_while_one_drags(
    ada: Page, soren: Page, sales: dict[str, int]
) -> None:
    drag(soren, soren.locator(f"#card-{sales['facade']}"), column(soren, "closedwon"))
    expect(column(ada, "closedwon").locator(".card-name")).to_have_text("Facade")
    expect(head(ada, "closedwon")).to_contain_text("$1,200.50")
    roof = ada.locator(f"#card-{sales['roof']}")
    box = roof.bounding_box()
    assert box
    ada.mouse.move(box["x"] + 60, box["y"] + 12)
    ada.mouse.down()
    ada.mouse.move(box["x"] + 90, box["y"] + 40, steps=6)
    with ada.expect_response(lambda response: "/live?" in response.url and response.status == 200):
        update(sales["facade"], amount="7000")
    ada.wait_for_timeout(1500)
    expect(head(ada, "closedwon")).to_contain_text("$1,200.50")
    ada.mouse.up()
    expect(head(ada, "closedwon")).to_contain_text("$7,000")
    drag(ada, roof, column(ada, "closedlost"))
    expect(column(soren, "closedlost").locator(".card-name")).to_have_text("Roof")


def test_what_one_types_stays_and_a_note_says_what_another_made_of_it(
    ada: Page, soren: Page, sales: dict[str, int]
) -> None:
    ada.goto(f"/p/starter/deals/{sales['facade']}")
    amount = ada.locator("#property-amount")
    amount.hover()
    amount.get_by_role("link", name="Edit Amount").click()
    amount.get_by_role("textbox").fill("1300")
    ada.locator("#composer textarea").fill("Called about Ærø")
    amount.get_by_role("textbox").focus()
    change(soren, sales["facade"], "amount", "5000")
    change(soren, sales["facade"], "hs_next_step", "Ring til Ågård")
    expect(amount.get_by_role("status")).to_have_text(
        "Søren Ågård changed Amount from $1,200.50 to $5,000 just now"
    )
    expect(ada.locator("#property-hs_next_step .value")).to_have_text("Ring til Ågård")
    expect(ada.locator(".story").first).to_contain_text("Søren Ågård changed Next step")
    expect(ada.locator(".composers .current")).to_have_text("Note")
    expect(amount.get_by_role("textbox")).to_have_value("1300")
    expect(amount.get_by_role("textbox")).to_be_focused()
    expect(ada.locator("#composer textarea")).to_have_value("Called about Ærø")
    amount.get_by_role("textbox").press("Enter")
    expect(amount.get_by_role("alert")).to_contain_text("Someone changed this to $5,000 meanwhile")


def test_the_form_of_all_properties_notes_it_too(ada: Page, soren: Page, sales: dict[str, int]) -> None:
    ada.goto(f"/p/starter/deals/{sales['facade']}/edit")
    ada.get_by_label("Amount", exact=True).fill("1300")
    change(soren, sales["facade"], "amount", "5000")
    expect(ada.get_by_text("Søren Ågård changed Amount from $1,200.50 to $5,000 just now")).to_be_visible()
    expect(ada.get_by_label("Amount", exact=True)).to_have_value("1300")
    ada.evaluate("document.querySelector('[data-cancels]').click()")


def test_an_import_does_not_hammer_but_offers_to_show_it(ada: Page, sales: dict[str, int]) -> None:
    ada.goto("/p/starter/companies")
    pages: list[str] = []
    ada.on(
        "request", lambda request: pages.append(request.url) if request.url.endswith("/companies") else None
    )
    with wiring.writing("starter", actor="import:1", source="import") as work:
        write.create(work, work.catalog.object_type("company"), [{"name": f"Hus {n}"} for n in range(300)])
    note = ada.get_by_role("status").filter(has_text="Many records have changed")
    expect(note).to_be_visible()
    assert pages == []
    note.get_by_role("button", name="Show them").click()
    expect(ada.locator("#total")).to_have_text("302")
    expect(note).to_be_hidden()


def test_a_page_nobody_looks_at_asks_nothing_and_one_signed_out_stops(
    ada: Page, sales: dict[str, int]
) -> None:
    asked: list[int] = []
    ada.on("response", lambda response: asked.append(response.status) if "/live?" in response.url else None)
    ada.evaluate(
        "Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    ada.wait_for_timeout(4500)
    assert asked == []
    ada.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    ada.wait_for_timeout(1500)
    assert asked == [204]
