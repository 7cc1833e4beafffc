"""Records found by what people type."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from wonward.records import search, write
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]

PEOPLE = [
    {"firstname": "Søren", "lastname": "Ågård", "email": "soren@nordisk.example", "phone": "+45 12 34 56 78"},
    {"firstname": "Åse", "lastname": "Sørensen", "email": "aase@havn.example"},
    {"email": "nameless@havn.example"},
]
COMPANIES = [
    {"name": "Malerne i Havnen", "domain": "havnen.example"},
    {"name": "Havn & Co", "domain": "co.example"},
    {"name": "100% Maling_A/S"},
    {"name": "Nordisk Måleri A/S", "domain": "havn-nord.example"},
]


def found(work: Work, text: str, *types: str, limit: int = 5) -> list[str]:
    kinds = [work.catalog.object_types[name] for name in types or ("contact", "company")]
    return [hit.name for hit in search.find(work, text, kinds, limit=limit)]


@pytest.fixture
def filled(writing: Writing) -> Writing:
    with writing() as work:
        write.create(work, work.catalog.object_type("contact"), PEOPLE)
        write.create(work, work.catalog.object_type("company"), COMPANIES)
    return writing


def test_names_beginning_with_the_text_then_holding_it_then_the_rest(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "havn", "company") == ["Havn & Co", "Malerne i Havnen", "Nordisk Måleri A/S"]


def test_every_word_must_be_there_in_any_property(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "søren ågård") == ["Søren Ågård"]
        assert found(work, "Ågård søren") == ["Søren Ågård"]
        assert found(work, "SØREN nordisk") == ["Søren Ågård"]
        assert found(work, "søren havn") == ["Åse Sørensen"]
        assert found(work, "søren zebra") == []


def test_type_by_type_in_the_order_asked_for(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "nordisk", "company", "contact") == ["Nordisk Måleri A/S", "Søren Ågård"]
        assert found(work, "nordisk", "contact", "company") == ["Søren Ågård", "Nordisk Måleri A/S"]
        assert found(work, "havn", "contact", "company", limit=1) == ["Åse Sørensen", "Havn & Co"]


def test_a_record_without_a_name_is_called_by_its_number(filled: Writing) -> None:
    with filled() as work:
        [hit] = search.find(work, "nameless", [work.catalog.object_types["contact"]], limit=1)
        assert hit.name == f"Contact {hit.record_id}"


def test_what_tells_a_hit_apart(filled: Writing) -> None:
    with filled() as work:
        kinds = [work.catalog.object_types["contact"]]
        [hit] = search.find(work, "34 56", kinds, limit=5)
        assert (hit.name, hit.detail) == ("Søren Ågård", "soren@nordisk.example")


def test_short_words_are_looked_for_at_the_start(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "ha", "company") == ["Havn & Co", "Malerne i Havnen", "Nordisk Måleri A/S"]
        assert found(work, "av", "company") == []


def test_signs_of_the_database_are_plain_letters(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "100%") == ["100% Maling_A/S"]
        assert found(work, "ing_a") == ["100% Maling_A/S"]
        assert found(work, "n_r") == []
        assert found(work, "%") == []
        assert found(work, "\\") == []
        assert found(work, "'; drop table") == []


def test_archived_records_and_empty_text_find_nothing(filled: Writing) -> None:
    with filled() as work:
        kind = work.catalog.object_types["company"]
        [hit] = search.find(work, "nordisk", [kind], limit=1)
        write.archive(work, kind, [hit.record_id])
        assert found(work, "nordisk", "company") == []
        assert found(work, "  ") == []
        assert found(work, "\0") == []


def test_an_index_serves_each_word(filled: Writing) -> None:
    with filled() as work:
        kind = work.catalog.object_types["company"]
        given = [{"name": f"Firma {number}", "domain": f"firma{number}.example"} for number in range(3000)]
        write.create(work, kind, given)
        work.cursor.execute("analyze")
        work.cursor.execute("set local enable_seqscan = off")
        plan = explained(work, kind.name, "firma 2999")
        assert "search:company:name" in plan
        assert "Seq Scan" not in plan


def explained(work: Work, name: str, text: str) -> str:
    """Return the plan of the search's own statement."""
    seen: list[str] = []

    class Explaining:
        def execute(self, statement, params):  # type: ignore[no-untyped-def]
            lines = work.cursor.execute(b"explain " + statement.as_bytes(work.cursor), params).fetchall()
            seen.extend(line for (line,) in lines)
            return work.cursor.execute(statement, params)

    search.find(replace(work, cursor=Explaining()), text, [work.catalog.object_types[name]], limit=5)
    return "\n".join(seen)


def test_a_short_word_begins_a_word(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "i ha", "company") == ["Malerne i Havnen"]
        assert found(work, "nordisk m", "company") == ["Nordisk Måleri A/S"]
        assert found(work, "nordisk e", "company") == []
