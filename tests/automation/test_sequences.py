"""Sequences: mails to a contact on working days, from whoever enrolled them, that end by themselves."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from wonward import clock, wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal, User
from wonward.automation import run
from wonward.automation.actions.wait import working_moment
from wonward.automation.models import Enrolment, Status
from wonward.blueprints import apply
from wonward.errors import Conflict, Forbidden, Invalid, Missing
from wonward.mail.incoming.models import DeadAddress
from wonward.mail.models import OutgoingMail

from .conftest import House

pytestmark = pytest.mark.django_db(transaction=True)

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
FRIDAY = datetime(2026, 1, 9, 13, 0, tzinfo=UTC)
NAME = "sequence.opfoelgning"
TEXT = {"subject": "Dit nye tag", "body": "Kære {{firstname}}"}
LATER = {"subject": "Et spørgsmål", "body": "Hej igen {{firstname}}, {{sender.name}}"}
SEQUENCE = {
    "label": "Opfølgning efter møde",
    "steps": [
        {"template": "hej"},
        {"template": "igen", "working_days": 2, "at": "09:00"},
        {"template": "igen", "working_days": 3},
    ],
}


@pytest.fixture
def selling(house: House) -> House:
    """The portal with a sequence and two seats for it; Søren Ågård has one of them."""
    portal = {"label": "Nordisk", "language": "da", "mail_from": "salg@nordisk.example"}
    templates = {
        ("mail_template", name): {"label": name, "object": "contact", "languages": {"da": text}}
        for name, text in (("hej", TEXT), ("igen", LATER))
    }
    seat = {"label": "Salg", "count": 2, "unlocks": ["sequences"]}
    definitions: Any = {
        ("portal", "portal"): portal,
        **templates,
        ("sequence", "opfoelgning"): SEQUENCE,
        ("seat", "salg"): seat,
    }
    apply.define(house.portal, definitions, actor="user:1")
    soren = users.create("soren@nordisk.example", "Søren Ågård", "et langt løsen 7", [])
    member = users.join(soren, Portal.objects.get(name=house.portal))
    Member.objects.filter(pk=member.pk).update(seat="salg")
    house.at(FRIDAY)
    return house


@pytest.fixture
def soren(selling: House) -> User:
    return User.objects.get(email="soren@nordisk.example")


@pytest.fixture
def aase(selling: House) -> int:
    return selling.create("contact", firstname="Åse", lastname="Bøgh", email="aase@havn.example")


def enrol(house: House, user: User, *ids: int) -> list[Enrolment]:
    with wiring.writing(house.portal, actor=f"user:{user.pk}", source="web") as work:
        return run.enrol_by_hand(work, NAME, ids)


def mails() -> list[tuple[str, str]]:
    return list(OutgoingMail.objects.order_by("id").values_list("subject", "to_address"))


def until(house: House, *moment: int) -> None:
    house.at(datetime(*moment, tzinfo=COPENHAGEN))
    house.work()


def ends(house: House) -> list[tuple[str, str]]:
    return [(str(each.status), each.said) for each in house.enrolments(NAME)]


def test_mails_go_out_on_working_days_from_whoever_enrolled(selling: House, soren: User, aase: int) -> None:
    enrol(selling, soren, aase)
    selling.work()
    assert mails() == [("Dit nye tag", "aase@havn.example")]
    until(selling, 2026, 1, 13, 8, 59)
    assert len(mails()) == 1, "a weekend doesn't count"
    until(selling, 2026, 1, 13, 9, 0)
    assert len(mails()) == 2
    last = OutgoingMail.objects.last()
    assert last
    assert last.sender == Member.objects.get(user=soren)
    assert "Søren Ågård" in last.text
    assert last.reply_to == "Søren Ågård <soren@nordisk.example>"
    until(selling, 2026, 1, 16, 9, 0)
    assert len(mails()) == 3
    assert ends(selling) == [(Status.FINISHED, "")]


def answer(house: House, contact: int, **more: Any) -> None:
    email = house.create(
        "email",
        hs_timestamp="2026-01-12T08:00:00Z",
        **{"hs_email_subject": "Sv: Dit nye tag", "hs_email_direction": "INCOMING_EMAIL", **more},
    )
    house.associate(("contact", contact), ("email", email))


def test_con_2_it_ends_as_soon_as_the_contact_answers(selling: House, soren: User, aase: int) -> None:
    answer(selling, aase)
    selling.later(minutes=1)
    other = selling.create("contact", firstname="Bo", email="bo@havn.example")
    enrol(selling, soren, aase, other)
    selling.later(minutes=1)
    assert len(mails()) == 2, "what was written before doesn't count"
    answer(selling, other, automatic_reply=True)
    answer(selling, other, hs_email_direction="EMAIL")
    answer(selling, aase)
    selling.later(minutes=1)
    assert ends(selling) == [(Status.GOAL, "the contact has answered"), (Status.ACTIVE, "")]
    until(selling, 2026, 1, 20, 9, 0)
    until(selling, 2026, 2, 1, 9, 0)
    assert [to for _, to in mails()].count("aase@havn.example") == 1
    assert [to for _, to in mails()].count("bo@havn.example") == 3, "a holiday answer is none"


def test_an_answer_that_nobody_woke_it_for_counts_before_the_next_mail(
    selling: House, soren: User, aase: int
) -> None:
    enrol(selling, soren, aase)
    selling.work()
    selling.at(datetime(2026, 1, 12, 9, 0, tzinfo=COPENHAGEN))
    answer(selling, aase)
    selling.at(datetime(2026, 1, 20, 9, 0, tzinfo=COPENHAGEN))
    assert wiring.tend(selling.portal) == 1, "the feed hasn't been read"
    assert ends(selling) == [(Status.GOAL, "the contact has answered")]
    assert len(mails()) == 1


def test_con_2_a_booked_meeting_ends_it(selling: House, soren: User, aase: int) -> None:
    enrol(selling, soren, aase)
    selling.later(minutes=1)
    meeting = selling.create("meeting", hs_meeting_title="Tagmøde", hs_timestamp="2026-01-20T08:00:00Z")
    selling.associate(("meeting", meeting), ("contact", aase))
    selling.later(minutes=1)
    assert ends(selling) == [(Status.GOAL, "a meeting with the contact is booked")]


def test_who_wants_none_or_whose_mail_comes_back_gets_no_more(selling: House, soren: User, aase: int) -> None:
    bo = selling.create("contact", firstname="Bo", email="bo@havn.example")
    enrol(selling, soren, aase, bo)
    selling.work()
    selling.update("contact", aase, hs_email_optout=True)
    DeadAddress.objects.create(
        portal=Portal.objects.get(name=selling.portal),
        address="bo@havn.example",
        reason="550 5.1.1 ukendt",
        at=clock.now(),
    )
    until(selling, 2026, 1, 20, 9, 0)
    assert ends(selling) == [
        (Status.GOAL, "the contact wants no mail"),
        (Status.GOAL, "mail to bo@havn.example came back: 550 5.1.1 ukendt"),
    ]
    assert len(mails()) == 2


def test_con_2_enrolling_needs_a_seat(selling: House, soren: User, aase: int) -> None:
    Member.objects.filter(user=soren).update(seat="")
    with pytest.raises(Forbidden, match="Søren Ågård has no seat that unlocks sequences"):
        enrol(selling, soren, aase)
    nobody = wiring.writing(selling.portal, actor="cli", source="cli")
    with pytest.raises(Forbidden, match="enrol as one"), nobody as work:
        run.enrol_by_hand(work, NAME, [aase])
    assert mails() == []
    Member.objects.filter(user=soren).update(seat="salg")
    enrol(selling, soren, aase)
    with pytest.raises(Conflict, match="is in it now"):
        enrol(selling, soren, aase)


def test_workflows_enrol_for_the_owner_and_stop(selling: House, soren: User) -> None:
    member = Member.objects.get(user=soren)
    selling.define(
        "contact.ny",
        "{trigger: {when: jobtitle = 'chef'}, steps: [enrol_in_sequence: opfoelgning]}",
    )
    selling.define("contact.nej", "{trigger: {when: jobtitle = 'nej'}, steps: [stop_sequence: all]}")
    own = {"jobtitle": "chef", "hubspot_owner_id": str(member.pk)}
    aase = selling.create("contact", firstname="Åse", email="aase@havn.example", **own)
    selling.create("contact", firstname="Bo", email="bo@havn.example", jobtitle="chef")
    selling.work()
    assert mails() == [("Dit nye tag", "aase@havn.example")]
    assert [each.said for each in selling.enrolments("contact.ny") if each.status == Status.FAILED] == [
        "A sequence's mails are from the contact's owner; give it one who has a seat for sequences"
    ]
    selling.update("contact", aase, jobtitle="nej")
    selling.work()
    assert ends(selling) == [(Status.STOPPED, "the workflow contact.nej stopped it")]


@pytest.mark.parametrize(
    ("kind", "name", "body", "said"),
    [
        ("sequence", "x", {"label": "X", "steps": []}, "length >= 1"),
        ("sequence", "x", {"label": "X", "steps": [{"template": "nej"}]}, "no mail template 'nej'"),
        ("sequence", "x", {"label": "X", "steps": [{"template": "hej", "at": "25:00"}]}, "at"),
        (
            "workflow",
            "contact.x",
            {"label": "X", "trigger": {"by_hand": True}, "steps": [{"enrol_in_sequence": "nej"}]},
            "there is no sequence 'nej'",
        ),
        (
            "workflow",
            "deal.x",
            {"label": "X", "trigger": {"by_hand": True}, "steps": [{"stop_sequence": "all"}]},
            "sequences are for contacts",
        ),
        (
            "workflow",
            "deal.x",
            {"label": "X", "trigger": {"by_hand": True}, "steps": [{"wait": {"at": "09:00"}}]},
            "give both",
        ),
    ],
)
def test_what_is_wrong_is_told(selling: House, kind: str, name: str, body: Any, said: str) -> None:
    with pytest.raises((Invalid, Missing), match=said):
        apply.define(selling.portal, {(kind, name): body}, actor="user:1")


def test_working_days_leave_weekends_out() -> None:
    friday = FRIDAY.astimezone(COPENHAGEN)
    found = [
        working_moment(friday, days, at).strftime("%a %d %H:%M")
        for days, at in (
            (0, None),
            (0, time(9)),
            (0, time(15)),
            (1, None),
            (2, time(9)),
            (5, None),
            (6, time(8)),
        )
    ]
    assert found == [
        "Fri 09 14:00",
        "Mon 12 09:00",
        "Fri 09 15:00",
        "Mon 12 14:00",
        "Tue 13 09:00",
        "Fri 16 14:00",
        "Mon 19 08:00",
    ]
    sunday = working_moment(friday.replace(day=11), 1, time(9))
    assert f"{sunday:%a %d}" == "Mon 12"
