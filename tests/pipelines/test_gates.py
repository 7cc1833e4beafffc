"""Gates by themselves: facts in, problems out."""

import pytest

from wonward.errors import Problem
from wonward.pipelines.gates import Asked, Rules, Standing, asks_for, refusals
from wonward.schema.pipelines import Criterion, Gate, Pipeline, Stage

SALG = Pipeline(
    "salg",
    "Salg",
    "deal",
    (
        Stage("dialog", "Dialog indledt"),
        Stage("moede", "Møde booket"),
        Stage("tilbud", "Tilbud sendt", next=("vundet", "tabt")),
        Stage("vundet", "Vundet", next=()),
        Stage("tabt", "Tabt"),
    ),
    start=("dialog",),
)
ANDET = Pipeline("andet", "Andet", "deal", (Stage("ide", "Idé"), Stage("plan", "Plan")))
NEEDS_CLOSE_DATE = Asked(
    "closedate", False, frozenset({"closedate"}), Problem("Close date is needed here", "X", "closedate")
)
NEEDS_MEETING = Asked("count(meetings) > 0", True, frozenset(), Problem("Hold a meeting first", "Y"))
RULES = Rules(
    {"salg": SALG, "andet": ANDET},
    "pipeline",
    "dealstage",
    {("salg", "tilbud"): (NEEDS_CLOSE_DATE, NEEDS_MEETING)},
)
READY = {"closedate": "2026-12-01", "count(meetings) > 0": "true"}


def told(stage: str, came_from: str | None, facts: dict[str, str | None] | None = None) -> list[str]:
    before = None if came_from is None else ("salg", came_from)
    return [
        problem.message
        for problem in refusals(RULES, [Standing(0, "salg", stage, True, before, facts=facts or {})])
    ]


@pytest.mark.parametrize(
    ("stage", "came_from", "refusal"),
    [
        ("dialog", None, None),
        ("moede", None, "Salg begins in Dialog indledt; put it there first"),
        ("moede", "dialog", None),
        ("tabt", "dialog", None),
        ("vundet", "tilbud", None),
        ("moede", "tilbud", "From Tilbud sendt it goes on to Vundet or Tabt, not to Møde booket"),
        ("tabt", "vundet", "From Vundet nothing goes on to another stage"),
        ("dialog", "a stage that is gone", None),
    ],
)
def test_where_a_record_may_begin_and_go(stage: str, came_from: str | None, refusal: str | None) -> None:
    assert told(stage, came_from) == ([refusal] if refusal else [])


def test_coming_from_another_pipeline_is_a_beginning() -> None:
    found = refusals(RULES, [Standing(0, "salg", "moede", True, ("andet", "plan"))])
    assert [problem.code for problem in found] == ["STAGE_NOT_REACHABLE"]
    assert refusals(RULES, [Standing(0, "andet", "plan", True, ("salg", "dialog"))]) == []


def test_everything_that_lacks_is_told_at_once() -> None:
    assert told("tilbud", "dialog") == ["Close date is needed here", "Hold a meeting first"]
    assert told("tilbud", "dialog", READY) == []
    assert told("tilbud", "dialog", {**READY, "count(meetings) > 0": "false"}) == ["Hold a meeting first"]
    assert told("tilbud", "dialog", {**READY, "count(meetings) > 0": None}) == ["Hold a meeting first"]


def test_a_problem_says_where_it_belongs() -> None:
    [problem, _] = refusals(RULES, [Standing(7, "salg", "tilbud", True, ("salg", "dialog"))])
    assert (problem.row, problem.property) == (7, "closedate")
    assert problem.context == {"pipeline": "salg", "stage": "tilbud"}


def test_a_record_that_stays_is_held_to_what_was_touched_alone() -> None:
    def codes(touched: str) -> list[str]:
        stays = Standing(0, "salg", "tilbud", False, ("salg", "tilbud"), frozenset({touched}))
        return [problem.code for problem in refusals(RULES, [stays])]

    assert codes("closedate") == ["X"]
    assert codes("amount") == []


def test_a_person_is_asked_for_each_property_once() -> None:
    gate = Gate(
        requires=("closedate", "cvr"),
        optional=("henvist_af",),
        criteria=(
            Criterion("valid_cvr(cvr)", "CVR", ("cvr",)),
            Criterion("amount > 0", "Beløb", ("amount",)),
        ),
    )
    assert asks_for(gate) == ("closedate", "cvr", "amount", "henvist_af")
