"""Gates on the write path: whatever door a change comes through, what a stage asks for must be there."""

from typing import Any

import pytest
from tests.salg import SALG

from wonward import wiring
from wonward.blueprints import apply
from wonward.errors import Forbidden, Invalid, Problem, Refusal
from wonward.records import associate, history, query, write
from wonward.records.associate import Link
from wonward.records.query import Query
from wonward.records.salvage import salvage
from wonward.records.work import Source
from wonward.schema.seen import Rights


def make(source: Source = "web", **values: str) -> int:
    given = {"dealname": "Søren Ågårds aftale", "pipeline": "salg", "dealstage": "dialog", **values}
    with wiring.writing("starter", actor="user:1", source=source) as work:
        return write.create(work, work.catalog.object_type("deal"), [given])[0]


def put(deal: int, source: Source = "web", **values: str) -> None:
    with wiring.writing("starter", actor="user:1", source=source) as work:
        write.update(work, work.catalog.object_type("deal"), [(deal, values)])


def problems(deal: int, source: Source = "web", **values: str) -> list[Problem]:
    with pytest.raises(Refusal) as refused:
        put(deal, source, **values)
    return list(refused.value.problems)


def value(deal: int, name: str) -> str | None:
    work = wiring.reading("starter", actor="user:1", source="web")
    [(_, found)] = query.rows(work, Query(work.catalog.object_type("deal"), ids=[deal]), [name])
    return str(found) if found is not None else None


def of_company(deal: int, **values: str) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        company = write.create(
            work, work.catalog.object_type("company"), [{"name": "Nordisk Måleri A/S", **values}]
        )
        deals, companies = work.catalog.object_type("deal"), work.catalog.object_type("company")
        associate.associate(work, deals, companies, [Link(deal, company[0])])


def test_a_deal_begins_where_the_pipeline_says(salg: str) -> None:
    with pytest.raises(Invalid) as refused:
        make(dealstage="moede", dealtype="newbusiness")
    [problem] = refused.value.problems
    assert (problem.code, problem.property) == ("STAGE_NOT_REACHABLE", "dealstage")
    assert problem.message == "Salg begins in Dialog indledt; put it there first"
    assert value(make(), "dealstage") == "dialog"


def test_without_a_stage_a_deal_begins_in_the_first(salg: str) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        [deal] = write.create(
            work, work.catalog.object_type("deal"), [{"dealname": "Ny", "pipeline": "salg"}]
        )
    assert value(deal, "dealstage") == "dialog"


@pytest.mark.parametrize("source", ["web", "api", "import", "cli", "worker"])
def test_every_way_in_meets_the_same_gate(salg: str, source: Source) -> None:
    deal = make()
    [problem] = problems(deal, source, dealstage="moede")
    assert (problem.code, problem.property) == ("GATE_PROPERTY_MISSING", "dealtype")
    assert value(deal, "dealstage") == "dialog"
    put(deal, source, dealstage="moede", dealtype="newbusiness")
    assert value(deal, "dealstage") == "moede"


def test_all_that_lacks_is_told_at_once_and_nothing_is_written(salg: str) -> None:
    deal = make()
    found = problems(deal, dealstage="tilbud", description="Ågård vil gerne")
    assert [(each.code, each.property) for each in found] == [
        ("GATE_PROPERTY_MISSING", "closedate"),
        ("GATE_NOT_MET", "amount"),
        ("GATE_NOT_MET", None),
    ]
    assert found[2].message == "Tilknyt en kontaktperson"
    assert value(deal, "description") is None


def test_a_batch_goes_on_without_those_that_are_refused(salg: str) -> None:
    ready, bare = make(dealtype="newbusiness"), make()
    with wiring.writing("starter", actor="user:1", source="api") as work:
        kind = work.catalog.object_type("deal")

        def move(changes: list[tuple[int, dict[str, str]]]) -> list[int]:
            write.update(work, kind, changes)
            return [number for number, _ in changes]

        done, told = salvage([(bare, {"dealstage": "moede"}), (ready, {"dealstage": "moede"})], move)
    assert list(done.values()) == [ready]
    assert [(each.row, each.property) for each in told] == [(0, "dealtype")]


def test_what_a_gate_needs_cannot_be_emptied_behind_it(salg: str) -> None:
    deal = make()
    put(deal, dealstage="moede", dealtype="newbusiness")
    assert [each.property for each in problems(deal, dealtype="")] == ["dealtype"]
    put(deal, description="Andet må gerne ændres")


def test_a_gate_made_stricter_leaves_those_inside_alone(salg: str) -> None:
    deal = make()
    put(deal, dealstage="moede", dealtype="newbusiness")
    stricter = {**SALG, "stages": [dict(stage) for stage in SALG["stages"]]}
    stricter["stages"][1]["gate"] = {"requires": ["dealtype", "closedate"]}
    apply.define("starter", {("pipeline", "deal.salg"): stricter}, actor="user:1")
    put(deal, dealtype="existingbusiness")
    assert [each.property for each in problems(make(dealtype="newbusiness"), dealstage="moede")] == [
        "closedate"
    ]


def test_from_a_last_stage_nothing_goes_on(salg: str) -> None:
    deal = make(fakturamail="bogholderi@nordisk-måleri.dk")
    put(deal, dealstage="fakturering")
    [problem] = problems(deal, dealstage="dialog")
    assert problem.message == "From Til fakturering nothing goes on to another stage"


def test_a_gate_copies_from_the_company_what_the_deal_has_not(salg: str) -> None:
    deal = make()
    assert [each.property for each in problems(deal, dealstage="fakturering")] == ["fakturamail"]
    of_company(deal, fakturamail="faktura@nordisk.dk")
    put(deal, "api", dealstage="fakturering")
    assert value(deal, "fakturamail") == "faktura@nordisk.dk"


def test_what_is_there_or_given_is_not_copied_over(salg: str) -> None:
    own, given = make(fakturamail="egen@nordisk.dk"), make()
    for deal in (own, given):
        of_company(deal, fakturamail="faktura@nordisk.dk")
    put(own, dealstage="fakturering")
    put(given, dealstage="fakturering", fakturamail="givet@nordisk.dk")
    assert (value(own, "fakturamail"), value(given, "fakturamail")) == ("egen@nordisk.dk", "givet@nordisk.dk")


def test_the_log_tells_what_was_copied(salg: str) -> None:
    deal = make()
    of_company(deal, fakturamail="faktura@nordisk.dk")
    put(deal, dealstage="fakturering")
    work = wiring.reading("starter", actor="user:1", source="web")
    moved = next(entry for entry in history.of_record(work, deal) if entry.kind == "updated")
    assert moved.diff == {
        "dealstage": ["dialog", "fakturering"],
        "fakturamail": [None, "faktura@nordisk.dk"],
    }


@pytest.mark.parametrize(
    ("gate", "reason"),
    [
        ({"requires": ["nonsense"]}, "requires 'nonsense', which is no property of deal"),
        ({"requires": ["createdate"]}, "requires createdate, which nobody can fill in"),
        ({"criteria": [{"condition": "amuont > 0", "message": "x"}]}, "asks 'amuont > 0': "),
        ({"copies": {"fakturamail": "company.fakturmail"}}, "copies 'company.fakturmail' to fakturamail: "),
        ({"copies": {"amount": "company.founded"}}, "copies 'company.founded' to amount"),
    ],
)
def test_a_gate_that_cannot_be_kept_is_refused_when_it_is_defined(
    salg: str, gate: dict[str, Any], reason: str
) -> None:
    founded = {("property", "company.founded"): {"label": "Founded", "type": "date"}}
    stages = [*SALG["stages"][:3], {"name": "fakturering", "label": "Til fakturering", "gate": gate}]
    with pytest.raises(Invalid) as refused:
        apply.define(
            "starter", {**founded, ("pipeline", "deal.salg"): {**SALG, "stages": stages}}, actor="user:1"
        )
    assert f"the gate of deal.salg.fakturering {reason}" in str(refused.value)


def test_a_property_that_a_gate_needs_is_not_removed(salg: str) -> None:
    with pytest.raises(Invalid) as refused:
        gone = frozenset({("property", "deal.fakturamail")})
        apply.define("starter", {}, gone, actor="user:1", allow_destructive=True)
    assert "pipeline deal.salg (gate of fakturering)" in str(refused.value)


def passing(deal: int, reason: str, **values: str) -> None:
    with wiring.writing("starter", actor="user:1", source="web", override=reason) as work:
        write.update(work, work.catalog.object_type("deal"), [(deal, values)])


def test_an_override_passes_over_what_a_gate_asks_and_is_kept_with_its_reason(salg: str) -> None:
    deal = make()
    passing(deal, "Kunden haster", dealstage="tilbud")
    assert value(deal, "dealstage") == "tilbud"
    [entry] = [
        each
        for each in history.of_record(wiring.reading(salg, actor="user:1", source="web"), deal)
        if each.kind == "overridden"
    ]
    assert (entry.actor, entry.diff["reason"]) == ("user:1", "Kunden haster")
    assert (entry.diff["pipeline"], entry.diff["stage"]) == ("salg", "tilbud")
    assert [(each["code"], each["property"]) for each in entry.diff["passed"]] == [
        ("GATE_PROPERTY_MISSING", "closedate"),
        ("GATE_NOT_MET", "amount"),
        ("GATE_NOT_MET", None),
    ]


def test_an_override_that_nothing_refuses_leaves_no_entry(salg: str) -> None:
    deal = make()
    passing(deal, "For en sikkerheds skyld", dealstage="moede", dealtype="newbusiness")
    work = wiring.reading(salg, actor="user:1", source="web")
    assert [each.kind for each in history.of_record(work, deal)] == ["updated", "created"]


def test_the_ways_between_stages_and_values_hold_for_an_override_too(salg: str) -> None:
    deal = make(fakturamail="bogholderi@nordisk-måleri.dk")
    with pytest.raises(Invalid, match="date"):
        passing(deal, "Haster", dealstage="moede", closedate="i morgen")
    put(deal, dealstage="fakturering")
    with pytest.raises(Invalid, match="nothing goes on"):
        passing(deal, "Haster", dealstage="dialog")


def test_an_override_needs_the_right_and_a_reason(salg: str) -> None:
    deal = make()
    everyone = {"view": "everyone", "edit": "everyone"}
    apply.define("starter", {("role", "saelger"): {"label": "Sælger", "default": everyone}}, actor="user:1")
    with pytest.raises(Invalid, match="Say why"):
        passing(deal, " ", dealstage="moede")
    seller = Rights(lambda _: True, "saelger")
    with (
        pytest.raises(Forbidden, match="may not move records past a gate"),
        wiring.writing("starter", actor="user:1", source="web", rights=seller, override="Haster") as work,
    ):
        write.update(work, work.catalog.object_type("deal"), [(deal, {"dealstage": "moede"})])
    assert value(deal, "dealstage") == "dialog"
