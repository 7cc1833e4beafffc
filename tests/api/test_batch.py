"""Records many at a time: all done, partly done, nothing done."""

from typing import Any

from tests.api.caller import Caller, refused

BATCH = "/crm/v3/objects/contacts/batch"


def inputs(*given: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"inputs": list(given), **more}


def test_a_batch_is_created(api: Caller) -> None:
    answer = api(
        "POST", f"{BATCH}/create", inputs(*({"properties": {"firstname": name}} for name in ("Søren", "Åse")))
    )
    assert answer.status_code == 201
    told = answer.json()
    assert told["status"] == "COMPLETE"
    assert [each["properties"]["firstname"] for each in told["results"]] == ["Søren", "Åse"]
    assert told["startedAt"] <= told["completedAt"]
    assert "numErrors" not in told


def test_what_can_be_created_is_and_the_rest_is_told_with_its_trace(api: Caller) -> None:
    known = api.create("contacts", email="soren@nordisk.dk")
    answer = api(
        "POST",
        f"{BATCH}/create",
        inputs(
            {"properties": {"email": "soren@nordisk.dk"}, "objectWriteTraceId": "first"},
            {"properties": {"email": "no address", "phone": "none"}, "objectWriteTraceId": "second"},
            {"properties": {"email": "aase@nordisk.dk"}, "objectWriteTraceId": "third"},
        ),
    )
    assert answer.status_code == 207
    told = answer.json()
    assert [(each["properties"]["email"], each["objectWriteTraceId"]) for each in told["results"]] == [
        ("aase@nordisk.dk", "third")
    ]
    assert told["numErrors"] == 2
    taken, wrong = told["errors"]
    assert (taken["category"], taken["message"]) == (
        "CONFLICT",
        f"Contact already exists. Existing ID: {known}",
    )
    assert (taken["objectWriteTraceId"], taken["context"]["objectWriteTraceId"]) == ("first", ["first"])
    assert wrong["category"] == "VALIDATION_ERROR"
    assert [each["code"] for each in wrong["errors"]] == ["INVALID_EMAIL", "INVALID_PHONE_NUMBER"]
    assert wrong["objectWriteTraceId"] == "second"
    assert api.ask("/crm/v3/objects/contacts")["results"][-1]["properties"]["email"] == "aase@nordisk.dk"


def test_a_batch_of_which_nothing_can_be_done_is_refused(api: Caller) -> None:
    known = api.create("contacts", email="soren@nordisk.dk")
    answer = api("POST", f"{BATCH}/create", inputs({"properties": {"email": "soren@nordisk.dk"}}))
    assert refused(answer, 409, "CONFLICT").endswith(known)
    answer = api("POST", f"{BATCH}/create", inputs({"properties": {"city": ["Århus"]}}))
    refused(answer, 400, "VALIDATION_ERROR")
    answer = api(
        "POST", f"{BATCH}/create", inputs({"properties": {"email": "none"}, "objectWriteTraceId": "mine"})
    )
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"]["objectWriteTraceId"] == ["mine"]


def test_an_association_that_cannot_be_is_told_with_its_row(api: Caller) -> None:
    company = api.create("companies", name="Nordisk Måleri A/S")

    def with_company(to: str) -> dict[str, Any]:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
        return {"properties": {"firstname": "Åse"}, "associations": [{"to": {"id": to}, "types": types}]}

    answer = api("POST", f"{BATCH}/create", inputs(with_company("424242"), with_company(company)))
    assert answer.status_code == 207
    told = answer.json()
    assert len(told["results"]) == 1
    assert told["errors"][0]["context"]["INVALID_OBJECT_IDS"] == ["COMPANY=424242 is not valid"]
    linked = api.ask(f"/crm/v4/objects/companies/{company}/associations/contacts")["results"]
    assert [each["toObjectId"] for each in linked] == [told["results"][0]["id"]]


def test_a_batch_is_read_by_id_and_by_address(api: Caller) -> None:
    ids = [api.create("contacts", email=f"{name}@nordisk.dk", city="Århus") for name in ("soren", "aase")]
    answer = api("POST", f"{BATCH}/read", inputs(*({"id": each} for each in ids), properties=["city"]))
    assert answer.status_code == 200
    assert {each["id"] for each in answer.json()["results"]} == set(ids)
    assert answer.json()["results"][0]["properties"]["city"] == "Århus"
    answer = api(
        "POST",
        f"{BATCH}/read",
        inputs({"id": "AASE@nordisk.dk"}, {"id": "nobody@nordisk.dk"}, {"id": "rubbish"}, idProperty="email"),
    )
    assert answer.status_code == 207
    told = answer.json()
    assert [each["id"] for each in told["results"]] == [ids[1]]
    assert told["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert told["errors"][0]["context"]["ids"] == ["nobody@nordisk.dk", "rubbish"]


def test_a_batch_read_has_history_when_asked(api: Caller) -> None:
    contact = api.create("contacts", firstname="Åse")
    body = inputs({"id": int(contact)}, propertiesWithHistory=["firstname"], properties=[])
    told = api("POST", f"{BATCH}/read", body).json()
    assert told["results"][0]["propertiesWithHistory"]["firstname"][0]["value"] == "Åse"
    many = inputs(*({"id": str(number)} for number in range(51)), propertiesWithHistory=["firstname"])
    refused(api("POST", f"{BATCH}/read", many), 400, "VALIDATION_ERROR")


def test_archived_ones_are_read_when_asked_for(api: Caller) -> None:
    contact = api.create("contacts", firstname="Åse")
    api("POST", f"{BATCH}/archive", inputs({"id": contact}))
    assert api("POST", f"{BATCH}/read", inputs({"id": contact})).status_code == 207
    answer = api("POST", f"{BATCH}/read?archived=true", inputs({"id": contact}))
    assert (answer.status_code, answer.json()["results"][0]["archived"]) == (200, True)


def test_a_batch_is_updated_where_it_can_be(api: Caller) -> None:
    soren, aase = (api.create("contacts", email=f"{name}@nordisk.dk") for name in ("soren", "aase"))
    answer = api(
        "POST",
        f"{BATCH}/update",
        inputs(
            {"id": soren, "properties": {"city": "Århus"}, "objectWriteTraceId": "a"},
            {"id": "aase@nordisk.dk", "idProperty": "email", "properties": {"city": "Ølgod"}},
            {"id": "99999999999999999999", "properties": {"city": "Ribe"}},
            {"id": "nobody@nordisk.dk", "idProperty": "email", "properties": {"city": "Ribe"}},
            {"id": "424242", "properties": {"city": "Ribe"}, "objectWriteTraceId": "e"},
        ),
    )
    assert answer.status_code == 207
    told = answer.json()
    assert [(each["id"], each["properties"]["city"]) for each in told["results"]] == [
        (soren, "Århus"),
        (aase, "Ølgod"),
    ]
    assert [each["category"] for each in told["errors"]] == ["OBJECT_NOT_FOUND"] * 3
    assert told["errors"][2]["context"]["objectWriteTraceId"] == ["e"]
    answer = api("POST", f"{BATCH}/update", inputs({"id": soren, "properties": {"city": "Ribe"}}))
    assert (answer.status_code, answer.json()["status"]) == (200, "COMPLETE")
    answer = api("POST", f"{BATCH}/update", inputs({"id": "424242", "properties": {"city": "Ribe"}}))
    refused(answer, 404, "OBJECT_NOT_FOUND")


def test_an_upsert_updates_or_creates(api: Caller) -> None:
    soren = api.create("contacts", email="soren@nordisk.dk", city="Århus")
    body = inputs(
        {
            "id": "Soren@nordisk.dk",
            "idProperty": "email",
            "properties": {"city": "Ribe"},
            "objectWriteTraceId": "a",
        },
        {"id": "aase@nordisk.dk", "idProperty": "email", "properties": {"firstname": "Åse", "city": "Ølgod"}},
    )
    answer = api("POST", f"{BATCH}/upsert", body)
    assert answer.status_code == 200
    known, fresh = answer.json()["results"]
    assert (known["id"], known["new"], known["objectWriteTraceId"]) == (soren, False, "a")
    assert (fresh["new"], fresh["properties"]["firstname"]) == (True, "Åse")
    again = api("POST", f"{BATCH}/upsert", body).json()["results"]
    assert [each["new"] for each in again] == [False, False]
    assert [each["id"] for each in again] == [soren, fresh["id"]]


def test_an_upsert_by_record_id_updates(api: Caller) -> None:
    soren = api.create("contacts", firstname="Søren")
    answer = api("POST", f"{BATCH}/upsert", inputs({"id": soren, "properties": {"city": "Ribe"}}))
    assert answer.status_code == 200
    assert (answer.json()["results"][0]["new"], answer.json()["results"][0]["properties"]["city"]) == (
        False,
        "Ribe",
    )
    answer = api("POST", f"{BATCH}/upsert", inputs({"id": "x", "idProperty": "city", "properties": {}}))
    refused(answer, 400, "VALIDATION_ERROR")


def test_archiving_passes_over_what_is_not_there(api: Caller) -> None:
    soren = api.create("contacts", firstname="Søren")
    body = inputs({"id": soren}, {"id": "424242"}, {"id": "rubbish"}, {"id": 10**30})
    for _ in range(2):
        assert api("POST", f"{BATCH}/archive", body).status_code == 204
    assert api.ask("/crm/v3/objects/contacts")["results"] == []


def test_a_batch_has_at_most_a_hundred_inputs(api: Caller) -> None:
    rows = [{"properties": {"firstname": f"Åse {number}"}} for number in range(101)]
    message = refused(api("POST", f"{BATCH}/create", inputs(*rows)), 400, "VALIDATION_ERROR")
    assert "100" in message
    answer = api("POST", f"{BATCH}/create", inputs(*rows[:100]))
    assert (answer.status_code, len(answer.json()["results"])) == (201, 100)
    assert api("POST", f"{BATCH}/create", inputs()).status_code == 201


def test_one_record_twice_in_a_batch_is_done_once(api: Caller) -> None:
    soren = api.create("contacts", firstname="Søren")
    rows = [{"id": soren, "properties": {"city": city}} for city in ("Ribe", "Århus")]
    answer = api("POST", f"{BATCH}/update", inputs(*rows))
    assert answer.status_code == 207
    assert [each["properties"]["city"] for each in answer.json()["results"]] == ["Ribe"]
