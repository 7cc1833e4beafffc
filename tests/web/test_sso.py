"""Single sign-on against a strict provider: who gets in, and every answer that must not let anybody in."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from django.test import Client
from tests.accounts.openid_provider import CLIENT, SECRET, Provider, new_key

from wonward.accounts import invitations
from wonward.accounts.models import Identity, Member, Portal, SignIn, User
from wonward.accounts.provider import Unreachable, fetch
from wonward.settings import Sso, inside

BACK = "http://127.0.0.1:8000/sign-in/sso/back"


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    running = Provider(BACK)
    running.start()
    settings.OUTGOING_ALLOW = inside("127.0.0.1/32")
    settings.SSO = Sso(running.issuer, CLIENT, SECRET, "Nordisk")
    yield running
    running.stop()


def sign_on(provider: Provider, client: Client, then: str = "", **other: str) -> Any:
    """Go to the provider and back; `other` is told in the way back instead."""
    sent = client.get("/sign-in/sso", {"next": then} if then else {})
    assert sent.status_code == 302
    return client.get("/sign-in/sso/back", {**provider.authorize(sent["Location"]), **other})


def refused(client: Client, answer: Any) -> str:
    """Return what the page says, after looking that nobody is signed in."""
    assert answer["Location"] == "/sign-in"
    assert client.get("/security").status_code == 302
    assert not Identity.objects.exists()
    return client.get("/sign-in").content.decode()


def test_a_user_signs_in_by_a_proven_address_and_from_then_on_by_the_providers_id(
    provider: Provider, ada: Member
) -> None:
    client = Client()
    assert "Sign in with Nordisk" in client.get("/sign-in?next=/p/starter/companies").content.decode()
    assert sign_on(provider, client, "/p/starter/companies")["Location"] == "/p/starter/companies"
    assert client.get("/p/starter/companies").status_code == 200
    assert SignIn.objects.get().how == "single sign-on"
    provider.claims["email"] = "ada.holm@elsewhere.example"
    provider.claims["email_verified"] = False
    again = Client()
    assert sign_on(provider, again)["Location"] == "/"
    assert again.get("/p/starter/companies").status_code == 200
    assert provider.refused == []


def test_who_has_a_second_factor_is_asked_for_it(provider: Provider, ada: Member) -> None:
    from allauth.mfa.models import Authenticator

    from wonward.db.secrets import seal

    secret = {"secret": seal("A" * 32, "second factor")}
    Authenticator.objects.create(user_id=ada.user_id, type="totp", data=secret)
    client = Client()
    assert sign_on(provider, client)["Location"] == "/sign-in/code"
    assert client.get("/p/starter/companies").status_code == 302


def test_strangers_and_unproven_addresses_stay_out(provider: Provider, ada: Member) -> None:
    client = Client()
    for proven in (False, None, "no", 1):
        provider.claims["email_verified"] = proven
        assert "proven your email address" in refused(client, sign_on(provider, client))
    provider.claims |= {"email": "eve@example.com", "email_verified": True}
    assert "Ask an administrator" in refused(client, sign_on(provider, client))
    assert User.objects.count() == 1
    assert SignIn.objects.filter(result="refused", how="single sign-on").count() == 5


def test_who_is_closed_stays_out(provider: Provider, ada: Member) -> None:
    User.objects.update(is_active=False)
    client = Client()
    refused(client, sign_on(provider, client))
    User.objects.update(is_active=True)
    sign_on(provider, Client())
    assert Identity.objects.exists()
    User.objects.update(is_active=False)
    assert sign_on(provider, client)["Location"] == "/sign-in/inactive"
    assert client.get("/security").status_code == 302


def test_who_is_invited_becomes_a_user(provider: Provider, starter: str) -> None:
    provider.claims |= {"email": "soren@nordisk.example", "name": "Søren Ågård"}
    made = invitations.invite("soren@nordisk.example", "", Portal.objects.get(name=starter), "super_admin")
    assert made
    client = Client()
    sign_on(provider, client)
    assert client.get(f"/p/{starter}/companies").status_code == 200
    user = User.objects.get()
    assert user.full_name == "Søren Ågård"
    assert not user.has_usable_password()
    assert Client().get(invitations.link(made).removeprefix("http://127.0.0.1:8000")).status_code == 404


def test_an_address_that_passes_to_somebody_else_takes_no_account_along(
    provider: Provider, ada: Member
) -> None:
    sign_on(provider, Client())
    provider.claims["sub"] = "another person"
    client = Client()
    sign_on(provider, client)
    assert client.get("/security").status_code == 302
    assert "Another person" in client.get("/sign-in").content.decode()


def changed(**claims: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda token: {**token, **claims}


def without(*names: str) -> Callable[[dict[str, Any]], Any]:
    return lambda token: {name: value for name, value in token.items() if name not in names}


LIES = {
    "another nonce": changed(nonce="x" * 43),
    "no nonce": without("nonce"),
    "another issuer": changed(iss="https://evil.example"),
    "no issuer": without("iss"),
    "another audience": changed(aud="another program"),
    "no audience": without("aud"),
    "for another program too": changed(aud=[CLIENT, "another"], azp="another"),
    "run out": changed(exp=int(time.time()) - 120),
    "no end": without("exp"),
    "from the future": changed(iat=int(time.time()) + 3600),
    "nobody": without("sub"),
    "an empty id": changed(sub=""),
    "an endless id": changed(sub="x" * 256),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_lies_lets_nobody_in(provider: Provider, ada: Member, lie: str) -> None:
    provider.lie = LIES[lie]
    client = Client()
    refused(client, sign_on(provider, client))


def _unsigned(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, None, "none", {"kid": "one"})


SIGNED = {
    "by nobody": _unsigned,
    "with the client's secret": lambda claims: jwt.encode(claims, "s" * 64, "HS256", {"kid": "one"}),
    "by another key": lambda claims: jwt.encode(claims, new_key(), "RS256", {"kid": "one"}),
    "by a key that isn't shown": lambda claims: jwt.encode(claims, new_key(), "RS256", {"kid": "two"}),
    "not at all": lambda _: "rubbish",
    "with an odd head": lambda _: "bnVsbA.e30.x",
}


@pytest.mark.parametrize("signed", SIGNED)
def test_a_token_that_the_provider_hasnt_signed_lets_nobody_in(
    provider: Provider, ada: Member, signed: str
) -> None:
    provider.sign = SIGNED[signed]
    client = Client()
    refused(client, sign_on(provider, client))


@pytest.mark.parametrize(
    "keys", [{}, [], {"keys": None}, {"keys": ["x"]}, {"keys": [{}]}, {"keys": [{"kid": "one"}]}]
)
def test_keys_that_are_none_let_nobody_in(provider: Provider, ada: Member, keys: Any) -> None:
    provider.keys = keys
    client = Client()
    refused(client, sign_on(provider, client))


def test_an_answer_belongs_to_the_browser_that_asked_and_works_once(provider: Provider, ada: Member) -> None:
    asking, other = Client(), Client()
    told = provider.authorize(asking.get("/sign-in/sso")["Location"])
    refused(other, other.get("/sign-in/sso/back", told))
    other.get("/sign-in/sso")
    refused(other, other.get("/sign-in/sso/back", told))
    assert asking.get("/sign-in/sso/back", told)["Location"] == "/"
    Identity.objects.all().delete()
    asking.post("/sign-out")
    refused(asking, asking.get("/sign-in/sso/back", told))


def test_a_stolen_code_is_of_no_use_without_the_verifier(provider: Provider, ada: Member) -> None:
    victims = provider.authorize(Client().get("/sign-in/sso")["Location"])
    client = Client()
    refused(client, sign_on(provider, client, code=victims["code"]))
    assert provider.refused == ["invalid_grant"]


@pytest.mark.parametrize(
    "other", [{"state": "x"}, {"iss": "https://evil.example"}, {"error": "access_denied"}, {"code": ""}]
)
def test_an_answer_that_isnt_to_the_question_lets_nobody_in(
    provider: Provider, ada: Member, other: dict[str, str]
) -> None:
    client = Client()
    refused(client, sign_on(provider, client, **other))


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://198.51.100.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"token_endpoint": 5},
    ],
)
def test_a_provider_that_tells_wrong_addresses_isnt_asked(
    provider: Provider, ada: Member, told: dict[str, Any]
) -> None:
    client = Client()
    address = client.get("/sign-in/sso")["Location"]
    back = provider.authorize(address)
    provider.discovery = told
    refused(client, client.get("/sign-in/sso/back", back))


def test_an_honest_looking_provider_cant_send_us_to_this_machine() -> None:
    real = Sso("https://login.example.com", CLIENT, SECRET, "Nordisk")
    for address in ("http://127.0.0.1/token", "http://localhost/token", "file:///etc/passwd", "", "ftp://x"):
        with pytest.raises(Unreachable, match="may not be asked"):
            fetch(real, address)


def test_a_provider_that_is_away_says_so(provider: Provider, ada: Member) -> None:
    provider.stop()
    client = Client()
    assert "can&#39;t be reached" in refused(client, client.get("/sign-in/sso"))


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_back_leads_to_no_other_site(provider: Provider, ada: Member, then: str) -> None:
    assert sign_on(provider, Client(), then)["Location"] == "/"


def test_without_a_provider_nothing_of_it_is_there(client: Client, db: None, settings: Any) -> None:
    settings.SSO = None
    assert "Sign in with" not in client.get("/sign-in").content.decode()
    for address in ("/sign-in/sso", "/sign-in/sso/back?code=x&state=y"):
        assert client.get(address)["Location"] == "/sign-in"
        assert "Single sign-on isn&#39;t set up here." in client.get("/sign-in").content.decode()


def test_a_session_gets_a_new_key(provider: Provider, ada: Member) -> None:
    client = Client()
    told = provider.authorize(client.get("/sign-in/sso")["Location"])
    planted = client.session.session_key
    client.get("/sign-in/sso/back", told)
    assert client.session.session_key != planted
