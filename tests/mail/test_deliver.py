"""Mail goes out over a real SMTP server: once, safely, with whatever the server says taken for what it means."""

from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from wonward import clock, wiring
from wonward import settings as own
from wonward.accounts.models import Member
from wonward.blueprints import apply
from wonward.errors import Invalid
from wonward.mail import deliver, outbox, transport
from wonward.mail.models import OutgoingMail, State
from wonward.records import associate, query, related, write
from wonward.records.merging import merge
from wonward.records.query import Query
from wonward.worker import jobs

from .conftest import PORTAL, Office
from .postbox import Postbox, Server, free_port

pytestmark = pytest.mark.django_db


def mail(number: int) -> OutgoingMail:
    return OutgoingMail.objects.get(id=number)


def later(**how_long: float) -> Any:
    return clock.fixed(clock.now() + timedelta(**how_long))


def emails(office: Office, of: int) -> list[related.Activity]:
    work = office.reading()
    kind = work.catalog.object_type("email")
    columns = ["hs_email_subject", "hs_email_message_id", "hs_email_thread_id", "hubspot_owner_id"]
    return related.activities(work, of, kind, columns, moment="hs_timestamp")


def test_a_mail_goes_out_and_stands_on_the_timeline(office: Office, box: Postbox) -> None:
    number = office.enqueue()
    jobs.send_mail(office.portal)
    [message] = box.messages
    assert message["Subject"] == "Faktura: Nyt tag & skorsten"
    assert str(message["From"]) == "Nordisk Rådgivning <salg@nordisk.example>"
    assert str(message["To"]) == "Åse Bøgh <aase@havn.example>"
    assert str(message["Reply-To"]) == "Søren Ågård <soren@nordisk.example>"
    assert box.envelopes[0].mail_from == "salg@nordisk.example"
    assert b"\xc3" not in box.contents[0], "letters are encoded, for servers of any age"
    text, html = message.iter_parts()
    assert "Kære Søren" in text.get_content()
    assert "<strong>Søren Ågård</strong>" in html.get_content()
    sent = mail(number)
    assert (sent.state, sent.attempts, sent.last_error) == (State.SENT, 1, "")
    assert message["Message-ID"] == sent.message_id
    [on_deal], [on_contact] = emails(office, office.deal), emails(office, office.contact)
    assert on_deal.record_id == on_contact.record_id
    assert on_deal.values["hs_email_message_id"] == sent.message_id
    assert on_deal.values["hubspot_owner_id"] == str(office.soren.pk)


def test_nothing_goes_out_of_a_transaction_that_is_undone(office: Office, box: Postbox) -> None:
    before = ProcrastinateJob.objects.count()
    with pytest.raises(RuntimeError), wiring.writing(office.portal, actor="user:1", source="web") as work:
        deliver_kind = work.catalog.object_type("deal")
        from wonward.mail import send

        send.enqueue(work, "invoice", deliver_kind, [office.deal], to="x@havn.example")
        raise RuntimeError
    assert ProcrastinateJob.objects.count() == before
    assert office.deliver() == 0
    office.enqueue()
    assert ProcrastinateJob.objects.filter(task_name="send_mail").count() == 1


def test_answers_of_a_thread_refer_to_what_came_before(office: Office, box: Postbox) -> None:
    first, second = office.enqueue(), office.enqueue()
    office.deliver()
    third = office.enqueue()
    other = office.enqueue("faktura@nordisk.example")
    office.deliver()
    ids = [mail(number).message_id for number in (first, second, third)]
    by_id = {each["Message-ID"]: each for each in box.messages}
    assert by_id[ids[0]]["References"] is None
    assert by_id[ids[2]]["In-Reply-To"] == ids[1]
    assert by_id[ids[2]]["References"].split() == ids[:2]
    assert by_id[mail(other).message_id]["References"] is None, "it never saw the others"
    assert {each.values["hs_email_thread_id"] for each in emails(office, office.contact)} == {ids[0]}


def test_long_subjects_and_domains_arrive_as_they_were(office: Office, box: Postbox) -> None:
    domain = "kunder.raadgivning-og-maleri.nordisk-gruppen-af-selskaber.example"
    body = {**PORTAL, "mail_from": f"salg@{domain}"}
    apply.define(office.portal, {("portal", "portal"): body}, actor="user:1")
    name = "Æblehøstens " + "grønne løgringe på år " * 9 + "slut"
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        write.update(work, work.catalog.object_type("deal"), [(office.deal, {"dealname": name})])
    numbers = [office.enqueue() for _ in range(12)]
    office.deliver()
    last = box.messages[-1]
    assert last["Subject"] == f"Faktura: {name}"
    ids = [mail(number).message_id for number in numbers]
    assert last["In-Reply-To"] == ids[10]
    assert last["References"].split() == [ids[0], *ids[2:11]], "the first, and the last nine"
    lines = box.contents[-1].split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    assert max(map(len, lines)) < 998


def test_temporary_refusals_are_tried_again_with_growing_pauses(office: Office, box: Postbox) -> None:
    box.recipients += ["450 4.2.0 greylisted", "451 4.3.0 try later"]
    number = office.enqueue()
    other = office.enqueue("faktura@nordisk.example")
    assert office.deliver() == 0
    assert mail(number).state == mail(other).state == State.QUEUED
    assert "450 4.2.0 greylisted" in mail(number).last_error
    assert office.deliver() == 0, "it isn't due yet"
    with later(seconds=61):
        box.recipients += ["450 4.2.0 greylisted"]
        assert office.deliver() == 1, "one refused mail doesn't keep the other back"
    with later(minutes=3):
        assert office.deliver() == 0
    with later(minutes=10):
        assert office.deliver() == 1
    assert [mail(each).state for each in (number, other)] == [State.SENT, State.SENT]
    assert len(box.messages) == 2


def test_what_is_refused_for_good_says_why(office: Office, box: Postbox) -> None:
    box.recipients += ["550 5.1.1 no such user here"]
    box.bodies += ["554 5.7.1 looks like spam"]
    bounced, failed = office.enqueue(), office.enqueue("faktura@nordisk.example")
    taken = office.enqueue("drift@nordisk.example")
    assert office.deliver() == 1
    assert (mail(bounced).state, mail(bounced).last_error) == (State.BOUNCED, "550 5.1.1 no such user here")
    assert (mail(failed).state, mail(failed).last_error) == (State.FAILED, "554 5.7.1 looks like spam")
    assert mail(taken).state == State.SENT
    catalog = office.reading().catalog
    assert [each.pk for each in outbox.waiting(catalog)] == [failed, bounced]
    assert outbox.retry(catalog, [failed]) == 1
    assert office.deliver() == 1
    assert (mail(failed).state, mail(bounced).state) == (State.SENT, State.BOUNCED)


def test_a_connection_lost_in_the_message_is_tried_again(office: Office, box: Postbox) -> None:
    box.bodies += ["drop"]
    lost = office.enqueue()
    other = office.enqueue("faktura@nordisk.example")
    assert office.deliver() == 1, "over a new connection"
    assert (mail(lost).state, mail(other).state) == (State.QUEUED, State.SENT)
    with later(seconds=61):
        assert office.deliver() == 1
    assert [each["Message-ID"] for each in box.messages] == [mail(other).message_id, mail(lost).message_id]


def test_what_never_goes_out_has_failed_after_four_days(office: Office, box: Postbox) -> None:
    number = office.enqueue()
    box.bodies += ["451 4.3.0 no room"]
    office.deliver()
    with later(days=4, minutes=1):
        assert office.deliver() == 0
    assert mail(number).state == State.FAILED
    assert mail(number).last_error == "Given up after 4 days. 451 4.3.0 no room"


# --- the server itself ----------------------------------------------------------------------------


def test_tls_from_the_first_byte(office: Office, settings: Any, tmp_path: Any) -> None:
    server = Server(tmp_path, "smtps")
    server.start()
    settings.SMTP = server.smtp
    office.enqueue()
    assert office.deliver() == 1
    server.stop()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "forkert"}, "refused the user and password: 535"),
        ({"ca": ""}, "certificate verify failed"),
        ({"host": "127.0.0.1"}, "IP address mismatch|certificate verify failed"),
        ({"port": 1}, "port 1: "),
        ({"tls": "none", "user": ""}, "STARTTLS"),
    ],
)
def test_a_server_that_cant_be_used_keeps_mail_waiting(
    office: Office, server: Server, settings: Any, change: dict[str, Any], said: str
) -> None:
    from dataclasses import replace

    settings.SMTP = replace(server.smtp, **change)
    number = office.enqueue()
    assert office.deliver() == 0
    assert server.box.envelopes == []
    assert mail(number).state in (State.QUEUED, State.FAILED)
    import re

    assert re.search(said, mail(number).last_error)


def test_a_server_without_starttls_gets_neither_password_nor_mail(office: Office, settings: Any) -> None:
    from aiosmtpd.controller import Controller

    box = Postbox()
    port = free_port()
    plain = Controller(box, hostname="localhost", port=port)
    plain.start()
    settings.SMTP = own.smtp(f"smtp://post:hemmeligt@localhost:{port}")
    number = office.enqueue()
    assert office.deliver() == 0
    plain.stop()
    assert "STARTTLS extension not supported" in mail(number).last_error
    assert box.envelopes == []


@pytest.mark.parametrize(
    "wrong",
    [
        "http://x",
        "smtp://",
        "smtp://x?tls=no",
        "smtp://x?starttls=maybe",
        "smtp://post:hemmeligt@x:25?starttls=no",
    ],
)
def test_a_setting_that_isnt_safe_or_clear_is_refused(wrong: str) -> None:
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured, match="WONWARD_SMTP"):
        own.smtp(wrong)


def test_without_a_server_mail_waits(office: Office, settings: Any) -> None:
    settings.SMTP = None
    number = office.enqueue()
    assert office.deliver() == 0
    assert (mail(number).state, mail(number).attempts) == (State.QUEUED, 0)


def test_an_address_with_danish_letters_needs_a_server_that_takes_them(
    office: Office, settings: Any, tmp_path: Any
) -> None:
    for utf8, state in ((True, State.SENT), (False, State.BOUNCED)):
        server = Server(tmp_path, utf8=utf8)
        server.start()
        settings.SMTP = server.smtp
        number = office.enqueue("Søren Ågård <søren@blåbær.example>")
        office.deliver()
        server.stop()
        assert mail(number).state == state
        if utf8:
            assert server.box.envelopes[0].rcpt_tos == ["søren@xn--blbr-roah.example"]
            assert str(server.box.messages[0]["To"]) == "Søren Ågård <søren@xn--blbr-roah.example>"


# --- senders --------------------------------------------------------------------------------------


def test_nobody_but_the_portal_says_who_mail_is_from(office: Office, box: Postbox) -> None:
    Member.objects.filter(id=office.soren.pk).update(
        first_name="Direktøren <chef@bank.example>,", last_name="", email="soren@nordisk.example"
    )
    office.enqueue()
    office.deliver()
    [message] = box.messages
    assert [each.addr_spec for each in message["From"].addresses] == ["salg@nordisk.example"]
    assert [each.addr_spec for each in message["Reply-To"].addresses] == ["soren@nordisk.example"]
    assert message["Sender"] is None


@pytest.mark.parametrize(
    "evil", ["a@x.example\r\nBcc: b@x.example", "a@x.example, b@x.example", "<a@x.example", "a b@x.example"]
)
def test_an_address_is_one_address(office: Office, evil: str) -> None:
    with pytest.raises(Invalid, match="has no address to go to"):
        office.enqueue(evil)


def test_a_portal_without_a_sender_sends_as_the_server_says_or_not_at_all(
    office: Office, box: Postbox, settings: Any
) -> None:
    body = {**PORTAL, "mail_from": ""}
    apply.define(office.portal, {("portal", "portal"): body}, actor="user:1")
    with pytest.raises(Invalid, match="This portal has no sender of mail"):
        office.enqueue()
    settings.WONWARD_MAIL_FROM = "Drift <drift@wonward.example>"
    office.enqueue()
    office.deliver()
    assert str(box.messages[0]["From"]) == "Drift <drift@wonward.example>"


# --- crashes --------------------------------------------------------------------------------------


def test_a_worker_that_dies_before_or_after_the_server_took_a_mail(
    office: Office, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.enqueue()

    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(transport, "send", die)
        with pytest.raises(SystemExit):
            office.deliver()
    assert mail(number).state == State.SENDING
    assert office.deliver() == 0, "another worker may be at it"
    with later(minutes=21), monkeypatch.context() as patched:
        patched.setattr(deliver, "_sent", die)
        with pytest.raises(SystemExit):
            office.deliver()
    with later(minutes=42):
        assert office.deliver() == 1
    assert mail(number).state == State.SENT
    assert [each["Message-ID"] for each in box.messages] == [mail(number).message_id] * 2, (
        "a double can be told"
    )
    assert len(emails(office, office.deal)) == 1


def test_a_mail_that_kills_every_worker_is_given_up(
    office: Office, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.enqueue()

    def die(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(transport, "send", die)
    for tries in range(deliver.MOST_DEATHS):
        with later(minutes=21 * tries), pytest.raises(SystemExit):
            office.deliver()
    with later(minutes=21 * deliver.MOST_DEATHS):
        assert office.deliver() == 0
    assert mail(number).state == State.FAILED


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_each_mail_once(office: Office, box: Postbox, in_threads: Any) -> None:
    numbers = {office.enqueue(f"nr{n}@havn.example") for n in range(12)}
    assert sum(in_threads(lambda _: office.deliver(), range(4))) == 12
    assert sorted(each["To"] for each in box.messages) == sorted(f"nr{n}@havn.example" for n in range(12))
    assert {mail(number).state for number in numbers} == {State.SENT}


# --- records that go ------------------------------------------------------------------------------


def test_erasing_a_record_or_whom_it_was_written_to_takes_the_mails_along(
    office: Office, box: Postbox
) -> None:
    about, other = office.enqueue(), office.enqueue("faktura@nordisk.example")
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        wiring.erase(work, work.catalog.object_type("contact"), [office.contact])
    assert not OutgoingMail.objects.filter(id=about).exists()
    assert office.deliver() == 1
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        wiring.erase(work, work.catalog.object_type("deal"), [office.deal])
    assert not OutgoingMail.objects.filter(id=other).exists()


def test_a_mail_erased_while_it_is_sent_leaves_nothing_on_the_timeline(
    office: Office, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.enqueue()
    real = transport.send

    def send_and_erase(*given: Any) -> None:
        real(*given)
        with wiring.writing(office.portal, actor="user:1", source="web") as work:
            wiring.erase(work, work.catalog.object_type("contact"), [office.contact])

    monkeypatch.setattr(transport, "send", send_and_erase)
    office.deliver()
    assert len(box.messages) == 1
    assert not OutgoingMail.objects.filter(id=number).exists()
    assert emails(office, office.deal) == []


def test_an_owner_who_left_signs_nothing_and_gets_no_answers(office: Office, box: Postbox) -> None:
    Member.objects.filter(id=office.soren.pk).update(archived=True)
    office.enqueue()
    office.deliver()
    [message] = box.messages
    assert message["Reply-To"] is None
    text = next(message.iter_parts()).get_content()
    assert "Kære Søren" in text
    assert text.rstrip().endswith("-- \r\nMed venlig hilsen")
    assert emails(office, office.deal)[0].values["hubspot_owner_id"] is None


def test_a_mail_about_a_merged_record_stands_where_it_went(office: Office, box: Postbox) -> None:
    number = office.enqueue()
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        deal = work.catalog.object_type("deal")
        [kept] = write.create(work, deal, [{"dealname": "Tag"}])
        merge.merge(work, deal, kept, [office.deal])
    assert office.deliver() == 1
    assert [each.values["hs_email_message_id"] for each in emails(office, kept)] == [mail(number).message_id]


def test_a_mail_that_cant_stand_on_the_timeline_went_out_all_the_same(
    office: Office, box: Postbox, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def refuse(*_: object) -> None:
        raise Invalid("no room")

    monkeypatch.setattr(associate, "associate", refuse)
    number = office.enqueue()
    assert office.deliver() == 1
    assert (mail(number).state, mail(number).last_error) == (
        State.SENT,
        "It went out, and isn't on the timeline: no room",
    )
    work = office.reading()
    assert query.count(work, Query(work.catalog.object_type("email"))) == 0
    with later(minutes=30):
        assert office.deliver() == 0
