"""CON-4 in a real browser: views as tabs, saved and shared; columns and the properties that stand first, chosen."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from wonward.accounts import users
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply

from .conftest import PASSWORD

PICTURES = os.environ.get("PICTURES", "")
"""A folder for pictures of the pages, for those who want to look at them."""

PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES, f"{name}.png"))


def tab(page: Page, label: str) -> Any:
    return page.get_by_role("navigation", name="Views").get_by_role("link", name=label)


def bo() -> Member:
    """Make Bo, who sells."""
    body = {"label": "Sælger", "default": {"view": "everyone", "edit": "everyone", "create": True}}
    apply.define("starter", {("role", "saelger"): body}, actor="user:1")
    users.create("bo@example.com", "Bo Berg", PASSWORD, [Portal.objects.get(name="starter")], "saelger")
    return Member.objects.get(email="bo@example.com")


def choose_columns(page: Page) -> list[str]:
    """Narrow the list, choose its columns by search, tick and keys, sort it; return what stands over them."""
    tab(page, "All").click()
    page.get_by_label("Filter deals").fill("amount > 700")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator("#total")).to_have_text("2")
    page.get_by_role("link", name="Columns").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Find a property").fill("next")
    sheet.get_by_role("checkbox", name="Next step").check()
    sheet.get_by_role("checkbox", name="Close date").uncheck()
    sheet.get_by_role("button", name="Move Next step up").click()
    sheet.get_by_role("button", name="Move Next step up").press("Enter")
    picture(page, "views-columns")
    sheet.get_by_role("button", name="Show").last.click()
    expect(page.locator("thead th").nth(-3)).to_have_text("Next step")
    labels = page.locator("thead th").all_text_contents()
    assert labels[-3:] == ["Next step", "Deal owner", "Opportunity ID"], labels
    page.get_by_role("link", name="Amount").click()
    page.get_by_role("link", name="Amount").click()
    expect(page.locator("thead [aria-sort=descending]")).to_have_text("Amount")
    return labels


def save_for_everyone(page: Page) -> str:
    """Save what is shown as a pinned view for everyone; return its address."""
    page.get_by_role("link", name="Save as a view").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Name").fill("Store deals")
    sheet.get_by_label("Everyone").check()
    sheet.get_by_label("Pin it").check()
    picture(page, "views-save")
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved the view Store deals.")).to_be_visible()
    expect(tab(page, "Store deals")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("link", name="Save as a view")).to_have_count(0)
    return page.url


def change_what_it_shows(page: Page) -> None:
    page.get_by_label("Filter deals").fill("amount > 1000")
    page.keyboard.press("Enter")
    expect(page.locator("#total")).to_have_text("1")
    picture(page, "views-changed")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_label("Filter deals")).to_have_value("amount > 1000")
    page.goto("/p/starter/deals")
    tab(page, "Store deals").click()
    expect(page.locator("#total")).to_have_text("1")


def copy_it(other: Page, address: str) -> None:
    """Open the link as somebody else, who can't change the view, and copy it."""
    other.goto(address)
    expect(other.get_by_role("link", name="Facade")).to_be_visible()
    expect(other.get_by_role("button", name="Save changes")).to_have_count(0)
    other.get_by_role("link", name="All views").click()
    picture(other, "views-all-of-another")
    other.get_by_role("link", name="Copy Store deals").click()
    dialog = other.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("Copy of Store deals")
    expect(dialog.get_by_label("Everyone")).to_have_count(0)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(tab(other, "Copy of Store deals")).to_have_attribute("aria-current", "page")


def test_con_4_a_view_is_saved_shared_changed_and_found_again(visit: Any) -> None:
    page = visit()
    bo()
    page.goto("/p/starter/deals")
    tab(page, "My open deals").click()
    expect(page.locator("#total")).to_have_text("1")
    expect(page.get_by_role("link", name="Facade")).to_be_visible()
    picture(page, "views-list")
    labels = choose_columns(page)
    address = save_for_everyone(page)
    assert page.locator("thead th").all_text_contents() == labels
    change_what_it_shows(page)
    other = visit("bo@example.com")
    copy_it(other, address)

    page.get_by_role("link", name="All views").click()
    picture(page, "views-all")
    page.get_by_role("link", name="Change Store deals").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Only me").check()
    sheet.get_by_label("Name").fill("Egne store")
    picture(page, "views-change")
    sheet.get_by_label("Name").press("Control+s")
    expect(tab(page, "Egne store")).to_be_visible()
    other.goto(address)
    expect(other.get_by_text("There is no such view, or it isn't shared with you")).to_be_visible()
    page.get_by_role("link", name="All views").click()
    page.get_by_role("link", name="Change Egne store").click()
    sheet.get_by_role("button", name="Delete the view").click()
    expect(page.get_by_text("Deleted the view Egne store.")).to_be_visible()


def test_con_4_each_chooses_what_stands_first_and_an_admin_for_everyone(
    visit: Any, sales: dict[str, int]
) -> None:
    page = visit()
    bo()
    deal = f"/p/starter/deals/{sales['facade']}"
    page.goto(deal)
    first = page.locator(".panel details").first
    expect(first.locator("dt").first).to_have_text("Deal name")
    page.get_by_role("link", name="Choose what stands first").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("checkbox", name="Deal name").uncheck()
    sheet.get_by_role("button", name="Move Amount up").focus()
    page.keyboard.press("Enter")
    picture(page, "first-chooser")
    sheet.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("These properties stand first for you now.")).to_be_visible()
    expect(first.locator("dt").first).to_have_text("Amount")
    picture(page, "first-record")
    page.get_by_role("link", name="Choose what stands first").click()
    sheet.get_by_role("button", name="Make this the default for everyone").click()
    expect(page.get_by_text("stand first for everyone who hasn't chosen others")).to_be_visible()

    other = visit("bo@example.com", java_script_enabled=False)
    other.goto(deal)
    expect(other.locator(".panel details").first.locator("dt").first).to_have_text("Amount")
    other.get_by_role("link", name="Choose what stands first").click()
    expect(other.get_by_role("button", name="Make this the default for everyone")).to_have_count(0)
    other.get_by_role("button", name="Move Amount down").click()
    other.get_by_role("checkbox", name="Next step").check()
    picture(other, "first-without-scripts")
    other.get_by_role("button", name="Save").last.click()
    terms = other.locator(".panel details").first.locator("dt").all_text_contents()
    assert (terms[1], terms[-1]) == ("Amount", "Next step")
    other.get_by_role("link", name="Choose what stands first").click()
    other.get_by_role("button", name="Back to the default").click()
    expect(other.locator(".panel details").first.locator("dt").first).to_have_text("Amount")


def test_on_a_phone_in_the_dark(visit: Any, sales: dict[str, int]) -> None:
    page = visit(**PHONE)
    for name, address in (
        ("list", "/p/starter/deals?view=my_open_deals"),
        ("changed", "/p/starter/deals?view=my_open_deals&where=amount+%3E+7&sort=amount"),
        ("board", "/p/starter/deals/board/default?view=my_open_deals"),
        ("all", "/p/starter/deals/views"),
        ("new", "/p/starter/deals/views/new?layout=list&where=amount+%3E+7"),
        ("columns", "/p/starter/deals/columns?columns=amount,closedate"),
        ("first", f"/p/starter/deals/key-properties?record={sales['facade']}"),
    ):
        page.goto(address)
        expect(page.locator("main h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        picture(page, f"phone-views-{name}")
