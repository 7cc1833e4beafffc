"""Who may call what: tokens, scopes, and that every operation declares them."""

import pytest
from tests.api.caller import Caller, NewCaller, refused

from wonward.accounts import tokens
from wonward.api.access import READ, READ_CALLERS, READ_OWNERS, READ_SCHEMA, WRITE, WRITE_SCHEMA
from wonward.api.routes import AREAS, ROUTES


def test_without_a_token_nothing_is_answered(api: Caller) -> None:
    for token in ("", "nonsense", "ww-\xe6"):
        answer = Caller(token)("GET", "/crm/v3/objects/contacts")
        refused(answer, 401, "INVALID_AUTHENTICATION")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_opens_nothing(api: Caller) -> None:
    from wonward import clock
    from wonward.accounts.models import Token

    api.ask("/crm/v3/objects/contacts")
    Token.objects.update(revoked_at=clock.now())
    refused(api("GET", "/crm/v3/objects/contacts"), 401, "INVALID_AUTHENTICATION")


def test_a_session_opens_nothing(starter: str) -> None:
    from django.test import Client

    from wonward.accounts.models import User

    client = Client()
    client.force_login(User.objects.create_user("soren@nordisk.dk"))
    refused(client.get("/crm/v3/objects/contacts"), 401, "INVALID_AUTHENTICATION")


def test_scopes_are_asked_for_each_type(caller: NewCaller) -> None:
    everything = caller("all")
    contact, company = (
        everything.create("contacts"),
        everything.create("companies", name="Nordisk Måleri A/S"),
    )
    reader = caller("crm.objects.contacts.read")
    reader.ask("/crm/v3/objects/contacts")
    reader.ask("/crm/v3/objects/notes")
    reader.ask("/crm/v3/properties/contacts")
    denied = (
        ("POST", "/crm/v3/objects/contacts", {"properties": {}}),
        ("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"city": "Ribe"}}),
        ("DELETE", f"/crm/v3/objects/contacts/{contact}", None),
        ("GET", "/crm/v3/objects/companies", None),
        ("GET", "/crm/v3/owners", None),
        ("GET", f"/crm/v3/objects/contacts/{contact}?associations=companies", None),
        ("GET", f"/crm/v4/objects/contacts/{contact}/associations/companies", None),
        ("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}", None),
        ("POST", "/crm/v3/properties/contacts", {}),
    )
    for method, path, body in denied:
        refused(reader(method, path, body), 403, "MISSING_SCOPES")
    told = reader("GET", "/crm/v3/objects/companies").json()
    assert told["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.companies.read"]


def test_creating_with_an_association_asks_for_both_types(caller: NewCaller) -> None:
    contact = caller("all").create("contacts")
    writer = caller("crm.objects.companies.write")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 280}]
    body = {"properties": {"name": "Nordisk"}, "associations": [{"to": {"id": contact}, "types": types}]}
    refused(writer("POST", "/crm/v3/objects/companies", body), 403, "MISSING_SCOPES")
    assert writer("POST", "/crm/v3/objects/companies", {"properties": {"name": "Nordisk"}}).status_code == 201


def test_writes_are_known_by_their_token(api: Caller) -> None:
    from wonward import wiring
    from wonward.records import history

    contact = api.create("contacts", firstname="Søren")
    work = wiring.reading("starter", actor="test", source="cli")
    (entry,) = history.of_record(work, int(contact))
    bearer = tokens.bearer(api.token)
    assert bearer is not None
    assert (entry.actor, entry.source) == (f"token:{bearer.token_id}", "api")


def test_every_route_declares_who_may_call_it() -> None:
    known = {READ, WRITE, READ_SCHEMA, WRITE_SCHEMA, READ_OWNERS, READ_CALLERS}
    assert {route.access for route in ROUTES} == known
    assert {route.area for route in ROUTES} == set(AREAS)
    for route in ROUTES:
        needs_write = not route.path.endswith(("search", "batch/read")) and route.method != "GET"
        assert any(scope.endswith(".write") for scope in route.access.scopes) == needs_write, route
    for access in known:
        for scope in access.scopes:
            assert scope.format("contacts") in tokens.SCOPES


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.area} {route.path}")
def test_every_route_is_reached_under_every_spelling(api: Caller, route: object) -> None:
    from wonward.api.door import Route

    assert isinstance(route, Route)
    names = {"type": "contacts", "to": "companies", "id": "1", "to_id": "2", "label": "x"}
    names |= {"property": "nonsense", "group": "nonsense", "pipeline": "nonsense", "stage": "nonsense"}
    path = route.path.format(**names)
    for area in AREAS[route.area]:
        for slash in ("", "/"):
            whole = f"/{area}/{path}{slash}" if path else f"/{area}{slash}"
            answer = Caller("")(route.method, whole)
            assert refused(answer, 401, "INVALID_AUTHENTICATION")


def test_a_search_by_associated_records_needs_the_right_to_them(caller: NewCaller) -> None:
    body = {
        "filters": [{"propertyName": "associations.deal", "operator": "EQ", "value": "1001"}],
    }
    path = "/crm/v3/objects/contacts/search"
    assert caller("crm.objects.contacts.read")("POST", path, body).status_code == 403
    assert (
        caller("crm.objects.contacts.read", "crm.objects.deals.read")("POST", path, body).status_code == 200
    )
