"""Applying definitions: tables follow, data stays, two at once wait for each other, others see it at once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from wonward import wiring
from wonward.blueprints import apply
from wonward.db import transaction
from wonward.documents.models import DocumentVersion
from wonward.errors import Invalid
from wonward.records import history, query, write
from wonward.records.query import Query
from wonward.schema import load

PAINT = ("property", "company.paint")


def define(wanted: dict[Any, Any], *tombstones: Any, destructive: bool = False) -> None:
    apply.define("starter", wanted, frozenset(tombstones), actor="user:1", allow_destructive=destructive)


def a_company(**values: object) -> int:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        return write.create(
            work, work.catalog.object_type("company"), [{"name": "Nordisk Måleri A/S", **values}]
        )[0]


def values_of(record_id: int, name: str) -> str | None:
    work = wiring.reading("starter", actor="user:1", source="web")
    ((_, value),) = query.rows(work, Query(work.catalog.object_type("company"), ids=[record_id]), [name])
    return value


def test_a_new_property_can_be_written_at_once(starter: str) -> None:
    define({PAINT: {"label": "Paint", "type": "number"}})
    assert values_of(a_company(paint="12.50"), "paint") == "12.5"


def test_a_number_becomes_text_with_its_values(starter: str) -> None:
    define({PAINT: {"label": "Paint", "type": "number"}})
    company = a_company(paint="12.50")
    define({PAINT: {"label": "Paint", "type": "text"}})
    assert values_of(company, "paint") == "12.5"


def test_a_destructive_change_is_refused_unless_it_is_meant(starter: str) -> None:
    define({PAINT: {"label": "Paint", "type": "text"}})
    with pytest.raises(Invalid, match=r"every value of company\.paint"):
        define({}, PAINT)
    define({}, PAINT, destructive=True)
    assert "paint" not in load.current(starter).object_type("company").properties


def test_a_refused_apply_leaves_nothing_behind(starter: str) -> None:
    version = load.current(starter).version
    with pytest.raises(Invalid, match="colour"):
        define(
            {
                PAINT: {"label": "Paint", "type": "number"},
                ("property", "company.gloss"): {
                    "label": "Gloss",
                    "type": "number",
                    "expression": "colour * 2",
                },
            }
        )
    assert load.current(starter).version == version
    assert "paint" not in load.current(starter).object_type("company").properties


def test_a_stage_in_use_is_not_taken_away(starter: str) -> None:
    stages = [{"name": name, "label": name} for name in ("begun", "painted")]
    key = ("pipeline", "deal.paint")
    define({key: {"label": "Paint", "stages": stages}})
    with wiring.writing(starter, actor="user:1", source="web") as work:
        given = {"dealname": "Facade", "pipeline": "paint", "dealstage": "painted"}
        write.create(work, work.catalog.object_type("deal"), [given])
    with pytest.raises(Invalid, match="1 deals stand in the stage 'painted'"):
        define({key: {"label": "Paint", "stages": stages[:1]}}, destructive=True)


def test_every_version_of_a_definition_is_kept(starter: str) -> None:
    define({PAINT: {"label": "Paint", "type": "text"}})
    define({PAINT: {"label": "Maling på døren", "type": "text"}})
    versions = DocumentVersion.objects.filter(document__name="company.paint").order_by("version")
    assert [(each.version, each.body["label"], each.actor) for each in versions] == [
        (1, "Paint", "user:1"),
        (2, "Maling på døren", "user:1"),
    ]


def test_a_calculated_property_is_kept_up_on_write(starter: str) -> None:
    define(
        {
            PAINT: {"label": "Paint", "type": "number"},
            ("property", "company.tins"): {"label": "Tins", "type": "number", "expression": "paint * 2 + 1"},
        }
    )
    company = a_company(paint="3")
    assert values_of(company, "tins") == "7"
    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.update(work, work.catalog.object_type("company"), [(company, {"paint": "4"})])
    assert values_of(company, "tins") == "9"


def test_records_that_are_there_get_a_new_calculated_property_at_once(starter: str) -> None:
    company = a_company(numberofemployees="12")
    body = {"label": "Desks", "type": "number", "expression": "numberofemployees + 2"}
    define({("property", "company.desks"): body})
    assert values_of(company, "desks") == "14"
    define({("property", "company.desks"): {**body, "expression": "numberofemployees * 2"}})
    assert values_of(company, "desks") == "24"
    work = wiring.reading(starter, actor="user:1", source="web")
    newest = history.of_record(work, company)[0]
    assert (newest.source, newest.diff) == ("definitions", {"desks": ["14", "24"]})


def test_what_changes_with_the_clock_is_not_calculated(starter: str) -> None:
    with pytest.raises(Invalid, match="changes with the clock"):
        define(
            {
                ("property", "company.age"): {
                    "label": "Age",
                    "type": "number",
                    "expression": "today() - createdate",
                }
            }
        )


@pytest.mark.django_db(transaction=True)
def test_two_applies_at_once_wait_for_each_other(in_threads: Callable[..., list[Any]], starter: str) -> None:
    def one(number: int) -> None:
        define({("property", f"company.p{number}"): {"label": f"P{number}", "type": "text"}})

    before = load.current(starter).version
    assert in_threads(one, range(4)) == [None] * 4
    catalog = load.current(starter)
    assert catalog.version == before + 4
    assert {"p0", "p1", "p2", "p3"} <= catalog.object_type("company").properties.keys()


@pytest.mark.django_db(transaction=True)
def test_an_apply_waits_for_the_writes_under_way(starter: str) -> None:
    applied = threading.Event()

    def apply_it() -> None:
        define({PAINT: {"label": "Paint", "type": "text"}})
        applied.set()
        connection.close()

    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.create(work, work.catalog.object_type("company"), [{"name": "Ågård"}])
        thread = threading.Thread(target=apply_it)
        thread.start()
        assert not applied.wait(0.3)
    thread.join(10)
    assert applied.is_set()
    assert "paint" in load.current(starter).object_type("company").properties


@pytest.mark.django_db(transaction=True)
def test_a_reader_holding_a_table_delays_an_apply_but_blocks_nobody(starter: str) -> None:
    reading, release = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            transaction.rows("select count(*) from portal_starter.company")
            reading.set()
            release.wait(10)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    assert reading.wait(10)
    writer = threading.Thread(
        target=lambda: (define({PAINT: {"label": "Paint", "type": "text"}}), connection.close())
    )
    writer.start()
    writer.join(0.5)
    assert writer.is_alive()
    release.set()
    reader.join(10)
    writer.join(20)
    assert "paint" in load.current(starter).object_type("company").properties
