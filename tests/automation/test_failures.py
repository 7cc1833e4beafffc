"""What is refused waits in the failure inbox; what goes round in rings is stopped there, with the reason."""

import pytest

from wonward import wiring
from wonward.automation import enrol as enrolling
from wonward.automation import run
from wonward.automation.models import Enrolment
from wonward.errors import Conflict, Missing, Problem
from wonward.records.work import RecordChange, Work
from wonward.schema.catalog import ObjectType

from .conftest import House

pytestmark = pytest.mark.django_db(transaction=True)


def gate(work: Work, kind: ObjectType, changes: list[RecordChange]) -> list[Problem]:
    """Refuse a won deal without an amount, whoever moves it."""
    if kind.name != "deal":
        return []
    from wonward.records import query
    from wonward.records.query import Query

    ids = {change.record_id: change.row for change in changes}
    found = query.rows(work, Query(kind, ids=list(ids)), ["dealstage = 'closedwon' and amount is null"])
    return [
        Problem("Give the amount before the deal is won", "REQUIRED_PROPERTY", "amount", ids[record_id])
        for record_id, wrong in found
        if wrong == "true"
    ]


def test_a_gate_refuses_one_and_lets_the_others_through(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "GUARDS", (*wiring.GUARDS, gate))
    house.define(
        "deal.vind", "{trigger: {when: a = 1}, steps: [{set: {dealstage: closedwon}}, {set: {b: 1}}]}"
    )
    deals = [
        house.create("deal", dealname=f"Facade {n}", a=1, **({} if n == 1 else {"amount": n}))
        for n in range(3)
    ]
    house.work()
    assert house.values("deal", "dealstage", "b") == [
        ("closedwon", "1"),
        ("prospecting", None),
        ("closedwon", "1"),
    ]
    (failed,) = run.failures(house.enrolments("deal.vind")[0].portal_id)
    assert (failed.record_id, failed.place) == (deals[1], "1")
    assert failed.problems == [
        {
            "message": "Give the amount before the deal is won",
            "code": "REQUIRED_PROPERTY",
            "property": "amount",
        }
    ]
    house.update("deal", deals[1], amount=100)
    with wiring.writing(house.portal, actor="user:1", source="web") as work:
        run.replay(work, [failed.pk])
    house.work()
    assert house.values("deal", "dealstage", "b")[1] == ("closedwon", "1")
    with wiring.writing(house.portal, actor="user:1", source="web") as work, pytest.raises(Missing):
        run.replay(work, [failed.pk])


def test_a_failure_nobody_foresaw_keeps_no_others_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(work: Work, kind: ObjectType, changes: list[RecordChange]) -> list[Problem]:
        if any("b" in change.diff and change.record_id == deals[2] for change in changes):
            raise ZeroDivisionError("regnefejl")
        return []

    monkeypatch.setattr(wiring, "GUARDS", (*wiring.GUARDS, stumble))
    house.define("deal.w", "{trigger: {when: a = 1}, steps: [{set: {b: 1}}]}")
    deals = [house.create("deal", dealname=f"Facade {n}", a=1) for n in range(5)]
    house.work()
    assert house.values("deal", "b") == [("1",), ("1",), (None,), ("1",), ("1",)]
    (failed,) = Enrolment.objects.filter(status="failed")
    assert failed.problems[0]["code"] == "STEP_FAILED"
    assert "regnefejl" in failed.said
    assert "a step of a workflow failed" in caplog.text


def test_two_that_set_each_other_off_are_stopped(house: House) -> None:
    house.define("deal.frem", "{trigger: {when: a > b}, again: always, steps: [{set: {b: '=a + 1'}}]}")
    house.define("deal.tilbage", "{trigger: {when: b > a}, again: always, steps: [{set: {a: '=b + 1'}}]}")
    deal = house.create("deal", dealname="Facade", a=1, b=0)
    house.work()
    (failed,) = Enrolment.objects.filter(status="failed")
    assert (failed.record_id, failed.depth) == (deal, 10)
    assert "a change by the workflow deal.tilbage enrolled it, and 10 workflows in a row" in failed.said
    assert Enrolment.objects.filter(status="finished").count() == 10
    assert failed.problems[0]["code"] == "WORKFLOW_LOOP"


def test_a_dry_run_tells_everything_and_leaves_nothing(house: House) -> None:
    house.define(
        "deal.w",
        "{trigger: {when: amount > 100}, steps: [{set: {a: 7}}, {wait: 90 days}, {if: a = 7, then: [{create: {object: "
        "task, properties: {hs_task_subject: Ring, hs_timestamp: '=now()'}}}, {set: {produkttype: '=dealname'}}]}]}",
    )
    deal = house.create("deal", dealname="Facade", amount=50)
    with wiring.writing(house.portal, actor="user:1", source="cli") as work:
        found = run.rehearse(work, "deal.w", deal)
    assert found.meets is False
    assert [(each.place, each.action) for each in found.steps] == [
        ("1", "set"),
        ("2", "wait"),
        ("3", "if"),
        ("3.then.1", "create"),
    ]
    assert found.ends.startswith("failed at step 3.then.2: Facade was not one of the allowed options")
    house.work()
    assert house.values("deal", "a") == [(None,)]
    assert house.values("task", "hs_task_subject") == []
    assert not Enrolment.objects.exists()


def test_who_is_in_it_is_not_enrolled_by_hand_again(house: House) -> None:
    house.define("deal.w", "{trigger: {by_hand: true}, steps: [{wait: 1 day}]}")
    deal = house.create("deal", dealname="Facade")
    with wiring.writing(house.portal, actor="user:1", source="cli") as work:
        run.enrol_by_hand(work, "deal.w", [deal])
    with wiring.writing(house.portal, actor="user:1", source="cli") as work:
        with pytest.raises(Conflict, match="was in it already"):
            run.enrol_by_hand(work, "deal.w", [deal])
        with pytest.raises(Missing, match="There is no deal 999"):
            run.enrol_by_hand(work, "deal.w", [999])
        with pytest.raises(Missing, match=r"this portal has deal\.w"):
            run.enrol_by_hand(work, "deal.ukendt", [deal])


def test_one_that_comes_round_by_another_way_is_stopped_within_the_day(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolling, "MOST_A_DAY", 3)
    house.define("deal.w", "{trigger: {when: a = 1}, again: always, steps: [{set: {a: 0}}]}")
    deal = house.create("deal", dealname="Facade")
    for _ in range(4):
        house.update("deal", deal, a=1)
        house.work()
    assert house.statuses("deal.w") == [(deal, "finished")] * 3 + [(deal, "failed")]
    assert "enrolled 3 times within a day" in house.enrolments("deal.w")[-1].said
    house.update("deal", deal, a=0)
    house.later(days=2)
    house.update("deal", deal, a=1)
    house.work()
    assert house.statuses("deal.w")[4:] == [(deal, "finished")]
