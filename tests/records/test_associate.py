"""Associations: both directions at once, primary ones, labels, limits."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from wonward.errors import Invalid, Missing
from wonward.records import history, query, write
from wonward.records.associate import Link, associate, dissociate
from wonward.records.query import Query
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def cast(work: Work) -> tuple[Any, Any, int, list[int]]:
    deal, company = work.catalog.object_type("deal"), work.catalog.object_type("company")
    (record,) = write.create(work, deal, [{"dealname": "Facade"}])
    companies = write.create(work, company, [{"name": "Nordisk Måleri A/S"}, {"name": "Ågård & Søn"}])
    return deal, company, record, companies


def labels(work: Work, record: int, to_type: str) -> dict[int, list[int]]:
    from psycopg import sql

    found = work.rows(
        sql.SQL("select to_id, labels from {} where from_id = %(id)s and to_type = %(type)s").format(
            work.table("_association")
        ),
        {"id": record, "type": to_type},
    )
    return dict(found)


def test_the_first_company_becomes_the_primary_one(writing: Writing) -> None:
    with writing() as work:
        deal, company, record, (first, second) = cast(work)
        associate(work, deal, company, [Link(record, first)])
        associate(work, deal, company, [Link(record, second)])
        assert labels(work, record, "company") == {first: [5, 341], second: [341]}
        assert labels(work, first, "deal") == {record: [6, 342]}
        assert labels(work, second, "deal") == {record: [342]}


def test_a_new_primary_replaces_the_one_before(writing: Writing) -> None:
    with writing() as work:
        deal, company, record, (first, second) = cast(work)
        associate(work, deal, company, [Link(record, first)])
        associate(work, deal, company, [Link(record, second, (5,))])
        assert labels(work, record, "company") == {first: [341], second: [5, 341]}
        assert labels(work, first, "deal") == {record: [342]}
        ((_, name),) = query.rows(work, Query(deal, ids=[record]), ["company.name"])
        assert name == "Ågård & Søn"


def test_the_other_direction_says_the_same(writing: Writing) -> None:
    with writing() as work:
        deal, company, record, (first, _) = cast(work)
        associate(work, company, deal, [Link(first, record)])
        assert labels(work, record, "company") == {first: [5, 341]}


def test_doing_it_twice_changes_nothing(writing: Writing) -> None:
    with writing() as work:
        deal, company, record, (first, _) = cast(work)
        associate(work, deal, company, [Link(record, first), Link(record, first)])
        before = labels(work, record, "company")
        associate(work, deal, company, [Link(record, first)])
        assert labels(work, record, "company") == before
        assert len([each for each in history.of_record(work, record) if each.kind == "associated"]) == 1


def test_parent_and_child_are_told_apart(writing: Writing) -> None:
    with writing() as work:
        _, company, _, (child, parent) = cast(work)
        associate(work, company, company, [Link(child, parent, (14,))])
        assert 14 in labels(work, child, "company")[parent]
        assert 13 in labels(work, parent, "company")[child]
        (other,) = write.create(work, company, [{"name": "Third"}])
        with pytest.raises(Invalid, match="may have 1 company"):
            associate(work, company, company, [Link(child, other, (14,))])


def test_a_limit_holds_over_the_whole_batch(writing: Writing) -> None:
    with writing() as work:
        deal, product = work.catalog.object_type("deal"), work.catalog.object_type("product")
        (record,) = write.create(work, deal, [{"dealname": "Facade"}])
        one, two = write.create(work, product, [{"name": "GTX Basic"}, {"name": "GTX Pro"}])
        with pytest.raises(Invalid, match="may have 1 product"):
            associate(work, deal, product, [Link(record, one), Link(record, two)])


def test_taking_a_label_away_leaves_the_association(writing: Writing) -> None:
    with writing() as work:
        deal, company, record, (first, _) = cast(work)
        associate(work, deal, company, [Link(record, first)])
        dissociate(work, deal, company, [Link(record, first, (5,))])
        assert labels(work, record, "company") == {first: [341]}
        assert labels(work, first, "deal") == {record: [342]}
        dissociate(work, deal, company, [Link(record, first)])
        assert labels(work, record, "company") == {}
        assert labels(work, first, "deal") == {}


def test_both_records_remember_it(writing: Writing) -> None:
    with writing() as work:
        deal, company, record, (first, _) = cast(work)
        associate(work, deal, company, [Link(record, first)])
        assert history.of_record(work, record)[0].diff == {"to_type": "company", "to_ids": [first]}
        assert history.of_record(work, first)[0].diff == {"to_type": "deal", "to_ids": [record]}


def test_it_dates_neither_record(writing: Writing) -> None:
    with writing() as work:
        deal, company, record, (first, _) = cast(work)
        before = query.rows(work, Query(deal, ids=[record]), ["hs_lastmodifieddate"])
        associate(work, deal, company, [Link(record, first)])
        assert query.rows(work, Query(deal, ids=[record]), ["hs_lastmodifieddate"]) == before


def test_records_that_are_not_there_and_types_that_do_not_fit(writing: Writing) -> None:
    with writing() as work:
        deal, company, record, (first, _) = cast(work)
        with pytest.raises(Missing, match="There is no company 99"):
            associate(work, deal, company, [Link(record, 99)])
        with pytest.raises(Invalid, match="doesn't go from deal to company"):
            associate(work, deal, company, [Link(record, first, (279,))])
        note, product = work.catalog.object_type("note"), work.catalog.object_type("product")
        with pytest.raises(Invalid, match="can't be associated"):
            associate(work, note, product, [Link(1, 2)])


def test_archived_records_hold_no_place_and_are_no_primary(writing: Writing) -> None:
    with writing() as work:
        deal, company, record, (first, second) = cast(work)
        product = work.catalog.object_type("product")
        one, two = write.create(work, product, [{"name": "GTX Basic"}, {"name": "GTX Pro"}])
        associate(work, deal, company, [Link(record, first)])
        associate(work, deal, product, [Link(record, one)])
        write.archive(work, company, [first])
        write.archive(work, product, [one])
        associate(work, deal, company, [Link(record, second)])
        associate(work, deal, product, [Link(record, two)])
        assert labels(work, record, "company")[second] == [5, 341]


def test_two_labels_of_one_pair_are_taken_away_at_once(writing: Writing) -> None:
    with writing() as work:
        _, company, _, (child, parent) = cast(work)
        associate(work, company, company, [Link(child, parent, (14,))])
        dissociate(work, company, company, [Link(child, parent, (14,)), Link(child, parent, (450,))])
        assert labels(work, child, "company") == {}


@pytest.mark.django_db(transaction=True)
def test_writers_from_both_ends_wait_for_each_other(
    starter: str, in_threads: Callable[..., list[Any]]
) -> None:
    from wonward import wiring

    with wiring.writing(starter, actor="user:1", source="web") as work:
        deal, company = work.catalog.object_type("deal"), work.catalog.object_type("company")
        (record,) = write.create(work, deal, [{"dealname": "Facade"}])
        companies = write.create(work, company, [{"name": f"Company {number}"} for number in range(8)])

    def join(number: int) -> None:
        with wiring.writing(starter, actor="user:1", source="web") as work:
            if number % 2:
                associate(work, deal, company, [Link(record, companies[number])])
            else:
                associate(work, company, deal, [Link(companies[number], record)])

    in_threads(join, range(8))
    with wiring.writing(starter, actor="user:1", source="web") as work:
        found = labels(work, record, "company")
    assert sorted(map(len, found.values())) == [1] * 7 + [2]
