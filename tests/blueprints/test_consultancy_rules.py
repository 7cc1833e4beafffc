"""The consultancy's rules over definitions, and what its pages offer: each through two doors."""

from typing import Any

import pytest
from django.test import Client
from tests.api.caller import Caller, refused
from tests.blueprints.test_consultancy import api, consultancy, deal

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Portal, User
from wonward.blueprints import apply
from wonward.errors import Invalid
from wonward.records import query
from wonward.records.query import Query

__all__ = ["api", "consultancy", "deal"]
DEALS = "/crm/v3/properties/deals"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SYSTEM: dict[tuple[str, str], dict[str, Any]] = {
    ("property", "deal.system_point"): {"label": "System - Point", "type": "number"},
    ("list", "system_varme"): {"label": "System - Varme", "object": "deal", "filter": "system_point > 5"},
    ("workflow", "deal.system_besked"): {
        "label": "System - Besked",
        "trigger": {"when": "system_point > 9"},
        "steps": [{"set": {"description": "Varm"}}],
    },
}


@pytest.fixture
def pages(consultancy: str) -> Client:
    """The browser of Åse, who has signed in."""
    portal = Portal.objects.get(name=consultancy)
    users.create("aase@konsulenthuset.example", "Åse Holm", "correct horse battery staple", [portal])
    client = Client(headers={"Accept-Language": "da"})
    client.force_login(User.objects.get(email="aase@konsulenthuset.example"), backend=BACKEND)
    return client


@pytest.mark.parametrize("place", SYSTEM)
def test_con_5_what_is_called_system_is_locked_and_shows_what_depends_on_it(
    consultancy: str, api: Caller, place: tuple[str, str]
) -> None:
    apply.define(consultancy, SYSTEM, actor="user:1")
    changed = {**SYSTEM[place], "description": "Ændret i hånden"}
    with pytest.raises(Invalid, match="is locked, since the system relies on it") as locked:
        apply.define(consultancy, {place: changed}, actor="user:1")
    if place[0] == "property":
        said = str(locked.value)
        assert "list system_varme" in said
        assert "workflow deal.system_besked" in said
        answer = api("PATCH", f"{DEALS}/system_point", {"description": "Ændret"})
        assert "is locked" in refused(answer, 403, "FORBIDDEN")
    apply.define(consultancy, {place: changed}, actor="user:1", insist=True)


def test_con_9_several_products_are_offered_as_a_deal_each(
    consultancy: str, pages: Client, deal: int, api: Caller
) -> None:
    address = f"/p/{consultancy}/deals/{deal}/stage"
    move = {"pipeline": "salg", "stage": "moede_booket"}
    form = pages.post(address, move)
    assert form.status_code == 422
    assert "Flere? Opret én til hver…" in form.content.decode()
    chosen = {"checked": "1", "produkttype": "rekruttering", "further": ["outplacement", "test"]}
    assert pages.post(address, {**move, **chosen}).status_code == 302
    work = wiring.reading(consultancy, actor="user:1", source="cli")
    kind = work.catalog.object_type("deal")
    columns = ["dealname", "produkttype", "dealstage", "company.name", "contact.lastname"]
    assert [row[1:] for row in query.rows(work, Query(kind), columns)] == [
        ("Økonomichef", "rekruttering", "moede_booket", "Nordisk Måleri A/S", "Ågård"),
        ("Økonomichef | Outplacement", "outplacement", "dialog_indledt", "Nordisk Måleri A/S", "Ågård"),
        ("Økonomichef | Personlighedstest", "test", "dialog_indledt", "Nordisk Måleri A/S", "Ågård"),
    ]
    several = api(
        "PATCH", f"/crm/v3/objects/deals/{deal}", {"properties": {"produkttype": "test;outplacement"}}
    )
    assert several.status_code == 400, "a deal has one product, over the API too"


def test_con_17_names_follow_the_portals_rules(consultancy: str) -> None:
    wrong = {("workflow", "deal.ny"): {**SYSTEM["workflow", "deal.system_besked"], "label": "Ny besked"}}
    wrong["workflow", "deal.ny"]["trigger"] = {"when": "amount > 9"}
    with pytest.raises(Invalid, match=r"Auto \| …") as refusal:
        apply.define(consultancy, wrong, actor="user:1")
    assert refusal.value.problems[0].code == "NAMING_RULE"
    wrong["workflow", "deal.ny"]["label"] = "Auto | Ny besked"
    apply.define(consultancy, wrong, actor="user:1")


def test_con_17_the_guideline_is_written_from_the_blueprint_in_both_languages(
    pages: Client, consultancy: str
) -> None:
    address = f"/p/{consultancy}/handbook"
    danish = pages.get(address).content.decode()
    english = pages.get(address, headers={"Accept-Language": "en"}).content.decode()
    for said in ("Deal tabt, årsag", "Tabt", "Auto | …"):
        assert said in danish
    assert "Deal tabt, årsag" not in english
    assert "Auto | …" in english
