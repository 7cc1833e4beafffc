"""One property edited in place: saved, refused at its field, not overwritten when someone else was faster."""

import re

import pytest
from django.test import Client

from wonward import wiring
from wonward.blueprints import apply
from wonward.records import history, query, write
from wonward.records.query import Query

from .conftest import Cast


def value(plural: str, record_id: int, name: str) -> str | None:
    work = wiring.reading("starter", actor="system", source="web")
    found = query.rows(work, Query(work.catalog.object_type(plural), ids=[record_id]), [name])
    return None if found[0][1] is None else str(found[0][1])


def changes(record_id: int) -> int:
    return len(history.of_record(wiring.reading("starter", actor="system", source="web"), record_id))


def test_the_input_opens_with_the_value_and_saving_shows_it(
    pages: Client, cast: Cast, htmx: dict[str, str]
) -> None:
    address = f"/p/starter/deals/{cast.facade}/properties/amount"
    form = pages.get(address, headers=htmx).content.decode()
    assert 'name="amount" id="field-amount" value="1200.5"' in form
    assert 'name="amount.was" value="1200.5"' in form
    response = pages.post(address, {"amount": "1,300.75", "amount.was": "1200.5"}, headers=htmx)
    assert "$1,300.75" in response.content.decode()
    assert response["HX-Trigger"] == "record-changed"
    assert value("deals", cast.facade, "amount") == "1300.75"
    shown = pages.get(f"{address}?cancel", headers=htmx).content.decode()
    assert "<form" not in shown


def test_a_dane_writes_a_decimal_comma(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    headers = {**htmx, "Accept-Language": "da"}
    address = f"/p/starter/deals/{cast.facade}/properties/amount"
    assert 'value="1200,5"' in pages.get(address, headers=headers).content.decode()
    pages.post(address, {"amount": "2.300,75", "amount.was": "1200.5"}, headers=headers)
    assert value("deals", cast.facade, "amount") == "2300.75"


def test_saving_without_a_change_writes_nothing(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    before = changes(cast.facade)
    address = f"/p/starter/deals/{cast.facade}/properties"
    pages.post(f"{address}/amount", {"amount": "1,200.50", "amount.was": "1200.5"}, headers=htmx)
    shown, stored = "2026-12-31T00:00", "2026-12-31T00:00:00.000Z"
    pages.post(f"{address}/closedate", {"closedate": shown, "closedate.was": stored}, headers=htmx)
    stage = "default/engaging"
    pages.post(f"{address}/dealstage", {"dealstage": stage, "dealstage.was": stage}, headers=htmx)
    assert changes(cast.facade) == before


def test_what_is_refused_stands_at_the_field(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    address = f"/p/starter/contacts/{cast.soren}/properties/email"
    response = pages.post(address, {"email": "søren at home"}, headers=htmx)
    html = response.content.decode()
    assert response.status_code == 422
    assert re.search(r'value="søren at home"[^>]*aria-invalid="true" aria-describedby="problem-email"', html)
    assert "write it as name@example.com" in html
    assert value("contacts", cast.soren, "email") == "soren@nordisk.example"


def test_what_someone_else_changed_meanwhile_is_not_overwritten_unseen(
    pages: Client, cast: Cast, htmx: dict[str, str]
) -> None:
    with wiring.writing("starter", actor="system", source="web") as work:
        write.update(work, work.catalog.object_type("deal"), [(cast.facade, {"amount": "5000"})])
    address = f"/p/starter/deals/{cast.facade}/properties/amount"
    response = pages.post(address, {"amount": "1300", "amount.was": "1200.5"}, headers=htmx)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Someone changed this to $5,000 meanwhile" in html
    assert 'name="amount.was" value="5000"' in html, "saving again replaces what was seen"
    assert value("deals", cast.facade, "amount") == "5000"
    pages.post(address, {"amount": "1300", "amount.was": "5000"}, headers=htmx)
    assert value("deals", cast.facade, "amount") == "1300"


def test_a_new_name_or_stage_shows_on_the_whole_page(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    address = f"/p/starter/deals/{cast.facade}/properties"
    named = pages.post(f"{address}/dealname", {"dealname": "Façade"}, headers=htmx)
    assert (named.status_code, named["HX-Refresh"]) == (204, "true")
    staged = pages.post(f"{address}/dealstage", {"dealstage": "default/closedwon"}, headers=htmx)
    assert staged["HX-Refresh"] == "true"
    assert value("deals", cast.facade, "dealstage") == "closedwon"


@pytest.mark.parametrize("name", ["hs_object_id", "createdate", "pipeline", "nothing"])
def test_what_people_cannot_set_has_no_input(pages: Client, cast: Cast, name: str) -> None:
    assert pages.get(f"/p/starter/deals/{cast.facade}/properties/{name}").status_code == 404


def test_without_scripts_the_form_is_a_page_and_leads_back(pages: Client, cast: Cast) -> None:
    address = f"/p/starter/deals/{cast.facade}/properties/amount"
    assert "<html" in pages.get(address).content.decode()
    assert pages.post(address, {"amount": "7"})["Location"] == f"/p/starter/deals/{cast.facade}"


def test_several_options_and_none(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    body = {
        "label": "Trades",
        "type": "multi_enumeration",
        "group": "companyinformation",
        "options": [{"value": "paint", "label": "Paint"}, {"value": "floor", "label": "Floors"}],
    }
    apply.define("starter", {("property", "company.trades"): body}, actor="system")
    address = f"/p/starter/companies/{cast.nordisk}/properties/trades"
    shown = pages.post(address, {"trades.was": "", "trades": ["floor", "paint"]}, headers=htmx)
    assert "Paint, Floors" in shown.content.decode()
    assert value("companies", cast.nordisk, "trades") == "paint;floor"
    pages.post(address, {"trades.was": "paint;floor"}, headers=htmx)
    assert value("companies", cast.nordisk, "trades") is None
