"""The page of a record: properties in groups, timeline, associations, archiving and restoring."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client

from wonward import clock, wiring
from wonward.accounts import tokens
from wonward.accounts.models import Portal, Token
from wonward.records import associate, query, write
from wonward.records.associate import Link
from wonward.records.query import Query

from .conftest import Cast


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def timeline(html: str) -> list[str]:
    return [words(story) for story in re.findall(r'<article class="story.*?</article>', html, re.S)]


def test_properties_stand_in_groups_with_values_for_people(pages: Client, cast: Cast) -> None:
    html = pages.get(f"/p/starter/companies/{cast.nordisk}").content.decode()
    assert "<h1>" in html
    assert "Nordisk Måleri A/S" in html
    sections = [words(each) for each in re.findall(r"<summary><h2>.*?</h2>", html)]
    assert sections[0] == "Key properties"
    assert "Company information" in sections
    owner = re.search(r'id="property-hubspot_owner_id".*?</dd>', html, re.S)
    assert owner
    assert "Ada Holm" in owner[0]


def test_the_stage_stands_above_and_each_stage_is_a_button(pages: Client, cast: Cast) -> None:
    html = pages.get(f"/p/starter/deals/{cast.facade}").content.decode()
    assert re.search(r'value="engaging" class="step" aria-current="step"', html)
    assert re.search(r'value="prospecting" class="step passed"', html)
    response = pages.post(
        f"/p/starter/deals/{cast.facade}/stage", {"pipeline": "default", "stage": "closedwon"}, follow=True
    )
    assert re.search(r'value="closedwon" class="step" aria-current="step"', response.content.decode())


def test_the_timeline_says_who_changed_what_from_what_to_what(pages: Client, cast: Cast) -> None:
    pages.post(f"/p/starter/deals/{cast.facade}/properties/amount", {"amount": "1300"})
    stories = timeline(pages.get(f"/p/starter/deals/{cast.facade}").content.decode())
    assert stories[0].startswith("Ada Holm changed Amount")
    assert stories[0].endswith("Amount $1,200.50 $1,300")
    assert stories[1].startswith("Ada Holm associated this with Nordisk Måleri A/S")
    assert stories[2].startswith("Ada Holm created this deal")


def test_programs_are_named_too(pages: Client, cast: Cast) -> None:
    tokens.create(Portal.objects.get(name="starter"), "Nightly sync")
    token = Token.objects.get(name="Nightly sync")
    for actor, source in ((f"token:{token.pk}", "api"), ("import:3", "import"), ("user:999999", "web")):
        with wiring.writing("starter", actor=actor, source=source) as work:  # type: ignore[arg-type]
            kind = work.catalog.object_type("deal")
            write.update(work, kind, [(cast.facade, {"hs_next_step": f"as {actor}"})])
    stories = timeline(pages.get(f"/p/starter/deals/{cast.facade}").content.decode())
    assert stories[0].startswith("Former user changed Next step")
    assert stories[1].startswith("Import changed Next step")
    assert stories[2].startswith("Nightly sync changed Next step · API")


def test_associations_made_in_batches_are_told_at_once(pages: Client, cast: Cast) -> None:
    for batch in range(3):
        with wiring.writing("starter", actor="import:3", source="import") as work:
            deal, company = map(work.catalog.object_type, ("deal", "company"))
            rows = [{"dealname": f"House {batch}-{number}"} for number in range(4)]
            links = [Link(each, cast.havn) for each in write.create(work, deal, rows)]
            associate.associate(work, deal, company, links)
    stories = timeline(pages.get(f"/p/starter/companies/{cast.havn}").content.decode())
    assert stories[0].startswith("Import associated this with 12 deals")
    assert "House 0-1" in stories[0]
    assert stories[1].startswith("Ada Holm created this company")


def test_a_long_timeline_goes_on_where_it_stopped(pages: Client, cast: Cast) -> None:
    start = clock.now()
    for number in range(40):
        with (
            clock.fixed(start + timedelta(seconds=number)),
            wiring.writing("starter", actor="system", source="web") as work,
        ):
            kind = work.catalog.object_type("deal")
            write.update(work, kind, [(cast.facade, {"hs_next_step": f"step {number}"})])
    html = pages.get(f"/p/starter/deals/{cast.facade}").content.decode()
    more = re.search(r'hx-get="([^"]+from=[^"]+)"', html)
    assert more
    assert len(timeline(html)) == 30
    rest = timeline(pages.get(more[1]).content.decode())
    assert len(rest) == 12
    assert rest[0].endswith("step 8 step 9")
    assert rest[-1].startswith("Ada Holm created this deal")


def test_the_history_of_one_property(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    pages.post(f"/p/starter/deals/{cast.facade}/properties/amount", {"amount": ""})
    address = f"/p/starter/deals/{cast.facade}/properties/amount/history"
    part = pages.get(address, headers=htmx).content.decode()
    assert "<html" not in part
    found = [words(each) for each in re.findall(r"<li>.*?</li>", part, re.S)]
    assert found[0].startswith("(emptied) AH Ada Holm")
    assert found[1].startswith("$1,200.50 AH Ada Holm")
    assert "<html" in pages.get(address).content.decode()
    assert pages.get(f"/p/starter/deals/{cast.facade}/properties/nothing/history").status_code == 404


def test_archiving_can_be_undone(pages: Client, cast: Cast) -> None:
    response = pages.post(f"/p/starter/companies/{cast.havn}/archive", follow=True)
    html = response.content.decode()
    assert "Archived Havn &amp; Co." in html
    undo = f"/p/starter/companies/{cast.havn}/restore"
    assert f'action="{undo}"' in html
    assert "Havn" not in html.partition("<tbody>")[2]
    archived = pages.get(f"/p/starter/companies/{cast.havn}").content.decode()
    assert "This company is archived" in archived
    assert "/properties/name&quot;" not in archived
    assert pages.get(f"/p/starter/companies/{cast.havn}/edit").status_code == 404
    restored = pages.post(undo, follow=True).content.decode()
    assert "Restored Havn &amp; Co." in restored
    assert timeline(restored)[0].startswith("Ada Holm restored this company")


def test_a_record_that_is_not_there(pages: Client, cast: Cast) -> None:
    assert pages.get(f"/p/starter/contacts/{cast.havn}").status_code == 404, "a company is no contact"
    assert pages.get("/p/starter/contacts/999999999999999999").status_code == 404
    assert pages.get("/p/starter/contacts/9999999999999999999999").status_code == 404
    assert pages.get("/p/starter/things/1001").status_code == 404


def test_the_page_costs_the_same_queries_however_many_associations(
    pages: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(20):
        pages.get(f"/p/starter/companies/{cast.nordisk}")


def test_nothing_is_written_by_looking(pages: Client, cast: Cast) -> None:
    for path in ("", "/edit", "/properties/amount", "/activities/notes", "/timeline"):
        assert pages.get(f"/p/starter/deals/{cast.facade}{path}").status_code == 200
    work = wiring.reading("starter", actor="system", source="web")
    kind = work.catalog.object_type("deal")
    [(_, amount)] = query.rows(work, Query(kind, ids=[cast.facade]), ["amount"])
    assert amount == "1200.5"
