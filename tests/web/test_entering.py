"""A forgotten password and an invitation: what a letter says, and what its link does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from wonward import clock
from wonward.accounts import invitations, letters, users
from wonward.accounts.letters import Letter
from wonward.accounts.models import Member, Portal, User
from wonward.errors import Invalid, Missing

NEW = "en helt ny adgangskode"


def written() -> list[Letter]:
    """Return the letters that the worker would write now, oldest first."""
    jobs = ProcrastinateJob.objects.filter(task_name=letters.JOB).order_by("id")
    made = [letters.write(**job.args) for job in jobs]
    return [each for each in made if each]


def link_in(letter: Letter) -> str:
    [found] = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", letter.text)
    return found


def ask(client: Client, email: str) -> str:
    answer = client.post("/password/forgotten", {"email": email})
    assert answer.status_code == 200
    return answer.content.decode().replace(email, "…")


def test_the_answer_and_the_work_are_the_same_for_those_who_are_unknown(client: Client, ada: Member) -> None:
    assert ask(client, "ada@example.com") == ask(client, "eve@example.com")
    assert ProcrastinateJob.objects.filter(task_name=letters.JOB).count() == 2
    assert [each.address for each in written()] == ["ada@example.com"]


def test_the_link_lets_choose_a_password_once_and_ends_all_sessions(
    client: Client, pages: Client, password: str
) -> None:
    ask(client, "ADA@example.com")
    [letter] = written()
    assert letter.subject == "A new password for Wonward"
    link = link_in(letter)
    form = client.get(link)["Location"]
    assert form.endswith("/set-password")
    assert "no common one" in client.get(form).content.decode()
    short = client.post(form, {"new_password1": "kort", "new_password2": "kort"})
    assert "too short" in short.content.decode()
    assert client.post(form, {"new_password1": NEW, "new_password2": NEW})["Location"] == "/sign-in"
    assert pages.get("/p/starter/deals").status_code == 302
    assert client.get("/p/starter/deals").status_code == 302, "a link signs nobody in"
    assert client.post("/sign-in", {"login": "ada@example.com", "password": password}).status_code == 200
    assert client.post("/sign-in", {"login": "ada@example.com", "password": NEW}).status_code == 302
    assert "good any more" in Client().get(link).content.decode()
    assert "the password was changed" in written()[-1].text


def test_who_has_no_password_gets_none_this_way(client: Client, db: None) -> None:
    """People of a provider of single sign-on, who lose their way in with their job."""
    User.objects.create_user("soren@nordisk.example")
    ask(client, "soren@nordisk.example")
    assert written() == []


def test_the_link_is_good_for_an_hour(client: Client, ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    ask(client, "ada@example.com")
    link = link_in(written()[0])
    now = PasswordResetTokenGenerator()._now()
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _: now + timedelta(minutes=61))
    assert "good any more" in client.get(link).content.decode()


def test_nobody_is_flooded_with_letters(client: Client, ada: Member) -> None:
    answers = {ask(client, "ada@example.com") for _ in range(6)}
    assert len(answers) == 1
    assert len(written()) == 3


def test_a_new_password_ends_being_held_up(client: Client, ada: Member) -> None:
    for _ in range(6):
        held = client.post("/sign-in", {"login": "ada@example.com", "password": "wrong"})
    assert "Wait five minutes" in held.content.decode()
    ask(client, "ada@example.com")
    form = client.get(link_in(written()[0]))["Location"]
    client.post(form, {"new_password1": NEW, "new_password2": NEW})
    assert client.post("/sign-in", {"login": "ada@example.com", "password": NEW}).status_code == 302


def invite(starter: str, email: str = "soren@nordisk.example") -> str:
    made = invitations.invite(email, "Søren Ågård", Portal.objects.get(name=starter), "super_admin")
    assert made
    return invitations.link(made).removeprefix("http://127.0.0.1:8000")


def test_an_invitation_makes_a_member_who_can_sign_in(client: Client, starter: str) -> None:
    link = invite(starter)
    assert "soren@nordisk.example" in client.get(link).content.decode()
    asked = {"name": "Søren Ågård", "password": NEW}
    assert client.post(link, asked)["Location"] == "/sign-in"
    member = Member.objects.get(email="soren@nordisk.example", portal__name=starter)
    assert member.full_name == "Søren Ågård"
    client.post("/sign-in", {"login": "soren@nordisk.example", "password": NEW})
    assert client.get(f"/p/{starter}/deals").status_code == 200
    assert Client().get(link).status_code == 404, "it works once"
    assert Client().post(link, {"name": "Eve", "password": NEW}).status_code == 404


def test_a_poor_password_is_refused_and_the_invitation_stays_good(client: Client, starter: str) -> None:
    link = invite(starter)
    refused = client.post(link, {"name": "Søren", "password": "password12"})
    assert refused.status_code == 400
    assert "too common" in refused.content.decode()
    assert not User.objects.filter(email="soren@nordisk.example").exists()
    assert client.post(link, {"name": "Søren", "password": NEW}).status_code == 302


def test_an_invitation_runs_out_and_a_newer_one_replaces_it(client: Client, starter: str) -> None:
    link = invite(starter)
    with clock.fixed(clock.now() + timedelta(days=6, hours=23)):
        assert client.get(link).status_code == 200
    with clock.fixed(clock.now() + timedelta(days=7, minutes=1)):
        assert client.get(link).status_code == 404
    newer = invite(starter)
    assert client.get(link).status_code == 404
    assert client.get(newer).status_code == 200


def test_a_link_that_was_changed_is_refused(client: Client, starter: str) -> None:
    link = invite(starter)
    for other in (f"{link}x", link[:-3], "/invitation/å", "/invitation/eyJh:x:y"):
        assert client.get(other).status_code == 404, other


def test_who_is_a_user_already_becomes_a_member_at_once(starter: str) -> None:
    users.create("bo@example.com", "Bo Dahl", NEW, [])
    assert invitations.invite("Bo@Example.com", "", Portal.objects.get(name=starter), "super_admin") is None
    assert Member.objects.filter(portal__name=starter, user__email="bo@example.com").exists()
    with pytest.raises(Invalid, match="no email address"):
        invitations.invite("bo", "", Portal.objects.get(name=starter), "super_admin")


def test_an_accepted_invitation_cant_be_accepted_twice_at_once(
    transactional_db: Any, in_threads: Any
) -> None:
    from tests.conftest import make_starter

    make_starter()
    token = invite("starter").rpartition("/")[2]

    def accept(name: str) -> str:
        try:
            return invitations.accept(token, name, NEW).full_name
        except (Missing, Invalid) as refusal:
            return str(refusal)

    answers = in_threads(accept, ["Søren", "Eve", "Mallory"])
    assert sum("isn't good any more" in each for each in answers) == 2, answers
    assert User.objects.count() == 1


def test_letters_go_out_by_the_mail_server(ada: Member, settings: Any, tmp_path: Any) -> None:
    from tests.mail.postbox import Server

    from wonward.mail import post
    from wonward.worker import jobs

    server = Server(tmp_path)
    server.start()
    try:
        settings.SMTP, settings.WONWARD_MAIL_FROM = server.smtp, "Wonward <crm@nordisk.example>"
        jobs.send_letter("reset", email="ada@example.com")
        jobs.send_letter("reset", email="eve@example.com")
    finally:
        server.stop()
    [mail] = server.box.messages
    assert mail["To"] == "Ada Holm <ada@example.com>"
    with pytest.raises(post.Later):
        jobs.send_letter("reset", email="ada@example.com")
