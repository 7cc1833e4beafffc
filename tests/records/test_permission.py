"""A role on the way to the records: what isn't seen isn't there, what is seen may be barred, and indexes serve it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from psycopg import sql

from wonward import clock, wiring
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.errors import Conflict, Forbidden, Invalid, Missing
from wonward.records import associate, history, hold, json, lists, live, names, query, search, upsert, write
from wonward.records.associate import Link
from wonward.records.associated import of_records
from wonward.records.merging.merge import merge
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema import load, seen
from wonward.schema.seen import Rights

SELLER = {
    "label": "Sælger",
    "default": {"view": "own", "edit": "own", "create": True},
    "types": {
        "company": {"view": "everyone", "edit": "own"},
        "contact": {"view": "own", "unassigned": True, "edit": "own", "delete": "everyone"},
        "ticket": {"view": "none"},
        "line_item": {"view": "own"},
    },
}


@pytest.fixture
def owners(starter: str) -> tuple[int, int]:
    """Søren, a seller, and Ane, who isn't."""
    apply.define(starter, {("role", "seller"): SELLER}, actor="cli")
    portal, now = Portal.objects.get(name=starter), clock.now()
    soren, ane = (
        Member.objects.create(portal=portal, first_name=name, created_at=now, updated_at=now).pk
        for name in ("Søren", "Ane")
    )
    return soren, ane


def rights(owner: int, role: str = "seller") -> Rights:
    return Rights(lambda _: False, role, f"{{{owner}}}", f"{{{owner}}}")


def reading(owner: int) -> Work:
    return wiring.reading("starter", actor="user:7", source="web", rights=rights(owner))


def writing(owner: int) -> AbstractContextManager[Work]:
    return wiring.writing("starter", actor="user:7", source="web", rights=rights(owner))


@contextmanager
def house() -> Iterator[Work]:
    with wiring.writing("starter", actor="cli", source="cli") as work:
        yield work


def made(kind: str, *rows: dict[str, Any]) -> list[int]:
    with house() as work:
        return write.create(work, work.catalog.object_type(kind), rows)


def test_what_is_not_seen_is_not_there_for_any_write(owners: tuple[int, int]) -> None:
    soren, ane = owners
    [hers, his] = made(
        "deal",
        {"dealname": "Tag", "hubspot_owner_id": str(ane)},
        {"dealname": "Facade", "hubspot_owner_id": str(soren)},
    )
    [shop] = made("company", {"name": "Nordisk Måleri A/S", "hubspot_owner_id": str(soren)})
    with writing(soren) as work:
        deal, company = map(work.catalog.object_type, ("deal", "company"))
        with pytest.raises(Missing, match=f"no deal {hers}") as missing:
            write.update(work, deal, [(his, {"amount": "1"}), (hers, {"amount": "2"})])
        assert [problem.row for problem in missing.value.problems] == [1]
        with pytest.raises(Missing):
            hold.hold(work, deal, hers)
        with pytest.raises(Missing):
            associate.associate(work, company, deal, [Link(shop, hers)])
        with pytest.raises(Missing):
            associate.dissociate(work, company, deal, [Link(shop, hers)])
        assert write.archive(work, deal, [hers]) == []
        associate.associate(work, company, deal, [Link(shop, his)])
        assert write.update(work, deal, [(his, {"amount": "1"})]) == [True]


def test_what_is_seen_may_still_be_barred_with_the_reason(owners: tuple[int, int]) -> None:
    soren, ane = owners
    [hers, his] = made(
        "company",
        {"name": "Havn & Co", "hubspot_owner_id": str(ane)},
        {"name": "Nordisk Måleri A/S", "hubspot_owner_id": str(soren)},
    )
    [contact] = made("contact", {"firstname": "Åse"})
    with writing(soren) as work:
        company, person, deal = map(work.catalog.object_type, ("company", "contact", "deal"))
        with pytest.raises(
            Forbidden, match=r"Sælger\) may edit only companies that you own; ask the owner"
        ) as barred:
            write.update(work, company, [(his, {"city": "Ribe"}), (hers, {"city": "Ribe"})])
        assert [(problem.code, problem.row) for problem in barred.value.problems] == [("NOT_ALLOWED", 1)]
        with pytest.raises(Forbidden, match="may archive or restore no companies"):
            write.archive(work, company, [his])
        with pytest.raises(Forbidden, match="may not merge records"):
            merge(work, company, his, [hers])
        with pytest.raises(Forbidden, match="neither of the two"):
            with house() as other:
                [unseen] = write.create(other, other.catalog.object_type("company"), [{"name": "X"}])
            associate.associate(work, company, company, [Link(hers, unseen)])
        assert write.archive(work, person, [contact]) == [contact]
        assert write.restore(work, person, [contact]) == [contact]
        with pytest.raises(Missing):
            work.catalog.object_type("ticket")
        assert write.create(work, deal, [{"dealname": "Trappe"}])


def test_who_makes_a_record_that_nobody_owns_owns_it_where_they_would_not_see_it(
    owners: tuple[int, int],
) -> None:
    soren, _ = owners
    with writing(soren) as work:
        deal, contact = map(work.catalog.object_type, ("deal", "contact"))
        [mine] = write.create(work, deal, [{"dealname": "Trappe"}])
        [free] = write.create(work, contact, [{"firstname": "Åse"}])
        assert query.rows(work, Query(deal, ids=[mine]), ["hubspot_owner_id"]) == [(mine, str(soren))]
        assert query.rows(work, Query(contact, ids=[free]), ["hubspot_owner_id"]) == [(free, None)]


def test_expressions_lists_search_and_counts_see_what_their_asker_sees(owners: tuple[int, int]) -> None:
    soren, ane = owners
    [shop] = made("company", {"name": "Nordisk Måleri A/S"})
    hers, his = made(
        "deal",
        {"dealname": "Tag på kirken", "amount": "900", "hubspot_owner_id": str(ane)},
        {"dealname": "Facade på kirken", "amount": "7", "hubspot_owner_id": str(soren)},
    )
    with house() as work:
        company, deal = map(work.catalog.object_type, ("company", "deal"))
        associate.associate(work, company, deal, [Link(shop, hers), Link(shop, his)])
    work = reading(soren)
    company, deal = map(work.catalog.object_type, ("company", "deal"))
    asked = Query(company, ids=[shop])
    assert query.rows(work, asked, ["sum(deals.amount)", "count(deals)"]) == [(shop, "7", "1")]
    assert query.count(work, Query(deal)) == 1
    assert query.totals(work, Query(deal), "pipeline", "amount")["default"] == (1, 7)
    assert [hit.record_id for hit in search.find(work, "kirken", [deal], limit=5)] == [his]
    assert names.names(work, deal, [hers, his]).keys() == {his}
    [(_, text)] = json.objects(work, asked, ["name"], [deal], page="/")
    assert (str(his) in text, str(hers) in text) == (True, False)
    assert [each.record_id for each in of_records(work, company, deal, [(shop, 0)], limit=5)[shop]] == [his]
    everything = wiring.reading("starter", actor="cli", source="cli")
    assert query.count(everything, Query(deal)) == 2


def test_live_pages_hear_of_seen_records_alone(owners: tuple[int, int]) -> None:
    soren, ane = owners
    hers, his = made(
        "deal",
        {"dealname": "Tag", "hubspot_owner_id": str(ane)},
        {"dealname": "Facade", "hubspot_owner_id": str(soren)},
    )
    work = reading(soren)
    since = f"{int(work.now.timestamp())}-1:1:"
    deal = work.catalog.object_type("deal")
    assert {entry.record_id for entry in live.of_type(work, since, deal).entries} == {his}
    assert not live.of_record(work, since, hers).entries
    assert live.of_record(work, since, his).entries


def test_a_type_without_owners_has_records_that_nobody_owns(owners: tuple[int, int]) -> None:
    soren, _ = owners
    made("line_item", {"name": "Maling"})
    work = reading(soren)
    assert query.count(work, Query(work.catalog.object_type("line_item"))) == 0


def test_a_unique_value_of_an_unseen_record_is_neither_found_nor_doubled(owners: tuple[int, int]) -> None:
    soren, ane = owners
    [hers] = made("contact", {"email": "aase@maleri.example", "hubspot_owner_id": str(ane)})
    with writing(soren) as work:
        contact = work.catalog.object_type("contact")
        with pytest.raises(Conflict, match="already exists"):
            upsert.upsert(
                work, contact, contact.properties["email"], [("aase@maleri.example", {"city": "Ribe"})]
            )
    with house() as work:
        assert query.rows(work, Query(contact, ids=[hers]), ["city"]) == [(hers, None)]


def test_a_role_must_name_what_is_there_and_leave_what_records_are_shown_by(starter: str) -> None:
    for types, said in (
        ({"boat": {}}, "there is no object type 'boat'"),
        ({"deal": {"hidden": ["colour"]}}, "there is no property 'colour' on Deal"),
        ({"deal": {"hidden": ["dealname"]}}, "deal.dealname can't be hidden: it is the name of its records"),
        ({"deal": {"hidden": ["dealstage"]}}, "where its records stand in a pipeline"),
    ):
        with pytest.raises(Invalid, match=said):
            apply.define(starter, {("role", "odd"): {"label": "Odd", "types": types}}, actor="cli")
    with pytest.raises(Invalid, match="can't be defined"):
        apply.define(starter, {("role", "super_admin"): {"label": "Alle"}}, actor="cli")


def test_nothing_is_asked_twice_of_those_whose_role_keeps_nothing_back(starter: str) -> None:
    catalog = load.current(starter)
    assert seen.cut(catalog, "super_admin", frozenset()) is catalog
    assert seen.cut(catalog, None, frozenset()) is catalog
    assert seen.cut(catalog, "gone", frozenset()).object_types == {}
    assert seen.cut(catalog, "gone", frozenset()) is seen.cut(catalog, "elsewhere", frozenset())


def plan_of(work: Work, statement: sql.Composable, params: dict[str, object]) -> str:
    rows = work.rows(sql.SQL("explain {}").format(statement), params)
    return "\n".join(line for (line,) in rows)


def test_lists_of_ones_own_are_found_by_an_index_among_20_000(owners: tuple[int, int]) -> None:
    soren, ane = owners
    with house() as work:
        deal = work.catalog.object_type("deal")
        work.run(
            sql.SQL("""
                insert into {} (_id, _created_at, _updated_at, dealname, hubspot_owner_id)
                select n + 100000, %(now)s, %(now)s + n * interval '1 second', 'Facade ' || n,
                    case when n %% 500 = 0 then %(soren)s else %(ane)s end
                from generate_series(1, 20000) n""").format(work.table(deal.table)),
            {"soren": soren, "ane": ane},
        )
        work.run(sql.SQL("analyze {}").format(work.table(deal.table)))
    work = reading(soren)
    deal = work.catalog.object_type("deal")
    asked = Query(deal, order=(("hs_lastmodifieddate", True),), limit=50)
    assert len(query.rows(work, asked, ["dealname"])) == 40
    statement = query.selection(work.catalog, asked, sql.SQL("r._id"))
    told = plan_of(work, statement, query.params(asked))
    assert "owner:deal:hubspot_owner_id" in told, told
    assert "Seq Scan" not in told
    found = search.matching(work, deal, "facade 500")
    narrowed = Query(deal, found, limit=50)
    told = plan_of(work, query.selection(work.catalog, narrowed, sql.SQL("r._id")), query.params(narrowed))
    assert "words:deal" in told or "owner:deal" in told, told
    assert "Seq Scan" not in told


def test_the_index_comes_and_goes_with_the_roles_that_ask_for_it(owners: tuple[int, int]) -> None:
    def indexed() -> bool:
        with house() as work:
            return bool(
                work.rows(
                    sql.SQL("select from pg_indexes where schemaname = %(s)s and indexname = %(i)s"),
                    {"s": work.catalog.schema, "i": "owner:deal:hubspot_owner_id"},
                )
            )

    assert indexed()
    open_to_all = {"label": "Sælger", "default": {"view": "everyone"}}
    apply.define("starter", {("role", "seller"): open_to_all}, actor="cli")
    assert not indexed()


def test_a_list_by_hand_takes_and_gives_what_may_be_edited(owners: tuple[int, int]) -> None:
    soren, ane = owners
    apply.define("starter", {("list", "vip"): {"label": "VIP", "object": "company"}}, actor="cli")
    hers, his = made(
        "company",
        {"name": "Havn & Co", "hubspot_owner_id": str(ane)},
        {"name": "Nordisk Måleri A/S", "hubspot_owner_id": str(soren)},
    )
    with writing(soren) as work:
        assert lists.add(work, "vip", [his]) == [his]
        with pytest.raises(Forbidden):
            lists.add(work, "vip", [hers])
        assert lists.remove(work, "vip", [his]) == [his]
    assert history.of_record(reading(soren), his)
