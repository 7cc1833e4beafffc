"""Commands over people: inviting, looking who tried, taking a lost second factor away."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from wonward import clock
from wonward.accounts import users
from wonward.accounts.models import Member, Session, SignIn, User
from wonward.cli.commands import run

PASSWORD = "correct horse battery staple"


def test_inviting_prints_a_link_that_works(starter: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(
            [
                "user",
                "invite",
                "soren@nordisk.example",
                "--name",
                "Søren Ågård",
                "--portal",
                starter,
                "--role",
                "super_admin",
            ]
        )
        == 0
    )
    link = capsys.readouterr().out.strip()
    page = Client().get(link.removeprefix("http://127.0.0.1:8000"))
    assert "Søren Ågård" in page.content.decode()


def test_a_user_who_is_invited_is_a_member_at_once(starter: str, capsys: pytest.CaptureFixture[str]) -> None:
    users.create("bo@example.com", "Bo Dahl", PASSWORD, [])
    assert run(["user", "invite", "bo@example.com", "--portal", starter, "--role", "super_admin"]) == 0
    assert "now a member of starter" in capsys.readouterr().out
    assert Member.objects.filter(user__email="bo@example.com").count() == 1


def test_what_is_no_address_is_refused(starter: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["user", "invite", "bo", "--portal", starter, "--role", "super_admin"]) == 1
    assert "write it as name@example.com" in capsys.readouterr().err


def test_tries_are_listed_newest_first(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    now = clock.now()
    for minutes, email in ((1, "ada@example.com"), (2, "eve@example.com"), (3, "ada@example.com")):
        SignIn.objects.create(
            email=email,
            at=now - timedelta(minutes=minutes),
            address="192.0.2.1",
            agent="odd\nbrowser",
            how="password",
            result="refused",
        )
    assert run(["user", "sign-ins"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[1] for line in lines] == [
        "ada@example.com",
        "eve@example.com",
        "ada@example.com",
    ]
    assert lines[0].split("\t")[2:] == ["refused", "password", "192.0.2.1", "odd browser"]
    run(["user", "sign-ins", "EVE@example.com", "--most", "1"])
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_lost_second_factor_is_taken_away(starter: str, capsys: Any) -> None:
    user = users.create("ada@example.com", "Ada Holm", PASSWORD, [])
    Client().force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    Authenticator.objects.create(user=user, type="totp", data={})
    assert Session.objects.count() == 1
    assert run(["user", "reset-second-factor", "ada@example.com"]) == 0
    assert not Authenticator.objects.exists()
    assert not Session.objects.exists()
    assert User.objects.get() == user
    assert run(["user", "reset-second-factor", "eve@example.com"]) == 1
