"""A seller's day in the browser: find, move, edit, look back."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.errors import Problem

Visit = Callable[..., Page]
DESKTOP = {"viewport": {"width": 1440, "height": 900}}


def column(page: Page, stage: str) -> Any:
    return page.locator(f'.cards[data-stage="{stage}"]')


def head(page: Page, stage: str) -> Any:
    return page.locator(".column", has=column(page, stage)).locator(".column-head")


def drag(page: Page, card: Any, target: Any) -> None:
    """Drag as a hand does: press, move in steps, let go."""
    start, end = card.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + 60, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(end["x"] + 80, end["y"] + 40, steps=12)
    page.mouse.move(end["x"] + 84, end["y"] + 44, steps=3)
    page.mouse.up()


def test_a_card_dragged_and_a_property_edited_stand_in_the_history(
    visit: Visit, sales: dict[str, int]
) -> None:
    page = visit(**DESKTOP)
    expect(head(page, "prospecting")).to_contain_text("2")
    expect(head(page, "prospecting")).to_contain_text("$2,000.50")
    drag(page, page.locator(f"#card-{sales['facade']}"), column(page, "closedwon"))
    expect(column(page, "closedwon").locator(".card-name")).to_have_text("Facade")
    expect(head(page, "closedwon")).to_contain_text("$1,200.50")
    expect(head(page, "prospecting")).to_contain_text("$800")
    expect(page.get_by_text("Facade moved to Won.")).to_be_visible()

    page.get_by_role("link", name="Facade", exact=True).click()
    amount = page.locator("#property-amount")
    amount.hover()
    amount.get_by_role("link", name="Edit Amount").click()
    field = amount.get_by_role("textbox")
    expect(field).to_be_focused()
    field.fill("a lot")
    field.press("Enter")
    expect(amount.get_by_role("alert")).to_have_text(
        "a lot was not a valid number for Amount; write it as 1234.50"
    )
    field = amount.get_by_role("textbox")
    field.fill("1500")
    field.press("Control+s")
    expect(amount.locator(".value")).to_have_text("$1,500")

    stories = page.locator(".story")
    expect(stories.nth(0)).to_contain_text("Ada Holm changed Amount")
    expect(stories.nth(0)).to_contain_text(re.compile(r"\$1,200\.50\s+\$1,500"))
    expect(stories.nth(0).locator("time")).to_have_text(re.compile(r"\d\d:\d\d"))
    expect(stories.nth(1)).to_contain_text("Ada Holm moved this to another stage")
    expect(stories.nth(1)).to_contain_text(re.compile(r"Prospecting\s+Won"))
    expect(stories.last).to_contain_text("Import created this deal")

    amount.hover()
    amount.get_by_role("link", name="History of Amount").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.locator("li").nth(0)).to_contain_text("$1,500")
    expect(sheet.locator("li").nth(1)).to_contain_text("Import")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_refused_card_goes_back_and_says_why(visit: Visit, sales: dict[str, int], monkeypatch: Any) -> None:
    page = visit(**DESKTOP)
    problem = Problem("Roof needs a close date before it is won", property="dealstage")
    monkeypatch.setattr(wiring, "GUARDS", (*wiring.GUARDS, lambda *_: [problem]))
    names = column(page, "prospecting").locator(".card-name")
    before = names.all_text_contents()
    drag(page, page.locator(f"#card-{sales['roof']}"), column(page, "closedwon"))
    expect(page.get_by_text("Roof needs a close date before it is won")).to_be_visible()
    expect(names).to_have_text(before)
    expect(column(page, "closedwon").locator(".card")).to_have_count(0)


def test_a_card_moves_by_keyboard_alone(visit: Visit, sales: dict[str, int]) -> None:
    page = visit(**DESKTOP)
    page.locator(f"#card-{sales['roof']} .card-move").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Move Roof to")
    expect(dialog.get_by_role("button", name="Prospecting")).to_be_disabled()
    dialog.get_by_role("button", name="Lost").focus()
    page.keyboard.press("Enter")
    expect(column(page, "closedlost").locator(".card-name")).to_have_text("Roof")
    expect(page.locator(f"#card-{sales['roof']} .card-move")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(column(page, "closedlost").locator(".card-name")).to_have_text("Roof")


def test_a_long_column_loads_the_rest(visit: Visit) -> None:
    page = visit(**DESKTOP)
    cards = column(page, "engaging").locator(".card")
    expect(cards).to_have_count(25)
    column(page, "engaging").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(cards).to_have_count(28)
    expect(column(page, "engaging").get_by_role("button", name="Load more")).to_have_count(0)


def test_a_company_is_found_by_typing_its_name(visit: Visit, sales: dict[str, int]) -> None:
    page = visit(**DESKTOP)
    page.keyboard.press("/")
    expect(page.get_by_label("Search records")).to_be_focused()
    page.keyboard.type("måleri")
    found = page.locator("#found").get_by_role("link", name="Nordisk Måleri A/S")
    expect(found).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(found).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/companies/{sales['nordisk']}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nordisk Måleri A/S")


def test_a_filter_that_is_wrong_is_mended(visit: Visit) -> None:
    page = visit(**DESKTOP)
    page.get_by_role("link", name="List").click()
    expect(page.locator("#total")).to_have_text("30")
    box = page.get_by_label("Filter deals")
    box.fill("amont > 1000")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(
        "there is no property 'amont' on Deal; did you mean 'amount'?"
    )
    expect(page.locator("pre")).to_have_text("amont > 1000\n^^^^^")
    box.fill("amount > 1000")
    box.press("Enter")
    expect(page.locator("#total")).to_have_text("1")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_note_a_task_and_an_association(visit: Visit, sales: dict[str, int]) -> None:
    page = visit(**DESKTOP)
    page.goto(f"/p/starter/deals/{sales['facade']}")
    page.get_by_label("Note text").fill("Talked to Søren Ågård.")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".story").first).to_contain_text("Talked to Søren Ågård.")
    page.get_by_role("navigation", name="Enter an activity").get_by_role("link", name="Task").click()
    page.get_by_label("Task title").fill("Send the offer")
    page.get_by_role("button", name="Save task").click()
    page.get_by_role("button", name="Mark done").click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()

    group = page.locator("#group-contact")
    group.locator("summary").click()
    box = group.get_by_role("searchbox")
    expect(box).to_be_focused()
    box.press_sequentially("ågå")
    group.get_by_role("button", name="Søren Ågård").click()
    expect(group.get_by_role("link", name="Søren Ågård")).to_be_visible()
    group.locator("li").hover()
    group.get_by_role("button", name="Take away the association with Søren Ågård").click()
    expect(group).to_contain_text("No contacts")


def test_archived_and_brought_back(visit: Visit, sales: dict[str, int]) -> None:
    page = visit(**DESKTOP)
    page.goto(f"/p/starter/companies/{sales['havn']}")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("Archived Havn & Co.")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Havn & Co")


def test_on_a_phone(visit: Visit, sales: dict[str, int]) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark")
    for path in (
        "/p/starter/deals/board/default",
        "/p/starter/deals",
        "/p/starter/companies",
        f"/p/starter/deals/{sales['facade']}",
        f"/p/starter/deals/{sales['facade']}/edit",
        "/p/starter/contacts/new",
        "/p/starter/tickets",
        "/p/starter/search?q=nordisk",
    ):
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} pixels wide"
    side = page.get_by_role("navigation", name="Portal")
    expect(side).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    side.get_by_role("link", name="Companies").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Companies")


def test_signing_out_by_the_menu(visit: Visit) -> None:
    Portal.objects.filter(name="starter").update(label="Nordisk Salg")
    page = visit(**DESKTOP)
    expect(page.get_by_label("Portal Nordisk Salg: switch")).to_be_visible()
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Wonward")).to_be_visible()
    page.goto("/p/starter/deals")
    expect(page.get_by_role("heading", name="Sign in to Wonward")).to_be_visible()


def test_a_note_half_written_is_not_lost_without_asking(visit: Visit, sales: dict[str, int]) -> None:
    page = visit(**DESKTOP)
    page.goto(f"/p/starter/deals/{sales['facade']}")
    tabs, composer = page.locator(".composers"), page.locator("#composer")
    asked: list[str] = []
    tabs.get_by_role("link", name="Call").click()
    expect(composer).to_have_attribute("aria-label", "New call")
    tabs.get_by_role("link", name="Note").click()
    expect(composer).to_have_attribute("aria-label", "New note")
    composer.locator("textarea").fill("Søren ringer")
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    tabs.get_by_role("link", name="Call").click()
    expect(composer.locator("textarea")).to_have_value("Søren ringer")
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    tabs.get_by_role("link", name="Call").click()
    expect(composer).to_have_attribute("aria-label", "New call")
    assert asked == ["Discard what you have written?"] * 2
