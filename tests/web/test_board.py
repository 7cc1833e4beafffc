"""The board: columns with counts and sums that page, and cards that move."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from wonward import clock, wiring
from wonward.accounts.models import Portal
from wonward.errors import Problem
from wonward.pipelines.board import PAGE
from wonward.pipelines.models import StageVisit
from wonward.records import query, write
from wonward.records.query import Query

from .conftest import Cast

BOARD = "/p/starter/deals/board/default"


def heads(html: str) -> list[str]:
    found = re.findall(r'<header class="column-head".*?</header>', html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", head).split()) for head in found]


def stage_of(record_id: int) -> str:
    work = wiring.reading("starter", actor="system", source="web")
    kind = work.catalog.object_type("deal")
    [(_, stage)] = query.rows(work, Query(kind, ids=[record_id]), ["dealstage"])
    return str(stage)


def test_a_column_a_stage_with_count_and_sum(pages: Client, cast: Cast) -> None:
    html = pages.get(BOARD).content.decode()
    assert heads(html) == ["Prospecting 1 $800", "Engaging 1 $1,200.50", "Won 0 $0", "Lost 0 $0"]
    card = re.search(rf'<li class="card" id="card-{cast.facade}".*?</li>\n', html, re.S)
    assert card
    words = " ".join(re.sub(r"<[^>]+>", " ", card[0]).split())
    assert words == "Facade Amount: $1,200.50 Close date: 31 Dec 2026 AH Ada Holm"


def test_money_and_dates_are_written_in_the_language_of_the_person(pages: Client, cast: Cast) -> None:
    html = pages.get(BOARD, headers={"Accept-Language": "da"}).content.decode()
    assert "1.200,50\N{NO-BREAK SPACE}$" in html
    assert "31. dec 2026" in html


def test_the_filter_narrows_counts_sums_and_cards(pages: Client, cast: Cast) -> None:
    html = pages.get(BOARD, {"where": "amount > 1000"}).content.decode()
    assert heads(html)[:2] == ["Prospecting 0 $0", "Engaging 1 $1,200.50"]
    assert "Roof" not in html
    wrong = pages.get(BOARD, {"where": "amont > 1000"})
    assert wrong.status_code == 422
    assert "did you mean &#39;amount&#39;" in wrong.content.decode()


def test_a_column_comes_page_by_page(pages: Client, cast: Cast) -> None:
    with wiring.writing("starter", actor="system", source="web") as work:
        rows = [{"dealname": f"House {number}", "dealstage": "closedlost"} for number in range(PAGE + 3)]
        write.create(work, work.catalog.object_type("deal"), rows)
    html = pages.get(BOARD).content.decode()
    assert html.count("House ") == 2 * PAGE, "each card says its name and names its button"
    assert f'hx-get="{BOARD}/closedlost"' in html
    rest = pages.get(f"{BOARD}/closedlost", {"shown": PAGE}).content.decode()
    assert rest.count('class="card"') == 3
    assert "Load more" not in rest
    for wrong in ("x", "-1", "9" * 20):
        assert pages.get(f"{BOARD}/closedlost", {"shown": wrong}).status_code == 404
    assert pages.get(f"{BOARD}/nowhere", {"shown": 0}).status_code == 404


def test_a_moved_card_comes_back_with_the_new_counts(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    asked = {"pipeline": "default", "stage": "closedwon", "where": ""}
    response = pages.post(f"/p/starter/deals/{cast.facade}/stage", asked, headers=htmx)
    html = response.content.decode()
    assert response.status_code == 200
    assert f'id="card-{cast.facade}"' in html
    assert heads(html) == ["Prospecting 1 $800", "Engaging 0 $0", "Won 1 $1,200.50", "Lost 0 $0"]
    assert stage_of(cast.facade) == "closedwon"


def test_a_refused_move_changes_nothing_and_says_why(
    pages: Client, cast: Cast, htmx: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        wiring, "GUARDS", (*wiring.GUARDS, lambda *_: [Problem("Ask Søren first", property="dealstage")])
    )
    asked = {"pipeline": "default", "stage": "closedwon"}
    response = pages.post(f"/p/starter/deals/{cast.facade}/stage", asked, headers=htmx)
    assert response.status_code == 422
    assert response.content.decode().strip() == '<p class="problem">Ask Søren first</p>'
    assert stage_of(cast.facade) == "engaging"
    page = pages.post(f"/p/starter/deals/{cast.facade}/stage", asked, follow=True).content.decode()
    assert "Ask Søren first" in page, "the record's page says it too"


def test_a_card_cannot_go_where_there_is_nothing(pages: Client, cast: Cast) -> None:
    for asked in ({"pipeline": "default", "stage": "limbo"}, {"pipeline": "limbo", "stage": "closedwon"}):
        assert pages.post(f"/p/starter/deals/{cast.facade}/stage", asked).status_code == 404
    assert pages.get("/p/starter/deals/board/limbo").status_code == 404
    assert pages.get("/p/starter/companies/board").status_code == 404


def test_cards_say_how_many_days_they_have_stood_there(pages: Client, cast: Cast) -> None:
    since = clock.now()
    portal = Portal.objects.get(name="starter")
    StageVisit.objects.create(portal=portal, record_id=cast.facade, stage="engaging", entered_at=since)
    with clock.fixed(clock.now() + timedelta(days=12)):
        html = pages.get(BOARD).content.decode()
    assert "12 days in this stage" in html


def test_the_board_costs_the_same_queries_however_many_cards(
    pages: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    with wiring.writing("starter", actor="system", source="web") as work:
        rows = [{"dealname": f"House {number}", "dealstage": "engaging"} for number in range(20)]
        write.create(work, work.catalog.object_type("deal"), rows)
    with django_assert_max_num_queries(10):
        pages.get(BOARD)


def test_an_empty_board_offers_the_first_step(pages: Client) -> None:
    html = pages.get(BOARD).content.decode()
    assert "No deals in Sales yet" in html
    assert 'href="/p/starter/deals/new?pipeline=default"' in html
