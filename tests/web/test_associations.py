"""Associations on a record's page: shown by type, added by a name typed, taken away."""

import re

from django.test import Client

from wonward import wiring
from wonward.records import associate, write
from wonward.records.associate import Link

from .conftest import Cast


def group(html: str, name: str) -> str:
    found = re.search(rf'<section class="group" id="group-{name}".*?</section>', html, re.S)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_they_stand_by_type_with_labels_and_what_tells_them_apart(pages: Client, cast: Cast) -> None:
    html = pages.get(f"/p/starter/companies/{cast.nordisk}").content.decode()
    deals = group(html, "deal")
    assert deals.startswith("Deals 2")
    assert "Facade Engaging · $1,200.50 · 31 Dec 2026" in deals
    assert "Contacts 1" in group(html, "contact")
    assert group(html, "ticket").endswith("No tickets")
    deal = pages.get(f"/p/starter/deals/{cast.facade}").content.decode()
    assert "Nordisk Måleri A/S" in group(deal, "company")
    assert "Primary" in group(deal, "company")


def test_a_name_typed_finds_what_to_associate(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    address = f"/p/starter/deals/{cast.facade}/associations/companies"
    found = pages.get(f"{address}/candidates?q=hav", headers=htmx).content.decode()
    assert f'name="to" value="{cast.havn}"' in found
    assert 'name="label" value="5"' in found, "the label Primary can be chosen with it"
    assert "No companies found" in pages.get(f"{address}/candidates?q=zzz", headers=htmx).content.decode()
    added = pages.post(address, {"to": cast.havn, "label": "5"}, headers=htmx)
    assert added["HX-Trigger"] == "record-changed"
    assert group(added.content.decode(), "company").startswith("Companies 2")
    assert "Havn &amp; Co Primary" in group(added.content.decode(), "company")


def test_a_record_is_not_offered_to_itself(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    address = f"/p/starter/companies/{cast.nordisk}/associations/companies/candidates?q=nordisk"
    assert "No companies found" in pages.get(address, headers=htmx).content.decode()


def test_an_association_is_taken_away(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    address = f"/p/starter/deals/{cast.facade}/associations/companies/{cast.nordisk}/remove"
    html = pages.post(address, headers=htmx).content.decode()
    assert group(html, "company").endswith("No companies")
    story = pages.get(f"/p/starter/companies/{cast.nordisk}").content.decode()
    assert "took away the association with" in story


def test_what_is_refused_is_said_where_it_was_asked(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    address = f"/p/starter/deals/{cast.facade}/associations/companies"
    unknown = pages.post(address, {"to": "999999"}, headers=htmx)
    assert unknown.status_code == 422
    assert "There is no company 999999" in unknown.content.decode()
    assert "Choose a company" in pages.post(address, {"to": "x"}, headers=htmx).content.decode()
    page = pages.post(address, {"to": "999999"}, follow=True).content.decode()
    assert "There is no company 999999" in page, "without scripts the record's page says it"


def test_of_many_the_first_stand_there_and_the_list_has_all(pages: Client, cast: Cast) -> None:
    with wiring.writing("starter", actor="system", source="web") as work:
        deal, company = map(work.catalog.object_type, ("deal", "company"))
        ids = write.create(work, deal, [{"dealname": f"House {number}"} for number in range(20)])
        associate.associate(work, deal, company, [Link(each, cast.nordisk) for each in ids])
    html = pages.get(f"/p/starter/companies/{cast.nordisk}").content.decode()
    all_of_them = re.search(r'<a href="([^"]+)">All 22 deals</a>', html)
    assert all_of_them
    listed = pages.get(all_of_them[1].replace("&amp;", "&")).content.decode()
    assert '<span class="muted" id="total">22</span>' in listed
