"""Creating a record, and editing many of its properties at once."""

import re

from django.test import Client

from wonward import wiring
from wonward.accounts.models import Member
from wonward.records import history, query, write
from wonward.records.query import Query
from wonward.records.work import Work

from .conftest import Cast


def reading() -> Work:
    return wiring.reading("starter", actor="system", source="web")


def test_a_record_is_created_and_shown(pages: Client, ada: Member) -> None:
    form = pages.get("/p/starter/companies/new").content.decode()
    assert f'<option value="{ada.pk}" selected>Ada Holm</option>' in form, "one's own to begin with"
    response = pages.post(
        "/p/starter/companies/new", {"name": "Blå Himmel ApS", "revenue": "1,5"}, follow=False
    )
    assert response.status_code == 422, "1,5 is no number in English"
    response = pages.post(
        "/p/starter/companies/new", {"name": "Blå Himmel ApS", "revenue": "1.5"}, follow=True
    )
    html = response.content.decode()
    assert response.redirect_chain[0][0].startswith("/p/starter/companies/")
    assert "Blå Himmel ApS" in html
    assert "$1.50" in html


def test_what_is_refused_stands_at_each_field_and_nothing_typed_is_lost(pages: Client, cast: Cast) -> None:
    asked = {"firstname": "Åse", "email": "soren@nordisk.example", "phone": "none"}
    response = pages.post("/p/starter/contacts/new", asked)
    html = response.content.decode()
    assert response.status_code == 422
    assert 'value="Åse"' in html
    assert re.search(r'id="problem-phone" role="alert">none is not a phone number', html)
    taken = pages.post("/p/starter/contacts/new", {"email": "soren@nordisk.example"}).content.decode()
    assert re.search(
        rf'id="problem-email" role="alert">Contact already exists. Existing ID: {cast.soren}', taken
    )
    missing = pages.post("/p/starter/deals/new", {"dealname": ""}).content.decode()
    assert re.search(r'id="problem-dealname" role="alert">Deal name is required', missing)


def test_a_deal_starts_in_the_column_it_was_added_to(pages: Client, cast: Cast) -> None:
    form = pages.get("/p/starter/deals/new?pipeline=default&stage=engaging").content.decode()
    assert '<option value="default/engaging" selected>Engaging</option>' in form
    pages.post("/p/starter/deals/new", {"dealname": "Stairs", "dealstage": "default/engaging"})
    work = reading()
    kind = work.catalog.object_type("deal")
    found = query.rows(work, Query(kind, equal=(("dealname", "Stairs"),)), ["pipeline", "dealstage"])
    assert [row[1:] for row in found] == [("default", "engaging")]


def test_a_record_created_from_another_is_associated_with_it(pages: Client, cast: Cast) -> None:
    address = f"/p/starter/deals/new?with=companies/{cast.havn}"
    assert "It will be associated with Havn &amp; Co." in pages.get(address).content.decode()
    pages.post(address, {"dealname": "Quay"})
    company = pages.get(f"/p/starter/companies/{cast.havn}").content.decode()
    assert ">Quay</a>" in company.partition('id="group-deal"')[2]


def test_editing_writes_what_was_changed_and_leaves_the_rest(pages: Client, cast: Cast) -> None:
    address = f"/p/starter/companies/{cast.nordisk}/edit"
    form = pages.get(address).content.decode()
    inputs = dict(re.findall(r'name="(\w+(?:\.was)?)"[^>]* value="([^"]*)"', form))
    chosen = r'name="(\w+)" id="field-\w+">(?:(?!</select>).)*?<option value="([^"]*)" selected'
    inputs |= dict.fromkeys(re.findall(r'<select name="(\w+)"', form), "") | dict(
        re.findall(chosen, form, re.S)
    )
    assert inputs["name.was"] == "Nordisk Måleri A/S"
    with wiring.writing("starter", actor="system", source="web") as work:
        write.update(work, work.catalog.object_type("company"), [(cast.nordisk, {"city": "Århus"})])
    typed = {**inputs, "country": "Danmark"}
    assert pages.post(address, typed)["Location"] == f"/p/starter/companies/{cast.nordisk}"
    newest = history.of_record(reading(), cast.nordisk)[0]
    assert newest.diff == {"country": [None, "Danmark"]}, "the city someone else entered stays"


def test_editing_says_what_someone_else_changed_meanwhile(pages: Client, cast: Cast) -> None:
    address = f"/p/starter/companies/{cast.nordisk}/edit"
    with wiring.writing("starter", actor="system", source="web") as work:
        write.update(work, work.catalog.object_type("company"), [(cast.nordisk, {"city": "Århus"})])
    response = pages.post(address, {"city": "Odense", "city.was": ""})
    assert response.status_code == 422
    assert "Someone changed this to Århus meanwhile" in response.content.decode()


def test_text_of_many_lines_is_saved_from_a_page_whose_line_ends_browsers_change(
    pages: Client, cast: Cast
) -> None:
    address = f"/p/starter/companies/{cast.nordisk}/edit"
    for stored in ("Rødt\nhvidt", "Rødt\r\nhvidt"):
        with wiring.writing("starter", actor="system", source="web") as work:
            values = {"description": stored, "city": "Års\nby"}
            write.update(work, work.catalog.object_type("company"), [(cast.nordisk, values)])
        was = {"description.was": "Rødt\r\nhvidt", "city.was": "Års\r\nby", "city": "Årsby"}
        before = history.of_record(reading(), cast.nordisk)[0]
        assert pages.post(address, {**was, "description": "Rødt\r\nhvidt"}).status_code == 302
        assert history.of_record(reading(), cast.nordisk)[0] == before, "nothing was changed"
        assert pages.post(address, {**was, "description": "Rødt\r\nblåt"}).status_code == 302
        assert history.of_record(reading(), cast.nordisk)[0].diff == {"description": [stored, "Rødt\nblåt"]}
