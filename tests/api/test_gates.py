"""Gates over the API: HubSpot's shape of a refusal, for one record and for many."""

import json
from typing import Any

from tests.api.caller import Caller, refused

DEALS = "/crm/v3/objects/deals"


def made(api: Caller, **more: str) -> str:
    return api.create("deals", dealname="Tårnet", pipeline="salg", **more)


def properties(api: Caller, deal: str, *names: str) -> dict[str, Any]:
    found: dict[str, Any] = api.ask(f"{DEALS}/{deal}?properties={','.join(names)}")["properties"]
    return {name: found[name] for name in names}


def test_a_move_without_what_the_stage_needs_is_a_validation_error(api: Caller, salg: str) -> None:
    deal = made(api)
    answer = api("PATCH", f"{DEALS}/{deal}", {"properties": {"dealstage": "moede", "description": "Nej"}})
    message = refused(answer, 400, "VALIDATION_ERROR")
    prefix = "Property values were not valid: "
    assert message.startswith(prefix)
    assert [
        (each["name"], each["error"], each["isValid"]) for each in json.loads(message.removeprefix(prefix))
    ] == [("dealtype", "GATE_PROPERTY_MISSING", False)]
    [error] = answer.json()["errors"]
    assert error["context"] == {"pipeline": ["salg"], "stage": ["moede"], "propertyName": ["dealtype"]}
    assert properties(api, deal, "dealstage", "description") == {"dealstage": "dialog", "description": None}


def test_what_lacks_and_is_no_property_is_told_too(api: Caller, salg: str) -> None:
    deal = made(api, amount="100", closedate="2026-12-24")
    message = refused(
        api("PATCH", f"{DEALS}/{deal}", {"properties": {"dealstage": "tilbud"}}), 400, "VALIDATION_ERROR"
    )
    assert message == "Tilknyt en kontaktperson"


def test_in_a_batch_those_that_may_go_on_do(api: Caller, salg: str) -> None:
    ready, bare = made(api, dealtype="newbusiness"), made(api)
    answer = api(
        "POST",
        f"{DEALS}/batch/update",
        {"inputs": [{"id": each, "properties": {"dealstage": "moede"}} for each in (bare, ready)]},
    )
    assert answer.status_code == 207
    told = answer.json()
    assert [each["id"] for each in told["results"]] == [ready]
    assert [each["errors"][0]["code"] for each in told["errors"]] == ["GATE_PROPERTY_MISSING"]


def test_a_deal_is_not_created_past_the_start(api: Caller, salg: str) -> None:
    values = {"dealname": "Tårnet", "pipeline": "salg", "dealstage": "moede", "dealtype": "newbusiness"}
    answer = api("POST", DEALS, {"properties": values})
    assert "Salg begins in Dialog indledt" in refused(answer, 400, "VALIDATION_ERROR")
