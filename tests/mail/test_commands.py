"""The commands over mail, as somebody at a terminal sees them."""

from typing import Any

import pytest

from wonward.cli.commands import run
from wonward.mail import render
from wonward.mail.models import OutgoingMail, State

from .conftest import Office
from .postbox import Server

pytestmark = pytest.mark.django_db


def test_a_test_goes_out(office: Office, server: Server, capsys: Any) -> None:
    assert run(["mail", "test", "--to", "Åse <aase@havn.example>", "--portal", office.portal]) == 0
    said = "localhost took a mail from Nordisk Rådgivning <salg@nordisk.example> to Åse <aase@havn.example>."
    assert capsys.readouterr().out.strip() == said
    assert [each["Subject"] for each in server.box.messages] == ["Test of mail"]


@pytest.mark.parametrize(
    ("answer", "to", "said"),
    [
        ("550 5.1.1 unknown here", "nobody@havn.example", "550 5.1.1 unknown here"),
        ("", "nobody", "'nobody' is no address"),
    ],
)
def test_a_test_that_fails_says_why(
    office: Office,
    server: Server,
    capsys: Any,
    answer: str,
    to: str,
    said: str,
) -> None:
    server.box.recipients.append(answer)
    assert run(["mail", "test", "--to", to, "--portal", office.portal]) == 1
    assert said in capsys.readouterr().err


def test_without_a_server_a_test_says_what_to_set(office: Office, settings: Any, capsys: Any) -> None:
    settings.SMTP = None
    assert run(["mail", "test", "--to", "aase@havn.example"]) == 1
    assert "WONWARD_SMTP names no server" in capsys.readouterr().err


def test_a_preview_is_printed_and_nothing_sent(office: Office, capsys: Any) -> None:
    asked = [
        "mail",
        "preview",
        "--portal",
        office.portal,
        "--template",
        "invoice",
        "--record",
        str(office.deal),
    ]
    assert run(asked) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "From: Nordisk Rådgivning <salg@nordisk.example>\nSubject: Faktura: Nyt tag & skorsten\n\n"
    )
    assert run([*asked, "--html", "--language", "en"]) == 0
    assert '<html lang="en">' in capsys.readouterr().out
    assert not OutgoingMail.objects.exists()


def test_the_outbox_tells_what_failed_and_sends_it_again(office: Office, server: Server, capsys: Any) -> None:
    server.box.recipients.append("550 5.1.1 unknown here")
    number = office.enqueue()
    office.deliver()
    assert run(["mail", "outbox", "--portal", office.portal]) == 0
    line = capsys.readouterr().out.strip().split("\t")
    assert (line[0], line[1], line[3], line[-1]) == (
        str(number),
        "bounced",
        "aase@havn.example",
        "550 5.1.1 unknown here",
    )
    assert run(["mail", "retry", "--portal", office.portal, str(number)]) == 0
    assert capsys.readouterr().out.strip() == "1 mail is queued again."
    office.deliver()
    assert OutgoingMail.objects.get(id=number).state == State.SENT


def test_people_get_what_their_signature_tells(office: Office, capsys: Any) -> None:
    given = ["--portal", office.portal, "--phone", "12 34 56 78", "--title", "Partner"]
    assert run(["user", "signature", "Soren@nordisk.example", *given]) == 0
    text = render.preview(office.reading(), "invoice", office.deal).text
    assert text.endswith("**Søren Ågård**\nPartner\nTlf. 12 34 56 78\nsoren@nordisk.example\n")
    assert run(["user", "signature", "nobody@nordisk.example", *given]) == 1
    assert "nobody@nordisk.example is no member of starter" in capsys.readouterr().err
