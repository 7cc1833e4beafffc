"""A deal meets the gates of its pipeline: on the board by mouse and keyboard, and on its own page."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.salg import PROPERTIES, SALG

from wonward import wiring
from wonward.blueprints import apply
from wonward.records import associate, query, write
from wonward.records.associate import Link
from wonward.records.query import Query

Visit = Callable[..., Page]
BOARD = "/p/starter/deals/board/salg"


@pytest.fixture
def deal(sales: dict[str, int]) -> int:
    """A deal at the start of the gated pipeline, of a company that says where invoices go."""
    apply.define("starter", {**PROPERTIES, ("pipeline", "deal.salg"): SALG}, actor="user:1")
    with wiring.writing("starter", actor="user:1", source="web") as work:
        company, kind = work.catalog.object_type("company"), work.catalog.object_type("deal")
        [deal] = write.create(work, kind, [{"dealname": "Tårnet", "pipeline": "salg"}])
        [nordisk] = write.create(work, company, [{"name": "Måleri", "fakturamail": "faktura@nordisk.dk"}])
        associate.associate(work, kind, company, [Link(deal, nordisk)])
    return deal


def stands_in(deal: int) -> Any:
    work = wiring.reading("starter", actor="user:1", source="web")
    return query.rows(work, Query(work.catalog.object_type("deal"), ids=[deal]), ["dealstage"])[0][1]


def choose(page: Page, card: Any, stage: str) -> None:
    card.locator(".card-move").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name=stage).click()


def test_con_8_a_card_waits_at_the_gate_until_it_has_what_it_needs(visit: Visit, deal: int) -> None:
    page = visit()
    page.goto(BOARD)
    card = page.locator(f"#card-{deal}")
    choose(page, card, "Møde booket")
    sheet = page.locator("#sheet")
    expect(sheet.get_by_role("heading", name="Tårnet to Møde booket")).to_be_visible()
    expect(sheet.get_by_text("Deal type is needed in Møde booket")).to_be_visible()
    expect(page.locator(".cards[data-stage=dialog] .card")).to_have_count(1)
    with page.expect_response("**/stage"):
        sheet.get_by_role("button", name="Move to Møde booket").click()
    expect(sheet.get_by_text("Deal type is needed in Møde booket")).to_be_visible()
    sheet.get_by_label("Deal type").select_option("newbusiness")
    sheet.get_by_role("button", name="Move to Møde booket").click()
    expect(page.locator(".cards[data-stage=moede] .card")).to_have_count(1)
    expect(sheet).to_be_hidden()
    assert stands_in(deal) == "moede"


def test_cancelled_at_the_gate_the_card_stays(visit: Visit, deal: int) -> None:
    page = visit()
    page.goto(BOARD)
    choose(page, page.locator(f"#card-{deal}"), "Tilbud sendt")
    sheet = page.locator("#sheet")
    expect(sheet.get_by_text("Tilknyt en kontaktperson")).to_be_visible()
    sheet.get_by_text("Cancel", exact=True).click()
    expect(sheet).to_be_hidden()
    expect(page.locator(".cards[data-stage=dialog] .card")).to_have_count(1)
    assert stands_in(deal) == "dialog"


def test_con_11_on_the_page_of_the_deal_copied_values_are_checked(visit: Visit, deal: int) -> None:
    page = visit()
    page.goto(f"/p/starter/deals/{deal}")
    page.locator("#steps").get_by_role("button", name="Til fakturering").click()
    sheet = page.locator("#sheet")
    expect(sheet.get_by_label("Fakturamail")).to_have_value("faktura@nordisk.dk")
    sheet.get_by_role("button", name="Move to Til fakturering").click()
    expect(page.locator("#steps [aria-current=step]")).to_have_text("Til fakturering")
    assert stands_in(deal) == "fakturering"
