"""Mail that comes in is filed with the people it is with: once, whatever is in it, however often it is interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from wonward import clock, wiring
from wonward import settings as own
from wonward.accounts.models import Member
from wonward.blueprints import apply
from wonward.cli import commands
from wonward.errors import Refusal
from wonward.mail import outbox
from wonward.mail.incoming import connect, copies, file, letter, visit
from wonward.mail.incoming.imap import Away
from wonward.mail.incoming.models import DeadAddress, Mailbox, SetAside
from wonward.mail.models import OutgoingMail, State
from wonward.meetings import answers
from wonward.records import associate, related, write
from wonward.records.associate import Link
from wonward.settings import inside
from wonward.worker import jobs

from .conftest import PORTAL, Office
from .imap_server import PASSWORD, USER, Mailserver
from .postbox import Postbox

pytestmark = pytest.mark.django_db

SEEN = [
    "hs_email_subject",
    "hs_email_text",
    "hs_email_direction",
    "hs_email_from_email",
    "hs_email_to_email",
    "hs_email_thread_id",
    "hubspot_owner_id",
    "automatic_reply",
    "hs_email_status",
]


def written(
    sender: str = "Åse Bøgh <aase@havn.example>",
    to: str = "Søren Ågård <soren@nordisk.example>",
    subject: str = "Re: Nyt tag på rådhuset",
    text: str = "Kære Søren\n\nDet lyder godt.\n",
    number: str = "1",
    **more: str,
) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Message-ID"] = f"<{number}@havn.example>"
    made["Date"] = "Tue, 20 Oct 2026 09:30:00 +0200"
    for name, value in more.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def filed(office: Office, message: EmailMessage | bytes, *, creates: bool = False) -> file.Filed:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    found = letter.read(raw, clock.now())
    with wiring.writing(office.portal, actor="mail", source="worker") as work:
        return file.file(work, found, office.soren, creates=creates)


def emails(office: Office, record_id: int) -> list[dict[str, str | None]]:
    work = office.reading()
    kind = work.catalog.object_type("email")
    return [each.values for each in related.activities(work, record_id, kind, SEEN, moment="hs_timestamp")]


def opener(portal: str, actor: str) -> Any:
    return wiring.writing(portal, actor=actor, source="worker")


def visited(mailbox: Mailbox | None = None) -> int:
    """Read a mailbox, or the server's own, whenever its time has come."""
    if mailbox is None:
        own = copies.own_mailbox()
        assert own is not None
        mailbox = own[0]
    number = mailbox.pk
    Mailbox.objects.filter(pk=number).update(next_at=clock.now())
    return visit.visit(number, opener, answers.take)


@pytest.fixture
def mailserver(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailserver]:
    """A mailbox on loopback, which the server reads, and which may be connected too."""
    running = Mailserver(tmp_path)
    running.start()
    password = "hemmeligt%20%C3%A6ble"
    settings.MAIL_IN = own.mail_in(
        f"imaps://log%40crm.example:{password}@localhost:{running.port}/INBOX?ca={running.ca}"
    )
    settings.OUTGOING_ALLOW = inside("localhost")
    monkeypatch.setenv("SSL_CERT_FILE", running.ca)
    yield running
    running.stop()


# -- What a letter says ---------------------------------------------------------------------------


def test_an_answer_stands_with_the_contact_the_company_and_the_open_deals(office: Office) -> None:
    with office.writing() as work:
        kinds = {name: work.catalog.object_type(name) for name in ("contact", "company", "deal")}
        associate.associate(work, kinds["contact"], kinds["company"], [Link(office.contact, office.company)])
        rows = [
            {"dealname": f"Tag {number}", "pipeline": "default", "dealstage": "prospecting"}
            for number in range(7)
        ]
        deals = write.create(work, kinds["deal"], rows)
        associate.associate(
            work, kinds["deal"], kinds["contact"], [Link(each, office.contact) for each in deals]
        )
    assert filed(office, written()).record_id
    [told] = emails(office, office.contact)
    assert told["hs_email_subject"] == "Re: Nyt tag på rådhuset"
    assert told["hs_email_text"] == "Kære Søren\n\nDet lyder godt."
    assert (told["hs_email_direction"], told["hubspot_owner_id"]) == ("INCOMING_EMAIL", str(office.soren.pk))
    assert len(emails(office, office.company)) == 1
    assert [len(emails(office, each)) for each in deals] == [0, 0, 1, 1, 1, 1, 1], "the five newest"
    assert emails(office, office.deal) == [], "that deal is closed"


def test_the_same_letter_is_filed_once_whoever_brings_it(office: Office) -> None:
    assert filed(office, written()).record_id
    again = filed(office, written(to="Else <else@nordisk.example>"))
    assert (again.record_id, again.there) == (None, True)
    assert len(emails(office, office.contact)) == 1


def test_an_additional_address_is_the_contacts_too(office: Office) -> None:
    with office.writing() as work:
        values = {"hs_additional_emails": "aase.boegh@gammel.example;aase@privat.example"}
        write.update(work, work.catalog.object_type("contact"), [(office.contact, values)])
    assert filed(office, written(sender="Åse <Aase@Privat.example>")).record_id
    assert len(emails(office, office.contact)) == 1
    near = filed(office, written(sender="x@privat.example", number="2"))
    assert near.record_id is None


def test_colleagues_are_never_contacts(office: Office) -> None:
    now = clock.now()
    Member.objects.create(
        portal=office.soren.portal,
        first_name="Else",
        email="else@nordisk.example",
        created_at=now,
        updated_at=now,
    )
    among = filed(office, written(sender="Else <ELSE@nordisk.example>"), creates=True)
    assert among.why == "it is between colleagues"
    with office.reading_all("contact") as rows:
        assert len(rows) == 1


@pytest.mark.parametrize("creates", [True, False])
def test_unknown_people_become_contacts_where_that_is_asked(office: Office, creates: bool) -> None:
    message = written(
        sender="Søren Ågård <soren@nordisk.example>",
        to='"Ørsted, Bo" <bo@vind.example>, Søren Ågård <soren@nordisk.example>',
        number="3",
        Cc="Åse Bøgh <aase@havn.example>, Ida Marie Lund <ida@vind.example>",
    )
    assert filed(office, message, creates=creates).record_id
    with office.reading_all("contact", "email", "firstname", "lastname", "hubspot_owner_id") as rows:
        people = {row[1]: row[2:4] for row in rows}
    fresh = {"bo@vind.example": ("Bo", "Ørsted"), "ida@vind.example": ("Ida Marie", "Lund")}
    assert people == {"aase@havn.example": ("Åse", "Bøgh"), **(fresh if creates else {})}
    [told] = emails(office, office.contact)
    assert told["hs_email_direction"] == "EMAIL"
    assert told["hs_email_to_email"] == "bo@vind.example;soren@nordisk.example"


def test_danish_in_every_encoding_arrives_as_it_was() -> None:
    now = clock.now()
    head = b"From: =?iso-8859-1?Q?=C5se_B=F8gh=2C_Havn?= <aase@havn.example>\r\nMessage-ID: <a@b.example>\r\n"
    quoted = head + (
        b"Subject: =?utf-8?B?UsO4ZGdyw7hk?= =?utf-8?Q?_med_fl=C3=B8de?=\r\n"
        b"Content-Type: text/plain; charset=iso-8859-1\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nBl=E5b=E6r\r\n"
    )
    found = letter.read(quoted, now)
    assert (found.sender.name, found.subject, found.text) == ("Åse Bøgh, Havn", "Rødgrød med fløde", "Blåbær")
    base64 = head + (
        b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\nQmzDpWLDpnI=\r\n'
    )
    assert letter.read(base64, now).text == "Blåbær"
    raw = "From: Åse <aase@havn.example>\r\nSubject: Blåbær\r\n\r\nså er der syltetøj"
    for charset in ("utf-8", "cp1252"):
        found = letter.read(raw.encode(charset), now)
        assert (found.sender.name, found.subject, found.text) == ("Åse", "Blåbær", "så er der syltetøj")


@pytest.mark.parametrize(
    "rubbish",
    [
        b"From: a@b.example\r\nContent-Type: text/plain; charset=no-such-thing\r\n\r\nhej \xe6\xf8\xe5",
        b"From: a@b.example\r\nSubject: =?utf-8?B?w?= =?x-unknown?Q?=FF?=\r\nDate: i morgen\r\n\r\nhej",
        b"From: a@b.example\r\nMessage-ID: <<>@ [\r\nReferences: <x> [[\r\nTo: undisclosed-recipients:;\r\n\r\nhej",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nhej",
        b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n\r\nhej",
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n\x00\xff==hej=\x00",
        b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\n\r\nhej",
        b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<p>hej<script>x</script <!-- <![CDATA[",
        b"From: a@b.example, \"\x00\" <c@d>\r\nContent-Disposition: attachment; filename*=utf-9''%FF\r\n\r\nhej",
        b"From: a@b.example\r\nDate: Mon, 32 Foo 99999 99:99:99 +9999\r\n\r\nhej\x00hej",
    ],
)
def test_rubbish_is_read_as_far_as_it_goes(rubbish: bytes, office: Office) -> None:
    now = clock.now()
    found = letter.read(rubbish, now)
    assert found.sender.address == "a@b.example"
    assert found.at == now
    assert "\x00" not in found.text + found.subject
    assert found.message_id.endswith("@without-id.invalid>")
    assert filed(office, rubbish, creates=True).record_id


def test_a_letter_without_a_sender_or_too_large_is_refused() -> None:
    with pytest.raises(Refusal, match="whom it is from"):
        letter.read(b"From: nobody\r\n\r\nhej", clock.now())
    with pytest.raises(Refusal, match="larger than 25 MB"):
        letter.read(b"From: a@b.example\r\n\r\n" + b"x" * letter.LARGEST, clock.now())


def test_of_html_the_words_are_kept_and_attachments_are_named() -> None:
    made = EmailMessage(policy=SMTP)
    made["From"] = "aase@havn.example"
    made.set_content(
        "<html><head><title>x</title><style>p {}</style></head><body><p>Kære&nbsp;Søren</p>"
        "<ul><li>tag</li><li>skorsten</li></ul><script>alert(1)</script>1 &lt; 2</body></html>",
        subtype="html",
    )
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Tilbud på tag.pdf")
    found = letter.read(made.as_bytes(), clock.now())
    assert found.text == "Kære Søren\n\n• tag\n• skorsten\n1 < 2\n\n[Tilbud på tag.pdf]"


def test_holiday_answers_are_known_as_such(office: Office) -> None:
    filed(office, written(number="9", Auto_Submitted="auto-replied"))
    [told] = emails(office, office.contact)
    assert told["automatic_reply"] == "true"


# -- Blind copies ---------------------------------------------------------------------------------


def test_con_7_a_blind_copy_is_filed_and_makes_contacts(office: Office, mailserver: Mailserver) -> None:
    address = copies.address_of(office.soren)
    assert address == copies.address_of(office.soren)
    copy = written(
        sender="Søren Ågård <soren@nordisk.example>", to="Bo Ørsted <bo@vind.example>", Delivered_To=address
    )
    mailserver.inbox.add(copy.as_bytes())
    assert visited() == 1
    with office.reading_all("contact", "email") as rows:
        assert {row[1] for row in rows} == {"aase@havn.example", "bo@vind.example"}
        bo = next(row[0] for row in rows if row[1] == "bo@vind.example")
    assert len(emails(office, bo)) == 1
    assert visited() == 0, "it was read"
    mailserver.inbox.renumber()
    assert visited() == 1
    assert len(emails(office, bo)) == 1, "it is known, though its number is another"
    assert not SetAside.objects.exists()


def test_a_portal_may_keep_unknown_people_out(office: Office, mailserver: Mailserver) -> None:
    body = {**PORTAL, "mail_creates_contacts": False}
    apply.define(office.portal, {("portal", "portal"): body}, actor="user:1")
    copy = written(
        sender="soren@nordisk.example", to="bo@vind.example", Delivered_To=copies.address_of(office.soren)
    )
    mailserver.inbox.add(copy.as_bytes())
    visited()
    assert [each.reason for each in SetAside.objects.all()] == [
        "It isn't filed: it is with nobody who is a contact"
    ]


def test_only_the_member_whose_address_it_is_logs_by_it(office: Office, mailserver: Mailserver) -> None:
    address = copies.address_of(office.soren)
    mailserver.inbox.add(written(sender="ond@fremmed.example", Delivered_To=address).as_bytes())
    mailserver.inbox.add(b"Subject: intet\r\n\r\nhej")
    mailserver.inbox.add(written(sender="soren@nordisk.example", number="2").as_bytes())
    good = written(sender="soren@nordisk.example", to="aase@havn.example", number="3", Delivered_To=address)
    mailserver.inbox.add(good.as_bytes())
    assert visited() == 4
    reasons = [each.reason for each in visit.set_aside(office.soren.portal_id)]
    assert [reason.split(",")[0] for reason in reversed(reasons)] == [
        "It is from ond@fremmed.example",
        "It doesn't say whom it is from",
        "None of the addresses it was sent to logs mail; it is from soren@nordisk.example",
    ]
    assert len(emails(office, office.contact)) == 1, "the others keep none waiting"
    other = copies.address_of(office.soren, renew=True)
    assert other != address
    late = written(sender="soren@nordisk.example", to="aase@havn.example", number="4", Delivered_To=address)
    mailserver.inbox.add(late.as_bytes())
    visited()
    assert len(emails(office, office.contact)) == 1, "the old address logs nothing"


class Killed(BaseException):
    """The end of the process, which nothing catches."""


@contextmanager
def killed_after(statements: int) -> Iterator[None]:
    """Let so many statements through, then end as a killed process does: PostgreSQL undoes the transaction."""
    left = count(statements, -1)
    run = psycopg.Cursor.execute

    def execute(self: Any, *args: Any, **options: Any) -> Any:
        if next(left) <= 0:
            raise Killed
        return run(self, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", execute)
        yield


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_statement_a_letter_is_filed_once(office: Office, mailserver: Mailserver) -> None:
    address = copies.address_of(office.soren)
    visited()
    copy = written(sender="soren@nordisk.example", to="bo@vind.example", Delivered_To=address)
    mailserver.inbox.add(copy.as_bytes())
    Mailbox.objects.update(next_at=clock.now())
    [box] = Mailbox.objects.all()
    for statements in count(1):
        try:
            with killed_after(statements):
                visit.visit(box.pk, opener, answers.take)
            break
        except Killed:
            connection.close()
    assert statements > 10
    with office.reading_all("contact", "email") as rows:
        [bo] = [row[0] for row in rows if row[1] == "bo@vind.example"]
    assert len(emails(office, bo)) == 1
    with office.reading_all("email") as rows:
        assert len(rows) == 1


def test_what_nobody_foresaw_is_set_aside(
    office: Office, mailserver: Mailserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = copies.address_of(office.soren)
    mine = {"sender": "soren@nordisk.example", "to": "aase@havn.example", "Delivered_To": address}
    mailserver.inbox.add(written(**mine, subject="ond").as_bytes())
    mailserver.inbox.add(written(**mine, number="2").as_bytes())
    real = letter.read

    def fails(raw: bytes, now: Any) -> letter.Letter:
        found = real(raw, now)
        if found.subject == "ond":
            raise ZeroDivisionError
        return found

    monkeypatch.setattr(letter, "read", fails)
    visited()
    assert [each.reason for each in SetAside.objects.all()] == [
        "ZeroDivisionError: it can't be filed; the worker's log says more"
    ]
    assert len(emails(office, office.contact)) == 1


def test_a_lost_connection_goes_on_where_it_was(office: Office, mailserver: Mailserver) -> None:
    address = copies.address_of(office.soren)
    for number in "123":
        copy = written(
            sender="soren@nordisk.example", to="aase@havn.example", number=number, Delivered_To=address
        )
        mailserver.inbox.add(copy.as_bytes())
    mailserver.faults += ["", "drop"]
    visited()
    [box] = visit.mailboxes(office.soren.portal_id)
    assert box.failures == 1
    assert box.error
    assert box.next_at > clock.now()
    assert visit.visit(box.pk, opener, answers.take) == 0, "it rests"
    assert len(emails(office, office.contact)) == 1
    visited()
    assert len(emails(office, office.contact)) == 3
    [box] = visit.mailboxes(office.soren.portal_id)
    assert (box.failures, box.error) == (0, "")


# -- A member's own mailbox -----------------------------------------------------------------------


@pytest.fixture
def mailbox(office: Office, mailserver: Mailserver) -> Mailbox:
    """Søren's mailbox, with a letter in it from before it was connected."""
    mailserver.inbox.add(written(number="gammelt").as_bytes())
    return connect.connect(office.soren, "localhost", USER, PASSWORD, mailserver.port)


def test_con_7_a_connected_mailbox_is_read_from_then_on(
    office: Office, mailserver: Mailserver, mailbox: Mailbox
) -> None:
    assert PASSWORD not in mailbox.password, "it is sealed"
    mailserver.inbox.add(written().as_bytes())
    mailserver.inbox.add(written(sender="avis@reklame.example", number="2").as_bytes())
    mailserver.sent.add(
        written(sender="soren@nordisk.example", to="aase@havn.example", number="3").as_bytes()
    )
    assert visited(mailbox) == 3
    told = emails(office, office.contact)
    assert sorted(str(each["hs_email_direction"]) for each in told) == ["EMAIL", "INCOMING_EMAIL"]
    assert not SetAside.objects.exists(), "of private mail nothing is kept, not even that it came"
    assert not any(command.startswith(("SELECT", "UID STORE")) for command in mailserver.commands)
    with office.reading_all("contact") as rows:
        assert len(rows) == 1


def test_a_renumbered_folder_doubles_nothing(
    office: Office, mailserver: Mailserver, mailbox: Mailbox
) -> None:
    mailserver.inbox.add(written().as_bytes())
    visited(mailbox)
    mailserver.inbox.renumber()
    mailserver.inbox.add(written(number="2").as_bytes())
    visited(mailbox)
    subjects = len(emails(office, office.contact))
    assert subjects >= 2
    visited(mailbox)
    assert len(emails(office, office.contact)) == subjects


def test_a_wrong_password_says_so_and_the_pauses_grow(
    office: Office, mailserver: Mailserver, mailbox: Mailbox
) -> None:
    mailserver.password = "en anden"
    with pytest.raises(Away, match="refused the user and password"):
        connect.connect(office.soren, "localhost", USER, "forkert", mailserver.port)
    pauses = []
    for _ in range(6):
        now = clock.now()
        with clock.fixed(now):
            visited(mailbox)
        box = Mailbox.objects.get(pk=mailbox.pk)
        pauses.append(round((box.next_at - now).total_seconds() / 60))
    assert pauses == [1, 5, 15, 60, 240, 240]
    assert "refused the user and password" in box.error
    [told] = OutgoingMail.objects.all()
    assert (told.subject, told.to_address) == ("Din postkasse kan ikke læses", "soren@nordisk.example")
    assert "refused the user and password" in told.text
    mailserver.password = PASSWORD
    visited(mailbox)
    assert Mailbox.objects.get(pk=mailbox.pk).error == ""
    assert connect.disconnect(office.soren)
    assert visit.visit(mailbox.pk, opener, answers.take) == 0


def test_a_mailbox_inside_the_house_is_refused(office: Office, mailserver: Mailserver, settings: Any) -> None:
    settings.OUTGOING_ALLOW = inside("")
    for host in ("localhost", "127.0.0.1", "::1", "169.254.169.254"):
        with pytest.raises(Refusal, match="private address"):
            connect.connect(office.soren, host, USER, PASSWORD, mailserver.port)
    for host in ("", "a/b", "a@b", "a:1", "ål"):
        with pytest.raises(Refusal):
            connect.connect(office.soren, host, USER, PASSWORD, mailserver.port)
    assert mailserver.commands == []


def test_an_answer_finds_the_thread_and_the_deal(
    office: Office, mailserver: Mailserver, mailbox: Mailbox, box: Postbox
) -> None:
    number = office.enqueue()
    office.deliver()
    ours = OutgoingMail.objects.get(pk=number)
    answer = written(In_Reply_To=ours.message_id, References=ours.message_id)
    mailserver.inbox.add(answer.as_bytes())
    mailserver.sent.add(box.contents[0])
    visited(mailbox)
    on_deal = emails(office, office.deal)
    assert [each["hs_email_direction"] for each in on_deal] == ["EMAIL", "INCOMING_EMAIL"], (
        "the copy isn't doubled"
    )
    assert {each["hs_email_thread_id"] for each in on_deal} == {ours.message_id}


# -- What comes back ------------------------------------------------------------------------------


def returned(mail: OutgoingMail, status: str = "5.1.1", to: str = "aase@havn.example") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: salg@nordisk.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nDesværre.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nMessage-ID: {mail.message_id}\r\n\r\n--b--\r\n"
    ).encode()


def test_a_mail_that_comes_back_is_marked_and_its_address_left_alone(
    office: Office, mailserver: Mailserver, box: Postbox
) -> None:
    number = office.enqueue()
    office.deliver()
    ours = OutgoingMail.objects.get(pk=number)
    mailserver.inbox.add(returned(ours, to="en.anden@havn.example"))
    mailserver.inbox.add(returned(ours))
    visited()
    ours.refresh_from_db()
    assert (ours.state, ours.last_error) == (State.BOUNCED, "550 5.1.1 no such user")
    assert [each["hs_email_status"] for each in emails(office, office.contact)] == ["BOUNCED"]
    told = OutgoingMail.objects.latest("id")
    assert (told.subject, told.to_address) == (
        "Kom ikke frem: Faktura: Nyt tag & skorsten",
        "soren@nordisk.example",
    )
    assert "550 5.1.1 no such user" in told.text
    with pytest.raises(Refusal, match=r"came back: 550 5\.1\.1 no such user"):
        office.enqueue()
    assert "en.anden@havn.example" in SetAside.objects.get().reason, (
        "somebody else's notice counts for nothing"
    )
    outbox.retry(office.reading().catalog, [number])
    office.enqueue()


def test_a_full_mailbox_is_no_dead_address(office: Office, mailserver: Mailserver, box: Postbox) -> None:
    number = office.enqueue()
    office.deliver()
    mailserver.inbox.add(returned(OutgoingMail.objects.get(pk=number), status="5.2.2"))
    visited()
    assert OutgoingMail.objects.get(pk=number).state == State.BOUNCED
    assert not DeadAddress.objects.exists()
    office.enqueue()


def test_the_servers_own_words_at_the_door_count_too(office: Office, box: Postbox) -> None:
    box.recipients += ["550 5.1.1 no such user here", "550 5.7.1 we don't like you"]
    office.enqueue()
    office.enqueue("faktura@nordisk.example")
    office.deliver()
    assert [each.address for each in DeadAddress.objects.all()] == ["aase@havn.example"]


def test_who_is_erased_takes_what_is_known_of_the_address_along(office: Office, box: Postbox) -> None:
    box.recipients += ["550 5.1.1 no such user here"]
    office.enqueue()
    office.deliver()
    assert DeadAddress.objects.exists()
    with office.writing() as work:
        wiring.erase(work, work.catalog.object_type("contact"), [office.contact])
    assert not DeadAddress.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_asks_for_each_mailbox_once(
    office: Office, mailserver: Mailserver, mailbox: Mailbox
) -> None:
    jobs.read_due_mailboxes(0)
    jobs.read_due_mailboxes(0)
    waiting = ProcrastinateJob.objects.filter(task_name="read_mailbox", status="todo")
    own_box = copies.own_mailbox()
    assert own_box
    assert sorted(each.args["number"] for each in waiting) == sorted([mailbox.pk, own_box[0].pk])
    mailserver.inbox.add(written().as_bytes())
    for each in waiting:
        jobs.read_mailbox(**each.args)
    assert len(emails(office, office.contact)) == 1


def test_the_commands_tell_what_is_read(
    office: Office,
    mailserver: Mailserver,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WONWARD_PASSWORD", PASSWORD)
    portal = ["--portal", office.portal]
    there = ["--host", "localhost", "--port", str(mailserver.port), "--user", USER]
    for arguments, said in (
        (["address", "soren@nordisk.example"], "@crm.example"),
        (["connect", "soren@nordisk.example", *there], "INBOX, Sendt post are read from now on"),
        (["boxes"], "not read yet"),
        (["set-aside"], ""),
        (["disconnect", "soren@nordisk.example"], "It is disconnected."),
        (["disconnect", "soren@nordisk.example"], "There was none."),
    ):
        assert commands.run(["mail", *arguments, *portal]) == 0
        assert said in capsys.readouterr().out
    assert commands.run(["mail", "address", "nobody@nordisk.example", *portal]) == 1
