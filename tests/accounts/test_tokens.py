"""Tokens and users: shown once, kept hashed, refused with reasons."""

import pytest

from wonward import clock
from wonward.accounts import tokens, users
from wonward.accounts.models import Member, Token
from wonward.blueprints.apply import portal_named
from wonward.errors import Conflict, Invalid, Missing


def test_a_token_speaks_for_its_portal_and_is_kept_hashed(starter: str) -> None:
    token = tokens.create(portal_named(starter), "sync", ["crm.objects.deals.read"])
    bearer = tokens.bearer(token)
    assert bearer is not None
    assert bearer.portal == starter
    assert bearer.may("crm.objects.deals.read")
    assert not bearer.may("crm.objects.deals.write")
    assert token.encode() not in bytes(Token.objects.get().digest)


def test_unknown_and_revoked_tokens_speak_for_nobody(starter: str) -> None:
    token = tokens.create(portal_named(starter), "sync")
    assert tokens.bearer("ww-nonsense") is None
    Token.objects.update(revoked_at=clock.now())
    assert tokens.bearer(token) is None


def test_an_unknown_scope_is_refused(starter: str) -> None:
    with pytest.raises(Invalid, match=r"crm\.everything"):
        tokens.create(portal_named(starter), "sync", ["crm.everything"])


def test_a_user_is_a_member_of_the_portals_given(starter: str) -> None:
    user = users.create("Soren@Maleri.dk", "Søren Ågård", "en lang adgangskode", [portal_named(starter)])
    assert user.email == "soren@maleri.dk"
    assert user.password.startswith("argon2")
    member = Member.objects.get(user=user)
    assert (member.first_name, member.last_name, member.owns_records) == ("Søren", "Ågård", False)
    assert users.portals_of(user) == [portal_named(starter)]


def test_someone_known_by_their_address_stays_the_same_person(starter: str) -> None:
    portal, now = portal_named(starter), clock.now()
    owner = Member.objects.create(
        portal=portal, first_name="Søren", email="soren@maleri.dk", created_at=now, updated_at=now
    )
    user = users.create("soren@maleri.dk", "Søren Ågård", "en lang adgangskode", [portal])
    owner.refresh_from_db()
    assert (owner.user, owner.owns_records) == (user, True)


@pytest.mark.parametrize(("email", "password"), [("nobody", "en lang adgangskode"), ("a@b.dk", "short")])
def test_addresses_and_passwords_that_will_not_do(starter: str, email: str, password: str) -> None:
    with pytest.raises(Invalid):
        users.create(email, "", password, [])


def test_a_user_is_made_once(starter: str) -> None:
    users.create("a@maleri.dk", "", "en lang adgangskode", [])
    with pytest.raises(Conflict, match=r"There is a user a@maleri\.dk already"):
        users.create("a@maleri.dk", "", "en lang adgangskode", [])


def test_a_new_password_takes_the_place_of_the_old(starter: str) -> None:
    user = users.create("a@maleri.dk", "", "en lang adgangskode", [])
    users.change_password("A@maleri.dk", "en anden lang adgangskode")
    user.refresh_from_db()
    assert user.check_password("en anden lang adgangskode")
    with pytest.raises(Invalid):
        users.change_password("a@maleri.dk", "short")
    with pytest.raises(Missing, match="There is no user"):
        users.change_password("b@maleri.dk", "en anden lang adgangskode")


def test_a_token_is_revoked_in_its_own_portal(starter: str) -> None:
    portal = portal_named(starter)
    token = tokens.create(portal, "sync")
    (made,) = tokens.working(portal)
    tokens.revoke(portal, made.pk)
    assert tokens.bearer(token) is None
    assert tokens.working(portal) == []
    with pytest.raises(Missing, match="There is no token"):
        tokens.revoke(portal, made.pk)
