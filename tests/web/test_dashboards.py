"""Pages of dashboards (CON-16) and goals (CON-3): figures lead to their records, forms say what is wrong."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from wonward.accounts.models import Member
from wonward.blueprints import apply
from wonward.metrics.models import Goal, OwnDashboard

from .conftest import Cast

HTMX = {"HX-Request": "true"}
TILES = [
    {"kind": "number", "metrics": ["won_amount"]},
    {"kind": "bars", "metrics": ["won_amount"], "size": "wide"},
    {"kind": "line", "metrics": ["new_deals"], "bucket": "week"},
    {"kind": "breakdown", "metrics": ["new_deals"], "by": "stage"},
    {"kind": "breakdown", "metrics": ["expected_amount"], "by": "owner"},
    {"kind": "table", "metrics": ["new_deals", "win_rate"], "by": "owner"},
    {"kind": "funnel", "metrics": ["new_deals"]},
    {"kind": "forecast", "metrics": ["expected_amount"], "goal": "won_amount"},
]


@pytest.fixture
def every_kind(starter: str) -> str:
    """The address of a dashboard with a tile of every kind."""
    body = {"label": "Alt", "tiles": TILES, "period": "this_year", "choice": "pipeline"}
    apply.define("starter", {("dashboard", "alt"): body}, actor="user:1")
    return "/p/starter/dashboards/alt"


def links(html: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'class="(?:figure|column)" href="([^"]+)"', html)]


def own(pages: Client) -> OwnDashboard:
    pages.post("/p/starter/dashboards/sales/clone")
    return OwnDashboard.objects.latest("pk")


def form(**more: Any) -> dict[str, Any]:
    return {
        "label": "Mit salg",
        "sharing": "private",
        "version": "1",
        "period": "this_month",
        "owner": "me",
        "tiles": "2",
        "tile.0.kind": "number",
        "tile.0.metrics": ["won_amount", "", "new_deals"],
        "tile.0.size": "small",
        "tile.1.kind": "table",
        "tile.1.metrics": ["new_deals", "win_rate", ""],
        "tile.1.by": "owner",
        "tile.1.size": "wide",
        "tile.1.label": "Sælgere",
        "do": "save",
        **more,
    }


def test_every_figure_leads_to_a_list_of_as_many_records_as_it_says(
    pages: Client, cast: Cast, every_kind: str
) -> None:
    html = pages.get(every_kind).content.decode()
    found = re.findall(r'class="figure" href="([^"]+)" title="([\d,]+) deals?"', html)
    assert len(found) > 20
    for address, number in dict.fromkeys(found):
        listing = pages.get(unescape(address)).content.decode()
        assert f'<span class="muted" id="total">{number}</span>' in listing, address
    for address in links(html):
        assert pages.get(address).status_code == 200


def test_filters_stand_in_the_address_and_in_the_lists_that_figures_lead_to(
    pages: Client, cast: Cast, every_kind: str, ada: Member
) -> None:
    html = pages.get(every_kind, {"owner": "me", "period": "2026-Q4", "value": "default"}).content.decode()
    assert '<option value="me" selected>' in html
    assert '<option value="2026-Q4" selected>Q4 2026</option>' in html
    assert "period=2026-Q3" in html
    assert all("hubspot_owner_id+%3D+me%28%29" in each for each in links(html))
    assert all("pipeline+%3D+%27default%27" in each for each in links(html))
    assert "Nobody" not in html
    refused = pages.get(every_kind, {"period": "snart"})
    assert (refused.status_code, "There is no period" in refused.content.decode()) == (400, True)
    assert pages.get("/p/starter/dashboards/gone").status_code == 404


def test_charts_have_a_table_of_the_same_figures_and_no_style_of_their_own(
    pages: Client, cast: Cast, every_kind: str
) -> None:
    html = pages.get(every_kind).content.decode()
    assert html.count('<details class="tile-table"') == 3
    assert "style=" not in html
    assert html.count('<svg class="upright"') >= 12


def test_cloning_leads_to_the_form_and_saving_back(pages: Client, cast: Cast, ada: Member) -> None:
    answer = pages.post("/p/starter/dashboards/sales/clone")
    mine = OwnDashboard.objects.get()
    assert answer["Location"] == f"/p/starter/dashboards/{mine.pk}/edit"
    html = pages.get(answer["Location"]).content.decode()
    assert 'value="My Sales"' in html
    assert html.count('<li class="tile-form') == 8
    saved = pages.post(answer["Location"], form(sharing="everyone"))
    assert (saved.status_code, saved["Location"]) == (302, f"/p/starter/dashboards/{mine.pk}")
    mine.refresh_from_db()
    assert (mine.sharing, mine.version, mine.body["owner"]) == ("everyone", 2, "me")
    assert [tile["metrics"] for tile in mine.body["tiles"]] == [["won_amount"], ["new_deals", "win_rate"]]
    html = pages.get(saved["Location"]).content.decode()
    assert '<option value="me" selected>' in html, "me is kept as what it begins with"
    again = pages.post(answer["Location"], form())
    assert (again.status_code, "changed in another window" in again.content.decode()) == (422, True)


def test_steps_change_the_form_and_keep_nothing_yet(pages: Client, cast: Cast) -> None:
    mine = own(pages)
    address = f"/p/starter/dashboards/{mine.pk}/edit"
    moved = pages.post(address, form(do="down:0")).content.decode()
    assert moved.index('value="Sælgere"') < moved.index('id="tile.1.kind"')
    assert pages.post(address, form(do="add")).content.decode().count('<li class="tile-form') == 3
    assert pages.post(address, form(do="remove:1")).content.decode().count('<li class="tile-form') == 1
    before = mine.body
    mine.refresh_from_db()
    assert (mine.body, mine.version) == (before, 1)


@pytest.mark.parametrize(
    "said",
    [
        {"tile.1.by": ""},
        {"tile.1.metrics": ["open"]},
        {"tile.1.kind": "pie"},
        {"label": ""},
        {"label": "Mit\x00"},
        {"description": "\x00"},
    ],
)
def test_a_form_that_will_not_do_comes_back_as_it_was_typed(
    pages: Client, cast: Cast, said: dict[str, Any]
) -> None:
    answer = pages.post(f"/p/starter/dashboards/{own(pages).pk}/edit", form(**said))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in html
    assert 'value="Sælgere"' in html


def test_the_portals_own_can_be_neither_changed_nor_removed(pages: Client, cast: Cast) -> None:
    for part in ("edit", "remove"):
        answer = pages.post(f"/p/starter/dashboards/sales/{part}", form())
        assert (answer.status_code, "clone it" in answer.content.decode()) == (403, True)


def test_goals_are_typed_into_a_table(pages: Client, cast: Cast, ada: Member) -> None:
    page = "/p/starter/goals?metric=won_amount&year=2026&by=month"
    html = pages.get(page).content.decode()
    field = f"m{ada.pk}.2026-11"
    assert f'name="{field}"' in html
    said = {"metric": "won_amount", "year": "2026", "by": "month", f"was.m{ada.pk}": "|" * 11}
    refused = pages.post("/p/starter/goals", {**said, field: "1,200.50", "all.2026-12": "mange"})
    html = refused.content.decode()
    assert refused.status_code == 422
    assert 'id="all.2026-12-problem"' in html
    assert "is no number" in html
    assert 'value="1,200.50"' in html, "what was typed stands there still"
    assert not Goal.objects.exists()
    saved = pages.post("/p/starter/goals", {**said, field: "1,200.50"})
    assert saved.status_code == 302
    goal = Goal.objects.get()
    assert (goal.member_id, str(goal.starts_on), goal.amount, goal.period) == (
        ada.pk,
        "2026-11-01",
        1200.5,
        "month",
    )
    html = pages.get(saved["Location"]).content.decode()
    assert 'placeholder="1,200.5"' in html, "what it comes to for everyone"
    assert html.count('<td class="number goals-sum">$1,201</td>') == 4, (
        "quarter and year, hers and everyone's"
    )
    was = "|" * 10 + "1200.5|"
    pages.post("/p/starter/goals", {**said, f"was.m{ada.pk}": was, field: ""})
    assert not Goal.objects.exists()


def test_goals_are_for_those_who_may_set_them(pages: Client, cast: Cast, ada: Member) -> None:
    role = {"label": "Sælger", "default": {"view": "everyone"}}
    apply.define("starter", {("role", "seller"): role}, actor="user:1")
    Member.objects.filter(pk=ada.pk).update(role="seller")
    answer = pages.get("/p/starter/goals")
    assert (answer.status_code, "may not set goals" in answer.content.decode()) == (403, True)
    assert "/p/starter/goals" not in pages.get("/p/starter/dashboards").content.decode()


def test_pinning_puts_a_dashboard_in_front(pages: Client, cast: Cast) -> None:
    mine = own(pages)
    assert "<h1>" in pages.get("/p/starter/dashboards").content.decode()
    pages.post(f"/p/starter/dashboards/{mine.pk}/pin")
    html = pages.get("/p/starter/dashboards").content.decode()
    assert re.search(r"<h1>.*?My Sales</h1>", html, re.S)
    pages.post(f"/p/starter/dashboards/{mine.pk}/pin", {"remove": "1"})
    assert re.search(r"<h1>.*?</svg>Sales</h1>", pages.get("/p/starter/dashboards").content.decode(), re.S)
    pages.post(f"/p/starter/dashboards/{mine.pk}/remove")
    assert not OwnDashboard.objects.exists()


def test_a_portal_without_dashboards_says_what_belongs_there(pages: Client, cast: Cast) -> None:
    gone = frozenset([("dashboard", "sales")])
    apply.define("starter", {}, gone, actor="user:1")
    html = pages.get("/p/starter/dashboards").content.decode()
    assert "No dashboards yet" in html
