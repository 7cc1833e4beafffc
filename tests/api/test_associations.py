"""Associations in the shapes of v4, of the dated versions, and of v3."""

from typing import Any

import pytest
from tests.api.caller import Caller, refused

VERSIONS = ("/crm/v4/objects", "/crm/objects/2026-03", "/crm/objects/2026-09")
BETWEEN = ("/crm/v4/associations", "/crm/associations/2026-03", "/crm/associations/2026-09")


@pytest.fixture
def cast(api: Caller) -> dict[str, str]:
    """Give two contacts and two companies."""
    return {
        "søren": api.create("contacts", firstname="Søren"),
        "åse": api.create("contacts", firstname="Åse"),
        "nordisk": api.create("companies", name="Nordisk Måleri A/S"),
        "glas": api.create("companies", name="Sønderjysk Glas ApS"),
    }


def types(*numbers: int) -> list[dict[str, Any]]:
    return [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number} for number in numbers]


def pair(start: str, to: str, *numbers: int) -> dict[str, Any]:
    return {"from": {"id": start}, "to": {"id": to}, "types": types(*numbers)}


@pytest.mark.parametrize("version", VERSIONS)
def test_default_and_labelled(api: Caller, cast: dict[str, str], version: str) -> None:
    contact, company = cast["søren"], cast["nordisk"]
    answer = api("PUT", f"{version}/contacts/{contact}/associations/default/companies/{company}")
    assert answer.status_code == 200
    told = answer.json()
    assert told["status"] == "COMPLETE"
    assert [
        (each["from"]["id"], each["associationSpec"]["associationTypeId"]) for each in told["results"]
    ] == [
        (contact, 279),
        (company, 280),
    ]
    answer = api("PUT", f"{version}/contact/{contact}/associations/company/{company}", types(1))
    assert answer.status_code == 201
    assert answer.json() == {
        "fromObjectTypeId": "0-1",
        "fromObjectId": contact,
        "toObjectTypeId": "0-2",
        "toObjectId": company,
        "labels": ["Primary"],
    }
    there = api.ask(f"{version}/contacts/{contact}/associations/companies")
    assert there == {
        "results": [
            {
                "toObjectId": company,
                "associationTypes": [
                    {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"},
                    {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
                ],
            }
        ]
    }
    for _ in range(2):
        assert (
            api("DELETE", f"{version}/contacts/{contact}/associations/companies/{company}").status_code == 204
        )
    assert api.ask(f"{version}/companies/{company}/associations/contacts") == {"results": []}


def test_a_list_pages(api: Caller, cast: dict[str, str]) -> None:
    for company in ("nordisk", "glas"):
        api("PUT", f"/crm/v4/objects/contacts/{cast['åse']}/associations/default/companies/{cast[company]}")
    first = api.ask(f"/crm/v4/objects/contacts/{cast['åse']}/associations/companies?limit=1")
    assert [each["toObjectId"] for each in first["results"]] == [cast["nordisk"]]
    last = api.ask(first["paging"]["next"]["link"].removeprefix("http://testserver"))
    assert [each["toObjectId"] for each in last["results"]] == [cast["glas"]]
    assert "paging" not in last


@pytest.mark.parametrize("version", BETWEEN)
def test_batches(api: Caller, cast: dict[str, str], version: str) -> None:
    batch = f"{version}/contacts/companies/batch"
    both = [pair(cast["søren"], cast["nordisk"], 1), pair(cast["åse"], "424242", 1)]
    answer = api("POST", f"{batch}/create", {"inputs": both})
    assert answer.status_code == 207
    assert answer.json()["results"][0]["labels"] == ["Primary"]
    assert answer.json()["errors"][0]["message"] == "One or more associations are invalid"
    answer = api("POST", f"{batch}/associate/default", {"inputs": [pair(cast["åse"], cast["glas"])]})
    assert (answer.status_code, len(answer.json()["results"])) == (200, 2)

    answer = api("POST", f"{batch}/read", {"inputs": [{"id": cast["søren"]}, {"id": cast["åse"]}]})
    assert answer.status_code == 200
    read = {each["from"]["id"]: [to["toObjectId"] for to in each["to"]] for each in answer.json()["results"]}
    assert read == {cast["søren"]: [cast["nordisk"]], cast["åse"]: [cast["glas"]]}
    answer = api("POST", f"{batch}/labels/archive", {"inputs": [pair(cast["søren"], cast["nordisk"], 1)]})
    assert answer.status_code == 204
    body = {"inputs": [{"from": {"id": cast["åse"]}, "to": [{"id": cast["glas"]}, {"id": cast["nordisk"]}]}]}
    assert api("POST", f"{batch}/archive", body).status_code == 204

    answer = api(
        "POST", f"{batch}/read", {"inputs": [{"id": cast["søren"]}, {"id": cast["åse"]}, {"id": "x"}]}
    )
    assert answer.status_code == 207
    told = answer.json()
    assert [each["associationTypes"] for each in told["results"][0]["to"]] == [
        [{"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None}]
    ]
    assert told["numErrors"] == 2
    assert told["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert told["errors"][0]["context"]["fromObjectId"] == [cast["åse"]]


@pytest.mark.parametrize("version", BETWEEN)
def test_labels(api: Caller, version: str) -> None:
    assert api.ask(f"{version}/deals/contacts/labels")["results"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}
    ]
    assert {each["typeId"] for each in api.ask(f"{version}/0-2/0-1/labels")["results"]} == {2, 280}


def test_v3_names_its_types(api: Caller, cast: dict[str, str]) -> None:
    contact, company = cast["søren"], cast["nordisk"]
    batch = "/crm/v3/associations/contacts/companies/batch"
    link = {"from": {"id": contact}, "to": {"id": company}, "type": "contact_to_company"}
    answer = api("POST", f"{batch}/create", {"inputs": [link, {**link, "type": "contact_to_starship"}]})
    assert answer.status_code == 207
    assert answer.json()["results"] == [link]
    read = api("POST", f"{batch}/read", {"inputs": [{"id": contact}, {"id": cast["åse"]}]}).json()
    assert read["results"][0]["to"][0] == {"id": company, "type": "contact_to_company"}
    assert read["numErrors"] == 1
    there = api.ask(f"/crm/v3/objects/contacts/{contact}/associations/companies")
    assert {each["type"] for each in there["results"]} == {
        "contact_to_company",
        "contact_to_company_unlabeled",
    }
    assert api("POST", f"{batch}/archive", {"inputs": [link]}).status_code == 204
    assert api.ask(f"/crm/v3/objects/contacts/{contact}/associations/companies") == {"results": []}
    names = api.ask("/crm/v3/associations/contacts/companies/types")["results"]
    assert {"id": "279", "name": "contact_to_company_unlabeled"} in names


def test_v3_one_at_a_time(api: Caller, cast: dict[str, str]) -> None:
    path = f"/crm/v3/objects/contacts/{cast['søren']}/associations/companies/{cast['nordisk']}"
    answer = api("PUT", f"{path}/contact_to_company")
    assert answer.status_code == 200
    assert answer.json()["id"] == cast["søren"]
    assert answer.json()["associations"]["companies"]["results"][0]["id"] == cast["nordisk"]
    assert api("PUT", f"{path}/279").status_code == 200
    refused(api("PUT", f"{path}/nonsense"), 400, "VALIDATION_ERROR")
    assert api("DELETE", f"{path}/contact_to_company").status_code == 204
    assert api.ask(f"/crm/v3/objects/contacts/{cast['søren']}/associations/companies") == {"results": []}


def test_what_cannot_be_associated(api: Caller, cast: dict[str, str]) -> None:
    contact, company = cast["søren"], cast["nordisk"]
    answer = api("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/424242")
    assert refused(answer, 400, "VALIDATION_ERROR") == "One or more associations are invalid"
    assert answer.json()["context"] == {
        "INVALID_OBJECT_IDS": ["COMPANY=424242 is not valid"],
        "objectId": ["424242"],
        "objectType": ["COMPANY"],
    }
    there = f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}"
    refused(api("PUT", there, types(4711)), 400, "VALIDATION_ERROR")
    refused(api("PUT", there, {"associationTypeId": 1}), 400, "VALIDATION_ERROR")
    refused(api("PUT", there, types(10**40)), 400, "VALIDATION_ERROR")
    refused(api("PUT", "/crm/v4/objects/products/1/associations/default/calls/2"), 400, "VALIDATION_ERROR")
    refused(api("GET", "/crm/v4/objects/contacts/424242/associations/companies"), 404, "OBJECT_NOT_FOUND")
    refused(api("GET", f"/crm/v4/objects/deals/{contact}/associations/companies"), 404, "OBJECT_NOT_FOUND")
    refused(
        api("DELETE", f"/crm/v4/objects/contacts/{contact}/associations/companies/x"), 404, "OBJECT_NOT_FOUND"
    )
    body = {"inputs": [{"from": {"id": contact}, "to": {"id": company}}]}
    refused(
        api("POST", "/crm/v4/associations/contacts/companies/batch/labels/archive", body),
        400,
        "VALIDATION_ERROR",
    )
    many = {"inputs": [{"id": str(number)} for number in range(1_001)]}
    refused(api("POST", "/crm/v4/associations/contacts/companies/batch/read", many), 400, "VALIDATION_ERROR")
