"""Owners: the members that records can belong to."""

import pytest
from tests.api.caller import Caller, refused

from wonward import clock

VERSIONS = ("/crm/v3/owners", "/crm/v3/owners/", "/crm/owners/2026-03", "/crm/owners/2026-09/")


@pytest.fixture
def owners(starter: str) -> dict[str, int]:
    """Give the ids of three owners and of one who has left."""
    from wonward.accounts.models import Member, Portal, Team, User

    portal = Portal.objects.get(name=starter)
    team, other = (Team.objects.create(portal=portal, name=name) for name in ("Øst", "Salg"))
    people = (("Søren", "Ågård"), ("Åse", "Nørby"), ("Bo", "Lind"), ("Eva", "Holm"))
    return {
        first: Member.objects.create(
            portal=portal,
            first_name=first,
            last_name=last,
            email=f"{last.lower()}@nordisk.dk",
            team=team if first == "Søren" else None,
            extra_team=other if first == "Søren" else None,
            user=User.objects.create_user("aagaard@nordisk.dk") if first == "Søren" else None,
            archived=first == "Eva",
            created_at=clock.now(),
            updated_at=clock.now(),
        ).id
        for first, last in people
    }


@pytest.mark.parametrize("path", VERSIONS)
def test_owners_are_listed_page_by_page(api: Caller, owners: dict[str, int], path: str) -> None:
    first = api.ask(f"{path}?limit=2")
    assert [each["firstName"] for each in first["results"]] == ["Søren", "Åse"]
    teams = [(each["name"], each["primary"]) for each in first["results"][0]["teams"]]
    assert teams == [("Øst", True), ("Salg", False)]
    assert first["results"][0]["userId"] == first["results"][0]["userIdIncludingInactive"]
    assert "userId" not in first["results"][1]
    last = api.ask(first["paging"]["next"]["link"].removeprefix("http://testserver"))
    assert [each["firstName"] for each in last["results"]] == ["Bo"]
    assert "paging" not in last


def test_one_owner_is_found(api: Caller, owners: dict[str, int]) -> None:
    assert api.ask("/crm/v3/owners/?email=NØRBY@nordisk.dk")["results"][0]["id"] == str(owners["Åse"])
    soren = api.ask(f"/crm/v3/owners/{owners['Søren']}")
    assert (soren["lastName"], soren["type"], soren["archived"]) == ("Ågård", "PERSON", False)
    assert api.ask(f"/crm/owners/2026-09/{soren['userId']}?idProperty=userId") == soren


def test_who_has_left_is_archived(api: Caller, owners: dict[str, int]) -> None:
    assert [each["firstName"] for each in api.ask("/crm/v3/owners?archived=true")["results"]] == ["Eva"]
    refused(api("GET", f"/crm/v3/owners/{owners['Eva']}"), 404, "OBJECT_NOT_FOUND")
    for rubbish in ("x", "9" * 30, "%00"):
        refused(api("GET", f"/crm/v3/owners/{rubbish}"), 404, "OBJECT_NOT_FOUND")


def test_a_record_gets_an_owner(api: Caller, owners: dict[str, int]) -> None:
    deal = api.create("deals", dealname="Facade", hubspot_owner_id=owners["Åse"])
    read = api.ask(f"/crm/v3/objects/deals/{deal}?properties=hubspot_owner_id")
    assert read["properties"]["hubspot_owner_id"] == str(owners["Åse"])
    answer = api(
        "POST", "/crm/v3/objects/deals", {"properties": {"dealname": "x", "hubspot_owner_id": "424242"}}
    )
    assert "INVALID_OWNER_ID" in refused(answer, 400, "VALIDATION_ERROR")
