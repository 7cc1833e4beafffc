"""Merging by the API: HubSpot's call, many at once, old numbers, and undoing it."""

from tests.api.caller import Caller, NewCaller, refused

OBJECTS = "/crm/v3/objects/contacts"


def pair(api: Caller) -> tuple[str, str]:
    return (
        api.create("contacts", firstname="Søren", email="soren@nordisk.example"),
        api.create("contacts", firstname="Sören", email="sa@nordisk.example", phone="+45 12345678"),
    )


def merge(api: Caller, kept: str, other: str) -> None:
    answer = api("POST", f"{OBJECTS}/merge", {"primaryObjectId": kept, "objectIdToMerge": other})
    assert answer.status_code == 200, answer.content
    assert answer.json()["id"] == kept


def test_merging_answers_with_the_survivor(api: Caller) -> None:
    kept, other = pair(api)
    answer = api("POST", f"{OBJECTS}/merge", {"primaryObjectId": kept, "objectIdToMerge": int(other)})
    told = answer.json()
    assert (answer.status_code, told["id"], told["archived"]) == (200, kept, False)
    assert told["properties"]["email"] == "soren@nordisk.example"
    found = api.ask(f"{OBJECTS}/{kept}?properties=phone,hs_merged_object_ids,hs_additional_emails")
    assert found["properties"]["phone"] == "+45 12345678"
    assert found["properties"]["hs_merged_object_ids"] == other
    assert found["properties"]["hs_additional_emails"] == "sa@nordisk.example"


def test_the_old_number_reads_and_changes_the_survivor(api: Caller) -> None:
    kept, other = pair(api)
    third = api.create("contacts", firstname="Åse")
    merge(api, kept, other)
    merge(api, third, kept)
    assert api.ask(f"{OBJECTS}/{other}")["id"] == third
    answer = api("PATCH", f"{OBJECTS}/{other}", {"properties": {"city": "Århus"}})
    assert (answer.json()["id"], answer.json()["properties"]["city"]) == (third, "Århus")
    answer = api("POST", f"{OBJECTS}/batch/read", {"inputs": [{"id": other}, {"id": third}, {"id": "9"}]})
    assert [each["id"] for each in answer.json()["results"]] == [third]
    assert answer.json()["errors"][0]["context"]["ids"] == ["9"]
    answer = api(
        "POST", f"{OBJECTS}/batch/update", {"inputs": [{"id": kept, "properties": {"city": "Ribe"}}]}
    )
    assert [each["id"] for each in answer.json()["results"]] == [third]


def test_a_merged_record_stands_in_no_list(api: Caller) -> None:
    kept, other = pair(api)
    merge(api, kept, other)
    assert [each["id"] for each in api.ask(OBJECTS)["results"]] == [kept]
    assert api.ask(f"{OBJECTS}?archived=true")["results"] == []
    found = api("POST", f"{OBJECTS}/search", {"query": "Sören"}).json()
    assert [each["id"] for each in found["results"]] == [kept]
    refused(api("GET", f"/crm/v3/objects/companies/{other}"), 404, "OBJECT_NOT_FOUND")


def test_undoing_brings_the_record_back(api: Caller) -> None:
    kept, other = pair(api)
    merge(api, kept, other)
    for _ in range(2):
        answer = api("POST", f"{OBJECTS}/{other}/unmerge")
        assert (answer.status_code, answer.json()["id"]) == (200, other)
    assert api.ask(f"{OBJECTS}/{other}")["properties"]["email"] == "sa@nordisk.example"
    assert api.ask(f"{OBJECTS}/{kept}?properties=phone")["properties"]["phone"] is None


def test_an_undo_that_isnt_the_last_is_a_conflict(api: Caller) -> None:
    kept, other = pair(api)
    third = api.create("contacts", firstname="Åse")
    merge(api, kept, other)
    merge(api, third, kept)
    assert "first" in refused(api("POST", f"{OBJECTS}/{other}/unmerge"), 409, "CONFLICT")


def test_what_cant_be_merged_is_refused(api: Caller) -> None:
    kept, _ = pair(api)
    for other, status, category in (
        (kept, 400, "VALIDATION_ERROR"),
        ("x", 400, "VALIDATION_ERROR"),
        ("99", 404, "OBJECT_NOT_FOUND"),
    ):
        body = {"primaryObjectId": kept, "objectIdToMerge": other}
        refused(api("POST", f"{OBJECTS}/merge", body), status, category)
    refused(api("POST", f"{OBJECTS}/merge", {"primaryObjectId": kept}), 400, "VALIDATION_ERROR")


def test_many_are_merged_at_once_and_the_refused_are_told(api: Caller) -> None:
    first, second = pair(api), None
    second = (api.create("contacts", firstname="Åse"), api.create("contacts", firstname="Ase"))
    inputs = [{"primaryObjectId": a, "objectIdToMerge": b} for a, b in (first, ("77", "78"), second)]
    answer = api("POST", f"{OBJECTS}/batch/merge", {"inputs": inputs})
    told = answer.json()
    assert (answer.status_code, told["numErrors"]) == (207, 1)
    assert [each["id"] for each in told["results"]] == [first[0], second[0]]


def test_merging_needs_the_right_to_write(caller: NewCaller, api: Caller) -> None:
    kept, other = pair(api)
    body = {"primaryObjectId": kept, "objectIdToMerge": other}
    refused(caller("crm.objects.contacts.read")("POST", f"{OBJECTS}/merge", body), 403, "MISSING_SCOPES")
