"""Records come into workflows by what changes, go through their steps, and wait as a row."""

from datetime import timedelta

import pytest

from wonward import clock, wiring
from wonward.records import write

from .conftest import House

pytestmark = pytest.mark.django_db(transaction=True)

REMINDER = """
trigger: {when: "produkttype = 'rammeaftale' and udloebsdato is null"}
steps:
  - create:
      object: task
      properties:
        hs_task_subject: "Auto | 3 mdr. opfølgning | {{deal.produkttype}} {{deal.dealname}}"
        hs_timestamp: "=today() + '90 days'"
  - wait: 7 days
  - if: udloebsdato is null
    then:
      - set: {description: "mangler udløbsdato siden {{createdate}}"}
    else:
      - stop: udløbsdato er sat
"""


def test_a_framework_agreement_without_a_date_is_followed_up(house: House) -> None:
    house.define("deal.rammeaftale", REMINDER)
    deal = house.create("deal", dealname="Facade, Ågård", produkttype="rammeaftale")
    other = house.create("deal", dealname="Trappe", produkttype="rekruttering")
    house.work()
    assert house.values("task", "hs_task_subject", "hs_timestamp") == [
        ("Auto | 3 mdr. opfølgning | Rammeaftale Facade, Ågård", "2026-04-05T00:00:00.000Z")
    ]
    assert house.statuses("deal.rammeaftale") == [(deal, "active")]
    (waiting,) = house.enrolments("deal.rammeaftale")
    assert (waiting.place, waiting.due_at) == ("2", clock.now() + timedelta(days=7))
    house.later(days=6)
    assert house.statuses("deal.rammeaftale") == [(deal, "active")]
    house.later(days=1)
    assert house.statuses("deal.rammeaftale") == [(deal, "finished")]
    assert house.values("deal", "description") == [
        ("mangler udløbsdato siden 2026-01-05T09:00:00.000Z",),
        (None,),
    ]
    (ended,) = house.enrolments("deal.rammeaftale")
    assert [line[:2] for line in house.history(ended)] == [
        ("1", "create"),
        ("2", "wait"),
        ("2", "wait"),
        ("3", "if"),
        ("3.then.1", "set"),
    ]
    assert other


def test_the_other_branch_stops_with_its_reason(house: House) -> None:
    house.define("deal.rammeaftale", REMINDER)
    deal = house.create("deal", dealname="Facade", produkttype="rammeaftale")
    house.work()
    house.update("deal", deal, udloebsdato="2027-01-01")
    house.later(days=7)
    (ended,) = house.enrolments("deal.rammeaftale")
    assert (ended.status, ended.said) == ("stopped", "udløbsdato er sat")


def test_only_what_becomes_true_enrols(house: House) -> None:
    """A deal that met the condition before the workflow was there isn't enrolled by another change of it."""
    old = house.create("deal", dealname="Gammel", amount=150)
    house.work()
    house.define(
        "deal.big",
        "{trigger: {when: amount > 100}, again: always, steps: [{set: {a: '=coalesce(a, 0) + 1'}}]}",
    )
    house.update("deal", old, amount=200)
    house.update("deal", old, dealname="Stadig stor")
    new = house.create("deal", dealname="Ny", amount=50)
    house.work()
    assert house.statuses("deal.big") == []
    house.update("deal", new, amount=101)
    house.update("deal", new, amount=102)
    house.work()
    assert house.statuses("deal.big") == [(new, "finished")]
    house.update("deal", new, amount=1)
    house.update("deal", new, amount=500)
    house.update("deal", new, dealname="Ny, dyr")
    house.work()
    assert house.statuses("deal.big") == [(new, "finished"), (new, "finished")]
    assert house.values("deal", "a") == [(None,), ("2",)]


def test_once_means_once(house: House) -> None:
    house.define("deal.big", "{trigger: {when: amount > 100}, steps: [{set: {a: '=coalesce(a, 0) + 1'}}]}")
    deal = house.create("deal", dealname="Facade", amount=101)
    house.work()
    for amount in (1, 102):
        house.update("deal", deal, amount=amount)
        house.work()
    assert house.values("deal", "a") == [("1",)]


def test_copies_from_the_company_and_leaves_what_it_lacks(house: House) -> None:
    house.define(
        "deal.mail",
        "{trigger: {when: fakturamail is null}, steps: [{copy: {fakturamail: company.fakturamail}}]}",
    )
    with wiring.writing(house.portal, actor="user:1", source="web") as work:
        deals = write.create(
            work, work.catalog.object_type("deal"), [{"dealname": "Facade"}, {"dealname": "Trappe"}]
        )
    company = house.create("company", name="Nordisk Måleri A/S", fakturamail="faktura@nordisk.example")
    house.associate(("deal", deals[0]), ("company", company))
    house.work()
    assert house.values("deal", "fakturamail") == [("faktura@nordisk.example",), (None,)]
    assert [house.history(each)[0][2] for each in house.enrolments("deal.mail")] == [
        "copied fakturamail",
        "there was nothing to copy",
    ]


def test_a_workflow_runs_at_the_version_it_was_enrolled_with(house: House) -> None:
    house.define("deal.w", "{trigger: {by_hand: true}, steps: [{wait: 1 day}, {set: {a: 1}}]}")
    from wonward.automation import run

    deals = [house.create("deal", dealname=name) for name in ("Facade", "Trappe")]
    with wiring.writing(house.portal, actor="user:1", source="cli") as work:
        run.enrol_by_hand(work, "deal.w", deals[:1])
    house.work()
    house.define("deal.w", "{trigger: {by_hand: true}, steps: [{wait: 1 day}, {set: {a: 2}}]}")
    with wiring.writing(house.portal, actor="user:1", source="cli") as work:
        run.enrol_by_hand(work, "deal.w", deals[1:])
    house.work()
    house.later(days=1)
    assert house.values("deal", "a") == [("1",), ("2",)]


def test_a_goal_ends_the_waiting_at_once(house: House) -> None:
    house.define(
        "deal.w",
        "{trigger: {when: amount > 100}, goal: \"dealstage = 'closedwon'\", steps: [{wait: 90 days}, {set: {a: 1}}]}",
    )
    deal = house.create("deal", dealname="Facade", amount=101)
    house.work()
    house.update("deal", deal, dealname="Facade, stor")
    house.later(hours=1)
    (waiting,) = house.enrolments("deal.w")
    assert waiting.due_at
    assert (waiting.due_at - clock.now()).days == 89
    house.update("deal", deal, dealstage="closedwon")
    house.work()
    assert house.statuses("deal.w") == [(deal, "goal")]
    assert house.values("deal", "a") == [(None,)]


def test_waiting_for_something_to_come_but_not_for_ever(house: House) -> None:
    house.define(
        "deal.w",
        "{trigger: {when: amount > 100}, "
        "steps: [{wait: {for: a is not null, at_most: 7 days}}, {set: {b: '=coalesce(a, 0)'}}]}",
    )
    deals = [house.create("deal", dealname=name, amount=101) for name in ("Facade", "Trappe")]
    house.later(hours=2)
    house.update("deal", deals[0], a=5)
    house.later(minutes=1)
    assert house.values("deal", "b") == [("5",), (None,)]
    house.later(days=7)
    assert house.values("deal", "b") == [("5",), ("0",)]


def test_a_date_that_moves_is_followed_while_waiting(house: House) -> None:
    house.define(
        "deal.w",
        "{trigger: {when: udloebsdato is not null}, steps: [{wait: {until: udloebsdato - '2 days'}}, {set: {a: 1}}]}",
    )
    deal = house.create("deal", dealname="Facade", udloebsdato="2026-03-01")
    house.later(days=10)
    house.update("deal", deal, udloebsdato="2026-02-01")
    house.later(days=1)
    (waiting,) = house.enrolments("deal.w")
    assert f"{waiting.due_at:%Y-%m-%d}" == "2026-01-30"
    house.later(days=20)
    assert house.values("deal", "a") == [("1",)]


def test_an_archived_record_ends_its_way(house: House) -> None:
    house.define("deal.w", "{trigger: {when: amount > 100}, steps: [{wait: 1 day}, {set: {a: 1}}]}")
    deal = house.create("deal", dealname="Facade", amount=101)
    house.work()
    with wiring.writing(house.portal, actor="user:1", source="web") as work:
        write.archive(work, work.catalog.object_type("deal"), [deal])
    house.later(days=1)
    (ended,) = house.enrolments("deal.w")
    assert (ended.status, ended.said) == ("stopped", "the record is archived or gone")


def test_records_are_associated_by_a_value_they_share(house: House) -> None:
    house.define(
        "contact.firma",
        """
        trigger: {when: "email is not null"}
        steps:
          - associate: {object: company, where: {domain: "=website"}}
        """,
    )
    nordisk = house.create("company", name="Nordisk Måleri A/S", domain="nordisk.example")
    soren = house.create("contact", email="soren@nordisk.example", website="nordisk.example")
    ase = house.create("contact", email="aase@andre.example", website="andre.example")
    house.work()
    assert house.values("contact", "company.hs_object_id") == [(str(nordisk),), (None,)]
    said = {each.record_id: house.history(each)[-1][2] for each in house.enrolments("contact.firma")}
    assert said == {soren: "associated it with 1 company", ase: "no company has that value"}


def test_a_value_that_a_crowd_has_associates_none(house: House) -> None:
    house.define(
        "contact.by",
        "{trigger: {when: city is not null}, steps: [{associate: {object: company, where: {city: '=city'}}}]}",
    )
    for number in range(21):
        house.create("company", name=f"Maler {number}", city="Ærøskøbing")
    house.create("contact", email="soren@nordisk.example", city="Ærøskøbing")
    house.work()
    assert house.values("contact", "company.hs_object_id") == [(None,)]
    [enrolment] = house.enrolments("contact.by")
    assert "with more than 20 it associates none" in house.history(enrolment)[-1][2]
