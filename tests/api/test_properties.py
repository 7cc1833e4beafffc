"""Properties and groups: read in HubSpot's words, defined, changed and archived."""

from typing import Any

import pytest
from tests.api.caller import Caller, NewCaller, refused

from wonward.blueprints import apply

PROPERTIES = "/crm/v3/properties/contacts"
VERSIONS = ("/crm/v3/properties", "/crm/properties/2026-03", "/crm/properties/2026-09")


def given(**more: Any) -> dict[str, Any]:
    return {
        "name": "favourite_paint",
        "label": "Yndlingsfarve",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
        **more,
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_properties_are_read(api: Caller, version: str) -> None:
    found = {each["name"]: each for each in api.ask(f"{version}/deals")["results"]}
    assert (found["amount"]["type"], found["amount"]["fieldType"]) == ("number", "number")
    assert (found["closedate"]["type"], found["closedate"]["fieldType"]) == ("datetime", "date")
    assert found["hubspot_owner_id"]["referencedObjectType"] == "OWNER"
    assert [option["value"] for option in found["dealstage"]["options"]][:2] == ["prospecting", "engaging"]
    assert found["hs_object_id"]["modificationMetadata"]["readOnlyValue"] is True
    one = api.ask(f"{version}/deals/amount")
    assert one == found["amount"]
    assert one["hubspotDefined"] is True
    assert one["createdAt"] == one["updatedAt"]
    refused(api("GET", f"{version}/deals/nonsense"), 404, "OBJECT_NOT_FOUND")


@pytest.mark.parametrize("version", VERSIONS)
def test_groups_are_read(api: Caller, version: str) -> None:
    found = {each["name"]: each for each in api.ask(f"{version}/deals/groups")["results"]}
    assert found.keys() == {"dealinformation", "deal_revenue", "deal_outcome"}
    one = api.ask(f"{version}/deals/groups/dealinformation")
    assert one == found["dealinformation"]
    assert (one["label"], one["archived"]) == ("Deal information", False)
    refused(api("GET", f"{version}/deals/groups/nonsense"), 404, "OBJECT_NOT_FOUND")


def test_a_property_is_defined_used_changed_and_archived(api: Caller) -> None:
    answer = api("POST", PROPERTIES, given())
    assert answer.status_code == 201
    assert answer.json()["label"] == "Yndlingsfarve"
    assert answer.json()["modificationMetadata"]["archivable"] is True
    contact = api.create("contacts", firstname="Søren", favourite_paint="Rød")
    refused(api("POST", PROPERTIES, given(label="Again")), 409, "OBJECT_ALREADY_EXISTS")

    answer = api("PATCH", f"{PROPERTIES}/favourite_paint", {"label": "Farve", "description": "Den bedste."})
    assert answer.status_code == 200
    assert (answer.json()["label"], answer.json()["description"]) == ("Farve", "Den bedste.")
    assert answer.json()["fieldType"] == "text"
    read = api.ask(f"/crm/v3/objects/contacts/{contact}?properties=favourite_paint")
    assert read["properties"]["favourite_paint"] == "Rød"

    assert api("DELETE", f"{PROPERTIES}/favourite_paint").status_code == 204
    refused(api("GET", f"{PROPERTIES}/favourite_paint"), 404, "OBJECT_NOT_FOUND")
    assert api("POST", PROPERTIES, given(type="number", fieldType="number")).status_code == 201


def test_every_type_of_property_is_defined_as_asked(api: Caller) -> None:
    words = (
        ("string", "textarea"),
        ("string", "phonenumber"),
        ("number", "number"),
        ("date", "date"),
        ("datetime", "date"),
        ("bool", "booleancheckbox"),
        ("enumeration", "select"),
        ("enumeration", "checkbox"),
    )
    inputs = [
        given(name=f"mine_{place}", type=kind, fieldType=field, options=[{"value": "rød", "label": "Rød"}])
        if kind == "enumeration"
        else given(name=f"mine_{place}", type=kind, fieldType=field)
        for place, (kind, field) in enumerate(words)
    ]
    answer = api("POST", f"{PROPERTIES}/batch/create", {"inputs": inputs})
    assert answer.status_code == 201
    assert [(each["type"], each["fieldType"]) for each in answer.json()["results"]] == list(words)
    names = [{"name": each["name"]} for each in inputs]
    read = api(
        "POST", f"{PROPERTIES}/batch/read", {"archived": False, "inputs": [*names, {"name": "nonsense"}]}
    )
    assert [each["name"] for each in read.json()["results"]] == [each["name"] for each in names]
    assert api("POST", f"{PROPERTIES}/batch/archive", {"inputs": names}).status_code == 204
    assert not [each for each in api.ask(PROPERTIES)["results"] if each["name"].startswith("mine_")]


@pytest.mark.parametrize(
    "body",
    [
        given(name="9lives"),
        given(name="øl"),
        given(name=""),
        given(name="a\x00b"),
        given(name="x" * 70),
        given(label=""),
        given(type="starship"),
        given(groupName="nonsense"),
        given(options=[{"label": "no value"}]),
        {"name": "mine"},
    ],
    ids=lambda body: str(body)[:50],
)
def test_what_is_no_definition_is_refused(api: Caller, body: dict[str, Any]) -> None:
    refused(api("POST", PROPERTIES, body), 400, "VALIDATION_ERROR")


def test_what_comes_with_the_system_stays(api: Caller) -> None:
    assert api("DELETE", f"{PROPERTIES}/email").status_code == 403
    assert api("PATCH", f"{PROPERTIES}/email", {"label": "Mail"}).status_code == 403
    assert api("DELETE", f"{PROPERTIES}/hs_object_id").status_code == 403


def test_options_that_would_be_lost_are_kept(api: Caller) -> None:
    options = [{"value": "rød", "label": "Rød"}, {"value": "blå", "label": "Blå"}]
    api("POST", PROPERTIES, given(type="enumeration", fieldType="select", options=options))
    answer = api("PATCH", f"{PROPERTIES}/favourite_paint", {"options": options[:1]})
    assert "blå" in refused(answer, 400, "VALIDATION_ERROR")


def test_archived_properties_are_listed_as_they_were(api: Caller) -> None:
    api("POST", PROPERTIES, given(label="Første"))
    api("DELETE", f"{PROPERTIES}/favourite_paint")
    [gone] = api.ask(f"{PROPERTIES}?archived=true")["results"]
    assert (gone["name"], gone["label"], gone["archived"]) == ("favourite_paint", "Første", True)
    assert gone["archivedAt"] >= gone["createdAt"]
    assert api.ask(f"{PROPERTIES}/favourite_paint?archived=true") == gone
    read = api(
        "POST", f"{PROPERTIES}/batch/read", {"archived": True, "inputs": [{"name": "favourite_paint"}]}
    )
    assert read.json()["results"] == [gone]
    refused(api("GET", f"{PROPERTIES}/favourite_paint"), 404, "OBJECT_NOT_FOUND")
    refused(api("GET", f"{PROPERTIES}/email?archived=true"), 404, "OBJECT_NOT_FOUND")
    assert api("POST", PROPERTIES, given(label="Anden")).status_code == 201  # the name is free again
    assert api.ask(f"{PROPERTIES}?archived=true")["results"] == []


def test_attributes_in_hubspots_words(api: Caller) -> None:
    options = [
        {"value": "b", "label": "Blå", "displayOrder": 2},
        {"value": "r", "label": "Rød", "displayOrder": 1, "hidden": True},
    ]
    body = given(
        type="enumeration",
        fieldType="select",
        options=options,
        formField=False,
        hasUniqueValue=False,
        displayOrder=0,
        dataSensitivity="sensitive",
    )
    made = api("POST", PROPERTIES, body)
    assert made.status_code == 201
    found = made.json()
    assert [each["value"] for each in found["options"]] == ["r", "b"]
    assert (found["formField"], found["dataSensitivity"], found["displayOrder"]) == (False, "sensitive", 0)
    changed = api(
        "PATCH", f"{PROPERTIES}/favourite_paint", {"dataSensitivity": "non_sensitive", "formField": True}
    )
    assert (changed.json()["formField"], changed.json()["dataSensitivity"]) == (True, "non_sensitive")
    message = refused(
        api("PATCH", f"{PROPERTIES}/favourite_paint", {"dataSensitivity": "secret"}), 400, "VALIDATION_ERROR"
    )
    assert "non_sensitive" in message


def test_a_token_sees_sensitive_values_with_the_scope_for_them(api: Caller, caller: NewCaller) -> None:
    api("POST", PROPERTIES, given(dataSensitivity="sensitive"))
    contact = api.create("contacts", firstname="Søren", favourite_paint="Rød")
    path = f"/crm/v3/objects/contacts/{contact}?properties=favourite_paint,firstname"
    scopes = ["crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.write"]
    plain = caller(*scopes)
    seeing = caller(*scopes, "crm.objects.contacts.sensitive.read")
    writing = caller(*scopes, "crm.objects.contacts.sensitive.write")
    assert "favourite_paint" not in plain.ask(path)["properties"]
    assert seeing.ask(path)["properties"]["favourite_paint"] == "Rød"
    asked = {
        "filterGroups": [{"filters": [{"propertyName": "favourite_paint", "operator": "EQ", "value": "Rød"}]}]
    }
    assert "sensitive" in refused(
        plain("POST", "/crm/v3/objects/contacts/search", asked), 400, "VALIDATION_ERROR"
    )
    assert seeing("POST", "/crm/v3/objects/contacts/search", asked).json()["total"] == 1
    change = {"properties": {"favourite_paint": "Blå"}}
    for who in (plain, seeing):
        assert "may not set it" in refused(who("PATCH", path, change), 400, "VALIDATION_ERROR")
    assert writing("PATCH", path, change).status_code == 200
    label = {"label": "Ikke din"}
    assert plain("PATCH", f"{PROPERTIES}/favourite_paint", label).status_code == 403
    sorts = {"sorts": ["favourite_paint"]}
    assert plain("POST", "/crm/v3/objects/contacts/search", sorts).status_code == 403


def test_a_locked_property_is_changed_by_no_caller(api: Caller) -> None:
    api("POST", PROPERTIES, given(label="System - Farve"))
    assert api("PATCH", f"{PROPERTIES}/favourite_paint", {"label": "Farve"}).status_code == 403
    assert api("DELETE", f"{PROPERTIES}/favourite_paint").status_code == 403
    found = api.ask(f"{PROPERTIES}/favourite_paint")
    assert found["modificationMetadata"]["readOnlyValue"] is True


def test_a_broken_rule_is_told_at_its_property(api: Caller) -> None:
    rule = {"regex": "[0-9]{8}", "message": "Otte cifre"}
    wanted = {("property", "contact.cvr"): {"label": "CVR", "type": "text", "validation": [rule]}}
    apply.define("starter", wanted, actor="user:1")
    answer = api("POST", "/crm/v3/objects/contacts", {"properties": {"cvr": "tolv"}})
    assert "Otte cifre" in refused(answer, 400, "VALIDATION_ERROR")
    assert "INVALID_FORMAT" in answer.content.decode()
