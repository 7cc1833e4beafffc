"""Erasing a person by the API, in HubSpot's words."""

import pytest
from tests.api.caller import Caller, NewCaller

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.records import erase, history

PATHS = ("/crm/v3/objects/contacts/gdpr-delete", "/crm/objects/2026-03/contacts/gdpr-delete")
EMAIL = "soren@nordisk.example"


def proofs(email: str | None = None) -> list[int | None]:
    return [each.record_id for each in erase.proofs(Portal.objects.get(name="starter").pk, email)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("by_email", [True, False])
@pytest.mark.parametrize("archived", [True, False])
def test_a_contact_is_gone_by_id_or_address(api: Caller, path: str, by_email: bool, archived: bool) -> None:
    soren = api.create("contacts", email=EMAIL, firstname="Søren")
    if archived:
        assert api("DELETE", f"/crm/v3/objects/contacts/{soren}").status_code == 204
    given = {"objectId": EMAIL.upper(), "idProperty": "email"} if by_email else {"objectId": soren}
    answer = api("POST", path, given)
    assert (answer.status_code, answer.content) == (204, b"")
    for state in ("false", "true"):
        assert api("GET", f"/crm/v3/objects/contacts/{soren}?archived={state}").status_code == 404
    work = wiring.reading("starter", actor="x", source="cli")
    assert all(entry.diff == {} for entry in history.of_record(work, int(soren)))
    assert proofs(EMAIL) == [int(soren)]


def test_an_address_that_nobody_has_is_noted(api: Caller) -> None:
    answer = api("POST", PATHS[0], {"objectId": EMAIL, "idProperty": "email"})
    assert answer.status_code == 204
    assert proofs(EMAIL) == [None]


@pytest.mark.parametrize(
    ("given", "status", "category"),
    [
        ({"objectId": "999999"}, 404, "OBJECT_NOT_FOUND"),
        ({"objectId": "Søren"}, 404, "OBJECT_NOT_FOUND"),
        ({"objectId": "no address", "idProperty": "email"}, 400, "VALIDATION_ERROR"),
        ({"objectId": "Søren", "idProperty": "firstname"}, 400, "VALIDATION_ERROR"),
        ({"objectId": "Søren", "idProperty": "nothing"}, 400, "VALIDATION_ERROR"),
        ({}, 400, "VALIDATION_ERROR"),
    ],
)
def test_what_names_nobody_is_refused(api: Caller, given: dict[str, str], status: int, category: str) -> None:
    answer = api("POST", PATHS[0], given)
    assert (answer.status_code, answer.json()["category"]) == (status, category), answer.content
    assert proofs() == []


def test_who_may_only_read_may_not_erase(api: Caller, caller: NewCaller) -> None:
    soren = api.create("contacts", email=EMAIL)
    answer = caller("crm.objects.contacts.read")("POST", PATHS[0], {"objectId": soren})
    assert answer.status_code == 403
    assert proofs() == []
