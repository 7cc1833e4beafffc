"""A workflow that doesn't hold is refused when it is defined, at the place where it doesn't."""

import pytest

from wonward.blueprints import apply
from wonward.errors import Invalid

from .conftest import House

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "{trigger: {when: a > 1, by_hand: true}, steps: [{stop: x}]}",
            "give one of when, date, every, form or by_hand",
        ),
        ("{trigger: {when: a > 'x'}, steps: [{stop: x}]}", "trigger when: "),
        ("{trigger: {when: a + 1}, steps: [{stop: x}]}", "trigger when: "),
        (
            "{trigger: {date: dealname}, steps: [{stop: x}]}",
            "trigger date: Deal name is text; name a date of the deal",
        ),
        ("{trigger: {by_hand: true}, goal: owner = me(), steps: [{stop: x}]}", "goal: "),
        (
            "{trigger: {by_hand: true}, steps: [{sett: {a: 1}}]}",
            "step 1: give one of set, copy, create, ",
        ),
        (
            "{trigger: {by_hand: true}, steps: [{set: {hs_createdate: x}}]}",
            "kept by the system and can't be set",
        ),
        ("{trigger: {by_hand: true}, steps: [{set: {a: mange}}]}", "mange was not a valid number for A"),
        (
            "{trigger: {by_hand: true}, steps: [{set: {a: =dealname}}]}",
            "A is number, but its expression gives text",
        ),
        (
            "{trigger: {by_hand: true}, steps: [{if: a > 1, then: [{set: {udloebsdatoo: 1}}]}]}",
            "step 1.then.1 (set) udloebsdatoo: Deal has no property 'udloebsdatoo'; did you mean 'udloebsdato'?",
        ),
        (
            "{trigger: {by_hand: true}, steps: [{create: {object: task, properties: {hs_task_subject: x}}}]}",
            "step 1 (create): a task needs hs_timestamp",
        ),
        (
            "{trigger: {by_hand: true}, steps: [{create: {object: task, properties: {hs_timestamp: =navn}}}]}",
            "step 1 (create) hs_timestamp: at column 1: there is no property 'navn' on Deal",
        ),
        ("{trigger: {by_hand: true}, steps: [{wait: en uge}]}", "'en uge' is no length of time"),
        ("{trigger: {by_hand: true}, steps: [{wait: {for: a > 1}}]}", "is no length of time"),
        ("{trigger: {by_hand: true}, steps: [{rotate: {among: [x], property: a}}]}", "A holds no owner"),
    ],
)
def test_a_definition_that_does_not_hold_is_refused_at_its_place(house: House, text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.define("deal.w", text)
    assert said in str(refused.value)
    assert "workflow deal.w: " in str(refused.value)


@pytest.mark.parametrize("value", ["=cpr", "Nummer {{cpr}}", "=company.cpr"])
def test_what_is_sensitive_is_put_nowhere_else(house: House, value: str) -> None:
    cpr = {"label": "CPR-nummer", "type": "text", "sensitive": True}
    apply.define("starter", {("property", "deal.cpr"): cpr, ("property", "company.cpr"): cpr}, actor="user:1")
    with pytest.raises(Invalid) as refused:
        house.define(
            "deal.w", f"{{trigger: {{by_hand: true}}, steps: [{{set: {{description: '{value}'}}}}]}}"
        )
    assert "cpr is sensitive; make description sensitive too, or leave that out" in str(refused.value)
    house.define("deal.w", f"{{trigger: {{by_hand: true}}, steps: [{{set: {{cpr: '{value}'}}}}]}}")
