"""Whatever comes in, the answer is JSON that says what is wrong, and never a failure of the server."""

import json
import logging
from typing import Any

import pytest
from django.test import Client
from tests.api.caller import Caller, refused

CONTACTS = "/crm/v3/objects/contacts"


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"", "line 1, column 1"),
        (b"{", "line 1, column 2"),
        (b'{"properties":\n  {"a": 1,}}', "line 2, column"),
        (b'{"properties": {"a": "\xff"}}', "line 1, column 23"),
        (b'{"properties": {"a": NaN}}', "line 1, column 22"),
        (b'{"properties": {"a": ' + b"[" * 100_000, "line 1"),
        (b"not json", "line 1"),
        (b'{"properties": {"a": "\\ud800"}}', "line 1"),
        (b'{"properties": {"a": "b"}} trailing', "line 1, column 29"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_malformed_json_is_refused_with_its_place(api: Caller, raw: bytes, place: str) -> None:
    message = refused(api("POST", CONTACTS, raw=raw), 400, "VALIDATION_ERROR")
    assert message.startswith("Invalid input JSON on ")
    assert place in message


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        (CONTACTS, [], "`object`"),
        (CONTACTS, {}, "`properties`"),
        (CONTACTS, {"properties": []}, "$.properties"),
        (CONTACTS, {"properties": {}, "associations": [{"to": {"id": "1"}}]}, "$.associations[0]"),
        (f"{CONTACTS}/batch/create", {"inputs": {}}, "$.inputs"),
        (f"{CONTACTS}/batch/create", {"inputs": [{}, {"properties": 1}]}, "$.inputs[0]"),
        (f"{CONTACTS}/batch/read", {"inputs": [{"id": None}]}, "$.inputs[0].id"),
        (f"{CONTACTS}/batch/update", {"inputs": [{"properties": {}}]}, "`id`"),
        (f"{CONTACTS}/search", {"limit": "many"}, "$.limit"),
    ],
)
def test_a_wrong_type_is_refused_with_its_place(api: Caller, path: str, body: Any, place: str) -> None:
    assert place in refused(api("POST", path, body), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "properties",
    [
        {"firstname": ["Søren"]},
        {"firstname": {"value": "Søren"}},
        {"firstname": "a\x00b"},
        {"firstname": "x" * 100_000},
        {"email": "x" * 300 + "@nordisk.dk" * 1000},
        {"hs_object_id": "5"},
        {"": "x"},
        {"\x00": "x"},
        {"first name": "x"},
        {"createdate": "yesterday"},
        {"closedate": "99999999999999999"},
        {"closedate": -(10**14)},
        {"closedate": "0001-01-01T00:00:00+14:00"},
        {"hs_email_optout": "maybe"},
        {"lifecyclestage": "\x00"},
        {"hs_buying_role": "CHAMPION;NOBODY"},
        {"hubspot_owner_id": "9" * 18},
        {"hubspot_owner_id": 10**40},
        {"website": "http://[::1"},
        {"phone": "٣٣٣٣٣٣٣٣\x00"},
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_value_that_cannot_be_is_refused(api: Caller, properties: dict[str, Any]) -> None:
    answer = api("POST", CONTACTS, {"properties": properties})
    assert answer.status_code in (201, 400), answer.content
    if answer.status_code == 400:
        refused(answer, 400, "VALIDATION_ERROR")
    contact = api.create("contacts", firstname="Åse")
    assert api("PATCH", f"{CONTACTS}/{contact}", {"properties": properties}).status_code in (200, 400)


@pytest.mark.parametrize(
    "amount", ["1e31", "1e400", "NaN", "Infinity", "1_000", "٣", "0x10", 10**40, "1" * 5000]
)
def test_whatever_number_is_given(api: Caller, amount: object) -> None:
    answer = api("POST", "/crm/v3/objects/deals", {"properties": {"dealname": "Facade", "amount": amount}})
    assert answer.status_code in (201, 400), answer.content


def test_numbers_are_exact(api: Caller) -> None:
    raw = b'{"properties": {"dealname": "Facade", "amount": 12345678901234567890.12}}'
    assert (
        api("POST", "/crm/v3/objects/deals", raw=raw).json()["properties"]["amount"]
        == "12345678901234567890.12"
    )


def test_a_body_of_another_kind_is_refused(api: Caller) -> None:
    for media in ("text/xml", "application/x-www-form-urlencoded", "multipart/form-data"):
        refused(api("POST", CONTACTS, {"properties": {}}, media=media), 415, "UNSUPPORTED_MEDIA_TYPE")
    for media in ("application/json; charset=utf-8", "application/vnd.api+json", ""):
        assert api("POST", CONTACTS, {"properties": {"firstname": "Åse"}}, media=media).status_code == 201


def test_a_body_too_large_is_refused(api: Caller) -> None:
    raw = json.dumps({"properties": {"firstname": "x" * 6_000_000}}).encode()
    refused(api("POST", CONTACTS, raw=raw), 413, "PAYLOAD_TOO_LARGE")
    refused(api("POST", f"{CONTACTS}/search", raw=raw), 413, "PAYLOAD_TOO_LARGE")


def test_an_address_too_long_is_refused(api: Caller) -> None:
    names = ",".join(f"property_number_{number}" for number in range(1_000))
    refused(api("GET", f"{CONTACTS}?properties={names}"), 414, "URI_TOO_LONG")
    assert api("GET", f"{CONTACTS}?properties={names[:15_000]}").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=-1",
        "after=99999999999999999999",
        "limit=%00",
        "properties=%00,%ff,Å",
        "properties=" + "&properties=".join("abcdefgh") * 150,
        "archived=perhaps",
        "associations=%00",
        "propertiesWithHistory=%00&limit=1",
        "idProperty=%00",
    ],
    ids=lambda query: query[:40],
)
def test_whatever_is_asked_in_the_address(api: Caller, query: str) -> None:
    contact = api.create("contacts", firstname="Åse")
    for path in (CONTACTS, f"{CONTACTS}/{contact}", "/crm/v3/owners"):
        assert api("GET", f"{path}?{query}").status_code in (200, 400, 404)


def test_a_host_that_this_server_is_not_known_by_is_refused(api: Caller) -> None:
    client = Client(headers={"Authorization": f"Bearer {api.token}", "Host": "evil.example"})
    refused(client.get(CONTACTS), 400, "VALIDATION_ERROR")


def test_nothing_stands_there(api: Caller) -> None:
    for path in (
        "/crm/",
        "/crm/v3",
        "/crm/v2/objects/contacts",
        "/account-info/v3/details",
        "/crm-object-schemas/v3/schemas",
        "/crm/v3/objects/contacts/1/2/3/4/5/6/7/8",
    ):
        refused(api("GET", path), 404, "OBJECT_NOT_FOUND")


def test_a_method_that_is_not_done_there(api: Caller) -> None:
    answer = api("PUT", CONTACTS)
    refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer["Allow"] == "GET, POST"
    assert api("OPTIONS", f"{CONTACTS}/1")["Allow"] == "GET, PATCH, DELETE"
    assert api("BREW", f"{CONTACTS}/1").status_code == 405
    assert api("HEAD", CONTACTS).status_code == 200


def test_a_failure_is_logged_and_told_with_its_correlation_id(
    api: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from wonward.records import json as records_json

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(records_json, "objects", fail)
    with caplog.at_level(logging.ERROR):
        answer = api("GET", CONTACTS)
    message = refused(answer, 500, "INTERNAL_ERROR")
    assert "disk" not in message
    assert answer["X-HubSpot-Correlation-Id"] in caplog.text
    assert "the disk is gone" in caplog.text
