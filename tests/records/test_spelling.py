"""Misspelled words, and parts in the middle of words: found by the words that there are."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from psycopg import sql

from wonward import wiring
from wonward.records import search, spelling, write
from wonward.records.changes import Change
from wonward.records.spelling import SPELLING
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def learned(work: Work, object_type: str, *rows: dict[str, str]) -> list[int]:
    """Write records and let the consumer hear of them."""
    ids = write.create(work, work.catalog.object_type(object_type), rows)
    changes = [
        Change(
            number,
            work.now,
            "created",
            object_type,
            number,
            "user:1",
            "web",
            {name: [None, value] for name, value in row.items()},
        )
        for number, row in zip(ids, rows, strict=True)
    ]
    spelling.learn(work, changes)
    return ids


@pytest.fixture
def filled(writing: Writing) -> Writing:
    with writing() as work:
        learned(
            work,
            "contact",
            {
                "firstname": "Søren",
                "lastname": "Ågård",
                "email": "soren9@nordisk.example",
                "phone": "33 12 34 56",
            },
            {"firstname": "Åse", "lastname": "Sørensen"},
        )
        learned(work, "company", {"name": "Nordisk Måleri A/S"}, {"name": "Vinduesglas ApS"})
    return writing


def found(work: Work, text: str) -> list[tuple[str, bool]]:
    kinds = [work.catalog.object_types[name] for name in ("contact", "company")]
    return [(hit.name, hit.near) for hit in search.find(work, text, kinds, limit=5)]


def words(work: Work) -> list[str]:
    return [
        word for (word,) in work.rows(sql.SQL("select word from {} order by 1").format(work.table("_word")))
    ]


@pytest.mark.parametrize("typed", ["Nordsik Måleri", "nordisk malreri", "Nordiskk Maalerri", "måleri nordik"])
def test_letters_swapped_doubled_or_missing(filled: Writing, typed: str) -> None:
    with filled() as work:
        assert found(work, typed) == [("Nordisk Måleri A/S", True)]


def test_two_misspelled_words(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "Sørne Ågrd") == [("Søren Ågård", True)]
        assert found(work, "xyzzy plugh") == []


def test_what_is_there_as_typed_leaves_no_guesses(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "søren") == [("Søren Ågård", False), ("Åse Sørensen", False)]


def test_a_part_in_the_middle_of_a_word(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "glas") == [("Vinduesglas ApS", False)]
        assert found(work, "glas nordsik") == []
        assert found(work, "duesg apss") == [("Vinduesglas ApS", True)]


def test_the_consumer_is_told_by_the_feed(filled: Writing) -> None:
    assert SPELLING in wiring.CONSUMERS
    with filled() as work:
        assert words(work) == sorted(
            ["soren", "agard", "nordisk", "example", "ase", "sorensen", "maleri", "vindusglas", "aps"]
        )


def test_words_are_forgotten_with_the_last_record_that_has_them(filled: Writing) -> None:
    with filled() as work:
        kind = work.catalog.object_type("contact")
        [hit] = search.find(work, "ågård", [kind], limit=5)
        write.archive(work, kind, [hit.record_id])
        assert wiring.purge(work, work.now + timedelta(days=1)) == 1
        assert "agard" not in words(work)
        assert "nordisk" in words(work)


def test_an_erased_person_leaves_no_word(filled: Writing) -> None:
    with filled() as work:
        kind = work.catalog.object_type("contact")
        [hit] = search.find(work, "ågård", [kind], limit=5)
        wiring.erase(work, kind, [hit.record_id])
        spelling.learn(work, [Change(1, work.now, "erased", "contact", hit.record_id, "user:1", "web", {})])
        assert "agard" not in words(work)
        assert "sorensen" in words(work)
