"""Workflows beside the rest of the house: definitions, owners in turn, merging, erasing, the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from wonward import wiring
from wonward.accounts.models import Member, Portal, Team
from wonward.automation.actions.rotate import share_out
from wonward.automation.models import Enrolment, StepTaken
from wonward.blueprints import apply, export
from wonward.cli.workflows import workflow
from wonward.errors import Invalid
from wonward.records import write
from wonward.records.merging import merge

from .conftest import House

pytestmark = pytest.mark.django_db(transaction=True)


def test_turns_are_even_by_weight_and_newcomers_do_not_catch_up() -> None:
    chosen, taken = share_out({}, {1: 1, 2: 2}, 6)
    assert (chosen.count(1), chosen.count(2)) == (2, 4)
    chosen, taken = share_out(taken, {1: 1, 2: 2, 3: 1}, 8)
    assert (chosen.count(1), chosen.count(2), chosen.count(3)) == (2, 4, 2)
    assert taken == {"1": 4, "2": 8, "3": 4}


def test_owners_take_turns_and_those_who_left_are_skipped(house: House) -> None:
    portal = Portal.objects.get(name=house.portal)
    at = {"created_at": datetime(2026, 1, 1, tzinfo=UTC), "updated_at": datetime(2026, 1, 1, tzinfo=UTC)}
    people = [
        Member.objects.create(
            portal=portal, first_name=name, email=f"{name}@nordisk.example", archived=gone, **at
        )
        for name, gone in (("soren", False), ("ase", False), ("rasmus", True))
    ]
    among = ", ".join(f"{each.first_name}@nordisk.example" for each in people)
    house.define("deal.w", f"{{trigger: {{when: amount > 100}}, steps: [{{rotate: {{among: [{among}]}}}}]}}")
    for number in range(4):
        house.create("deal", dealname=f"Facade {number}", amount=101)
        house.work()
    soren, ase = (str(each.pk) for each in people[:2])
    assert house.values("deal", "hubspot_owner_id") == [(soren,), (ase,), (soren,), (ase,)]


def test_turns_are_theirs_who_are_there_and_have_the_seat_for_it(house: House) -> None:
    seat = {"label": "Salg", "count": 10, "unlocks": ["lead_rotation"]}
    apply.define(house.portal, {("seat", "sales"): seat}, actor="user:1")
    portal = Portal.objects.get(name=house.portal)
    at = {"created_at": datetime(2026, 1, 1, tzinfo=UTC), "updated_at": datetime(2026, 1, 1, tzinfo=UTC)}
    north = Team.objects.create(portal=portal, name="Nord")
    today, day = wiring.reading(house.portal, actor="cli", source="cli").today, timedelta(days=1)
    people: dict[str, dict[str, Any]] = {
        "Søren": {"team": north, "seat": "sales"},
        "Åse": {
            "extra_team": north,
            "seat": "sales",
            "away_from": today - 9 * day,
            "away_until": today - day,
        },
        "Rasmus": {"team": north, "seat": "sales", "away_from": today - day, "away_until": today},
        "Kaj": {"team": north},
    }
    ids = {
        name: str(Member.objects.create(portal=portal, first_name=name, **given, **at).pk)
        for name, given in people.items()
    }
    house.define("deal.w", "{trigger: {when: amount > 100}, steps: [{rotate: {among: Nord}}]}")
    for number in range(4):
        house.create("deal", dealname=f"Facade {number}", amount=101)
        house.work()
    turns = [(ids["Søren"],), (ids["Åse"],)]
    assert house.values("deal", "hubspot_owner_id") == [*turns, *turns]


def test_blueprints_carry_workflows_both_ways(house: House, tmp_path: Path) -> None:
    house.define(
        "deal.w",
        "{trigger: {date: udloebsdato, days: -30}, steps: [{set: {produkttype: rammeaftale}}, {set: {a: =b}}]}",
    )
    files = export.export(house.portal, tmp_path / "out")
    assert tmp_path / "out" / "workflows" / "deal.w.yaml" in files
    assert apply.planned(house.portal, tmp_path / "out").changes == ()
    used = {
        target: apply.where_used(house.portal, target)
        for target in (
            ("property", "deal.udloebsdato"),
            ("option", "deal.produkttype.rammeaftale"),
            ("property", "deal.b"),
        )
    }
    assert [[str(use) for use in found] for found in used.values()] == [
        ["workflow deal.w (trigger date)"],
        ["workflow deal.w (step 1 (set) produkttype)"],
        ["workflow deal.w (step 2 (set) a)"],
    ]
    with pytest.raises(Invalid, match=r"property deal\.udloebsdato is still used by workflow deal\.w"):
        apply.define(
            house.portal,
            {},
            frozenset([("property", "deal.udloebsdato")]),
            actor="user:1",
            allow_destructive=True,
        )


def test_a_removed_workflow_ends_what_is_in_it(house: House) -> None:
    house.define("deal.w", "{trigger: {date: udloebsdato}, steps: [{wait: 1 day}, {set: {a: 1}}]}")
    deal = house.create("deal", dealname="Facade", udloebsdato="2026-01-05")
    house.work()
    assert house.statuses("deal.w") == [(deal, "active")]
    apply.define(house.portal, {}, frozenset([("workflow", "deal.w")]), actor="user:1")
    house.later(days=1)
    (ended,) = house.enrolments("deal.w")
    assert (ended.status, ended.said) == ("stopped", "the workflow was removed")


def test_merging_moves_enrolments_and_erasing_takes_them(house: House) -> None:
    for name in ("v", "w"):
        house.define(f"deal.{name}", "{trigger: {when: amount > 100}, steps: [{wait: 1 day}, {set: {a: 1}}]}")
    kept = house.create("deal", dealname="Facade", amount=1)
    merged = house.create("deal", dealname="Facaden", amount=101)
    house.work()
    with wiring.writing(house.portal, actor="user:1", source="web") as work:
        kind = work.catalog.object_type("deal")
        merge.merge(work, kind, kept, [merged])
    assert {each.record_id for each in Enrolment.objects.all()} == {kept}
    house.later(days=1)
    assert house.values("deal", "a") == [("1",)]
    with wiring.writing(house.portal, actor="user:1", source="web") as work:
        wiring.erase(work, kind, [kept])
    assert not Enrolment.objects.exists()
    assert not StepTaken.objects.exists()


def told(house: House, *arguments: str) -> str:
    done = CliRunner().invoke(workflow, [*arguments, "--portal", house.portal], catch_exceptions=False)
    return done.output


def test_the_command_line(house: House) -> None:
    house.define("deal.w", "{trigger: {by_hand: true}, steps: [{set: {produkttype: =dealname}}]}")
    deal = house.create("deal", dealname="Facade")
    assert told(house, "list") == "deal.w\tAuto\tnobody enrolled\n"
    assert "failed at step 1: Facade was not one of" in told(house, "dry-run", "deal.w", str(deal))
    assert told(house, "enrol", "deal.w", str(deal)) == "1 enrolled in deal.w.\n"
    house.work()
    assert told(house, "list") == "deal.w\tAuto\t1 failed\n"
    number, name, record, place, said = told(house, "failures").split("\t")
    assert (name, record, place) == ("deal.w", f"deal {deal}", "1")
    assert "Facade was not one of the allowed options" in said
    house.update("deal", deal, dealname="rekruttering")
    assert told(house, "replay", number) == "1 replayed.\n"
    house.work()
    assert told(house, "history", str(deal)).splitlines() == [
        f"{number}\tdeal.w\tfinished\tcli",
        "  1\tset\tset produkttype",
    ]
    with wiring.writing(house.portal, actor="user:1", source="web") as work:
        assert write.archive(work, work.catalog.object_type("deal"), [deal]) == [deal]
