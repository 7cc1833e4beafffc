"""The authenticator app, recovery codes and a portal that asks everyone for a second factor."""

import re
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from wonward.accounts.models import Member, Portal, SignIn

from .authenticator import code, secret_on


@pytest.fixture
def browser(client: Client, ada: Member, password: str) -> Client:
    """A browser in which Ada has signed in and has just proven once more who she is."""
    client.post("/sign-in", {"login": "ada@example.com", "password": password})
    assert client.post("/security/confirm", {"password": password}).status_code == 302
    return client


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function that moves the clock of the codes on by half minutes, from a fixed start."""
    import time

    start = time.time()
    moved = [0]

    def later(halves: int) -> float:
        moved[0] += halves
        monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: start + 30 * moved[0])
        return start + 30 * moved[0]

    later(0)
    return later


def set_up(browser: Client, at: Any) -> tuple[str, list[str]]:
    """Set the app up; return its secret and the recovery codes."""
    page = browser.get("/security/app").content.decode()
    secret = secret_on(page)
    assert "data:image/svg+xml;base64," in page
    done = browser.post("/security/app", {"code": code(secret, at(0))})
    assert done["Location"] == "/security/codes"
    page = browser.get("/security/codes").content.decode()
    return secret, re.findall(r"<li><code>(\d+)</code></li>", page)


def signing_in(password: str) -> Client:
    """Return a fresh browser that has given the right password."""
    fresh = Client()
    answer = fresh.post("/sign-in", {"login": "ada@example.com", "password": password})
    assert answer["Location"] == "/sign-in/code"
    assert fresh.get("/p/starter/deals").status_code == 302
    return fresh


def test_the_app_is_asked_for_besides_the_password(browser: Client, password: str, at: Any) -> None:
    secret, _ = set_up(browser, at)
    fresh = signing_in(password)
    refused = fresh.post("/sign-in/code", {"code": "000000"})
    assert "That isn&#39;t right" in refused.content.decode()
    assert fresh.post("/sign-in/code", {"code": code(secret, at(1))})["Location"] == "/"
    assert fresh.get("/p/starter/deals").status_code == 200


def test_a_code_works_once_also_the_one_it_was_set_up_with(browser: Client, password: str, at: Any) -> None:
    secret, _ = set_up(browser, at)
    first = code(secret, at(0))
    assert signing_in(password).post("/sign-in/code", {"code": first}).status_code == 200
    second = code(secret, at(1))
    assert signing_in(password).post("/sign-in/code", {"code": second}).status_code == 302
    again = signing_in(password)
    assert again.post("/sign-in/code", {"code": second}).status_code == 200
    at(1)  # the code is of half a minute ago, which is still taken, but for one that was used
    assert again.post("/sign-in/code", {"code": f"{second[:3]} {second[3:]}"}).status_code == 200


def test_codes_of_long_ago_and_far_ahead_are_refused(browser: Client, password: str, at: Any) -> None:
    secret, _ = set_up(browser, at)
    now = at(10)
    for away in (-60, 60):
        assert (
            signing_in(password).post("/sign-in/code", {"code": code(secret, now + away)}).status_code == 200
        )
    assert signing_in(password).post("/sign-in/code", {"code": code(secret, now - 30)}).status_code == 302


def test_the_second_step_can_be_left(browser: Client, password: str, at: Any) -> None:
    set_up(browser, at)
    fresh = signing_in(password)
    assert fresh.get("/sign-in")["Location"] == "/sign-in/code"
    fresh.post("/sign-out")
    assert fresh.get("/sign-in").status_code == 200
    assert fresh.get("/sign-in/code")["Location"] == "/sign-in"


def test_guessing_codes_is_held_up_after_five(browser: Client, password: str, at: Any) -> None:
    secret, _ = set_up(browser, at)
    fresh = signing_in(password)
    for _ in range(5):
        fresh.post("/sign-in/code", {"code": "000000"})
    held = fresh.post("/sign-in/code", {"code": code(secret, at(1))})
    assert "Wait five minutes" in held.content.decode()


def test_recovery_codes_are_shown_once_and_work_once(browser: Client, password: str, at: Any) -> None:
    _, codes = set_up(browser, at)
    assert len(set(codes)) == 10
    again = browser.get("/security/codes").content.decode()
    assert "can't be shown again" in unescape(again)
    assert codes[0] not in again
    assert signing_in(password).post("/sign-in/code", {"code": codes[0]}).status_code == 302
    assert signing_in(password).post("/sign-in/code", {"code": codes[0]}).status_code == 200
    assert "9 left" in browser.get("/security").content.decode()


def test_recovery_codes_can_be_kept_as_a_file(browser: Client, at: Any) -> None:
    page = browser.get("/security/app").content.decode()
    browser.post("/security/app", {"code": code(secret_on(page), at(0))})
    page = browser.get("/security/codes").content.decode()
    [file] = re.findall(r'href="(data:text/plain[^"]+)"', page)
    lines = unquote(unescape(file)).splitlines()
    assert lines[2:] == re.findall(r"<li><code>(\d+)</code></li>", page)


def test_new_recovery_codes_end_the_old_ones(browser: Client, password: str, at: Any) -> None:
    _, old = set_up(browser, at)
    assert browser.post("/security/codes/renew")["Location"] == "/security/codes"
    fresh = re.findall(r"<li><code>(\d+)</code></li>", browser.get("/security/codes").content.decode())
    assert len(fresh) == 10
    assert not set(fresh) & set(old)
    assert signing_in(password).post("/sign-in/code", {"code": old[0]}).status_code == 200
    assert signing_in(password).post("/sign-in/code", {"code": fresh[0]}).status_code == 302


def test_secrets_are_sealed_in_the_database(browser: Client, at: Any) -> None:
    secret, codes = set_up(browser, at)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert not any(each in kept for each in codes)


def test_changes_want_proof_first(client: Client, ada: Member, password: str) -> None:
    client.post("/sign-in", {"login": "ada@example.com", "password": password})
    for address in ("/security/app", "/security/passkeys/add", "/security/codes/renew"):
        assert client.get(address)["Location"] == f"/security/confirm?next={address.replace('/', '%2F')}"
    client.post("/security/app", {"code": "123456"})
    assert not Authenticator.objects.exists()
    wrong = client.post("/security/confirm?next=/security/app", {"password": "wrong"})
    assert wrong.status_code == 200


def test_removing_the_app_leaves_the_password(browser: Client, password: str, at: Any) -> None:
    set_up(browser, at)
    assert browser.post("/security/app/remove")["Location"] == "/security"
    assert not Authenticator.objects.exists()
    fresh = Client()
    assert fresh.post("/sign-in", {"login": "ada@example.com", "password": password})["Location"] == "/"


def test_a_portal_may_ask_everyone_for_a_second_factor(browser: Client, at: Any) -> None:
    from wonward.blueprints import apply

    portal = {"label": "Nordisk Måleri A/S", "second_factor": True}
    apply.define("starter", {("portal", "portal"): portal}, actor="user:1")
    assert Portal.objects.get(name="starter").second_factor
    for address in ("/p/starter", "/p/starter/deals", "/p/starter/imports"):
        assert browser.get(address)["Location"] == "/security"
    part = browser.get("/p/starter/deals", headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == "/security"
    ada = Member.objects.get(email="ada@example.com")
    assert browser.get(f"/p/starter/live?type=deals&mark=1&by={ada.user_id}").status_code == 401
    assert "Nordisk Måleri A/S asks everyone for a second factor" in browser.get("/security").content.decode()
    set_up(browser, at)
    assert browser.get("/p/starter/deals").status_code == 200


def test_passkeys_of_others_are_out_of_reach(browser: Client, starter: str) -> None:
    from wonward.accounts import users

    soren = users.create("soren@example.com", "Søren Ågård", "correct horse battery staple", [])
    theirs = Authenticator.objects.create(user=soren, type="webauthn", data={"name": "Sørens"})
    assert browser.post(f"/security/passkeys/{theirs.pk}/remove").status_code == 404
    assert browser.post(f"/security/passkeys/{theirs.pk}", {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get().data["name"] == "Sørens"


def test_an_answer_that_is_no_passkey_is_refused(client: Client, ada: Member) -> None:
    client.get("/sign-in/passkey", headers={"Accept": "application/json"})
    for credential in ("", "{}", "[]", '{"id": "x", "response": {"userHandle": "å"}}', "null", '"x"'):
        answer = client.post("/sign-in/passkey", {"credential": credential})
        assert answer["Location"] == "/sign-in", credential
    assert client.get("/p/starter/deals").status_code == 302


def test_tries_with_a_wrong_code_are_written_down(browser: Client, password: str, at: Any) -> None:
    secret, codes = set_up(browser, at)
    fresh = signing_in(password)
    fresh.post("/sign-in/code", {"code": "000000"})
    fresh.post("/sign-in/code", {"code": code(secret, at(1))})
    signing_in(password).post("/sign-in/code", {"code": codes[3]})
    tries = list(SignIn.objects.order_by("-id").values_list("result", "how", "email")[:3])
    assert tries == [
        ("entered", "password and recovery code", "ada@example.com"),
        ("entered", "password and authenticator app", "ada@example.com"),
        ("refused", "password and authenticator app", "ada@example.com"),
    ]
