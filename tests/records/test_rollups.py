"""Rollups: a company knows how many contacts it has within one round of the feed, whatever happened to them."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

import pytest
from click.testing import CliRunner
from psycopg import sql

from wonward import wiring
from wonward.blueprints import apply
from wonward.cli.rollups import rollups as command
from wonward.errors import Invalid, Missing
from wonward.records import calculate, derivation, history, query, rollups, write
from wonward.records.associate import Link, associate, dissociate
from wonward.records.changes import consume
from wonward.records.query import Query
from wonward.records.rollups import ROLLUPS
from wonward.records.work import Work
from wonward.worker.loop import catch_up

Writing = Callable[[], AbstractContextManager[Work]]

WON = ("property", "company.won")
WON_BODY = {
    "label": "Won",
    "type": "currency",
    "expression": "sum(deals.amount where dealstage = 'closedwon')",
}


def define(wanted: dict[Any, Any], *tombstones: Any, destructive: bool = False) -> None:
    apply.define("starter", wanted, frozenset(tombstones), actor="user:1", allow_destructive=destructive)


def make(object_type: str, *rows: dict[str, Any]) -> list[int]:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        return write.create(work, work.catalog.object_type(object_type), rows)


def change(object_type: str, record_id: int, **values: object) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        write.update(work, work.catalog.object_type(object_type), [(record_id, values)])


def link(start: str, to: str, *pairs: tuple[int, int], label: str = "", away: bool = False) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        kinds = work.catalog.object_type(start), work.catalog.object_type(to)
        types = tuple(
            each.type_id for each in work.catalog.associations(start, to) if label and each.label == label
        )
        (dissociate if away else associate)(work, *kinds, [Link(*pair, types) for pair in pairs])


def value(object_type: str, record_id: int, name: str) -> str | None:
    work = wiring.reading("starter", actor="user:1", source="web")
    ((_, text),) = query.rows(work, Query(work.catalog.object_type(object_type), ids=[record_id]), [name])
    return text


@pytest.fixture
def company(starter: str) -> int:
    return make("company", {"name": "Nordisk Måleri A/S"})[0]


def test_a_new_record_has_the_rollups_of_one_that_is_alone(starter: str) -> None:
    (company,) = make("company", {"name": "Ågård & Søn"})
    assert value("company", company, "num_associated_contacts") == "0"
    work = wiring.reading(starter, actor="user:1", source="web")
    (made,) = history.of_record(work, company)
    assert made.diff["num_associated_contacts"] == [None, "0"]


def test_nobody_sets_one_by_hand(company: int) -> None:
    with pytest.raises(Invalid, match="is kept by the system"):
        change("company", company, num_associated_contacts="7")


@pytest.mark.django_db(transaction=True)
def test_right_within_one_round_of_the_feed(company: int) -> None:
    first, second = make("contact", {"firstname": "Søren"}, {"firstname": "Åse"})
    link("contact", "company", (first, company), (second, company))
    catch_up()
    assert value("company", company, "num_associated_contacts") == "2"
    link("company", "contact", (company, first), away=True)
    catch_up()
    assert value("company", company, "num_associated_contacts") == "1"
    with wiring.writing("starter", actor="user:1", source="web") as work:
        write.archive(work, work.catalog.object_type("contact"), [second])
    catch_up()
    assert value("company", company, "num_associated_contacts") == "0"
    with wiring.writing("starter", actor="user:1", source="web") as work:
        write.restore(work, work.catalog.object_type("contact"), [second])
    catch_up()
    assert value("company", company, "num_associated_contacts") == "1"
    newest = history.of_record(wiring.reading("starter", actor="x", source="cli"), company)[0]
    assert (newest.actor, newest.source) == ("consumer:rollups", "worker")
    assert newest.diff == {"num_associated_contacts": ["0", "1"]}


@pytest.mark.django_db(transaction=True)
def test_a_sum_with_a_condition_and_what_reads_it(company: int) -> None:
    bonus = {"label": "Bonus", "type": "currency", "expression": "won * 0.1"}
    best = {"label": "Best customer's", "type": "currency", "expression": "max(companies.bonus)"}
    (deal,) = make("deal", {"dealname": "Facade", "dealstage": "closedwon", "amount": 700})
    link("deal", "company", (deal, company))
    define({WON: WON_BODY, ("property", "company.bonus"): bonus, ("property", "deal.best"): best})
    read = [("company", company, "won"), ("company", company, "bonus"), ("deal", deal, "best")]
    assert [value(*each) for each in read] == [
        "700",
        "70",
        "70",
    ]  # all that were there are calculated at once
    change("deal", deal, amount=800)
    catch_up()
    assert value(*read[0]) == "800"
    while catch_up():
        pass
    assert [value(*each) for each in read] == ["800", "80", "80"]
    change("deal", deal, dealstage="closedlost")
    while catch_up():
        pass
    assert [value(*each) for each in read] == ["0", "0", "0"]


@pytest.mark.django_db(transaction=True)
def test_a_primary_that_is_replaced_leaves_the_other_company(company: int) -> None:
    (other,) = make("company", {"name": "Ærø Færger"})
    expression = "count(deals as 'Primary')"
    ids = {"type_id": 5, "inverse_id": 6}
    labels = {"primary": {"label": "Primary", "inverse_label": "Primary", "primary": True, **ids}}
    primary = {"from": "deal", "to": "company", "type_id": 341, "inverse_id": 342, "labels": labels}
    define({("association", "deal_company"): primary})
    define(
        {("property", "company.main"): {"label": "Main deals", "type": "number", "expression": expression}}
    )
    (deal,) = make("deal", {"dealname": "Facade"})
    link("deal", "company", (deal, company))
    catch_up()
    assert [value("company", each, "main") for each in (company, other)] == ["1", "0"]
    link("deal", "company", (deal, other), label="Primary")
    catch_up()
    assert [value("company", each, "main") for each in (company, other)] == ["0", "1"]


@pytest.mark.django_db(transaction=True)
def test_one_that_reads_its_own_record_too(starter: str) -> None:
    body = {"label": "Left", "type": "number", "expression": "numberofemployees - count(contacts)"}
    define({("property", "company.unknown_people"): body})
    (company,) = make("company", {"name": "Nordisk Måleri A/S", "numberofemployees": 12})
    catch_up()
    assert value("company", company, "unknown_people") == "12"
    change("company", company, numberofemployees=20)
    catch_up()
    assert value("company", company, "unknown_people") == "20"


@pytest.mark.django_db(transaction=True)
def test_killed_in_between_nothing_is_lost_or_done_twice(
    company: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (contact,) = make("contact", {"firstname": "Søren"})
    link("contact", "company", (contact, company))
    append = calculate.log.append

    def killed(*arguments: Any) -> None:
        append(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(calculate.log, "append", killed)
        consume("starter", ROLLUPS, wiring.GUARDS)
    assert value("company", company, "num_associated_contacts") == "0"
    catch_up()
    catch_up()
    assert value("company", company, "num_associated_contacts") == "1"
    work = wiring.reading("starter", actor="x", source="cli")
    told = [each for each in history.of_record(work, company) if each.source == "worker"]
    assert len(told) == 1


@pytest.mark.django_db(transaction=True)
def test_many_contacts_changed_at_once_cost_their_company_one_calculation(
    company: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    define(
        {
            ("property", "company.titles"): {
                "label": "CEO",
                "type": "text",
                "expression": "latest(contacts.jobtitle)",
            }
        }
    )
    contacts = make("contact", *({"firstname": f"Søren {number}"} for number in range(1500)))
    link("contact", "company", *((each, company) for each in contacts))
    while catch_up():
        pass
    with wiring.writing("starter", actor="user:1", source="web") as work:
        write.update(
            work, work.catalog.object_type("contact"), [(each, {"jobtitle": "Maler"}) for each in contacts]
        )
    asked: list[tuple[str, list[int]]] = []
    refresh = calculate.refresh

    def counted(work: Work, kind: Any, prop: Any, ids: Any, **more: Any) -> Any:
        asked.append((prop.name, list(ids)))
        return refresh(work, kind, prop, ids, **more)

    monkeypatch.setattr(calculate, "refresh", counted)
    catch_up()
    assert [each for each in asked if each[1]] == [("titles", [company])]
    assert value("company", company, "titles") == "Maler"


def random_writes(seed: int) -> None:
    """Write contacts, deals and companies at random, and what is associated with what."""
    chance = random.Random(seed)

    def some(work: Work, name: str, count: int) -> list[int]:
        ids = [row[0] for row in query.rows(work, Query(work.catalog.object_type(name), limit=30), [])]
        return sorted(chance.sample(ids, min(len(ids), count)))

    for _ in range(12):
        # Missing: another archived it meanwhile, and all of this one is undone
        with suppress(Missing), wiring.writing("starter", actor=f"user:{seed}", source="api") as work:
            kinds = {name: work.catalog.object_type(name) for name in ("company", "contact", "deal")}
            name = chance.choice(tuple(kinds))
            other = chance.choice([each for each in kinds if each != name])
            pairs = [Link(*pair) for pair in zip(some(work, name, 3), some(work, other, 3), strict=False)]
            match chance.choice(("create", "update", "archive", "restore", "link", "link", "away")):
                case "create":
                    named = {"company": "name", "contact": "firstname", "deal": "dealname"}[name]
                    write.create(work, kinds[name], [{named: "Å"}] * 3)
                case "update":
                    moved = {
                        "dealstage": chance.choice(("engaging", "closedwon")),
                        "amount": chance.randrange(99),
                    }
                    write.update(work, kinds["deal"], [(each, moved) for each in some(work, "deal", 3)])
                case "archive":
                    write.archive(work, kinds[name], some(work, name, 1))
                case "restore":
                    found = query.rows(work, Query(kinds[name], archived=True, limit=2), [])
                    write.restore(work, kinds[name], [row[0] for row in found])
                case "link":
                    associate(work, kinds[name], kinds[other], pairs)
                case _:
                    dissociate(work, kinds[name], kinds[other], pairs)
        if chance.random() < 0.3:
            consume("starter", ROLLUPS, wiring.GUARDS)


@pytest.mark.django_db(transaction=True)
def test_after_any_writes_by_several_at_once_calculating_anew_finds_nothing_wrong(
    starter: str, in_threads: Callable[..., list[Any]]
) -> None:
    define(
        {
            WON: WON_BODY,
            ("property", "contact.firm"): {"label": "Firm", "type": "text", "expression": "company.name"},
        }
    )
    for name, key in (("company", "name"), ("contact", "firstname"), ("deal", "dealname")):
        make(name, *({key: f"Å{number}"} for number in range(5)))
    work = wiring.reading(starter, actor="x", source="cli")
    ids = {
        name: [row[0] for row in query.rows(work, Query(work.catalog.object_type(name)), [])]
        for name in ("company", "contact", "deal")
    }
    for name in ("contact", "deal"):
        link(name, "company", *zip(ids[name], ids["company"], strict=True))
    in_threads(random_writes, range(3))
    while consume(starter, ROLLUPS, wiring.GUARDS):
        pass
    with wiring.writing(starter, actor="system", source="worker") as work:
        everyone = [(each, rollups.rebuild(work, each, 0)[1]) for each in rollups.named(work, "")]
        assert [(each.place, wrong) for each, wrong in everyone if wrong] == []
        told = sql.SQL("select count(*) from {} where actor = 'consumer:rollups'").format(
            work.table("_change")
        )
        ((followed,),) = work.rows(told)
    assert len(everyone) == 7
    assert followed > 5


@pytest.mark.django_db(transaction=True)
def test_rebuilding_says_how_many_were_wrong_and_mends_them(company: int) -> None:
    with wiring.writing("starter", actor="user:1", source="cli") as work:
        work.run(sql.SQL("update {} set num_associated_deals = 9").format(work.table("company")))
    told = CliRunner().invoke(command, ["rebuild", "--portal", "starter", "company.num_associated_deals"])
    assert told.output == "company.num_associated_deals: 1 value was wrong\n"
    assert value("company", company, "num_associated_deals") == "0"
    told = CliRunner().invoke(command, ["rebuild", "--portal", "starter"])
    assert told.output.count(": 0 values were wrong") == 5


def test_rebuilding_names_a_rollup_there_is(writing: Writing) -> None:
    with writing() as work, pytest.raises(Missing, match=r"company\.name"):
        rollups.named(work, "company.name")


@pytest.mark.parametrize(
    "expressions",
    [
        {"company.a": "b + 1", "company.b": "a + 1"},
        {"company.a": "sum(deals.b)", "deal.b": "sum(companies.a)"},
        {
            "company.a": "count(deals where hs_lastmodifieddate is not null)",
            "deal.b": "max(companies.hs_lastmodifieddate) - createdate",
        },
    ],
)
def test_those_that_read_each_other_are_refused(starter: str, expressions: dict[str, str]) -> None:
    wanted = {
        ("property", name): {"label": name, "type": "number", "expression": text}
        for name, text in expressions.items()
    }
    with pytest.raises(Invalid, match=r"read each other: .*company\.a"):
        define(wanted)


def test_none_stands_before_what_it_reads(starter: str) -> None:
    chain = {"a": "b + 1", "b": "c + 1", "c": "numberofemployees * 2"}
    define(
        {
            ("property", f"company.{name}"): {"label": name, "type": "number", "expression": text}
            for name, text in chain.items()
        }
    )
    work = wiring.reading(starter, actor="x", source="cli")
    kind = work.catalog.object_type("company")
    assert [each.prop.name for each in derivation.written(work.catalog, kind)] == ["c", "b", "a"]
    (company,) = make("company", {"name": "Ærø", "numberofemployees": 4})
    assert value("company", company, "a") == "10"
    define(
        {("property", "company.c"): {"label": "c", "type": "number", "expression": "numberofemployees * 3"}}
    )
    assert value("company", company, "a") == "14"
