"""Seats are so many and no more, and what they unlock is refused with the reason to those who have none."""

from collections.abc import Callable
from typing import Any

import pytest

from wonward import clock
from wonward.accounts import memberships, users
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member, Portal
from wonward.errors import Conflict, Forbidden, Invalid, Missing, Refusal
from wonward.schema import seating
from wonward.schema.seats import Seat

SALG = Seat("salg", "Salg", 2, frozenset({"forecast", "lead_rotation"}))


def people(*names: str) -> Portal:
    portal = Portal.objects.get(name="starter")
    now = clock.now()
    Member.objects.bulk_create(
        Member(portal=portal, first_name=name, email=address(name), created_at=now, updated_at=now)
        for name in names
    )
    return portal


def address(name: str) -> str:
    return f"{name.lower()}@maleri.example"


def of(name: str) -> Member:
    return Member.objects.get(email=address(name))


def test_con_2_one_more_than_there_are_is_refused_with_who_has_them(starter: str) -> None:
    portal = people("Åse", "Bo", "Søren")
    for name in ("Åse", "Bo", "Bo"):
        seating.assign(portal, address(name), SALG)
    with pytest.raises(Conflict, match="All 2 Salg seats are taken, by Bo, Åse; free one of them first"):
        seating.assign(portal, address("Søren"), SALG)
    seating.free(portal, address("Åse"))
    seating.assign(portal, address("Søren"), SALG)
    assert {name: of(name).seat for name in ("Åse", "Bo", "Søren")} == {
        "Åse": "",
        "Bo": "salg",
        "Søren": "salg",
    }
    Member.objects.filter(email=address("Bo")).update(archived=True)
    seating.assign(portal, address("Åse"), SALG)


def test_con_2_what_no_seat_unlocks_needs_none_and_else_the_reason_is_told(starter: str) -> None:
    portal = people("Åse", "Bo")
    kinds = {"salg": SALG}
    seating.assign(portal, address("Åse"), SALG)
    seating.require(of("Åse"), kinds, "forecast")
    seating.require(of("Bo"), kinds, "goals")
    seating.require(of("Bo"), {}, "forecast")
    with pytest.raises(
        Forbidden, match=r"Bo has no seat that unlocks the forecast; .* Salg \(1 of 2 are free\)"
    ):
        seating.require(of("Bo"), kinds, "forecast")
    assert seating.with_unlocked([of("Åse"), of("Bo")], kinds, "lead_rotation") == [of("Åse")]


@pytest.mark.django_db(transaction=True)
def test_two_admins_do_not_both_give_the_last_seat_away(
    starter: str, in_threads: Callable[..., list[Any]]
) -> None:
    portal = people("Åse", "Bo", "Søren", "Kaj")

    def give(name: str) -> bool:
        try:
            seating.assign(portal, address(name), SALG)
        except Conflict:
            return False
        return True

    assert sorted(in_threads(give, ("Åse", "Bo", "Søren", "Kaj"))) == [False, False, True, True]
    assert Member.objects.filter(seat="salg").count() == 2


def test_con_1_a_member_has_at_most_two_teams_one_of_them_primary(starter: str) -> None:
    portal = people("Åse")
    memberships.give_teams(portal, address("Åse"), "Nord", "Salg")
    assert (of("Åse").team.name, of("Åse").extra_team.name) == ("Nord", "Salg")  # type: ignore[union-attr]
    for primary, secondary in ((None, "Salg"), ("Salg", "salg")):
        with pytest.raises(Invalid):
            memberships.give_teams(portal, address("Åse"), primary, secondary)
    memberships.give_teams(portal, address("Åse"), "nord", None)
    assert (of("Åse").team.name, of("Åse").extra_team) == ("Nord", None)  # type: ignore[union-attr]


def test_a_role_is_one_that_is_there_and_the_last_super_admin_stays_one(starter: str) -> None:
    portal = Portal.objects.get(name=starter)
    password = "en lang adgangskode"
    users.create("ane@maleri.example", "Ane", password, [portal])
    known = ["saelger"]
    with pytest.raises(Missing, match="There is no role 'chef'; choose from super_admin, saelger"):
        memberships.give_role(portal, "ane@maleri.example", "chef", known)
    with pytest.raises(Conflict, match="the last super admin"):
        memberships.give_role(portal, "ane@maleri.example", "saelger", known)
    users.create("ib@maleri.example", "Ib", password, [portal], "saelger")
    with pytest.raises(Refusal):
        memberships.give_role(portal, "ane@maleri.example", "saelger", known)
    memberships.give_role(portal, "ib@maleri.example", SUPER_ADMIN, known)
    memberships.give_role(portal, "ane@maleri.example", "saelger", known)
    assert Member.objects.get(email="ane@maleri.example").role == "saelger"
