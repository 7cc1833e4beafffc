"""What an apply must not lose or break: found by trying to."""

from typing import Any

import pytest

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.blueprints import apply
from wonward.errors import Invalid
from wonward.records import associated, query, write
from wonward.records.associate import Link, associate
from wonward.records.query import Query
from wonward.schema import load

BOAT = ("object_type", "boat")
BOAT_BODY = {"label": "Boat", "plural": "boats", "plural_label": "Boats", "display": ["name"]}
NAME = ("property", "boat.name")
NAME_BODY = {"label": "Name", "type": "text"}


def define(wanted: dict[Any, Any], *tombstones: Any, destructive: bool = False) -> None:
    apply.define("starter", wanted, frozenset(tombstones), actor="user:1", allow_destructive=destructive)


def make(object_type: str, **values: object) -> int:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        return write.create(work, work.catalog.object_type(object_type), [values])[0]


def labels(object_type: str, record_id: int, other: str) -> list[tuple[int, ...]]:
    work = wiring.reading("starter", actor="user:1", source="web")
    kinds = [work.catalog.object_type(name) for name in (object_type, other)]
    found = associated.of_records(work, kinds[0], kinds[1], [(record_id, 0)], limit=10)
    return [each.type_ids for each in found[record_id]]


def test_removing_an_association_leaves_those_that_change_beside_it(starter: str) -> None:
    pair, own = ("association", "boat_company"), ("association", "boat_boat")
    labelled = {"from": "boat", "to": "company", "labels": {"owner": {"label": "Owner"}}}
    define({BOAT: BOAT_BODY, NAME: NAME_BODY, pair: labelled, own: {"from": "boat", "to": "boat"}})
    boat, company = make("boat", name="Ærø"), make("company", name="Nordisk Måleri A/S")
    with wiring.writing(starter, actor="user:1", source="web") as work:
        kinds = work.catalog.object_type("boat"), work.catalog.object_type("company")
        label = next(each for each in work.catalog.associations("boat", "company") if each.label == "Owner")
        associate(work, *kinds, [Link(boat, company, (label.type_id,))])
    define({pair: {**labelled, "limit": 5}}, own, destructive=True)
    assert [len(each) for each in labels("boat", boat, "company")] == [2]
    define({pair: {"from": "boat", "to": "company"}}, destructive=True)
    assert [len(each) for each in labels("boat", boat, "company")] == [1]


@pytest.mark.parametrize(
    "body",
    [
        {"label": "Made", "type": "datetime"},
        {"label": "Made", "type": "text", "column": "_created_at"},
        None,
    ],
)
def test_what_the_system_keeps_stays(starter: str, body: dict[str, Any] | None) -> None:
    key = ("property", "company.createdate")
    with pytest.raises(Invalid, match="shows what the system keeps"):
        define({key: body} if body else {}, *([] if body else [key]), destructive=True)
    define({key: {"label": "Oprettet på", "type": "datetime", "column": "_created_at"}})
    assert load.current(starter).object_type("company").properties["createdate"].label == "Oprettet på"


def test_calculating_what_held_values_is_destructive(starter: str) -> None:
    define({("property", "company.motto"): {"label": "Motto", "type": "text"}})
    with pytest.raises(Invalid, match=r"every value of company\.motto"):
        define({("property", "company.motto"): {"label": "Motto", "type": "text", "expression": "name"}})


def test_a_pipeline_with_records_in_it_is_not_renamed(starter: str) -> None:
    stages = [{"name": "begun", "label": "B"}]
    define({("pipeline", "deal.paint"): {"label": "Paint", "stages": stages}})
    make("deal", dealname="Facade", pipeline="paint", dealstage="begun")
    other = {("pipeline", "deal.other"): {"label": "Other", "stages": stages}}
    with pytest.raises(Invalid, match="1 deals stand in the stage 'begun' of the pipeline 'paint'"):
        define(other, ("pipeline", "deal.paint"), destructive=True)


def test_settings_of_the_portal_go_back_to_their_defaults(starter: str) -> None:
    key = ("portal", "portal")
    define({key: {"label": "T", "currency": "USD", "time_zone": "America/New_York", "language": "da"}})
    define({key: {"label": "T"}})
    portal = Portal.objects.get(name=starter)
    assert (portal.currency, portal.time_zone, portal.language) == ("EUR", "Europe/Copenhagen", "en")
    with pytest.raises(Invalid, match="no time zone 'Europe/Copenhagn'"):
        define({key: {"label": "T", "time_zone": "Europe/Copenhagn"}})


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("now", {"label": "Now", "type": "text"}, "the name 'now' is taken"),
        ("xmin", {"label": "X", "type": "text"}, "the name 'xmin' is taken"),
        (
            "size",
            {"label": "Size", "type": "number", "default": "big"},
            "a default that is none of its values",
        ),
        ("twice", {"label": "T", "type": "text", "unique": True, "expression": "name"}, "it can't be unique"),
        (
            "c",
            {"label": "C", "type": "enumeration", "options": [{"value": "a;b"}]},
            "needs a value, without ';'",
        ),
        ("c", {"label": "C", "type": "enumeration", "options": [{"value": "a"}, {"value": "a"}]}, "twice"),
    ],
)
def test_definitions_that_would_break_their_type(
    starter: str, name: str, body: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Invalid, match=reason):
        define({("property", f"company.{name}"): body})


def test_a_name_may_be_a_number(starter: str) -> None:
    define({BOAT: BOAT_BODY | {"key": "name"}, NAME: {"label": "Number", "type": "number"}})
    work = wiring.reading(starter, actor="user:1", source="web")
    assert query.count(work, Query(work.catalog.object_type("boat"))) == 0
