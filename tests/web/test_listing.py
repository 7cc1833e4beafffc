"""The list of every object type: columns, sorting, the text filter, pages."""

import re
from typing import Any

import pytest
from django.test import Client

from wonward import wiring
from wonward.records import write
from wonward.web.paging import PAGE

from .conftest import Cast


def rows(html: str) -> list[str]:
    found = re.findall(r"<tr>(.*?)</tr>", html.partition("<tbody>")[2], re.S)
    return [
        " | ".join(re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row))
        for row in found
    ]


def houses(count: int) -> None:
    with wiring.writing("starter", actor="system", source="web") as work:
        given = [{"dealname": f"House {number:03}", "amount": number} for number in range(count)]
        write.create(work, work.catalog.object_type("deal"), given)


def test_the_columns_of_the_definition_with_labels_for_values(pages: Client, cast: Cast) -> None:
    html = pages.get("/p/starter/deals").content.decode()
    heads = re.findall(r"<th scope=\"col\".*?</th>", html)
    assert [re.sub(r"<[^>]+>", "", head) for head in heads] == [
        "Deal name", "Deal stage", "Amount", "Engage date", "Close date", "Deal owner", "Opportunity ID",
    ]  # fmt: skip
    assert "Facade | Engaging | $1,200.50 |  | 31 Dec 2026 | Ada Holm | " in rows(html)
    assert f'<a href="/p/starter/deals/{cast.facade}">Facade</a>' in html


@pytest.mark.parametrize(
    "plural",
    [
        "contacts",
        "companies",
        "deals",
        "tickets",
        "products",
        "line_items",
        "tasks",
        "notes",
        "calls",
        "emails",
    ],
)
def test_every_type_has_a_list_and_a_form_from_its_definition(pages: Client, plural: str) -> None:
    page = pages.get(f"/p/starter/{plural}").content.decode()
    assert f'href="/p/starter/{plural}/new' in page
    assert "yet</h2>" in page
    assert pages.get(f"/p/starter/{plural}/new").status_code == 200


def test_a_person_is_listed_by_the_whole_name(pages: Client, cast: Cast) -> None:
    html = pages.get("/p/starter/contacts").content.decode()
    assert rows(html)[0].startswith("Søren Ågård | soren@nordisk.example")
    assert '<a href="mailto:soren@nordisk.example">' in html


def test_names_cannot_bring_html_along(pages: Client, cast: Cast) -> None:
    with wiring.writing("starter", actor="system", source="web") as work:
        given = {"name": "<script>alert(1)</script>", "country": "<b>", "phone": "+45 12 34 56 78"}
        write.create(work, work.catalog.object_type("company"), [given])
    html = pages.get("/p/starter/companies").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<b>" not in html


def test_a_click_on_a_heading_sorts_and_another_turns_it_round(pages: Client, cast: Cast) -> None:
    first = pages.get("/p/starter/deals?sort=amount").content.decode()
    assert [row.split(" | ")[0] for row in rows(first)] == ["Roof", "Facade"]
    assert 'class="number" aria-sort="ascending"><a href="?sort=-amount">' in first
    turned = pages.get("/p/starter/deals?sort=-amount").content.decode()
    assert [row.split(" | ")[0] for row in rows(turned)] == ["Facade", "Roof"]
    assert 'aria-sort="descending"><a href="?sort=amount">' in turned
    assert pages.get("/p/starter/deals?sort=nothing").status_code == 200


def test_a_filter_is_an_expression(pages: Client, cast: Cast) -> None:
    where = "company.name = 'Nordisk Måleri A/S' and amount > 1000"
    html = pages.get("/p/starter/deals", {"where": where}).content.decode()
    assert [row.split(" | ")[0] for row in rows(html)] == ["Facade"]
    assert '<span class="muted" id="total">1</span>' in html
    nothing = pages.get("/p/starter/deals", {"where": "amount > 1000000"}).content.decode()
    assert "No deals match" in nothing


def test_a_wrong_filter_points_at_the_place(pages: Client, cast: Cast) -> None:
    response = pages.get("/p/starter/deals", {"where": "dealstge = 'engaging'"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "<pre>dealstge = &#39;engaging&#39;\n^^^^^^^^</pre>" in html
    assert "did you mean &#39;dealstage&#39;?" in html
    assert 'value="dealstge = &#39;engaging&#39;"' in html, "what was typed can be mended"
    assert "<code>dealstage</code> Deal stage" in html, "the names there are stand below"


def test_pages_with_the_right_total(pages: Client, cast: Cast) -> None:
    houses(PAGE + 5)
    first = pages.get("/p/starter/deals?sort=amount&where=amount < 500").content.decode()
    assert len(rows(first)) == PAGE
    assert f"1–{PAGE} of {PAGE + 5}" in first
    assert 'href="?sort=amount&amp;where=amount+%3C+500&amp;page=2"' in first
    last = pages.get("/p/starter/deals?sort=amount&where=amount < 500&page=2").content.decode()
    assert len(rows(last)) == 5
    assert rows(last)[-1].startswith(f"House {PAGE + 4:03}")
    beyond = pages.get("/p/starter/deals?page=99").content.decode()
    assert "There is no page 99" in beyond


def test_a_page_costs_the_same_queries_however_many_rows(
    pages: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    houses(60)
    with django_assert_max_num_queries(8):
        pages.get("/p/starter/deals")
