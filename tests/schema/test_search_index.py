"""The indexes a search uses follow the definitions, and older portals get them."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import sql

from wonward import wiring
from wonward.blueprints import apply
from wonward.db import transaction
from wonward.records import search, write
from wonward.schema import layout, load

BOAT = ("object_type", "boat")
BOAT_BODY: dict[str, Any] = {"label": "Boat", "plural": "boats", "plural_label": "Boats", "display": ["name"]}
NAME, HARBOUR = ("property", "boat.name"), ("property", "boat.harbour")
TEXT = {"label": "Text", "type": "text"}


def define(wanted: dict[Any, Any], *tombstones: Any, destructive: bool = False) -> None:
    apply.define("starter", wanted, frozenset(tombstones), actor="user:1", allow_destructive=destructive)


def indexes(kind: str) -> list[str]:
    """Return the names of a type's search indexes."""
    return [
        name
        for (name,) in transaction.rows(
            "select indexname from pg_indexes where schemaname = 'portal_starter' and tablename = %(kind)s"
            " and (indexname like 'names:%%' or indexname like 'words:%%' or indexname like 'search:%%') order by 1",
            {"kind": kind},
        )
    ]


def found(text: str) -> list[str]:
    work = wiring.reading("starter", actor="user:1", source="web")
    return [hit.name for hit in search.find(work, text, [work.catalog.object_type("boat")], limit=5)]


@pytest.fixture
def boat(starter: str) -> str:
    define({BOAT: BOAT_BODY, NAME: TEXT, HARBOUR: TEXT})
    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("boat"), [{"name": "Søhesten", "harbour": "12"}])
    return starter


def test_a_type_is_searched_by_what_its_definition_names(boat: str) -> None:
    assert found("soe") == ["Søhesten"]
    assert found("12") == []
    define({BOAT: {**BOAT_BODY, "search": ["name", "harbour"]}})
    assert found("12") == ["Søhesten"]
    assert indexes("boat") == ["names:boat", "words:boat"]
    define({BOAT: BOAT_BODY})
    assert found("12") == []


def test_a_searched_property_becomes_another_or_goes(boat: str) -> None:
    both = {BOAT: {**BOAT_BODY, "search": ["name", "harbour"]}}
    define(both)
    define({HARBOUR: {"label": "Berth", "type": "number"}}, destructive=True)
    assert found("12") == []
    assert found("søhest") == ["Søhesten"]
    define({HARBOUR: TEXT})
    assert found("12") == ["Søhesten"]
    define({BOAT: {**BOAT_BODY, "search": ["name"]}}, HARBOUR, destructive=True)
    assert found("søhest") == ["Søhesten"]
    assert indexes("boat") == ["names:boat", "words:boat"]


def test_a_type_goes_with_its_indexes(boat: str) -> None:
    define({}, BOAT, destructive=True)
    assert indexes("boat") == []


def test_an_older_portal_gets_the_indexes_and_its_words(
    boat: str, take_step: Callable[[str, Any], None]
) -> None:
    transaction.run("drop table portal_starter._word")
    transaction.run('create index "search:boat:name" on portal_starter.boat (name)')
    catalog = load.current(boat)
    for kind in catalog.object_types.values():
        for purpose in ("names", "words"):
            transaction.run(
                sql.SQL("drop index if exists {}").format(
                    sql.Identifier(catalog.schema, f"{purpose}:{kind.name}")
                )
            )
    for function in ("_fold(text)", "_fold_name(text)", "_words(text, text)"):
        transaction.run(sql.SQL(f"drop function portal_starter.{function}"))
    take_step(boat, layout._search)
    assert indexes("boat") == ["names:boat", "words:boat"]
    assert found("søhest") == ["Søhesten"]
    assert transaction.rows(sql.SQL("select word from portal_starter._word")) == [("sohesten",)]


def test_the_words_of_what_is_searched_from_now_on_are_known_as_if_they_had_always_been(boat: str) -> None:
    define({HARBOUR: TEXT, BOAT: {**BOAT_BODY, "search": ["name"]}})
    with wiring.writing(boat, actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("boat"), [{"name": "Havørnen", "harbour": "Klitmøller"}])
    assert found("klitmoler") == []
    define({BOAT: {**BOAT_BODY, "search": ["name", "harbour"]}})
    assert found("klitmoler") == ["Havørnen"]
