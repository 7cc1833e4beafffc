"""Records one at a time, as HubSpot's clients see them."""

import json
import re

import pytest
from tests.api.caller import Caller, refused

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SPELLINGS = ("contacts", "contact", "0-1", "p_contact", "CONTACTS", "contacts/")
VERSIONS = ("/crm/v3/objects", "/crm/v4/objects", "/crm/objects/2026-03", "/crm/objects/2026-09")


def test_a_contact_is_created_and_read(api: Caller) -> None:
    answer = api(
        "POST",
        "/crm/v3/objects/contacts",
        {"properties": {"email": "Soren@Nordisk-Maleri.dk", "firstname": "Søren", "lastname": "Ågård"}},
    )
    assert answer.status_code == 201
    made = answer.json()
    assert made["properties"]["email"] == "soren@nordisk-maleri.dk"
    assert made["properties"]["hs_object_id"] == made["id"]
    assert made["archived"] is False
    assert MOMENT.fullmatch(made["createdAt"])
    assert made["properties"]["lastmodifieddate"] == made["updatedAt"]

    read = api.ask(f"/crm/v3/objects/contacts/{made['id']}?properties=lastname,city&properties=phone")
    assert read["properties"]["lastname"] == "Ågård"
    assert read["properties"]["city"] is None
    assert read["properties"]["phone"] is None
    assert "email" not in read["properties"]
    assert read["url"] == f"http://testserver/p/starter/contacts/{made['id']}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_reads_the_same(api: Caller, version: str, spelling: str) -> None:
    api.create("contacts", firstname="Åse")
    assert [each["properties"]["firstname"] for each in api.ask(f"{version}/{spelling}")["results"]] == [
        "Åse"
    ]


def test_without_properties_hubspots_usual_ones_come(api: Caller) -> None:
    deal = api.create("deals", dealname="Facade", amount="1200.00")
    shown = api.ask(f"/crm/v3/objects/deals/{deal}")["properties"]
    assert shown["amount"] == "1200"
    assert shown["dealstage"] == "prospecting"
    assert shown["pipeline"] == "default"
    assert shown["closedate"] is None
    assert {"createdate", "hs_lastmodifieddate", "hs_object_id"} <= shown.keys()


def test_values_of_any_json_kind_are_taken(api: Caller) -> None:
    deal = api.create("deals", dealname="Gulv", amount=1234.10, closedate="2026-11-30")
    contact = api.create("contacts", firstname="Åse", hs_email_optout=True, lastname=None)
    shown = api.ask(f"/crm/v3/objects/deals/{deal}?properties=amount,closedate")["properties"]
    assert (shown["amount"], shown["closedate"]) == ("1234.1", "2026-11-30T00:00:00.000Z")
    shown = api.ask(f"/crm/v3/objects/contacts/{contact}?properties=hs_email_optout,lastname")["properties"]
    assert (shown["hs_email_optout"], shown["lastname"]) == ("true", None)


def test_a_list_pages_to_its_end(api: Caller) -> None:
    ids = [api.create("companies", name=f"Nordisk Måleri {number}") for number in range(5)]
    seen: list[str] = []
    path = "/crm/v3/objects/companies?limit=2&properties=name"
    while path:
        page = api.ask(path)
        seen += [each["id"] for each in page["results"]]
        following = page.get("paging", {}).get("next")
        path = ""
        if following:
            assert following["after"] == page["results"][-1]["id"]
            assert following["link"].startswith("http://testserver/crm/v3/objects/companies?")
            path = following["link"].removeprefix("http://testserver")
    assert seen == ids
    assert len(api.ask("/crm/v3/objects/companies?limit=100")["results"]) == 5


@pytest.mark.parametrize("limit", ["0", "-1", "101", "many", "9" * 30])
def test_a_limit_out_of_range_is_refused(api: Caller, limit: str) -> None:
    assert "limit" in refused(api("GET", f"/crm/v3/objects/contacts?limit={limit}"), 400, "VALIDATION_ERROR")
    refused(
        api("GET", "/crm/v3/objects/contacts?limit=51&propertiesWithHistory=city"), 400, "VALIDATION_ERROR"
    )


def test_an_update_changes_what_is_given(api: Caller) -> None:
    contact = api.create("contacts", email="soren@nordisk.dk", firstname="Søren", city="Århus")
    answer = api("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"city": "Aalborg"}})
    assert answer.status_code == 200
    assert answer.json()["properties"]["city"] == "Aalborg"
    answer = api(
        "PATCH", "/crm/v3/objects/contacts/soren@nordisk.dk?idProperty=email", {"properties": {"city": ""}}
    )
    assert answer.status_code == 200
    read = api.ask(
        "/crm/objects/2026-09/contacts/SOREN@nordisk.dk?idProperty=email&properties=city,firstname"
    )
    assert (read["id"], read["properties"]["city"], read["properties"]["firstname"]) == (
        contact,
        None,
        "Søren",
    )


def test_history_comes_newest_first(api: Caller) -> None:
    contact = api.create("contacts", firstname="Soren")
    api("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"firstname": "Søren"}})
    read = api.ask(f"/crm/v3/objects/contacts/{contact}?propertiesWithHistory=firstname,nonsense")
    history = read["propertiesWithHistory"]["firstname"]
    assert [each["value"] for each in history] == ["Søren", "Soren"]
    assert history[0]["sourceType"] == "INTEGRATION"
    assert MOMENT.fullmatch(history[0]["timestamp"])
    assert "nonsense" not in read["propertiesWithHistory"]
    assert read["properties"]["firstname"] == "Søren"


def test_an_archived_record_is_seen_only_when_asked_for(api: Caller) -> None:
    company = api.create("companies", name="Nordisk Måleri A/S")
    before = api.ask(f"/crm/v3/objects/companies/{company}")["updatedAt"]
    for _ in range(2):
        gone = api("DELETE", f"/crm/v3/objects/companies/{company}")
        assert (gone.status_code, gone.content) == (204, b"")
    refused(api("GET", f"/crm/v3/objects/companies/{company}"), 404, "OBJECT_NOT_FOUND")
    assert api.ask("/crm/v3/objects/companies")["results"] == []
    read = api.ask(f"/crm/v3/objects/companies/{company}?archived=true")
    assert read["archived"] is True
    assert MOMENT.fullmatch(read["archivedAt"])
    assert read["updatedAt"] == before
    assert [each["id"] for each in api.ask("/crm/v3/objects/companies?archived=True")["results"]] == [company]


def test_a_record_is_created_with_its_associations_or_not_at_all(api: Caller) -> None:
    contact = api.create("contacts", firstname="Søren")

    def company(to: str, type_id: int) -> object:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        body = {
            "properties": {"name": "Nordisk Måleri"},
            "associations": [{"to": {"id": to}, "types": types}],
        }
        return api("POST", "/crm/v3/objects/companies", body)

    message = refused(company("999999", 280), 400, "VALIDATION_ERROR")  # type: ignore[arg-type]
    assert message == "One or more associations are invalid"
    refused(company(contact, 4711), 400, "VALIDATION_ERROR")  # type: ignore[arg-type]
    refused(company("12 34", 280), 400, "VALIDATION_ERROR")  # type: ignore[arg-type]
    assert api.ask("/crm/v3/objects/companies")["results"] == []

    made = company(contact, 280).json()  # type: ignore[attr-defined]
    read = api.ask(f"/crm/v3/objects/contacts/{contact}?associations=companies&associations=0-3")
    assert read["associations"] == {
        "companies": {
            "results": [
                {"id": made["id"], "type": "contact_to_company"},
                {"id": made["id"], "type": "contact_to_company_unlabeled"},
            ]
        }
    }


def test_texts_that_clients_parse(api: Caller) -> None:
    contact = api.create("contacts", email="soren@nordisk.dk")
    message = refused(
        api("POST", "/crm/v3/objects/contacts", {"properties": {"email": "Soren@nordisk.dk"}}),
        409,
        "CONFLICT",
    )
    assert message == f"Contact already exists. Existing ID: {contact}"
    message = refused(
        api(
            "POST",
            "/crm/v3/objects/deals",
            {"properties": {"dealname": "x", "dealstage": "won", "nope": "1"}},
        ),
        400,
        "VALIDATION_ERROR",
    )
    assert message.startswith("Property values were not valid: ")
    told = json.loads(message.removeprefix("Property values were not valid: "))
    assert [(each["isValid"], each["error"], each["name"]) for each in told] == [
        (False, "INVALID_OPTION", "dealstage"),
        (False, "PROPERTY_DOESNT_EXIST", "nope"),
    ]
    assert all(each["localizedErrorMessage"] == each["message"] for each in told)


@pytest.mark.parametrize("record_id", ["999999", "99999999999999999999", "-1", "abc", "%00", "Å", "1e3", "٣"])
def test_what_is_not_there_is_not_found(api: Caller, record_id: str) -> None:
    for method, body in (("GET", None), ("PATCH", {"properties": {"city": "Århus"}})):
        answer = api(method, f"/crm/v3/objects/contacts/{record_id}", body)
        refused(answer, 404, "OBJECT_NOT_FOUND")
    assert api("DELETE", f"/crm/v3/objects/contacts/{record_id}").status_code in (204, 404)


def test_only_properties_with_unique_values_identify(api: Caller) -> None:
    refused(api("GET", "/crm/v3/objects/contacts/Århus?idProperty=city"), 400, "VALIDATION_ERROR")
    refused(api("GET", "/crm/v3/objects/contacts/x?idProperty=nonsense"), 400, "VALIDATION_ERROR")
    refused(api("GET", "/crm/v3/objects/contacts/not-an-address?idProperty=email"), 404, "OBJECT_NOT_FOUND")


def test_types_that_are_not_there(api: Caller) -> None:
    for spelling in ("starships", "0-99", "%00", "p99_contact"):
        message = refused(api("GET", f"/crm/v3/objects/{spelling}"), 400, "VALIDATION_ERROR")
        assert message.startswith("Unable to infer object type from: ")
    contact = api.create("contacts", firstname="Åse")
    refused(api("GET", f"/crm/v3/objects/contacts/{contact}?associations=false"), 400, "VALIDATION_ERROR")
