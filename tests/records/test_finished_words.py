"""Words that another word follows: whole words first, beginnings when nothing is found so."""

import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

import pytest
from psycopg import sql
from tests.records.test_spelling import learned

from wonward.records import search, write
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]

PEOPLE = [
    {"firstname": "Hans", "lastname": "Ågård", "email": "hans@glas.example"},
    {"firstname": "Åse", "lastname": "Hansen", "email": "ase@glasværk.example"},
    {"firstname": "Hansine", "lastname": "Møller", "email": "hansine@havn.example"},
]


def found(work: Work, text: str, limit: int = 50) -> list[str]:
    kind = work.catalog.object_types["contact"]
    return [hit.name for hit in search.find(work, text, [kind], limit=limit) if not hit.near]


@pytest.fixture
def filled(writing: Writing) -> Writing:
    with writing() as work:
        learned(work, "contact", *PEOPLE)
    return writing


def test_a_finished_word_is_whole(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "hans") == ["Hans Ågård", "Hansine Møller", "Åse Hansen"]
        assert found(work, "hans g") == ["Hans Ågård"]
        assert found(work, "hans gl") == ["Hans Ågård"]
        assert found(work, "gl hans") == ["Hans Ågård", "Åse Hansen"]


def test_it_may_go_on_when_nothing_has_it_whole(filled: Writing) -> None:
    with filled() as work:
        assert found(work, "hans mø") == ["Hansine Møller"]
        assert found(work, "hansi m") == ["Hansine Møller"]
        assert found(work, "åse glas") == ["Åse Hansen"]


def test_what_one_type_has_hides_nothing_of_another(filled: Writing) -> None:
    with filled() as work:
        learned(work, "company", {"name": "Mølbo for Hans"})
        kinds = [work.catalog.object_types[name] for name in ("contact", "company")]
        assert [hit.name for hit in search.find(work, "hans mø", kinds, limit=5)] == [
            "Hansine Møller",
            "Mølbo for Hans",
        ]


def test_letter_by_letter_the_person_meant_stays(filled: Writing) -> None:
    with filled() as work:
        for typed in ("hans ågård glas", "ågård glas hans", "hansi hav", "åse hans gl"):
            wanted = "Hansine Møller" if "hav" in typed else "Åse Hansen" if "åse" in typed else "Hans Ågård"
            for length in range(2, len(typed) + 1):
                assert wanted in found(work, typed[:length]), typed[:length]
        for typed in ("han åg gl", "ha ågå g"):
            assert found(work, typed) == ["Hans Ågård"]


def test_a_word_that_only_an_archived_record_has_whole(filled: Writing) -> None:
    with filled() as work:
        kind = work.catalog.object_type("contact")
        [hit] = search.find(work, "ågård", [kind], limit=5)
        write.archive(work, kind, [hit.record_id])
        assert found(work, "hans gl") == ["Åse Hansen"]


SYLLABLES = ("ka", "lo", "mi", "su")
"""Of which words are made that begin alike, hold each other, and are some in whole."""


@pytest.mark.parametrize("seed", range(5))
def test_as_a_slow_search_finds(writing: Writing, seed: int) -> None:
    chance = random.Random(seed)

    def word() -> str:
        return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 3))) + chance.choice(["", "n"])

    texts = [" ".join(word() for _ in range(3)) for _ in range(20)]
    with writing() as work:
        learned(work, "contact", *({"firstname": text} for text in texts))
        kept = {each for text in texts for each in text.split() if len(each) >= 3}
        for _ in range(30):
            words = [word()[: chance.randint(2, 6)] for _ in range(chance.randint(1, 3))]
            typed = list(dict.fromkeys(words))
            expected = expected_of(texts, typed, kept)
            assert sorted(found(work, " ".join(typed))) == sorted(expected), typed


def expected_of(texts: Sequence[str], typed: Sequence[str], kept: set[str]) -> list[str]:
    """Return the texts a search finds, by comparing every word with every one: as typed, or within words."""
    finished = kept & set(typed[:-1])
    holding = {
        each: {word for word in kept if len(each) >= 3 and each in word and not word.startswith(each)}
        for each in typed
    }
    return sorted(
        {*closest(texts, typed, finished, {}), *closest(texts, typed, finished, holding)},
    )


def closest(
    texts: Iterable[str], typed: Sequence[str], finished: set[str], others: dict[str, set[str]]
) -> list[str]:
    def meant(each: str, word: str, *, whole: bool) -> bool:
        return word == each or (not whole and word.startswith(each)) or word in others.get(each, ())

    def having(whole: set[str]) -> list[str]:
        return [
            text
            for text in texts
            if all(any(meant(each, word, whole=each in whole) for word in text.split()) for each in typed)
        ]

    return having(finished) or having(set())


def test_the_statement_is_planned_once_a_connection(filled: Writing) -> None:
    with filled() as work:
        for typed in ("hans", "møller", "åse", "glas", "hansine", "ågård"):
            assert found(work, typed)
        plans = work.rows(
            sql.SQL("""
                select generic_plans > 0, custom_plans from pg_prepared_statements
                where statement like '%%first as materialized%%'""")
        )
        assert plans == [(True, 0)]


def test_a_search_leaves_settings_as_they_were(filled: Writing) -> None:
    names = ("plan_cache_mode", "max_parallel_workers_per_gather", "statement_timeout")
    with filled() as work:
        work.run(sql.SQL("set local plan_cache_mode = force_custom_plan"))
        before = [work.rows(sql.SQL("show {}").format(sql.SQL(name))) for name in names]
        assert found(work, "hans")
        assert [work.rows(sql.SQL("show {}").format(sql.SQL(name))) for name in names] == before
