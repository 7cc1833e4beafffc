"""Who is calling: a number is found however it is spelled, here or there, and nothing else is."""

from urllib.parse import quote

import pytest

from wonward import wiring
from wonward.records import write
from wonward.records.callers import number

from .caller import Caller, NewCaller

CALLERS = "/crm/v3/callers?number="


@pytest.fixture
def people(starter: str) -> None:
    with wiring.writing(starter, actor="user:1", source="web") as work:
        contacts = [
            {"firstname": "Søren", "lastname": "Ågård", "phone": "+45 12 34 56 78"},
            {"firstname": "Åse", "mobilephone": "12345679"},
            {"firstname": "Björn", "phone": "+46 12 34 56 78"},
            {"firstname": "James", "phone": "+44 (0)20 7946 0018"},
        ]
        write.create(work, work.catalog.object_type("contact"), contacts)
        companies = [{"name": "Nordisk Måleri A/S", "phone": "0045 12345678"}]
        write.create(work, work.catalog.object_type("company"), companies)


def names(api: Caller, given: str) -> list[str]:
    return [each["name"] for each in api.ask(CALLERS + quote(given))["results"]]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "given", ["+4512345678", "+45 12 34 56 78", "004512345678", "+45-12.34.56.78", "4512345678"]
)
def test_con_7_any_spelling_finds_the_same(api: Caller, given: str) -> None:
    assert names(api, given) == ["Søren Ågård", "Nordisk Måleri A/S"]


@pytest.mark.usefixtures("people")
def test_without_a_country_it_may_be_of_any(api: Caller) -> None:
    assert names(api, "12 34 56 78") == ["Søren Ågård", "Björn", "Nordisk Måleri A/S"]
    assert names(api, "+45 12345679") == ["Åse"]
    assert names(api, "020 7946 0018") == ["James"]
    assert names(api, "+442079460018") == ["James"]


@pytest.mark.usefixtures("people")
def test_part_of_a_number_is_none(api: Caller) -> None:
    assert names(api, "1234567") == []
    assert names(api, "345678") == []
    assert names(api, "+4512345678999") == []


@pytest.mark.usefixtures("people")
def test_a_plus_that_wasnt_encoded_is_one(api: Caller) -> None:
    assert [each["name"] for each in api.ask(CALLERS + "+4612345678")["results"]] == ["Björn"]


@pytest.mark.usefixtures("people")
def test_the_answer_tells_what_a_telephone_shows(api: Caller) -> None:
    [found] = api.ask(CALLERS + quote("+45 12345679"))["results"]
    assert found == {
        "objectType": "contact",
        "id": found["id"],
        "name": "Åse",
        "property": "mobilephone",
        "number": "12345679",
        "url": f"http://testserver/p/starter/contacts/{found['id']}",
    }


@pytest.mark.usefixtures("people")
def test_a_token_sees_the_types_it_may_read(caller: NewCaller) -> None:
    assert names(caller("crm.objects.companies.read"), "+4512345678") == ["Nordisk Måleri A/S"]
    assert names(caller("crm.objects.contacts.read"), "+4512345678") == ["Søren Ågård"]
    assert caller("crm.objects.deals.read")("GET", CALLERS + "12345678").status_code == 403


@pytest.mark.parametrize("given", ["", "ring", "123", "1" * 40, "+", "٣٤٥٦٧٨٩٠"])
def test_what_is_no_number_is_refused(api: Caller, given: str) -> None:
    refused = api("GET", CALLERS + quote(given))
    assert refused.status_code == 400
    assert (
        "Give the number" in refused.json()["message"] or "no telephone number" in refused.json()["message"]
    )


def test_a_trunk_zero_and_a_country_are_told_apart() -> None:
    read = number("+44 (0)20 7946 0018")
    assert read
    assert (read.code, read.national) == ("44", "2079460018")
