"""Ada finds the same person twice: she merges by keyboard, undoes it, and works off the likely duplicates."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from wonward import wiring
from wonward.records import write
from wonward.records.duplicates.check import check


def people() -> list[int]:
    """Make Søren three times: once with his name spelled otherwise, once known by his telephone alone."""
    with wiring.writing("starter", actor="user:1", source="web") as work:
        contact = work.catalog.object_type("contact")
        ids = write.create(
            work,
            contact,
            [
                {
                    "firstname": "Søren",
                    "lastname": "Ågård",
                    "email": "sa@nordisk.example",
                    "phone": "+45 12345678",
                    "jobtitle": "Malermester",
                    "lifecyclestage": "lead",
                },
                {
                    "firstname": "Sören",
                    "lastname": "Aagaard",
                    "email": "sa+nyt@nordisk.example",
                    "phone": "12 34 56 78",
                    "jobtitle": "Ejer",
                    "lifecyclestage": "customer",
                    "zip": "8000",
                },
                {"firstname": "Maler", "lastname": "Ågård", "phone": "+45 12345678"},
            ],
        )
        check(work, contact, ids)
    return ids


def test_merging_by_keyboard_undoing_it_and_working_off_the_queue(
    visit: Callable[..., Page], sales: Any
) -> None:
    kept, other, third = people()
    page = visit(viewport={"width": 1200, "height": 800})
    page.goto(f"/p/starter/contacts/{kept}/merge")
    page.keyboard.type("sören")
    expect(page.locator("#others a").first).to_contain_text("Sören Aagaard")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Merge")).to_be_focused()
    title = page.get_by_role("radiogroup", name="Job title")
    title.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowRight")
    expect(title.get_by_role("radio", name="Ejer")).to_be_checked()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/contacts/{kept}")
    expect(page.get_by_role("status").first).to_contain_text("Merged Sören Aagaard into Søren Ågård.")
    expect(page.locator(".panel")).to_contain_text("Ejer")
    page.goto(f"/p/starter/contacts/{other}")
    page.wait_for_url(f"**/contacts/{kept}")
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_role("status").first).to_contain_text("Sören Aagaard is a contact of its own again.")
    expect(page.locator(".panel")).to_contain_text("Malermester")

    page.goto("/p/starter/contacts")
    page.get_by_role("link", name="3 likely duplicates").click()
    page.wait_for_url("**/duplicates/contacts")
    page.keyboard.press("o")
    page.wait_for_url("**keep=**")
    expect(page.locator(".pair thead th").first).to_contain_text("Sören Aagaard")
    page.keyboard.press("m")
    expect(page.get_by_role("status").first).to_contain_text("Merged Søren Ågård into Sören Aagaard.")
    expect(page.locator(".pair thead")).to_contain_text("Maler Ågård")
    page.wait_for_load_state()
    page.keyboard.press("n")
    expect(page.get_by_role("status").first).to_contain_text("Told apart")
    page.goto(f"/p/starter/contacts/{third}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Maler Ågård")
