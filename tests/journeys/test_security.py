"""A person's own security in a real browser: authenticator app, recovery code, passkey, signing out elsewhere."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from tests.web.authenticator import code, secret_on

from .conftest import EMAIL, PASSWORD

PICTURES = os.environ.get("PICTURES", "")
"""A folder for pictures of the pages, for those who want to look at them."""


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES, f"{name}.png"), full_page=True)


def confirm(page: Page) -> None:
    """Prove who one is with the password."""
    page.get_by_label("Password").fill(PASSWORD)
    picture(page, "confirm")
    page.get_by_role("button", name="Confirm").click()


def to_security(page: Page) -> None:
    page.locator(".person-menu summary").click()
    page.get_by_role("link", name="Security").click()
    expect(page.get_by_role("heading", name="Security", exact=True)).to_be_visible()


def sign_in(page: Page) -> None:
    """Give the password in a browser that nobody has signed in with."""
    page.goto("/sign-in?next=/p/starter/companies")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_con_6_the_app_is_set_up_and_asked_for_and_a_recovery_code_helps_without_it(
    visit: Any, browser: Any, live_server: Any
) -> None:
    page = visit()
    to_security(page)
    picture(page, "security-before")
    page.get_by_role("link", name="Set up").click()
    confirm(page)
    expect(page.get_by_alt_text("QR code with the secret below")).to_be_visible()
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 0
    picture(page, "app")
    secret = secret_on(page.content())
    page.get_by_label("Enter the code that the app shows").fill(code(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    picture(page, "codes")
    codes = page.locator(".own-codes code").all_inner_texts()
    assert len(codes) == 10
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert codes == Path(download.value.path()).read_text().splitlines()[2:]
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 left.")).to_be_visible()

    fresh = browser.new_context(base_url=live_server.url)
    try:
        other = fresh.new_page()
        sign_in(other)
        expect(other.get_by_role("heading", name="One more step")).to_be_visible()
        picture(other, "second-step")
        other.get_by_label("Code").fill(codes[4])
        other.get_by_role("button", name="Sign in").click()
        other.wait_for_url("**/p/starter/companies")

        page.goto("/security")
        expect(page.get_by_text("9 left.")).to_be_visible()
        expect(page.get_by_role("cell", name="Password and recovery code")).to_be_visible()
        picture(page, "security")
        page.get_by_role("button", name="Sign out everywhere else").click()
        expect(page.get_by_text("Signed out there.")).to_be_visible()
        other.goto("/p/starter/companies")
        expect(other.get_by_role("heading", name="Sign in to Wonward")).to_be_visible()
    finally:
        fresh.close()
    page.goto("/p/starter/companies")
    expect(page.get_by_role("heading", name="Companies")).to_be_visible()


def test_a_passkey_signs_in_alone(visit: Any, live_server: Any) -> None:
    page = visit()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device_id = devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})["authenticatorId"]
    to_security(page)
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    page.get_by_label("Name").fill("Adas bærbare")
    picture(page, "passkey")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Adas bærbare")).to_be_visible()
    assert len(devices.send("WebAuthn.getCredentials", {"authenticatorId": device_id})["credentials"]) == 1

    page.context.clear_cookies()
    page.goto("/sign-in?next=/p/starter/companies")
    picture(page, "sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/p/starter/companies")

    # A device that can't check who holds it gets nowhere.
    page.context.clear_cookies()
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device_id, "isUserVerified": False})
    page.goto("/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Nothing was done")).to_be_visible()
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device_id, "isUserVerified": True})

    # Besides a password it is the second factor; then it is renamed and removed.
    sign_in(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/p/starter/companies")
    page.goto("/security")
    page.get_by_role("link", name="Rename Adas bærbare").click()
    confirm(page)
    page.get_by_label("Name").fill("Nøglen")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Nøglen").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    expect(page.get_by_text("Nøglen")).to_have_count(0)


def test_an_invited_person_comes_in_and_sets_up_what_the_portal_asks_for(
    browser: Any, live_server: Any, sales: dict[str, int], settings: Any
) -> None:
    from wonward.accounts import invitations
    from wonward.accounts.models import Portal

    settings.WONWARD_URL = live_server.url
    Portal.objects.filter(name="starter").update(second_factor=True)
    made = invitations.invite(
        "soren@nordisk.example", "Søren Ågård", Portal.objects.get(name="starter"), "super_admin"
    )
    assert made
    context = browser.new_context(color_scheme="dark", viewport={"width": 420, "height": 800})
    try:
        page = context.new_page()
        page.goto(invitations.link(made))
        expect(page.get_by_label("Your name")).to_have_value("Søren Ågård")
        picture(page, "invitation")
        page.get_by_label("Choose a password").fill(PASSWORD)
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_text("Sign in with your new password.")).to_be_visible()
        page.get_by_label("Email").fill("soren@nordisk.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_text("asks everyone for a second factor")).to_be_visible()
        picture(page, "wanting")
        page.get_by_role("link", name="Set up").click()
        confirm(page)
        picture(page, "app-dark")
        page.get_by_label("Enter the code that the app shows").fill(code(secret_on(page.content())))
        page.get_by_role("button", name="Switch it on").click()
        page.get_by_role("link", name="I have kept them").click()
        picture(page, "security-dark")
        page.get_by_role("link", name="Back to Wonward").click()
        page.wait_for_url("**/p/starter/**")
        context.clear_cookies()
        page.goto(f"{live_server.url}/sign-in")
        page.get_by_role("link", name="Forgotten your password?").click()
        picture(page, "forgotten")
        page.get_by_label("Email").fill("soren@nordisk.example")
        page.get_by_role("button", name="Write to me").click()
        expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
        picture(page, "sent")
    finally:
        context.close()
