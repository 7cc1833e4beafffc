"""Where definitions are used; what is used isn't removed, and what is locked isn't changed without insisting."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from wonward.blueprints import apply
from wonward.cli.commands import wonward
from wonward.errors import Invalid, Missing

COLOUR = {
    "label": "Farve",
    "type": "enumeration",
    "options": [{"value": "r", "label": "Rød"}, {"value": "b"}],
}
RED = {"label": "Er rød", "type": "boolean", "expression": "paint = 'r'"}
RULE = {"expression": "paint in ('b') and dealstage != 'closedwon'", "message": "Kun blå"}


@pytest.fixture
def painted(starter: str) -> str:
    define(
        {
            "deal.paint": COLOUR,
            "deal.red": RED,
            "deal.note": {"label": "Note", "type": "text", "validation": [RULE]},
        }
    )
    return starter


def define(properties: dict[str, Any], *tombstones: Any, insist: bool = False) -> None:
    wanted = {("property", name): body for name, body in properties.items()}
    apply.define(
        "starter", wanted, frozenset(tombstones), actor="user:1", allow_destructive=True, insist=insist
    )


def users(kind: str, name: str) -> set[str]:
    return {str(use) for use in apply.where_used("starter", (kind, name))}


def test_every_place_is_named(painted: str) -> None:
    assert users("property", "deal.paint") == {
        "property deal.red (expression)",
        "property deal.note (validation 1)",
    }
    assert users("option", "deal.paint.r") == {"property deal.red (expression)"}
    assert users("option", "deal.paint.b") == {"property deal.note (validation 1)"}
    assert users("property", "company.domain") >= {
        "object_type company (search)",
        "object_type company (key)",
    }
    assert "association deal_company (to)" in users("object_type", "company")
    with pytest.raises(Missing, match=r"There is no property 'deal\.pant'"):
        users("property", "deal.pant")


def test_import_maps_use_what_they_name(starter: str) -> None:
    said = {
        "object": "deals",
        "key": "dealname",
        "columns": {
            "Beløb": "amount",
            "Firma": {"association": "companies", "by": "domain"},
            "Trin": {"property": "dealstage", "options": {"Vundet": "closedwon"}},
        },
        "set": {"description": "Fra filen"},
    }
    apply.define(starter, {("import_map", "handler"): said}, actor="user:1")
    assert "import_map handler (columns: Beløb)" in users("property", "deal.amount")
    assert "import_map handler (columns: Firma)" in users("property", "company.domain")
    assert "import_map handler (columns: Trin)" in users("stage", "deal.default.closedwon")
    assert {"import_map handler (key)"} <= users("property", "deal.dealname")
    assert "import_map handler (set)" in users("property", "deal.description")


def test_what_is_used_is_not_removed_unless_its_users_go_too(painted: str) -> None:
    with pytest.raises(
        Invalid, match=r"property deal\.paint is still used by .*deal\.red \(expression\)"
    ) as refused:
        define({}, ("property", "deal.paint"))
    assert refused.value.problems[0].code == "DEFINITION_IN_USE"
    with pytest.raises(Invalid, match=r"option deal\.paint\.r is still used by property deal\.red"):
        define({"deal.paint": {**COLOUR, "options": [{"value": "b"}]}})
    tombstones = [("property", f"deal.{name}") for name in ("paint", "red", "note")]
    define({}, *tombstones)


def test_a_type_goes_with_its_own_but_not_from_under_others(starter: str) -> None:
    boat = {"label": "Båd", "plural": "boats", "plural_label": "Både", "display": ["name"]}
    wanted = {("object_type", "boat"): boat, ("property", "boat.name"): {"label": "Navn", "type": "text"}}
    apply.define(starter, wanted, actor="user:1")
    said = {"object": "boat", "columns": {"Navn": "name"}}
    apply.define(starter, {("import_map", "boats"): said}, actor="user:1")
    with pytest.raises(Invalid, match="object_type boat is still used by import_map boats"):
        define({}, ("object_type", "boat"))
    define({}, ("object_type", "boat"), ("import_map", "boats"))


@pytest.mark.parametrize(
    "body", [{"label": "System - Point", "type": "number"}, {"label": "P", "type": "number", "system": True}]
)
def test_a_system_definition_shows_its_dependents_before_it_changes(
    starter: str, body: dict[str, Any]
) -> None:
    define({"deal.points": body, "deal.many": {"label": "M", "type": "boolean", "expression": "points > 9"}})
    with pytest.raises(Invalid, match=r"is locked.*used by property deal\.many \(expression\)") as refused:
        define({"deal.points": {**body, "description": "Andet"}})
    assert refused.value.problems[0].code == "SYSTEM_DEFINITION"
    with pytest.raises(Invalid, match="is locked"):
        define({}, ("property", "deal.points"), ("property", "deal.many"))
    define({"deal.points": {**body, "description": "Andet"}}, insist=True)
    define({}, ("property", "deal.points"), ("property", "deal.many"), insist=True)


def test_the_command_lists_uses(painted: str) -> None:
    ran = CliRunner().invoke(wonward, ["where-used", "option", "deal.paint.r", "--portal", painted])
    assert ran.exit_code == 0
    assert "property deal.red\texpression" in ran.output


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ({"label": "Boat", "plural": "deals", "plural_label": "Boats"}, "both go by deals"),
        ({"label": "Deal", "plural": "boats", "plural_label": "Boats"}, "both go by label 'deal'"),
        ({"label": "Boat", "plural": "company", "plural_label": "Boats"}, "both go by company"),
    ],
)
def test_two_types_never_go_by_one_name(starter: str, kind: dict[str, Any], reason: str) -> None:
    wanted = {
        ("object_type", "boat"): {**kind, "display": ["name"]},
        ("property", "boat.name"): {"label": "Navn", "type": "text"},
    }
    with pytest.raises(Invalid, match=reason):
        apply.define(starter, wanted, actor="user:1")


def test_colours_are_colours_and_groups_keep_their_order(starter: str, tmp_path: Path) -> None:
    def option(colour: str) -> dict[str, Any]:
        return {**COLOUR, "options": [{"value": "r", "colour": colour}]}

    with pytest.raises(Invalid, match="has the colour 'rødlig'"):
        define({"deal.paint": option("rødlig")})
    define({"deal.paint": option("green")})
    boat = {"label": "Båd", "plural": "boats", "plural_label": "Både", "display": ["name"]}
    first, second = {"zz": "Først", "a": "Så"}, {"a": "Så", "zz": "Først"}
    wanted: dict[Any, Any] = {("property", "boat.name"): {"label": "Navn", "type": "text"}}
    apply.define(starter, {**wanted, ("object_type", "boat"): {**boat, "groups": first}}, actor="user:1")
    found = apply.define(starter, {("object_type", "boat"): {**boat, "groups": second}}, actor="user:1")
    assert [each.path for each in found.changes[0].differences] == ["groups order"]
    again = apply.define(starter, {("object_type", "boat"): {**boat, "groups": second}}, actor="user:1")
    assert again.changes == ()
