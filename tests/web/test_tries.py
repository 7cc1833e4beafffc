"""Failed tries are counted, held up and written down; sessions are listed, ended, and never fixed by others."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from wonward import clock
from wonward.accounts import sessions, sign_ins, users
from wonward.accounts.models import Member, Session, SignIn, User
from wonward.web import agent

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sign_in(client: Client, password: str, email: str = "ada@example.com", **headers: str) -> Any:
    return client.post("/sign-in", {"login": email, "password": password}, headers=headers)


# -- Held up ----------------------------------------------------------------------------------------


def test_five_failures_hold_an_account_up_for_everyone_elsewhere(ada: Member, password: str) -> None:
    for number in range(5):
        assert "not correct" in sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "wrong").content.decode()
    held = sign_in(Client(REMOTE_ADDR="192.0.2.99"), password)
    assert "Too many failed tries. Wait five minutes" in held.content.decode()
    assert SignIn.objects.filter(result="held").count() == 1


def test_the_owner_gets_in_with_a_browser_used_before(ada: Member, password: str) -> None:
    own = Client()
    sign_in(own, password)
    own.post("/sign-out")
    for number in range(6):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "wrong")
    assert sign_in(Client(REMOTE_ADDR="192.0.2.99"), password).status_code == 200
    assert sign_in(own, password).status_code == 302


def test_a_browser_used_before_has_five_failures_too(ada: Member, password: str) -> None:
    own = Client()
    sign_in(own, password)
    own.post("/sign-out")
    for _ in range(5):
        sign_in(own, "wrong")
    assert sign_in(own, password).status_code == 200


def test_anothers_browser_or_an_invented_one_counts_as_elsewhere(ada: Member, password: str) -> None:
    users.create("eve@example.com", "Eve", password, [])
    eve = Client()
    sign_in(eve, password, "eve@example.com")
    eve.post("/sign-out")
    for _ in range(5):
        sign_in(eve, "wrong")
    fresh = Client(REMOTE_ADDR="192.0.2.1")
    fresh.cookies["wonward_browser"] = "0123456789abcdef:invented:signature"
    assert "Wait five minutes" in sign_in(fresh, password).content.decode()


def test_an_unknown_account_is_held_up_just_the_same(ada: Member) -> None:
    """So the wait tells nobody whether an address is known."""
    for email in ("ada@example.com", "eve@example.com"):
        answers = [
            sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "wrong", email).content.decode()
            for number in range(6)
        ]
        assert "Wait five minutes" in answers[5]
        assert "Wait five minutes" not in answers[4]


def test_one_address_has_ten_failures_a_minute(ada: Member, password: str) -> None:
    guesser = Client(REMOTE_ADDR="192.0.2.7")
    for number in range(10):
        sign_in(guesser, "wrong", f"person{number}@example.com")
    assert "Wait five minutes" in sign_in(guesser, password).content.decode()
    assert sign_in(Client(REMOTE_ADDR="192.0.2.8"), password).status_code == 302


def test_a_flood_is_told_to_wait_a_minute(ada: Member) -> None:
    flooding = Client()
    for _ in range(30):
        answer = sign_in(flooding, "wrong")
    assert answer.status_code == 200
    answer = sign_in(flooding, "wrong")
    assert answer.status_code == 429
    assert "Wait a minute" in answer.content.decode()


@pytest.mark.parametrize("address", ["/sign-in/passkey", "/sign-in/sso"])
def test_nobody_fills_the_table_of_sessions(client: Client, db: None, address: str) -> None:
    for _ in range(30):
        assert client.get(address, headers={"Accept": "application/json"}).status_code in (200, 302)
    assert client.get(address, headers={"Accept": "application/json"}).status_code == 429


def test_many_tries_push_no_count_out(ada: Member, settings: Any) -> None:
    """Django's cache in the database throws a third away beyond 300 entries, unless told otherwise."""
    from django.core.cache import cache

    for number in range(5):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "wrong")
    for number in range(400):
        cache.set(f"filling-{number}", "x")
    assert "Wait five minutes" in sign_in(Client(REMOTE_ADDR="192.0.2.99"), "wrong").content.decode()


def test_an_unknown_account_takes_as_much_work(ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time until the answer would tell who is known."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    hashed = []
    for name in ("encode", "verify"):
        original = getattr(Argon2PasswordHasher, name)

        def counting(self: Any, *given: Any, original: Any = original) -> Any:
            hashed.append(given)
            return original(self, *given)

        monkeypatch.setattr(Argon2PasswordHasher, name, counting)
    sign_in(Client(), "wrong")
    known, hashed[:] = len(hashed), []
    sign_in(Client(), "wrong", "eve@example.com")
    assert len(hashed) == known == 1


# -- Written down -----------------------------------------------------------------------------------


def test_every_try_is_written_down(ada: Member, password: str) -> None:
    browser = Client(REMOTE_ADDR="192.0.2.5")
    sign_in(browser, "wrong", **{"User-Agent": FIREFOX})
    sign_in(browser, password, **{"User-Agent": FIREFOX})
    assert [(each.result, each.how, each.address) for each in SignIn.objects.order_by("id")] == [
        ("refused", "password", "192.0.2.5"),
        ("entered", "password", "192.0.2.5"),
    ]
    page = browser.get("/security").content.decode()
    assert "Firefox on Linux" in page
    assert "192.0.2.5" in page
    assert "Refused" in page


def test_a_password_in_the_wrong_field_isnt_kept(db: None) -> None:
    for typed in ("hemmelig adgangskode", "eve@example.com"):
        sign_ins.record(SignIn.Result.REFUSED, "password", address="192.0.2.5", agent="", email=typed)
    assert [each.email for each in SignIn.objects.order_by("id")] == ["", "eve@example.com"]


def test_tries_are_kept_for_180_days(db: None) -> None:
    for days in (179, 181):
        with clock.fixed(clock.now() - timedelta(days=days)):
            sign_ins.record(
                SignIn.Result.REFUSED, "password", address="", agent="", email=f"a{days}@example.com"
            )
    assert sign_ins.expire(clock.now()) == 1
    assert SignIn.objects.get().email == "a179@example.com"


def test_a_person_sees_their_own_tries_alone(pages: Client, ada: Member) -> None:
    sign_ins.record(
        SignIn.Result.REFUSED, "password", address="198.51.100.9", agent="", email="eve@example.com"
    )
    assert "198.51.100.9" not in pages.get("/security").content.decode()


# -- Sessions ---------------------------------------------------------------------------------------


def test_one_session_or_all_others_are_ended(ada: Member, password: str) -> None:
    here, phone, tablet = Client(), Client(), Client()
    for each in (here, phone, tablet):
        sign_in(each, password)
    key = phone.session.session_key
    page = here.get("/security").content.decode()
    assert str(key) not in page, "the key of a session stands on no page"
    here.post(f"/security/sessions/{sessions.mark(str(key))}/end")
    assert phone.get("/p/starter/deals").status_code == 302
    assert tablet.get("/p/starter/deals").status_code == 200
    assert here.get("/security/sessions/end").status_code == 405
    here.post("/security/sessions/end")
    assert tablet.get("/p/starter/deals").status_code == 302
    assert here.get("/p/starter/deals").status_code == 200


def test_nobody_ends_the_sessions_of_others(pages: Client, password: str) -> None:
    users.create("eve@example.com", "Eve", password, [])
    eve = Client()
    sign_in(eve, password, "eve@example.com")
    eve.post(f"/security/sessions/{sessions.mark(str(pages.session.session_key))}/end")
    eve.post("/security/sessions/end")
    assert pages.get("/p/starter/deals").status_code == 200


def test_last_seen_is_written_every_ten_minutes_at_most(pages: Client, statements: list[str]) -> None:
    def writes() -> int:
        statements.clear()
        pages.get("/p/starter/deals")
        return sum(each.lstrip().lower().startswith("update") for each in statements)

    assert writes() == 0
    with clock.fixed(clock.now() + timedelta(minutes=11)):
        assert writes() == 1
        assert writes() == 0
    assert Session.objects.get().seen_at > clock.now()


def test_a_session_gets_a_new_key_when_someone_signs_in(client: Client, ada: Member, password: str) -> None:
    """A key that somebody else has put into the browser opens nothing afterwards."""
    client.get("/sign-in/passkey", headers={"Accept": "application/json"})
    planted = client.session.session_key
    assert planted
    sign_in(client, password)
    assert client.session.session_key != planted
    attacker = Client()
    attacker.cookies["sessionid"] = planted
    assert attacker.get("/p/starter/deals").status_code == 302


def test_changing_the_password_ends_the_other_sessions(ada: Member, password: str) -> None:
    here, phone = Client(), Client()
    sign_in(here, password)
    sign_in(phone, password)
    new = "en helt ny adgangskode"
    asked = {"oldpassword": password, "password1": new, "password2": new}
    assert here.post("/security/password", {**asked, "oldpassword": "wrong"}).status_code == 200
    assert here.post("/security/password", asked).status_code == 302
    assert here.get("/p/starter/deals").status_code == 200
    assert phone.get("/p/starter/deals").status_code == 302
    assert Session.objects.filter(user=User.objects.get()).count() == 1


# -- Forged requests and other sites ----------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/sign-in",
        "/sign-in/passkey",
        "/password/forgotten",
        "/sign-out",
        "/security/sessions/end",
        "/security/password",
    ],
)
def test_forms_want_their_token(ada: Member, password: str, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(address, {"login": "ada@example.com", "password": password}).status_code == 403


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_no_way_leads_to_another_site(client: Client, ada: Member, password: str, elsewhere: str) -> None:
    client.post("/sign-in", {"login": "ada@example.com", "password": password, "next": elsewhere})
    answer = client.post(f"/security/confirm?next={elsewhere}", {"password": password, "next": elsewhere})
    assert answer["Location"] == "/"


def test_own_pages_are_kept_by_no_browser(pages: Client) -> None:
    for address in ("/security", "/security/password"):
        assert "no-store" in pages.get(address)["Cache-Control"], address


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/140.0 Safari/537.36", "Chrome on Mac"),
        ("curl/8.5", "curl/8.5"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_known_again(said: str, words: str) -> None:
    assert agent.in_words(said) == words
