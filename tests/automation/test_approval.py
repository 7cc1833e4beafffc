"""Workflows ask for an approval, wait for it however long it takes, and go the way that is decided."""

from datetime import timedelta

import pytest
from tests.automation.conftest import House

from wonward import clock, wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal
from wonward.automation import run
from wonward.blueprints import apply
from wonward.errors import Conflict, Forbidden, Refusal
from wonward.notifications.models import Notification
from wonward.pipelines import decisions
from wonward.schema.seen import acting

pytestmark = pytest.mark.django_db(transaction=True)
EVERYONE = {"view": "everyone", "edit": "everyone", "delete": "everyone", "create": True}
RABAT = """
    trigger: {when: amount > 1000}
    again: always
    steps:
      - approval: {name: rabat, by: leder, message: Rabatten på Tårnet er i orden, watches: [amount], at_most: 5 days}
        approved: [{set: {dealname: Godkendt}}]
        declined: [{set: {dealname: Afvist}}]
        unanswered: [{set: {dealname: Intet svar}}]
      - set: {a: 1}
"""
NAME = "deal.rabat"


@pytest.fixture
def portal(house: House) -> House:
    """Nordisk Måleri, where a leader approves of what sellers sell."""
    roles = {("role", name): {"label": name, "default": EVERYONE} for name in ("leder", "saelger")}
    apply.define(house.portal, roles, actor="cli")
    for name in ("leder", "saelger"):
        users.create(
            f"{name}@nordisk.example",
            f"Åse {name}",
            "correct horse battery",
            [Portal.objects.get(name=house.portal)],
            name,
        )
    house.define(NAME, RABAT)
    return house


def decide(deal: int, role: str = "leder", *, approved: bool = True, reason: str = "") -> None:
    actor = f"user:{Member.objects.get(email=f'{role}@nordisk.example').user_id}"
    with wiring.writing("starter", actor=actor, source="web", rights=acting("starter", actor)) as work:
        kind = work.catalog.object_type("deal")
        decisions.decide(work, kind, deal, NAME, "rabat", approved=approved, reason=reason)


def names(portal: House) -> list[tuple[str | None, ...]]:
    return portal.values("deal", "dealname", "a")


def asked() -> list[str]:
    told = Notification.objects.filter(kind="approval", member__email="leder@nordisk.example")
    return list(told.order_by("id").values_list("text", flat=True))


@pytest.mark.parametrize(("approved", "name"), [(True, "Godkendt"), (False, "Afvist")])
def test_it_goes_the_way_that_is_decided(portal: House, approved: bool, name: str) -> None:
    deal = portal.create("deal", dealname="Tårnet", amount="2000")
    portal.work()
    assert asked() == ["Tårnet → Auto: Rabatten på Tårnet er i orden"]
    portal.later(days=2)
    assert names(portal) == [("Tårnet", None)]
    decide(deal, approved=approved, reason="Ærlig talt")
    portal.work()
    assert names(portal) == [(name, "1")]
    assert asked() == ["Tårnet → Auto: Rabatten på Tårnet er i orden"], "nobody is asked twice"
    [enrolment] = portal.enrolments(NAME)
    said = [each for _, action, each in portal.history(enrolment) if action == "approval"]
    assert said == [
        "asks leder for approval: Rabatten på Tårnet er i orden",
        "approved by Åse leder" if approved else "declined by Åse leder: Ærlig talt",
    ]


def test_nobody_answers_in_time_and_then_nobody_can(portal: House) -> None:
    deal = portal.create("deal", dealname="Tårnet", amount="2000")
    portal.work()
    portal.later(days=4, hours=23)
    assert names(portal) == [("Tårnet", None)]
    portal.later(hours=2)
    assert names(portal) == [("Intet svar", "1")]
    with pytest.raises(Conflict, match="Nobody asks"):
        decide(deal)


def test_a_new_value_of_what_is_watched_asks_anew(portal: House) -> None:
    deal = portal.create("deal", dealname="Tårnet", amount="2000")
    portal.work()
    decide(deal)
    portal.at(clock.now() + timedelta(minutes=1))
    portal.update("deal", deal, amount="9000")
    portal.work()
    assert names(portal) == [("Tårnet", None)]
    assert len(asked()) == 2
    decide(deal, approved=False, reason="For stor")
    portal.work()
    assert names(portal) == [("Afvist", "1")]


def test_an_earlier_approval_does_not_hold_for_the_next_enrolment(portal: House) -> None:
    deal = portal.create("deal", dealname="Tårnet", amount="2000")
    portal.work()
    decide(deal)
    portal.work()
    portal.later(days=1)
    portal.update("deal", deal, amount="10")
    portal.work()
    portal.update("deal", deal, amount="3000", dealname="Tårnet igen")
    portal.work()
    assert names(portal) == [("Tårnet igen", "1")]
    assert len(asked()) == 2


def test_only_the_role_decides_and_only_the_workflow_asks(portal: House) -> None:
    deal = portal.create("deal", dealname="Tårnet", amount="2000")
    portal.work()
    with pytest.raises(Forbidden, match="decides this"):
        decide(deal, "saelger")
    with (
        pytest.raises(Refusal, match="asks by itself"),
        wiring.writing("starter", actor="cli", source="cli") as work,
    ):
        decisions.ask(work, work.catalog.object_type("deal"), deal, NAME, "rabat")


def test_a_rehearsal_goes_on_as_if_it_was_approved(portal: House) -> None:
    deal = portal.create("deal", dealname="Tårnet", amount="10")
    with wiring.writing("starter", actor="cli", source="cli") as work:
        told = run.rehearse(work, NAME, deal)
    assert [each.place for each in told.steps] == ["1", "1.approved.1", "2"]
    assert asked() == []


def test_two_approvals_of_a_workflow_have_two_names(portal: House) -> None:
    one = "approval: {name: x, by: leder, message: X}"
    with pytest.raises(Refusal, match="two approvals 'x'"):
        portal.define("deal.to", f"trigger: {{when: amount > 0}}\nsteps: [{{{one}}}, {{{one}}}]")


@pytest.mark.parametrize(
    ("approval", "why"),
    [
        ("{name: x, by: konge, message: X}", "there is no role 'konge'"),
        ("{name: x, by: leder, message: X, watches: [rabat]}", "rabat"),
        ("{name: x, by: leder, message: X, at_most: lidt}", "no length of time"),
        ("{name: x, by: leder}", "message"),
        ("rabat", "Expected"),
    ],
)
def test_what_cannot_be_asked_is_refused(portal: House, approval: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        portal.define("deal.forkert", f"trigger: {{when: amount > 0}}\nsteps: [approval: {approval}]")
