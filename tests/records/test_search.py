"""Records found by what people type."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from psycopg import sql

from wonward.errors import Invalid
from wonward.records import query, search, search_statement, write
from wonward.records.query import Query
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
        [hit] = search.find(work, "12 34", kinds, limit=5)
        assert (hit.name, hit.detail) == ("Søren Ågård", "soren@nordisk.example")


def test_short_words_are_looked_for_at_the_start(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "ha", "company") == ["Havn & Co", "Malerne i Havnen", "Nordisk Måleri A/S"]
        assert found(work, "av", "company") == []


def test_signs_of_the_database_are_plain_letters(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "100%") == ["100% Maling_A/S"]
        assert found(work, "maling_a") == ["100% Maling_A/S"]
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
        assert "names:company" in plan
        assert "words:company" in plan
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


def test_a_letter_that_begins_a_word_ranks_until_the_word_is_there(filled: Writing) -> None:
    with filled() as work:
        write.create(work, work.catalog.object_type("company"), [{"name": "Nordisk Eje"}])
        assert found(work, "nordisk e", "company") == ["Nordisk Eje", "Nordisk Måleri A/S"]
        assert found(work, "nordisk ej", "company") == ["Nordisk Eje"]
        assert found(work, "A/S nordisk", "company") == ["Nordisk Måleri A/S"]
        assert found(work, "n", "company") == ["Nordisk Eje", "Nordisk Måleri A/S"]
        assert found(work, "a/s", "company") == []


@pytest.mark.parametrize("typed", ["ågård", "Aagaard", "agard", "AAGÅRD", "A\u030aga\u030ard", "soren aaga"])
def test_however_danish_letters_are_written(filled: Writing, typed: str) -> None:
    with filled() as work:
        assert found(work, typed) == ["Søren Ågård"]


@pytest.mark.parametrize(
    ("names", "spellings"),
    [
        (["Møller", "Moller", "Moeller", "Möller"], ["møller", "moller", "moeller", "möller", "moe", "mo"]),
        (["Jæger", "Jaeger", "Jäger"], ["jæger", "jaeger", "jäger", "jæ", "ja"]),
        (["Müller", "Mueller"], ["müller", "mueller", "muller"]),
        (["Weiß", "Weiss"], ["weiß", "weiss", "wei"]),
        (["Łódź", "Lodz"], ["łódź", "lodz"]),
        (["Привет"], ["привет", "при"]),
    ],
)
def test_every_spelling_finds_every_other(writing: Writing, names: list[str], spellings: list[str]) -> None:
    with writing() as work:
        write.create(work, work.catalog.object_type("company"), [{"name": name} for name in names])
        for typed in spellings:
            assert sorted(found(work, typed, "company")) == sorted(names), typed


STORED = ["+45 33 12 34 56", "0045 33123456", "(+45) 33-12-34-56", "33 12 34 56", "33123456", "4533123456"]


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("typed", [*STORED, "+45 3312", "33 12 34", "3312", "3456"])
def test_a_telephone_number_in_any_spelling(writing: Writing, stored: str, typed: str) -> None:
    with writing() as work:
        people = [
            {"firstname": "Søren", "lastname": "Ågård", "phone": stored},
            {"firstname": "Åse", "phone": "+45 12 33 98 76"},
        ]
        write.create(work, work.catalog.object_type("contact"), people)
        assert found(work, typed, "contact") == ["Søren Ågård"]
        assert found(work, f"søren {typed}", "contact") == ["Søren Ågård"]
        assert found(work, f"åse {typed}", "contact") == []


def test_a_number_of_another_country(writing: Writing) -> None:
    with writing() as work:
        write.create(
            work,
            work.catalog.object_type("contact"),
            [{"firstname": "Ada", "mobilephone": "+44 (0)20 7946 0958"}],
        )
        for typed in ("020 7946 0958", "+442079460958", "0044 20 7946", "2079460958", "0958"):
            assert found(work, typed, "contact") == ["Ada"], typed


def test_parts_of_addresses(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "aase@havn.example") == ["Åse Sørensen"]
        assert found(work, "havn.ex", "contact") == ["Åse Sørensen", "Contact " + nameless(work)]
        assert found(work, "havn-nord.example") == ["Nordisk Måleri A/S"]
        assert found(work, "nord.example", "company") == ["Nordisk Måleri A/S"]


def nameless(work: Work) -> str:
    [hit] = search.find(work, "nameless", [work.catalog.object_types["contact"]], limit=1)
    return str(hit.record_id)


def test_words_that_have_much_in_common_are_told_apart(writing: Writing) -> None:
    """An exact name stands before those that go on, and is found among more than are ranked."""
    with writing() as work:
        kind = work.catalog.object_type("company")
        write.create(work, kind, [{"name": f"Byens Glas {number:03}"} for number in range(400)])
        write.create(work, kind, [{"name": "Glas"}, {"name": "Glas & Ramme"}])
        assert found(work, "glas", "company", limit=2) == ["Glas", "Glas & Ramme"]
        assert len(found(work, "glas", "company", limit=50)) == 50


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 10_000,
        "å " * 5_000,
        "+" * 300,
        "1" * 500,
        "\0\0",
        "' | 'x",
        "a & b:*",
        "!",
        "ﷺ" * 300,
        "½ ² ٣",
        "( ((",
        "\\",
    ],
)
def test_whatever_is_typed_is_answered(filled: Writing, typed: str) -> None:
    with filled() as work:
        assert len(found(work, typed)) <= 10
        kind = work.catalog.object_types["company"]
        assert search.matching(work, kind, typed) is None or query.count(
            work, Query(kind, search.matching(work, kind, typed))
        ) in range(5)


def test_a_search_that_takes_too_long_is_given_up(filled: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled() as work:
        kinds = [work.catalog.object_types["company"]]
        limit = work.rows(sql.SQL("show statement_timeout"))
        monkeypatch.setattr(search_statement, "of", lambda shape: sql.SQL("select pg_sleep(9)::text"))
        monkeypatch.setattr(search, "PATIENCE", 20)
        with pytest.raises(Invalid, match="took too long"):
            search.find(work, "nordisk", kinds, limit=5)
        monkeypatch.undo()
        assert work.rows(sql.SQL("show statement_timeout")) == limit
        assert found(work, "nordisk", "company") == ["Nordisk Måleri A/S"]


def test_what_was_changed_is_found_by_its_new_words(filled: Writing) -> None:
    with filled() as work:
        kind = work.catalog.object_types["company"]
        [hit] = search.find(work, "nordisk", [kind], limit=1)
        write.update(work, kind, [(hit.record_id, {"name": "Sydlig Glas"})])
        assert found(work, "nordisk", "company") == []
        assert found(work, "sydlig", "company") == ["Sydlig Glas"]
