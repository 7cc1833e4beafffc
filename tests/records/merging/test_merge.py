"""Merging: whose values stand, what comes along, and what happens when it is asked for twice or at once."""

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import sql

from wonward import clock, wiring
from wonward.errors import Invalid, Missing
from wonward.records import hierarchy, history, query, write
from wonward.records.associate import Link, associate
from wonward.records.merging import merges
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.query import Query
from wonward.records.work import Merger, Work
from wonward.schema.catalog import ObjectType

Writing = Callable[[], AbstractContextManager[Work]]
CONTACT = ["firstname", "lastname", "email", "phone", "lifecyclestage", "hs_additional_emails"]


def contact(work: Work, **values: str) -> int:
    return write.create(work, work.catalog.object_type("contact"), [values])[0]


def values(work: Work, kind: str, record_id: int, names: list[str], *, archived: bool = False) -> Any:
    found = query.rows(work, Query(work.catalog.object_type(kind), ids=[record_id], archived=archived), names)
    return found[0][1:] if found else None


def labels(work: Work, record: int, to_type: str) -> dict[int, list[int]]:
    statement = sql.SQL("select to_id, labels from {} where from_id = %(id)s and to_type = %(type)s")
    return dict(work.rows(statement.format(work.table("_association")), {"id": record, "type": to_type}))


def types(work: Work, *names: str) -> list[ObjectType]:
    return [work.catalog.object_type(name) for name in names]


def test_the_survivors_values_stand_and_empty_ones_are_filled(writing: Writing) -> None:
    with writing() as work:
        soren = contact(work, firstname="Søren", email="soren@nordisk.example", lifecyclestage="customer")
        twin = contact(
            work,
            firstname="Sören",
            lastname="Ågård",
            email="sa@nordisk.example",
            phone="+45 12345678",
            lifecyclestage="lead",
        )
        [done] = merge(work, work.catalog.object_type("contact"), soren, [twin])
        assert (done.kept_id, done.merged_id) == (soren, twin)
        assert values(work, "contact", soren, CONTACT) == (
            "Søren",
            "Ågård",
            "soren@nordisk.example",
            "+45 12345678",
            "customer",
            "sa@nordisk.example",
        )
        assert values(work, "contact", twin, CONTACT) is None
        assert values(work, "contact", twin, CONTACT, archived=True) is None


def test_the_furthest_stage_the_oldest_date_and_the_merged_numbers_stand(writing: Writing) -> None:
    day = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with clock.fixed(day), writing() as work:
        old = contact(work, firstname="Søren", lifecyclestage="customer")
    with clock.fixed(day + timedelta(days=5)), writing() as work:
        young = contact(work, firstname="Søren", lifecyclestage="lead")
        merge(work, work.catalog.object_type("contact"), young, [old])
        assert values(
            work,
            "contact",
            young,
            ["lifecyclestage", "createdate", "hs_merged_object_ids", "hs_calculated_merged_vids"],
        ) == (
            "customer",
            "2026-03-01T12:00:00.000Z",
            str(old),
            f"{old}:{int((day + timedelta(days=5)).timestamp() * 1000)}",
        )


def test_whoever_merges_may_choose_the_others_value(writing: Writing) -> None:
    with writing() as work:
        kept = contact(work, firstname="Søren", email="soren@nordisk.example")
        other = contact(work, firstname="Sören", email="sa@nordisk.example")
        merge(work, work.catalog.object_type("contact"), kept, [other], {"email": other})
        found = values(work, "contact", kept, ["firstname", "email", "hs_additional_emails"])
        assert found == ("Søren", "sa@nordisk.example", "soren@nordisk.example")


def test_a_stage_comes_with_its_pipeline(writing: Writing) -> None:
    with writing() as work:
        deal = work.catalog.object_type("deal")
        kept, other = write.create(
            work, deal, [{"dealname": "Facade"}, {"dealname": "Façade", "dealstage": "engaging"}]
        )
        merge(work, deal, kept, [other], {"dealstage": other})
        assert values(work, "deal", kept, ["dealname", "dealstage"]) == ("Facade", "engaging")


def test_associations_come_along_with_their_labels(writing: Writing) -> None:
    with writing() as work:
        deal, company = types(work, "deal", "company")
        nordisk, twin = write.create(work, company, [{"name": "Nordisk Måleri A/S"}, {"name": "Nordisk"}])
        facade, roof = write.create(work, deal, [{"dealname": "Facade"}, {"dealname": "Roof"}])
        associate(work, deal, company, [Link(facade, nordisk), Link(roof, twin)])
        merge(work, company, nordisk, [twin])
        assert labels(work, nordisk, "deal") == {facade: [6, 342], roof: [6, 342]}
        assert labels(work, roof, "company")[nordisk] == [5, 341]
        assert query.rows(work, Query(deal, ids=[roof]), ["company.name"]) == [(roof, "Nordisk Måleri A/S")]


def test_the_survivors_primary_company_stands(writing: Writing) -> None:
    with writing() as work:
        person, company = types(work, "contact", "company")
        nordisk, havn = write.create(work, company, [{"name": "Nordisk Måleri A/S"}, {"name": "Havn & Co"}])
        kept, other = contact(work, firstname="Søren"), contact(work, firstname="Sören")
        associate(work, person, company, [Link(kept, nordisk), Link(other, havn)])
        merge(work, person, kept, [other])
        assert labels(work, kept, "company") == {nordisk: [1, 279], havn: [279]}


def test_what_a_limit_forbids_is_left_behind(writing: Writing) -> None:
    with writing() as work:
        company = work.catalog.object_type("company")
        kept, other, one, two = write.create(work, company, [{"name": name} for name in "ABCD"])
        associate(work, company, company, [Link(kept, one, (14,)), Link(other, two, (14,))])
        [done] = merge(work, company, kept, [other])
        assert labels(work, kept, "company") == {one: [14, 450], two: [450]}
        assert done.left == {"company": 1}


@pytest.mark.parametrize(("kept_place", "left"), [(0, 2), (2, 1)])
def test_a_hierarchy_never_goes_round(writing: Writing, kept_place: int, left: int) -> None:
    with writing() as work:
        company = work.catalog.object_type("company")
        places = write.create(work, company, [{"name": name} for name in ("Child", "Middle", "Top", "Chief")])
        associate(work, company, company, [Link(*pair, (14,)) for pair in itertools.pairwise(places)])
        kept, other = places[kept_place], places[2 - kept_place]
        [done] = merge(work, company, kept, [other])
        assert done.left == {"company": left}
        [label] = hierarchy.labels(work, company)
        above = [number for number, _ in hierarchy.ancestors(work, label, kept)]
        below = [number for number, _ in hierarchy.descendants(work, label, kept)]
        assert kept not in above + below
        assert not set(above) & set(below)
        unmerge(work, done.merge_id)
        assert [number for number, _ in hierarchy.ancestors(work, label, places[0])] == places[1:]


def test_an_association_between_the_two_vanishes(writing: Writing) -> None:
    with writing() as work:
        company = work.catalog.object_type("company")
        kept, other = write.create(work, company, [{"name": "Nordisk"}, {"name": "Nordisk Måleri"}])
        associate(work, company, company, [Link(other, kept, (14,))])
        merge(work, company, kept, [other])
        assert kept not in labels(work, kept, "company")
        statement = f"associated(company, {kept})"
        assert query.count(work, Query(company, query.condition(work, company, statement))) == 0


def test_an_archived_deal_finds_the_survivor_when_it_is_restored(writing: Writing) -> None:
    with writing() as work:
        deal, company = types(work, "deal", "company")
        kept, other = write.create(work, company, [{"name": "Nordisk Måleri A/S"}, {"name": "Nordisk"}])
        [facade] = write.create(work, deal, [{"dealname": "Facade"}])
        associate(work, deal, company, [Link(facade, other)])
        write.archive(work, deal, [facade])
        merge(work, company, kept, [other])
        write.restore(work, deal, [facade])
        assert query.rows(work, Query(deal, ids=[facade]), ["company.name"])[0][1] == "Nordisk Måleri A/S"


def test_doing_it_again_does_nothing(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept, other = contact(work, firstname="Søren"), contact(work, firstname="Sören")
        [first] = merge(work, person, kept, [other])
        before = len(history.of_record(work, kept))
        [again] = merge(work, person, kept, [other])
        assert (again.merge_id, len(history.of_record(work, kept))) == (first.merge_id, before)


def test_the_number_of_a_merged_record_means_its_survivor(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        a, b, c, d = (contact(work, firstname=name) for name in ("Søren", "Åse", "Bo", "Dorte"))
        merge(work, person, b, [a])
        merge(work, person, c, [b])
        assert merges.survivors(work, [a, b, c]) == {a: c, b: c}
        [done] = merge(work, person, a, [d])
        assert done.kept_id == c
        assert merges.absorbed(work, c) == [a, b, d]


def test_several_records_go_into_one(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept = contact(work, firstname="Søren")
        others = [contact(work, firstname="S", phone="+45 12345678"), contact(work, lastname="Ågård")]
        merge(work, person, kept, others)
        found = values(work, "contact", kept, ["firstname", "lastname", "phone", "hs_merged_object_ids"])
        assert found == ("Søren", "Ågård", "+45 12345678", ";".join(map(str, others)))


def test_a_record_cant_be_merged_with_itself_or_with_what_isnt_there(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        soren = contact(work, firstname="Søren")
        with pytest.raises(Invalid, match="itself"):
            merge(work, person, soren, [soren])
        with pytest.raises(Missing, match="no contact 999"):
            merge(work, person, soren, [999])


def test_a_merged_record_isnt_restored_but_its_merge_undone(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept, other = contact(work, firstname="Søren"), contact(work, firstname="Sören")
        merge(work, person, kept, [other])
        assert write.restore(work, person, [other]) == []
        assert query.count(work, Query(person, archived=True)) == 0


def test_a_guard_that_forbids_archiving_forbids_merging(starter: str) -> None:
    from wonward.errors import Problem
    from wonward.records import work as works

    def keeps(work: Work, kind: ObjectType, changes: Any) -> list[Problem]:
        return [Problem("Contacts are kept") for change in changes if change.kind == "archived"]

    with works.write(starter, actor="user:1", source="web", guards=(keeps,)) as work:
        kept, other = contact(work, firstname="Søren"), contact(work, firstname="Sören")
        with pytest.raises(Invalid, match="are kept"):
            merge(work, work.catalog.object_type("contact"), kept, [other])


def test_other_rooms_take_part_both_ways(starter: str) -> None:
    from wonward.records import work as works

    said: list[object] = []
    room = Merger(
        "room",
        lambda work, kind, kept, other: {"moved": [kept, other]},
        lambda work, kind, kept, other, note: said.append(note),
    )
    with works.write(starter, actor="user:1", source="web", guards=(), mergers=(room,)) as work:
        kept, other = contact(work, firstname="Søren"), contact(work, firstname="Sören")
        [done] = merge(work, work.catalog.object_type("contact"), kept, [other])
        unmerge(work, done.merge_id)
    assert said == [{"moved": [kept, other]}]


@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_of_the_same_records_both_end(
    starter: str, in_threads: Callable[..., list[Any]]
) -> None:
    with wiring.writing(starter, actor="user:1", source="web") as work:
        person = work.catalog.object_type("contact")
        a, b, c = (contact(work, firstname=name) for name in ("Søren", "Sören", "Soren"))

    def merging(pair: tuple[int, int]) -> int:
        with wiring.writing(starter, actor="user:1", source="web") as work:
            return merge(work, person, pair[0], [pair[1]])[0].merge_id

    in_threads(merging, [(a, b), (b, a), (a, c), (c, b)])
    work = wiring.reading(starter, actor="user:1", source="web")
    assert query.count(work, Query(person)) == 1
    assert len(set(merges.survivors(work, [a, b, c]).values())) == 1


@pytest.mark.django_db(transaction=True)
def test_purging_takes_what_was_merged_long_ago_and_its_undo(starter: str) -> None:
    from wonward.errors import Conflict

    then = datetime(2026, 1, 1, tzinfo=UTC)
    with clock.fixed(then), wiring.writing(starter, actor="user:1", source="web") as work:
        person = work.catalog.object_type("contact")
        kept, other = contact(work, firstname="Søren"), contact(work, firstname="Sören")
        [done] = merge(work, person, kept, [other])
        assert wiring.purge(work, then) == 0
    with wiring.writing(starter, actor="user:1", source="web") as work:
        assert wiring.purge(work, then + timedelta(days=1)) == 1
        assert merges.survivors(work, [other]) == {other: kept}
        with pytest.raises(Conflict, match="90 days"):
            unmerge(work, done.merge_id)
