"""Views as definitions: checked as a whole, held back from removal, written back, put into another language."""

from pathlib import Path
from typing import Any

import pytest

from wonward.blueprints import apply, load
from wonward.blueprints.export import export
from wonward.errors import Invalid
from wonward.schema import load as loading
from wonward.schema.translate import spoken

MINE = {
    "label": "Mine åbne deals",
    "object": "deal",
    "filter": "hubspot_owner_id = me() and dealstage not in ('closedwon', 'closedlost')",
    "columns": ["dealstage", "amount"],
    "sort": "-amount",
    "default_for": ["saelger"],
}
SELLER = {
    "label": "Sælger",
    "default": {"view": "everyone"},
    "types": {"deal": {"key_properties": ["amount"], "hidden": ["description"]}},
}


def define(*tombstones: tuple[str, str], **views: dict[str, Any]) -> None:
    wanted: dict[tuple[str, str], dict[str, Any]] = {("view", name): body for name, body in views.items()}
    wanted[("role", "saelger")] = SELLER
    apply.define("starter", wanted, frozenset(tombstones), actor="user:1", allow_destructive=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"filter": "amont > 7"}, "there is no property 'amont'"),
        ({"columns": ["amont"]}, "there is no property 'amont' on Deal"),
        ({"sort": "-amont"}, "there is no property 'amont' on Deal"),
        ({"sort": "amount desc"}, "sort"),
        ({"roles": ["kok", "saelger"]}, "there is no role 'kok'"),
        ({"board": "rør"}, "Deals have no pipeline 'rør'"),
        ({"teams": ["Nord"]}, "name them under roles too"),
    ],
)
def test_a_view_that_names_what_is_not_there_is_refused(
    starter: str, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(Invalid, match=r"view mine: ") as refused:
        define(mine={**MINE, **wrong})
    assert said in str(refused.value)


def test_two_views_cannot_both_open_a_list_for_a_role(starter: str) -> None:
    with pytest.raises(Invalid, match="mine is the default of deal for saelger already"):
        define(mine=MINE, andre={**MINE, "label": "Andre"})


def test_no_view_is_called_as_the_list_without_one(starter: str) -> None:
    with pytest.raises(Invalid, match="choose another name"):
        define(all=MINE)


def test_views_follow_their_order_and_say_what_they_use(starter: str) -> None:
    define(mine={**MINE, "order": 9}, store={"label": "Store", "object": "deal", "filter": "amount > 1000"})
    assert [view.name for view in loading.current("starter").views_of("deal")][:2] == [
        "store",
        "my_open_deals",
    ]
    assert [view.name for view in loading.current("starter").views_of("deal")][-1] == "mine"
    used = {str(use) for use in apply.where_used("starter", ("property", "deal.amount"))}
    assert {"view mine (columns)", "view mine (sort)", "view store (filter)"} <= used
    assert "role saelger (key_properties)" in used
    assert "view mine (default_for)" in {str(u) for u in apply.where_used("starter", ("role", "saelger"))}
    assert "view mine (filter)" in {
        str(use) for use in apply.where_used("starter", ("stage", "deal.default.closedwon"))
    }


def test_what_a_view_uses_is_not_removed_under_it(starter: str) -> None:
    paint = {"label": "Farve", "type": "text"}
    apply.define("starter", {("property", "deal.paint"): paint}, actor="user:1")
    define(blaa={"label": "Blå", "object": "deal", "filter": "paint = 'blå'"})
    with pytest.raises(Invalid, match=r"deal\.paint is still used by view blaa \(filter\)"):
        define(("property", "deal.paint"))
    define(("property", "deal.paint"), ("view", "blaa"))


def test_a_system_view_is_locked_and_names_follow_the_rules(starter: str) -> None:
    define(faste={**MINE, "label": "System - Mine", "default_for": []})
    with pytest.raises(Invalid, match="is locked"):
        define(faste={**MINE, "label": "Andet", "default_for": []})
    portal = {"label": "Starter", "naming": [{"kind": "view", "like": ["Visning | …"]}]}
    with pytest.raises(Invalid, match="here they are called like 'Visning"):
        apply.define("starter", {("portal", "portal"): portal}, actor="user:1")


def test_views_and_key_properties_come_back_out_of_an_export(starter: str, tmp_path: Path) -> None:
    define(mine=MINE)
    apply.define(
        "starter",
        {("translation", "en"): {"texts": {"Mine åbne deals": "My open deals"}}},
        actor="user:1",
    )
    files = {str(path.relative_to(tmp_path)) for path in export("starter", tmp_path)}
    assert "views/mine.yaml" in files
    again = load.read(tmp_path)
    assert again.documents["view", "mine"] == MINE
    assert not apply.planned("starter", tmp_path).changes
    catalog = loading.current("starter")
    assert spoken(catalog, "en").views["mine"].label == "My open deals"
    assert catalog.views["mine"].label == "Mine åbne deals"


def test_a_roles_own_key_properties_go_before_those_of_the_type(starter: str) -> None:
    from wonward.schema.seen import cut

    deal = {
        "label": "Deal",
        "plural": "deals",
        "plural_label": "Deals",
        "type_id": "0-3",
        "display": ["dealname"],
    }
    first = ["closedate", "description", "amount"]
    apply.define("starter", {("object_type", "deal"): {**deal, "key_properties": first}}, actor="user:1")
    define(mine=MINE)
    catalog = loading.current("starter")
    assert catalog.object_types["deal"].key_properties == tuple(first)
    assert cut(catalog, "saelger", frozenset()).object_types["deal"].key_properties == ("amount",)
    wrong = {**SELLER, "types": {"deal": {"key_properties": ["description"], "hidden": ["description"]}}}
    with pytest.raises(Invalid, match="no property 'description' that could stand first"):
        apply.define("starter", {("role", "saelger"): wrong}, actor="user:1")
