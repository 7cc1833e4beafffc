"""Update-or-create, writing what can be written, and deleting for good what was archived long ago."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wonward import clock, wiring
from wonward.errors import Invalid
from wonward.records import query, write
from wonward.records.associate import Link, associate
from wonward.records.query import Query
from wonward.records.salvage import salvage
from wonward.records.upsert import upsert
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def test_known_ones_are_updated_and_new_ones_created(writing: Writing) -> None:
    with writing() as work:
        kind = work.catalog.object_type("contact")
        key = kind.properties["email"]
        (first,) = upsert(work, kind, key, [("soren@maleri.dk", {"firstname": "Søren"})])
        again, new, same = upsert(
            work,
            kind,
            key,
            [
                ("SOREN@maleri.dk", {"lastname": "Ågård"}),
                ("asa@maleri.dk", {}),
                ("ib@maleri.dk", {}),
            ],
        )
        assert (first.new, again.new, new.new) == (True, False, True)
        assert again.record_id == first.record_id
        ((_, *names),) = query.rows(
            work, Query(kind, ids=[first.record_id]), ["firstname", "lastname", "email"]
        )
        assert names == ["Søren", "Ågård", "soren@maleri.dk"]
        (unchanged,) = upsert(work, kind, key, [("ib@maleri.dk", {})])
        assert (unchanged.record_id, unchanged.changed) == (same.record_id, False)


def test_a_property_that_is_not_unique_identifies_nobody(writing: Writing) -> None:
    with writing() as work:
        kind = work.catalog.object_type("contact")
        with pytest.raises(Invalid, match="doesn't identify a contact"):
            upsert(work, kind, kind.properties["firstname"], [("Søren", {})])


def test_problems_keep_the_rows_they_had(writing: Writing) -> None:
    with writing() as work:
        kind = work.catalog.object_type("contact")
        key = kind.properties["email"]
        upsert(work, kind, key, [("soren@maleri.dk", {})])
        with pytest.raises(Invalid) as refused:
            upsert(
                work,
                kind,
                key,
                [("soren@maleri.dk", {}), ("asa@maleri.dk", {"lifecyclestage": "unheard of"})],
            )
    assert [problem.row for problem in refused.value.problems] == [1]


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_person_make_one(starter: str, in_threads: Callable[..., list[Any]]) -> None:
    def bring(_: int) -> bool:
        with wiring.writing(starter, actor="token:1", source="api") as work:
            kind = work.catalog.object_type("contact")
            (done,) = upsert(work, kind, kind.properties["email"], [("soren@maleri.dk", {})])
            return done.new

    assert sorted(in_threads(bring, range(4))) == [False, False, False, True]


def test_what_can_be_written_is_written(writing: Writing) -> None:
    with writing() as work:
        kind = work.catalog.object_type("contact")
        rows = [
            {"email": "soren@maleri.dk"},
            {"email": "nonsense"},
            {"email": "soren@maleri.dk"},
            {"firstname": "Åse"},
        ]
        done, problems = salvage(rows, lambda batch: write.create(work, kind, batch))
        assert sorted(done) == [0, 3]
        assert [(problem.row, problem.code) for problem in problems] == [
            (1, "INVALID_EMAIL"),
            (2, "CONFLICT"),
        ]
        assert query.count(work, Query(kind)) == 2


def test_what_was_archived_long_ago_is_deleted_with_its_associations(writing: Writing) -> None:
    then = datetime(2026, 1, 1, tzinfo=UTC)
    with clock.fixed(then), writing() as work:
        company, contact = work.catalog.object_type("company"), work.catalog.object_type("contact")
        old, kept = write.create(work, company, [{"name": "Old"}, {"name": "Kept"}])
        (person,) = write.create(work, contact, [{"email": "soren@maleri.dk"}])
        associate(work, contact, company, [Link(person, old)])
        write.archive(work, company, [old])
    with clock.fixed(then + timedelta(days=91)), writing() as work:
        write.archive(work, company, [kept])
        assert wiring.purge(work, work.now - timedelta(days=90)) == 1
        assert [row[0] for row in query.rows(work, Query(company, archived=True), [])] == [kept]
        ((_, name),) = query.rows(work, Query(contact, ids=[person]), ["count(companies)"])
        assert name == "0"
