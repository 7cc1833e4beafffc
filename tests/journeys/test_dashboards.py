"""CON-3 and CON-16 in a real browser: an admin enters goals; a seller clones a dashboard and filters it to "me"."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from wonward import clock, wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.records import write

from .conftest import PASSWORD

PICTURES = os.environ.get("PICTURES", "")
"""A folder for pictures of the pages, for those who want to look at them."""
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
PAGES = ("dashboards", "dashboards/sales?period=this_year", "goals")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES, f"{name}.png"), full_page=True)


def sellers() -> Member:
    """Make Søren, who has the one seat that unlocks goals and the forecast, and Bo; both have won deals this month."""
    portal = Portal.objects.get(name="starter")
    role = {"label": "Sælger", "default": {"view": "everyone", "edit": "own"}}
    seat = {"label": "Salg", "count": 1, "unlocks": ["goals", "forecast"]}
    apply.define("starter", {("role", "saelger"): role, ("seat", "salg"): seat}, actor="user:1")
    for name, email in (("Søren Ågård", "soren"), ("Bo Berg", "bo")):
        users.create(f"{email}@nordisk.example", name, PASSWORD, [portal], "saelger")
    Member.objects.update(owns_records=True)
    soren, bo = (Member.objects.get(email=f"{each}@nordisk.example") for each in ("soren", "bo"))
    Member.objects.filter(pk=soren.pk).update(seat="salg")
    won = {"dealstage": "closedwon", "closedate": clock.now().isoformat()}
    with wiring.writing("starter", actor="cli", source="cli") as work:
        deals = [
            {"dealname": "Skole", "amount": "3000", "hubspot_owner_id": str(soren.pk), **won},
            {"dealname": "Havnehus", "amount": "1000", "hubspot_owner_id": str(soren.pk), **won},
            {"dealname": "Kirke", "amount": "5000", "hubspot_owner_id": str(bo.pk), **won},
        ]
        write.create(work, work.catalog.object_type("deal"), deals)
    return soren


def test_con_3_an_admin_enters_goals_which_appear_in_reports(visit: Any) -> None:
    page = visit()
    soren = sellers()
    page.get_by_role("link", name="Dashboards").click()
    page.get_by_role("link", name="Goals").click()
    expect(page.get_by_text("No seat unlocks goals for Ada Holm, Bo Berg.")).to_be_visible()
    field = page.locator(f'[name="m{soren.pk}.{clock.now():%Y-%m}"]')
    field.fill("mange")
    field.press("Enter")
    expect(page.get_by_text("'mange' is no number")).to_be_visible()
    picture(page, "goals-refused")
    field = page.locator(f'[name="m{soren.pk}.{clock.now():%Y-%m}"]')
    field.fill("8,000")
    field.press("ArrowUp")
    expect(page.locator(f'[name="all.{clock.now():%Y-%m}"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator(f'[name="all.{clock.now():%Y-%m}"]')).to_have_attribute("placeholder", "8,000")
    picture(page, "goals")
    page.goto("/p/starter/dashboards/sales?period=this_month")
    expect(page.get_by_text("113 % of the goal $8,000").first).to_be_visible()
    row = page.get_by_role("row", name="Søren Ågård")
    expect(row.get_by_text("50 % of the goal $8,000")).to_be_visible()
    expect(page.get_by_text("Ada Holm has no seat that unlocks the forecast")).to_be_visible()
    picture(page, "dashboard")
    row.get_by_role("link", name="$4,000").click()
    expect(page.get_by_role("heading", name="Deals")).to_be_visible()
    expect(page.locator("#total")).to_have_text("2")
    expect(page.get_by_role("link", name="Havnehus")).to_be_visible()


def test_con_16_somebody_clones_a_dashboard_adapts_it_and_filters_to_me(visit: Any) -> None:
    visit()
    sellers()
    page = visit("soren@nordisk.example")
    page.get_by_role("link", name="Dashboards").click()
    expect(page.get_by_role("heading", name="Forecast")).to_be_visible()
    page.get_by_role("button", name="Clone").click()
    expect(page.get_by_text("This copy is your own")).to_be_visible()
    page.get_by_label("Name").fill("Mit salg")
    page.get_by_label("Whose figures to begin with").select_option("me")
    page.get_by_label("Period to begin with").select_option("this_month")
    for _ in range(6):
        page.get_by_role("button", name="Remove tile 2").click()
    expect(page.get_by_role("group", name="Tile 3")).to_have_count(0)
    page.get_by_role("button", name="Add a tile").click()
    tile = page.get_by_role("group", name="Tile 3")
    tile.get_by_label("Shows").select_option("bars")
    tile.get_by_label("Figure").select_option("open_deals")
    page.get_by_role("button", name="Save").last.click()
    expect(tile.get_by_role("alert")).to_contain_text("is of no period")
    picture(page, "dashboard-refused")
    tile.get_by_label("Figure").select_option("won_amount")
    tile.get_by_label("A column a").select_option("week")
    page.get_by_role("button", name="Move tile 3 up").click()
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("heading", name="Mit salg")).to_be_visible()
    number = page.get_by_role("region", name="Won amount").first
    expect(number.get_by_role("link", name="$4,000").first).to_be_visible()
    picture(page, "dashboard-own")
    page.get_by_label("Person").select_option(label="Bo Berg")
    expect(number.get_by_role("link", name="$5,000").first).to_be_visible()
    assert "owner=" in page.url, "the link can be shared"
    page.get_by_role("button", name="Pin").click()
    page.goto("/p/starter/dashboards")
    expect(page.get_by_role("heading", name="Mit salg")).to_be_visible()


def test_on_a_phone_in_the_dark(visit: Any) -> None:
    page = visit(**PHONE)
    sellers()
    for place, address in enumerate(PAGES):
        page.goto(f"/p/starter/{address}")
        expect(page.locator("main h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
        picture(page, f"phone-dashboards-{place}")
