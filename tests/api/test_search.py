"""Search: filters, words, orders, pages, and what goes too far."""

from typing import Any

import pytest
from tests.api.caller import Caller, refused

SEARCH = "/crm/v3/objects/companies/search"


@pytest.fixture
def companies(api: Caller) -> dict[str, str]:
    rows = (
        ("Nordisk Måleri A/S", "Århus", 10),
        ("Sønderjysk Glas ApS", "Aabenraa", 20),
        ("Ærø Bådebyggeri", "Ærøskøbing", 30),
        ("100% Maling", "Århus", None),
    )
    return {
        name: api.create("companies", name=name, city=city, numberofemployees=size)
        for name, city, size in rows
    }


def found(api: Caller, body: dict[str, Any]) -> list[str]:
    answer = api("POST", SEARCH, {"properties": ["name"], **body})
    assert answer.status_code == 200, answer.content
    return [each["properties"]["name"] for each in answer.json()["results"]]


def filtered(*filters: dict[str, Any]) -> dict[str, Any]:
    return {"filterGroups": [{"filters": list(filters)}]}


def test_filters_of_a_group_all_hold_and_groups_are_alternatives(
    api: Caller, companies: dict[str, str]
) -> None:
    in_aarhus = {"propertyName": "city", "operator": "EQ", "value": "århus"}
    large = {"propertyName": "numberofemployees", "operator": "GTE", "value": 10}
    island = {"propertyName": "city", "operator": "CONTAINS_TOKEN", "value": "ærø*"}
    assert found(api, filtered(in_aarhus, large)) == ["Nordisk Måleri A/S"]
    both = {"filterGroups": [{"filters": [in_aarhus]}, {"filters": [island]}]}
    assert found(api, both) == ["Nordisk Måleri A/S", "Ærø Bådebyggeri", "100% Maling"]
    assert found(api, {"filters": [in_aarhus, large]}) == ["Nordisk Måleri A/S"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("måleri", ["Nordisk Måleri A/S"]),
        ("A/S nordisk", ["Nordisk Måleri A/S"]),
        ("100%", ["100% Maling"]),
        ("%", []),
        ("_", []),
        ("glas måleri", []),
    ],
)
def test_words_are_found(api: Caller, companies: dict[str, str], query: str, names: list[str]) -> None:
    assert found(api, {"query": query}) == names


@pytest.mark.parametrize(
    "sort",
    [
        {"propertyName": "numberofemployees", "direction": "DESCENDING"},
        "-numberofemployees",
        '{"propertyName":"numberofemployees","direction":"DESCENDING"}',
    ],
)
def test_every_form_of_sort(api: Caller, companies: dict[str, str], sort: object) -> None:
    names = found(api, {"sorts": [sort]})
    assert names == ["Ærø Bådebyggeri", "Sønderjysk Glas ApS", "Nordisk Måleri A/S", "100% Maling"]


def test_a_search_pages_and_tells_the_total(api: Caller, companies: dict[str, str]) -> None:
    first = api("POST", SEARCH, {"limit": 3, "sorts": ["name"]}).json()
    assert (first["total"], len(first["results"]), first["paging"]) == (4, 3, {"next": {"after": "3"}})
    last = api("POST", SEARCH, {"limit": "3", "after": "3", "sorts": ["name"]}).json()
    assert (last["total"], len(last["results"])) == (4, 1)
    assert "paging" not in last
    past = api("POST", SEARCH, {"after": 9}).json()
    assert past == {"total": 4, "results": []}
    assert api("POST", SEARCH, {"limit": 4}).json()["total"] == 4


def test_by_association(api: Caller, companies: dict[str, str]) -> None:
    contact = api.create("contacts", firstname="Søren")
    company = companies["Ærø Bådebyggeri"]
    api("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    assert found(
        api, filtered({"propertyName": "associations.contact", "operator": "EQ", "value": contact})
    ) == ["Ærø Bådebyggeri"]


def test_archived_records_are_not_found(api: Caller, companies: dict[str, str]) -> None:
    api("DELETE", f"/crm/v3/objects/companies/{companies['100% Maling']}")
    assert "100% Maling" not in found(api, {})


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 0},
        {"after": "9999", "limit": 10},
        {"after": "-1"},
        {"after": "x"},
        {"after": 10**30},
        {"query": " ".join("abcdefghijk")},
        {"query": 5.5},
        {"sorts": ["nonsense"]},
        {"sorts": ["{"]},
        {"sorts": [{"direction": "ASCENDING"}]},
        {"sorts": [None]},
        {"filterGroups": {}},
        {"filterGroups": [1]},
        {"filterGroups": [{"filters": [{}]}] * 6},
        filtered({"propertyName": "nonsense", "operator": "EQ", "value": "1"}),
        filtered({"propertyName": "city", "operator": "LIKE", "value": "1"}),
        filtered({"propertyName": "city", "operator": "EQ"}),
        filtered({"propertyName": "numberofemployees", "operator": "GT", "value": "many"}),
        filtered({"propertyName": "numberofemployees", "operator": "GT", "value": 10**60}),
        filtered({"propertyName": "createdate", "operator": "GT", "value": "99999999999999999999"}),
        filtered({"propertyName": "associations.contact", "operator": "EQ", "value": "9" * 30}),
        filtered({"propertyName": "hs_object_id", "operator": "IN", "values": []}),
        {"query": "x" * 3_000},
    ],
    ids=lambda body: str(body)[:60],
)
def test_what_is_no_search_is_refused(api: Caller, body: dict[str, Any]) -> None:
    refused(api("POST", SEARCH, body), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "body",
    [
        {"query": "a\x00b"},
        filtered({"propertyName": "city", "operator": "EQ", "value": "a\x00b"}),
        filtered({"propertyName": "city", "operator": "CONTAINS_TOKEN", "value": "\x00(*"}),
        filtered({"propertyName": "numberofemployees", "operator": "EQ", "value": "1e30"}),
        filtered({"propertyName": "hs_object_id", "operator": "EQ", "value": "99999999999999999999"}),
        filtered({"propertyName": "hs_object_id", "operator": "EQ", "value": "1.5"}),
        filtered({"propertyName": "createdate", "operator": "LT", "value": "0001-01-01"}),
        filtered({"propertyName": "createdate", "operator": "LT", "value": "-99999999999999"}),
        {"query": "\\"},
        {"query": "\\%"},
        {"query": "'; drop table company; --"},
    ],
    ids=lambda body: str(body)[:60],
)
def test_whatever_is_searched_for_the_server_stands(api: Caller, body: dict[str, Any]) -> None:
    assert api("POST", SEARCH, body).status_code in (200, 400)
