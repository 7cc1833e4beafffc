"""Tallies: whatever is written, by whomever at once, they say what counting and summing would."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import sql

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.blueprints import apply
from wonward.db import transaction
from wonward.errors import Missing
from wonward.records import query, tally, write
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema import layout, load
from wonward.schema.tally import drop

Writing = Callable[[], AbstractContextManager[Work]]
STAGES = ("prospecting", "engaging", "closedwon", "closedlost")


def define(wanted: dict[Any, Any], *tombstones: Any) -> None:
    apply.define("starter", wanted, frozenset(tombstones), actor="user:1", allow_destructive=True)


def counted(work: Work, name: str) -> dict[str | None, tuple[int, Decimal]]:
    """Count and sum the records themselves, past the tallies."""
    kind = work.catalog.object_type(name)
    stage = sql.Identifier(kind.stage_property.column) if kind.stage_property else sql.SQL("null::text")
    amount = sql.Identifier(kind.amount.column) if kind.amount else sql.SQL("0")
    statement = "select {}, count(*), coalesce(sum({}), 0) from {} where _archived_at is null group by 1"
    found = work.rows(sql.SQL(statement).format(stage, amount, work.table(kind.table)))
    return {stage: (number, total) for stage, number, total in found}


def agree(name: str = "deal") -> dict[str | None, tuple[int, Decimal]]:
    work = wiring.reading("starter", actor="user:1", source="web")
    kind = work.catalog.object_type(name)
    tallied = tally.stages(work, kind)
    assert tallied == counted(work, name)
    assert query.count(work, Query(kind)) == sum(number for number, _ in tallied.values())
    return tallied


def test_a_write_sees_its_own_tallies_before_it_commits(writing: Writing) -> None:
    with writing() as work:
        deal = work.catalog.object_type("deal")
        first, second = write.create(
            work,
            deal,
            [
                {"dealname": "Facade, Ågård", "dealstage": "engaging", "amount": "100.25"},
                {"dealname": "Tag", "dealstage": "engaging"},
            ],
        )
        assert agree() == {"engaging": (2, Decimal("100.25"))}
        write.update(work, deal, [(second, {"amount": "50"})])
        assert agree() == {"engaging": (2, Decimal("150.25"))}
        write.update(work, deal, [(first, {"dealstage": "closedwon", "amount": "90"})])
        assert agree() == {"engaging": (1, Decimal(50)), "closedwon": (1, Decimal(90))}
        write.archive(work, deal, [first])
        assert agree() == {"engaging": (1, Decimal(50))}
        write.restore(work, deal, [first])
        assert agree() == {"engaging": (1, Decimal(50)), "closedwon": (1, Decimal(90))}


def test_what_is_written_past_the_house_is_tallied_too(writing: Writing) -> None:
    with writing() as work:
        deal = work.catalog.object_type("deal")
        write.create(work, deal, [{"dealname": "Gavl", "amount": each} for each in (1, 2, 3)])
        work.run(sql.SQL("update {} set amount = amount + 10 where amount > 1").format(work.table("deal")))
        work.run(sql.SQL("delete from {} where amount = 1").format(work.table("deal")))
        assert agree() == {"prospecting": (2, Decimal(25))}


def test_an_update_of_anything_else_adds_no_difference(writing: Writing) -> None:
    with writing() as work:
        deal = work.catalog.object_type("deal")
        ids = write.create(work, deal, [{"dealname": str(number), "amount": 1} for number in range(3)])
        differences = sql.SQL("select count(*) from {}").format(work.table("_tally"))
        before = work.rows(differences)
        write.update(work, deal, [(each, {"dealname": "Anden", "hs_next_step": "Ring"}) for each in ids])
        assert work.rows(differences) == before


def random_writes(seed: int, rounds: int) -> None:
    """Write deals at random, rows that others write too, and compact now and then."""
    chance = random.Random(seed)
    for _ in range(rounds):
        # Missing: another archived it meanwhile, and all of this one is undone
        with suppress(Missing), wiring.writing("starter", actor=f"user:{seed}", source="api") as work:
            deal = work.catalog.object_type("deal")
            live = [row[0] for row in query.rows(work, Query(deal, limit=40), [])]
            archived = [row[0] for row in query.rows(work, Query(deal, archived=True, limit=40), [])]
            some = sorted(chance.sample(live, min(len(live), 4)))
            what = chance.choice(
                ("create", "create", "move", "move", "archive", "restore", "purge", "compact")
            )
            if what == "create":
                write.create(work, deal, [some_deal(chance) for _ in range(chance.randrange(1, 6))])
            elif what == "move" and some:
                write.update(work, deal, [(each, some_deal(chance)) for each in some])
            elif what == "archive":
                write.archive(work, deal, some)
            elif what == "restore":
                write.restore(work, deal, sorted(chance.sample(archived, min(len(archived), 3))))
            elif what == "purge" and chance.random() < 0.3:
                wiring.purge(work, work.now - timedelta(milliseconds=100))
            elif what == "compact":
                tally.compact(work)


def some_deal(chance: random.Random) -> dict[str, Any]:
    amount = chance.choice((None, "0", f"{chance.randrange(1, 10**9)}.{chance.randrange(100):02}"))
    return {"dealname": "Gavl", "dealstage": chance.choice(STAGES), "amount": amount}


@pytest.mark.django_db(transaction=True)
def test_after_any_writes_by_several_at_once_tallies_are_what_counting_gives(
    starter: str, in_threads: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "FEW", 3)
    in_threads(lambda seed: random_writes(seed, 15), range(4))
    before = agree()
    with wiring.writing(starter, actor="system", source="worker") as work:
        assert tally.compact(work) > 0
        (left,) = work.rows(sql.SQL("select count(*) from {}").format(work.table("_tally")))
    assert left[0] <= 2 * len(STAGES)
    assert agree() == before
    assert sum(number for number, _ in before.values()) > 10


@pytest.mark.django_db(transaction=True)
def test_two_compacting_at_once_lose_and_double_nothing(
    starter: str, in_threads: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "FEW", 1)

    def round_of(number: int) -> int:
        done = 0
        for _ in range(10):
            with wiring.writing(starter, actor=f"user:{number}", source="worker") as work:
                deal = work.catalog.object_type("deal")
                write.create(work, deal, [{"dealname": "Gavl", "amount": 1}])
                done += tally.compact(work)
        return done

    assert sum(in_threads(round_of, range(3))) > 0
    assert agree() == {"prospecting": (30, Decimal(30))}


@pytest.mark.django_db(transaction=True)
def test_a_portal_of_an_older_version_gets_the_tallies_of_what_it_holds(
    starter: str, take_step: Callable[[str, Any], None]
) -> None:
    with wiring.writing(starter, actor="user:1", source="web") as work:
        deal = work.catalog.object_type("deal")
        write.create(work, deal, [{"dealname": "Gavl", "amount": 7}])
        write.archive(work, deal, write.create(work, deal, [{"dealname": "Tag", "amount": 9}]))
    portal = Portal.objects.get(name=starter)
    catalog = load.current(starter)
    for kind in catalog.object_types.values():
        for statement in drop(catalog, kind):
            transaction.run(statement)
    transaction.run(sql.SQL("drop table {}._tally").format(sql.Identifier(portal.schema)))
    take_step(starter, layout._tallies)
    assert agree() == {"prospecting": (1, Decimal(7))}
    random_writes(1, 10)
    agree()


def test_tallies_follow_definitions(starter: str) -> None:
    with wiring.writing(starter, actor="user:1", source="web") as work:
        deals = [
            {"dealname": "Gavl", "dealstage": "engaging", "amount": 7, "hs_tcv": 30},
            {"dealname": "Tag"},
        ]
        write.create(work, work.catalog.object_type("deal"), deals)
    body = {
        "label": "Deal",
        "plural": "deals",
        "plural_label": "Deals",
        "display": ["dealname"],
        "type_id": "0-3",
    }
    define({("object_type", "deal"): {**body, "amount_property": "hs_tcv"}})
    assert agree() == {"engaging": (1, Decimal(30)), "prospecting": (1, Decimal(0))}
    define({("property", "deal.hs_tcv"): {"label": "Total contract value", "type": "text"}})
    assert agree() == {"engaging": (1, Decimal(0)), "prospecting": (1, Decimal(0))}
    define({("property", "deal.hs_tcv"): {"label": "Total contract value", "type": "number"}})
    assert agree()["engaging"] == (1, Decimal(30))
    define({("object_type", "deal"): body}, ("property", "deal.hs_tcv"))
    assert agree()["engaging"] == (1, Decimal(7))


def test_a_type_of_ones_own_is_tallied_from_its_first_record_to_its_last(starter: str) -> None:
    boat = {"label": "Boat", "plural": "boats", "plural_label": "Boats", "display": ["name"]}
    define({("object_type", "boat"): boat, ("property", "boat.name"): {"label": "Name", "type": "text"}})
    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("boat"), [{"name": "Ærø"}, {"name": "Fanø"}])
    assert agree("boat") == {None: (2, Decimal(0))}
    define({}, ("object_type", "boat"))
    assert transaction.rows("select count(*) from portal_starter._tally where object_type = 'boat'") == [(0,)]


def test_totals_with_a_condition_are_counted(writing: Writing) -> None:
    with writing() as work:
        deal = work.catalog.object_type("deal")
        write.create(work, deal, [{"dealname": "Gavl", "amount": each} for each in (1, 2, 3)])
        where = query.condition(work, deal, "amount >= 2")
        assert query.totals(work, Query(deal, where), "dealstage", "amount") == {
            "prospecting": (2, Decimal(5))
        }
        assert query.count(work, Query(deal, where)) == 2
        assert query.totals(work, Query(deal), "dealstage", "hs_tcv") == {"prospecting": (3, Decimal(0))}
