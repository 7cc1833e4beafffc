"""An admin's day with people in a real browser: inviting, giving rights and a seat, letting somebody leave."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from wonward import wiring
from wonward.accounts import invitations, users
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.records import write
from wonward.records.models import HandOver
from wonward.worker import jobs

from .conftest import PASSWORD

PICTURES = os.environ.get("PICTURES", "")
"""A folder for pictures of the pages, for those who want to look at them."""

PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES, f"{name}.png"), full_page=True)


def people() -> Member:
    """Make roles, seats and colleagues; Søren has deals and a page on which he is booked."""
    portal = Portal.objects.get(name="starter")
    page = {
        "label": "Samtale",
        "hosts": ["soren@nordisk.example"],
        "lengths": [30],
        "hours": {"monday": ["09:00-16:00"]},
    }
    wanted: dict[tuple[str, str], dict[str, Any]] = {
        ("role", "saelger"): {"label": "Sælger", "default": {"view": "everyone"}},
        ("seat", "salg"): {"label": "Salg", "count": 1, "unlocks": ["forecast"]},
        ("scheduling_page", "samtale"): page,
    }
    apply.define("starter", wanted, actor="user:1")
    for name, email in (("Søren Ågård", "soren"), ("Bo Berg", "bo")):
        users.create(f"{email}@nordisk.example", name, PASSWORD, [portal], "saelger")
    Member.objects.update(owns_records=True)
    soren = Member.objects.get(first_name="Søren")
    with wiring.writing("starter", actor="cli", source="cli") as work:
        mine = {"hubspot_owner_id": str(soren.pk)}
        write.create(
            work, work.catalog.object_type("deal"), [{"dealname": f"Tag {n}", **mine} for n in range(12)]
        )
        task = {"hs_task_subject": "Ring til Åse", "hs_timestamp": "2026-12-01", **mine}
        write.create(work, work.catalog.object_type("task"), [task])
    invitations.invite("ib@nordisk.example", "Ib Bæk", portal, "saelger")
    return soren


def test_con_1_an_admin_invites_gives_rights_and_lets_somebody_leave(visit: Any) -> None:
    page = visit()
    people()
    page.goto("/p/starter/companies")
    page.get_by_role("link", name="People").click()
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    expect(page.get_by_text("0 of 1 Salg seats taken")).to_be_visible()
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("Whom").fill("Ane Dam <ane@nordisk.example>\nikke en adresse")
    page.get_by_label("Role").select_option("saelger")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("Line 2: 'ikke en adresse' is no email address")).to_be_visible()
    picture(page, "people-invite-refused")
    page.get_by_label("Whom").fill("Ane Dam <ane@nordisk.example>")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("Invited: ane@nordisk.example")).to_be_visible()
    picture(page, "people-list")
    page.get_by_role("button", name="Withdraw the invitation of ib@nordisk.example").click()
    expect(page.get_by_text("Ib Bæk")).to_have_count(0)

    page.get_by_role("link", name="Bo Berg").click()
    page.get_by_label("Seat").select_option("salg")
    page.get_by_label("Primary team").fill("Aarhus")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Bo Berg is up to date.")).to_be_visible()
    picture(page, "people-member")
    page.goto("/p/starter/people?q=søren")
    page.get_by_role("link", name="Søren Ågård").click()
    page.get_by_label("Seat").select_option("salg")
    page.get_by_label("First day").fill("2026-12-21")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("All 1 Salg seats are taken, by Bo Berg")).to_be_visible()
    expect(page.get_by_text("Give the first and the last day away")).to_be_visible()
    picture(page, "people-member-refused")

    page.get_by_role("link", name="Leaves…").click()
    expect(page.get_by_text("Scheduling page samtale")).to_be_visible()
    page.get_by_label("Everything goes to").select_option(label="Bo Berg")
    page.get_by_label("Deals").select_option(label="Ada Holm")
    picture(page, "people-leave")
    page.get_by_role("button", name="Let Søren Ågård leave").click()
    expect(page.get_by_text("0 of 13 records are handed over.")).to_be_visible()
    picture(page, "people-progress")
    jobs.hand_over(HandOver.objects.get().pk)
    expect(page.get_by_text("13 of 13 records were handed over")).to_be_visible()
    picture(page, "people-left")
    page.get_by_role("button", name="Make a member again").click()
    expect(page.get_by_text("Søren Ågård is a member again.")).to_be_visible()


def test_on_a_phone_in_the_dark(visit: Any) -> None:
    page = visit(**PHONE)
    soren = people()
    for name, address in (
        ("list", "/p/starter/people"),
        ("member", f"/p/starter/people/{soren.pk}"),
        ("leave", f"/p/starter/people/{soren.pk}/leave"),
        ("invite", "/p/starter/people/invite"),
    ):
        page.goto(address)
        expect(page.locator("main h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        picture(page, f"phone-people-{name}")
