"""Pipelines and stages as HubSpot's clients read them."""

import pytest
from tests.api.caller import Caller, refused

VERSIONS = ("/crm/v3/pipelines", "/crm/pipelines/2026-03", "/crm/pipelines/2026-09")


@pytest.mark.parametrize("version", VERSIONS)
def test_pipelines_and_stages_are_read(api: Caller, version: str) -> None:
    (sales,) = api.ask(f"{version}/deals")["results"]
    assert (sales["id"], sales["label"], sales["archived"]) == ("default", "Sales", False)
    assert [stage["id"] for stage in sales["stages"]] == [
        "prospecting",
        "engaging",
        "closedwon",
        "closedlost",
    ]
    won = sales["stages"][2]
    assert won["metadata"] == {"isClosed": "true", "probability": "1.0"}
    assert won["displayOrder"] == 2
    assert api.ask(f"{version}/deal/default/") == sales
    assert api.ask(f"{version}/0-3/default/stages")["results"] == sales["stages"]
    assert api.ask(f"{version}/deals/default/stages/closedwon") == won


def test_tickets_have_states(api: Caller) -> None:
    stages = api.ask("/crm/v3/pipelines/tickets/0/stages")["results"]
    assert [stage["metadata"]["ticketState"] for stage in stages] == ["OPEN", "OPEN", "OPEN", "CLOSED"]


def test_what_is_not_there(api: Caller) -> None:
    assert api.ask("/crm/v3/pipelines/contacts") == {"results": []}
    refused(api("GET", "/crm/v3/pipelines/deals/nonsense"), 404, "OBJECT_NOT_FOUND")
    refused(api("GET", "/crm/v3/pipelines/deals/default/stages/nonsense"), 404, "OBJECT_NOT_FOUND")
    refused(api("GET", "/crm/v3/pipelines/starships"), 400, "VALIDATION_ERROR")
