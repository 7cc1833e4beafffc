"""Workflows tell people: owners, members, roles and teams."""

import pytest
from tests.automation.conftest import House

from wonward import clock
from wonward.accounts.models import Member, Portal, Team
from wonward.automation.models import Enrolment
from wonward.blueprints import apply
from wonward.errors import Refusal
from wonward.notifications.models import Notification

pytestmark = pytest.mark.django_db(transaction=True)


def member(email: str, name: str, **more: object) -> Member:
    now = clock.now()
    first, _, last = name.partition(" ")
    return Member.objects.create(
        portal=Portal.objects.get(name="starter"),
        email=email,
        first_name=first,
        last_name=last,
        created_at=now,
        updated_at=now,
        **more,
    )


def told() -> list[tuple[str, str, str]]:
    rows = Notification.objects.order_by("member__first_name")
    return [(each.member.first_name, each.kind, each.text) for each in rows.select_related("member")]


def step(to: str) -> str:
    return f"""
        trigger: {{when: amount > 0}}
        steps:
          - notify: {{to: {to}, text: "{{{{dealname}}}} på {{{{amount}}}}"}}
    """


def test_the_owner_is_told_about_each_record(house: House) -> None:
    soren, ase = member("soren@nordisk.example", "Søren Ågård"), member("ase@nordisk.example", "Åse Bøgh")
    house.define("deal.besked", step("owner"))
    house.create("deal", dealname="Tårnet", amount="100", hubspot_owner_id=str(soren.pk))
    house.create("deal", dealname="Taget", amount="200", hubspot_owner_id=str(ase.pk))
    house.create("deal", dealname="Ingens", amount="300")
    house.work()
    house.work()
    assert sorted(told()) == [("Søren", "record", "Tårnet på 100"), ("Åse", "record", "Taget på 200")]


def test_a_role_and_a_member_are_told_by_name(house: House) -> None:
    apply.define("starter", {("role", "bogholder"): {"label": "Bogholder"}}, actor="user:1")
    member("soren@nordisk.example", "Søren Ågård", role="bogholder")
    member("ase@nordisk.example", "Åse Bøgh")
    house.define("deal.rolle", step("{role: bogholder}"))
    house.define("deal.person", step("ASE@nordisk.example"))
    house.create("deal", dealname="Tårnet", amount="100")
    house.work()
    assert sorted(told()) == [("Søren", "record", "Tårnet på 100"), ("Åse", "record", "Tårnet på 100")]


def test_of_a_team_those_with_a_seat_hear_and_the_history_says_who_does_not(house: House) -> None:
    seat = {"label": "Salg", "count": 5, "unlocks": ["team_notifications"]}
    apply.define("starter", {("seat", "salg"): seat}, actor="user:1")
    team = Team.objects.create(portal=Portal.objects.get(name="starter"), name="Aarhus")
    member("soren@nordisk.example", "Søren Ågård", team=team, seat="salg")
    member("ase@nordisk.example", "Åse Bøgh", team=team)
    house.define("deal.team", step("{team: Aarhus}"))
    house.create("deal", dealname="Tårnet", amount="100")
    house.work()
    assert told() == [("Søren", "team", "Tårnet på 100")]
    history = " ".join(Enrolment.objects.get().steps.values_list("said", flat=True))
    assert "told Søren Ågård; Åse Bøgh without a seat" in history


@pytest.mark.parametrize("to", ["alle", "{}", "{role: konge}", "{role: a, team: b}"])
def test_nobody_to_tell_is_refused(house: House, to: str) -> None:
    with pytest.raises(Refusal):
        house.define("deal.ingen", step(to))
