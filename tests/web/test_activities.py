"""Entering notes, tasks and the like on a record's page, and seeing them on its timeline."""

import re

from django.test import Client

from wonward import wiring
from wonward.accounts.models import Member
from wonward.activities.enter import enter
from wonward.records import query
from wonward.records.query import Query

from .conftest import Cast


def newest(name: str, columns: list[str]) -> tuple[str | None, ...]:
    work = wiring.reading("starter", actor="system", source="web")
    kind = work.catalog.object_type(name)
    found = query.rows(work, Query(kind, order=(("hs_object_id", True),), limit=1), columns)
    return tuple(found[0][1:])


def first_story(pages: Client, cast: Cast) -> str:
    html = pages.get(f"/p/starter/deals/{cast.facade}/timeline").content.decode()
    found = re.search(r"<article.*?</article>", html, re.S)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_a_note_stands_open_and_lands_on_the_timeline(
    pages: Client, cast: Cast, ada: Member, htmx: dict[str, str]
) -> None:
    page = pages.get(f"/p/starter/deals/{cast.facade}").content.decode()
    assert 'id="new-field-hs_note_body"' in page
    address = f"/p/starter/deals/{cast.facade}/activities/notes"
    response = pages.post(address, {"hs_note_body": "Søren likes 3 < 5 shades of blå."}, headers=htmx)
    assert response.status_code == 200
    assert response["HX-Trigger"] == "record-changed"
    assert "shades" not in response.content.decode(), "the form is empty again"
    assert "Søren likes 3 &lt; 5 shades of blå." in first_story(pages, cast)
    assert newest("note", ["hubspot_owner_id"]) == (str(ada.pk),)


def test_a_task_can_be_ticked_off_on_the_timeline(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    form = pages.get(f"/p/starter/deals/{cast.facade}/activities/tasks", headers=htmx).content.decode()
    assert 'value="NOT_STARTED" selected' in form
    asked = {
        "hs_task_subject": "Ring Søren",
        "hs_timestamp": "2030-01-04T10:00",
        "hs_task_priority": "HIGH",
        "hs_task_status": "NOT_STARTED",
    }
    pages.post(f"/p/starter/deals/{cast.facade}/activities/tasks", asked, headers=htmx)
    story = first_story(pages, cast)
    assert "Ring Søren" in story
    assert "Priority: High" in story
    assert "Mark done" in story
    html = pages.get(f"/p/starter/deals/{cast.facade}/timeline").content.decode()
    assert html.index("Upcoming") < html.index("Ring Søren") < html.index("Today")
    tick = re.search(r'hx-post="([^"]+/properties/hs_task_status)"', html)
    assert tick
    pages.post(tick[1], {"hs_task_status": "COMPLETED"}, headers=htmx)
    assert newest("task", ["hs_task_status"]) == ("COMPLETED",)
    assert "Open again" in first_story(pages, cast)


def test_what_is_refused_stands_at_the_field(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    address = f"/p/starter/deals/{cast.facade}/activities/emails"
    response = pages.post(address, {"hs_email_subject": "Hej", "hs_email_from_email": "søren"}, headers=htmx)
    html = response.content.decode()
    assert response.status_code == 422
    assert 'value="Hej"' in html
    assert 'id="new-problem-hs_email_from_email"' in html


def test_html_of_other_programs_is_shown_as_text(pages: Client, cast: Cast, ada: Member) -> None:
    with wiring.writing("starter", actor="token:1", source="api") as work:
        body = "<div>Hej <b>Søren</b>,<br>ses &amp; høres<script>alert(1)</script></div>"
        about = (work.catalog.object_type("deal"), cast.facade)
        enter(work, work.catalog.object_type("note"), {"hs_note_body": body}, about, owner=ada.pk)
    html = pages.get(f"/p/starter/deals/{cast.facade}").content.decode()
    assert "Hej Søren,<br>ses &amp; høres&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_only_activities_of_the_type_can_be_entered(pages: Client, cast: Cast) -> None:
    assert pages.get(f"/p/starter/deals/{cast.facade}/activities/companies").status_code == 404
    assert pages.get(f"/p/starter/products/{cast.facade}/activities/notes").status_code == 404


def test_without_scripts_the_form_is_a_page_and_leads_back(pages: Client, cast: Cast) -> None:
    address = f"/p/starter/deals/{cast.facade}/activities/calls"
    assert "<html" in pages.get(address).content.decode()
    assert pages.post(address, {"hs_call_title": "Hej"})["Location"] == f"/p/starter/deals/{cast.facade}"
