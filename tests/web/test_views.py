"""Views on the pages: tabs over lists and boards, what an address says over them, saving, and what roles keep back."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from wonward.accounts import users
from wonward.accounts.models import Member, Portal, User
from wonward.blueprints import apply
from wonward.views.models import Choice, SavedView

from .conftest import BACKEND, PASSWORD, Cast

DEALS = "/p/starter/deals"
EVERYONE = {"view": "everyone", "edit": "everyone", "create": True}


def define(**documents: dict[str, Any]) -> None:
    """Define views and roles, each as `view__name` or `role__name`."""
    wanted = {tuple(key.split("__")): body for key, body in documents.items()}
    apply.define("starter", wanted, actor="user:1")  # type: ignore[arg-type]  # both parts are there


@pytest.fixture
def bo(starter: str) -> tuple[Member, Client]:
    """Bo, who sells and doesn't see amounts, and his browser."""
    define(
        role__saelger={
            "label": "Sælger",
            "default": EVERYONE,
            "types": {"deal": {"hidden": ["amount"]}},
            "may": ["export"],
        }
    )
    users.create("bo@example.com", "Bo Berg", PASSWORD, [Portal.objects.get(name="starter")], "saelger")
    member = Member.objects.get(email="bo@example.com")
    client = Client()
    client.force_login(User.objects.get(id=member.user_id), backend=BACKEND)
    return member, client


def page(client: Client, address: str, **asked: str) -> str:
    answer = client.get(address, asked)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def rows(html: str) -> list[str]:
    return re.findall(r'id="row-\d+"><a [^>]*>([^<]*)<', html)


def heads(html: str) -> list[str]:
    table = html.partition("<thead>")[2].partition("</thead>")[0]
    return re.findall(r">([^<>]+)</a>", table)


def tabs(html: str) -> list[str]:
    nav = html.partition('aria-label="Views">')[2].partition("</nav>")[0]
    return [re.sub(r"<span.*?</span>|<[^>]*>", "", each).strip() for each in re.findall(r"<a .*?</a>", nav)]


def current(html: str) -> str:
    nav = html.partition('aria-label="Views">')[2].partition("</nav>")[0]
    found = re.search(r'aria-current="page"[^>]*>(?:<svg.*?</span>)?([^<]*)<', nav)
    assert found
    return found[1]


def save(client: Client, **said: str) -> SavedView:
    answer = client.post(f"{DEALS}/views/new", {"label": "Store", "sharing": "private", **said})
    assert answer.status_code == 302, answer.content
    return SavedView.objects.latest("pk")


def test_a_view_of_the_organisation_shows_ones_own(pages: Client, cast: Cast) -> None:
    html = page(pages, DEALS)
    assert tabs(html) == ["All", "My open deals", "No next step"]
    assert current(html) == "All"
    assert rows(html) == ["Roof", "Facade"]
    html = page(pages, DEALS, view="my_open_deals")
    assert current(html) == "My open deals"
    assert rows(html) == ["Facade"], "me() is who looks"
    assert heads(html) == ["Deal name", "Deal stage", "Amount", "Close date", "Next step"]
    assert 'aria-sort="ascending"><a href="?view=my_open_deals&amp;sort=-closedate">' in html
    board = page(pages, f"{DEALS}/board/default", view="my_open_deals")
    assert "Facade" in board
    assert "Roof" not in board


def test_what_an_address_says_goes_over_the_view(pages: Client, cast: Cast) -> None:
    changed = {
        "view": "my_open_deals",
        "where": "amount < 1000",
        "columns": "amount,farve",
        "sort": "dealname",
    }
    html = page(pages, DEALS, **changed)
    assert (rows(html), heads(html)) == (["Roof"], ["Deal name", "Amount"])
    assert "Save as a view" in html
    assert "Save changes" not in html, "the organisation's own is for the blueprint"
    assert f'href="{DEALS}?view=my_open_deals">Reset' in html
    assert "Save as a view" not in page(pages, DEALS, view="my_open_deals")
    assert rows(page(pages, DEALS, view="my_open_deals", where="")) == ["Facade", "Roof"], "all, by the sort"
    assert "Save as a view" in page(pages, DEALS, where="amount < 1000")
    assert heads(page(pages, DEALS, columns="-")) == ["Deal name"]


def test_the_form_of_the_filter_keeps_the_view_and_its_columns(pages: Client, cast: Cast) -> None:
    html = page(pages, DEALS, view="my_open_deals", columns="amount")
    form = html.partition('class="filter-form"')[2].partition("</form>")[0]
    assert '<input type="hidden" name="view" value="my_open_deals">' in form
    assert '<input type="hidden" name="columns" value="amount">' in form
    assert 'href="?view=my_open_deals&amp;columns=amount&amp;where="' in form, "no filter is a filter, too"


def test_lists_open_with_the_view_of_ones_role(pages: Client, bo: tuple[Member, Client], cast: Cast) -> None:
    _, his = bo
    mine = {
        "label": "Mine",
        "object": "deal",
        "filter": "hubspot_owner_id = me()",
        "default_for": ["saelger"],
    }
    define(view__mine=mine)
    html = page(his, DEALS)
    assert (current(html), rows(html)) == ("Mine", [])
    assert rows(page(his, DEALS, view="all")) == ["Roof", "Facade"]
    assert rows(page(his, DEALS, where="dealname = 'Roof'")) == ["Roof"], (
        "a link with a filter says all itself"
    )
    assert his.get(f"{DEALS}/board")["Location"] == f"{DEALS}?view=mine"
    assert current(page(pages, DEALS)) == "All", "Ada has another role"
    define(view__mine={**mine, "board": "default"})
    assert his.get(f"{DEALS}/board")["Location"] == f"{DEALS}/board/default?view=mine"
    assert current(page(his, DEALS)) == "All", "who asks for the list gets the list"


def test_a_view_is_saved_and_changed_and_removed(pages: Client, cast: Cast) -> None:
    form = page(pages, f"{DEALS}/views/new", where="amount > 1000", columns="amount", layout="list")
    assert 'name="where" value="amount &gt; 1000"' in form
    made = save(pages, where="amount > 1000", columns="amount", sort="-amount", pin="1")
    html = page(pages, DEALS, view=str(made.pk))
    assert tabs(html) == ["All", "Store", "My open deals", "No next step"]
    assert (rows(html), heads(html)) == (["Facade"], ["Deal name", "Amount"])
    assert "Save changes" in page(pages, DEALS, view=str(made.pk), where="amount > 7")
    shown = {"do": "show", "where": "amount > 7", "columns": "-", "layout": "list"}
    assert pages.post(f"{DEALS}/views/{made.pk}", shown)["Location"] == f"{DEALS}?view={made.pk}"
    html = page(pages, DEALS, view=str(made.pk))
    assert (rows(html), heads(html)) == (["Roof", "Facade"], ["Deal name"]), "no column but the name"
    pages.post(f"{DEALS}/views/{made.pk}", {"label": "Større", "sharing": "everyone"})
    assert "Større" in tabs(page(pages, DEALS))
    pages.post(f"{DEALS}/views/{made.pk}", {"do": "delete"})
    assert "Større" not in tabs(page(pages, DEALS))


def test_a_board_is_saved_with_what_its_cards_show(pages: Client, cast: Cast) -> None:
    made = save(pages, where="amount > 1000", columns="closedate", layout="board", pipeline="default")
    address = f"{DEALS}/board/default?view={made.pk}"
    assert address in page(pages, f"{DEALS}/views")
    html = page(pages, address)
    card = html.partition('class="card"')[2].partition("</li>")[0]
    assert "Facade" in html
    assert "$1,200.50" not in html.partition('class="facts"')[2].partition("</ul>")[0]
    assert card
    more = page(pages, f"{DEALS}/board/default/engaging", columns="amount")
    assert "$1,200.50" in more
    assert "2026" not in more


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"label": " "}, "Give the view a name"),
        ({"sharing": "verden"}, "Choose who sees the view"),
        ({"sharing": "team"}, "You are in no team"),
        ({"where": "amont > 7"}, "there is no property &#39;amont&#39;"),
    ],
)
def test_what_cannot_be_saved_is_said_in_the_form(
    pages: Client, htmx: dict[str, str], said: dict[str, str], told: str
) -> None:
    form = {"label": "Store", "sharing": "private", "where": "amount > 7", **said}
    for headers in ({}, htmx):
        answer = pages.post(f"{DEALS}/views/new", form, headers=headers)
        assert answer.status_code == 422
        assert told in answer.content.decode()
    assert not SavedView.objects.exists()


def test_in_the_sheet_the_whole_page_goes_to_the_view(pages: Client, htmx: dict[str, str]) -> None:
    answer = pages.post(f"{DEALS}/views/new", {"label": "Store", "sharing": "private"}, headers=htmx)
    assert answer["HX-Redirect"] == f"{DEALS}?view={SavedView.objects.get().pk}"


def test_pins_stand_first_in_their_order(pages: Client, cast: Cast) -> None:
    def pin(key: str, do: str) -> list[str]:
        pages.post(f"{DEALS}/views", {"view": key, "do": do})
        return tabs(page(pages, DEALS))[1:]

    store = str(save(pages).pk)
    assert pin(store, "pin") == ["Store", "My open deals", "No next step"]
    assert pin("no_next_step", "pin") == ["Store", "No next step", "My open deals"]
    assert pin("no_next_step", "up") == ["No next step", "Store", "My open deals"]
    assert pin("no_next_step", "up") == ["No next step", "Store", "My open deals"], "first already"
    assert pin("no_next_step", "down") == ["Store", "No next step", "My open deals"]
    assert pin(store, "unpin") == ["No next step", "My open deals", "Store"]
    assert pages.post(f"{DEALS}/views", {"view": "gone", "do": "pin"}).status_code == 404


def test_a_view_that_is_not_ones_to_see_leads_to_all_and_says_so(
    pages: Client, bo: tuple[Member, Client], cast: Cast
) -> None:
    _, his = bo
    private = save(pages)
    for address in (DEALS, f"{DEALS}/board/default"):
        for key in (str(private.pk), "gone", "99999999999999999999"):
            answer = his.get(address, {"view": key}, follow=True)
            assert answer.redirect_chain == [(f"{DEALS}?view=all", 302)]
            assert "There is no such view" in answer.content.decode()
    assert his.get(f"{DEALS}/views/{private.pk}").status_code == 404
    assert his.post(f"{DEALS}/views/{private.pk}", {"do": "delete"}).status_code == 404
    assert "Copy of" not in page(his, f"{DEALS}/views/new", **{"from": str(private.pk)})
    assert his.get("/p/starter/companies", {"view": str(private.pk)}).status_code == 302, "of another type"
    pages.post(f"{DEALS}/views/{private.pk}", {"label": "Alles", "sharing": "everyone"})
    about = page(his, f"{DEALS}/views/{private.pk}")
    assert "Ada Holm made it and shares it" in about
    assert "Delete the view" not in about
    assert his.post(f"{DEALS}/views/{private.pk}", {"do": "delete"}).status_code == 403


def test_a_view_names_nothing_that_is_kept_from_who_looks(
    pages: Client, bo: tuple[Member, Client], cast: Cast
) -> None:
    _, his = bo
    shared = {"sharing": "everyone"}
    rich = save(pages, where="amount > 777", columns="amount,closedate", **shared)
    wide = save(pages, where="dealname = 'Roof'", columns="amount,closedate", sort="-amount", **shared)
    answer = his.get(DEALS, {"view": str(rich.pk)})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "filter names something that is gone, or that you may not see" in html
    assert "777" not in html
    assert rows(html) == []
    html = page(his, DEALS, view=str(wide.pk))
    assert (rows(html), heads(html)) == (["Roof"], ["Deal name", "Close date"])
    assert "A property of this view is gone, or you may not see it" in html
    assert "A property of this view is gone" not in page(pages, DEALS, view=str(wide.pk))
    copied = page(his, f"{DEALS}/views/new", **{"from": str(rich.pk)})
    assert "777" not in copied


def test_a_property_that_is_gone_is_told_to_who_made_the_view(pages: Client, cast: Cast) -> None:
    apply.define("starter", {("property", "deal.paint"): {"label": "Farve", "type": "text"}}, actor="user:1")
    made = save(pages, where="paint = 'blå'", columns="paint,amount", sort="paint")
    uses = {str(use) for use in apply.where_used("starter", ("property", "deal.paint"))}
    assert uses == {
        f"saved_view {made.pk} 'Store' of Ada Holm ({place})" for place in ("filter", "columns", "sort")
    }
    gone = frozenset([("property", "deal.paint")])
    apply.define("starter", {}, gone, actor="user:1", allow_destructive=True)
    answer = pages.get(DEALS, {"view": str(made.pk)})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "This view&#39;s filter doesn&#39;t hold any more. " in html
    assert "there is no property &#39;paint&#39;" in html
    assert 'value="paint = &#39;blå&#39;"' in html, "it can be mended where it stands"
    html = page(pages, DEALS, view=str(made.pk), where="amount > 1000")
    assert (rows(html), heads(html)) == (["Facade"], ["Deal name", "Amount"])
    assert "A property of this view is gone" in html


def test_an_export_takes_the_columns_of_the_view(pages: Client, cast: Cast) -> None:
    made = save(pages, where="amount > 1000", columns="closedate,amount")
    html = page(pages, DEALS, view=str(made.pk))
    link = re.search(r'href="([^"]*/export\?[^"]*)"', html)
    assert link
    address = link[1].replace("&amp;", "&")
    assert parse_qs(urlsplit(address).query) == {
        "where": ["amount > 1000"],
        "columns": ["dealname", "closedate", "amount"],
    }
    form = page(pages, address)
    assert re.findall(r'name="columns" value="(\w+)" checked', form) == ["dealname", "closedate", "amount"]


def test_columns_are_chosen_without_scripts(pages: Client, cast: Cast) -> None:
    form = page(pages, f"{DEALS}/columns", columns="amount,closedate", view="my_open_deals", layout="list")
    assert re.findall(r'name="chosen" value="(\w+)" checked', form) == ["amount", "closedate"]
    assert 'name="chosen" value="dealname"' not in form, "the name always stands first"
    carried = {"view": "my_open_deals", "where": "amount > 7", "layout": "list"}
    moved = pages.post(
        f"{DEALS}/columns", {**carried, "chosen": ["amount", "closedate"], "do": "up:closedate"}
    )
    assert re.findall(r'name="chosen" value="(\w+)" checked', moved.content.decode()) == [
        "closedate",
        "amount",
    ]
    done = pages.post(f"{DEALS}/columns", {**carried, "chosen": ["closedate", "amount"], "do": "show"})
    assert done["Location"] == f"{DEALS}?view=my_open_deals&where=amount+%3E+7&columns=closedate%2Camount"
    assert heads(page(pages, done["Location"])) == ["Deal name", "Close date", "Amount"]
    none = pages.post(f"{DEALS}/columns", {"do": "show"})
    assert heads(page(pages, none["Location"])) == ["Deal name"]
    usual = pages.post(f"{DEALS}/columns", {**carried, "chosen": ["amount"], "do": "default"})
    assert usual["Location"] == f"{DEALS}?view=my_open_deals&where=amount+%3E+7"
    board = {"layout": "board", "pipeline": "default", "chosen": ["closedate"]}
    assert pages.post(f"{DEALS}/columns", board)["Location"] == f"{DEALS}/board/default?columns=closedate"


def first(html: str) -> list[str]:
    section = html.partition("Key properties")[2].partition("</dl>")[0]
    return re.findall(r"<dt[^>]*>([^<]*)</dt>", section)


def test_each_chooses_what_stands_first_on_a_record(
    pages: Client, bo: tuple[Member, Client], cast: Cast
) -> None:
    _, his = bo
    deal, choosing = f"{DEALS}/{cast.facade}", f"{DEALS}/key-properties"
    assert first(page(pages, deal))[:3] == ["Deal name", "Deal stage", "Amount"]
    chosen = {"chosen": ["closedate", "amount", "farve"], "do": "show", "record": str(cast.facade)}
    assert pages.post(choosing, chosen)["Location"] == deal
    assert first(page(pages, deal)) == ["Close date", "Amount"]
    assert first(page(his, deal))[:2] == ["Deal name", "Deal stage"]
    form = page(pages, choosing, record=str(cast.facade))
    assert re.findall(r'name="chosen" value="(\w+)" checked', form) == ["closedate", "amount"]
    moved = pages.post(choosing, {**chosen, "do": "down:closedate"}).content.decode()
    assert re.findall(r'name="chosen" value="(\w+)" checked', moved) == ["amount", "closedate"]
    pages.post(choosing, {"do": "show"})
    assert first(page(pages, deal)) == [], "nothing is a choice, too"
    assert "Choose what stands first" in page(pages, deal)
    pages.post(choosing, {"do": "default"})
    assert first(page(pages, deal))[:3] == ["Deal name", "Deal stage", "Amount"]
    assert pages.post(choosing, {"do": "show", "record": "../.."})["Location"] == DEALS


def test_an_admin_sets_what_stands_first_for_everyone(
    pages: Client, bo: tuple[Member, Client], cast: Cast
) -> None:
    ada_choice = Choice.objects
    _, his = bo
    deal, choosing = f"{DEALS}/{cast.facade}", f"{DEALS}/key-properties"
    everyone = {"chosen": ["closedate", "amount", "dealstage"], "do": "everyone"}
    assert his.post(choosing, everyone).status_code == 403
    assert "for everyone" not in page(his, choosing)
    assert "for everyone" in page(pages, choosing)
    pages.post(choosing, everyone)
    assert first(page(pages, deal)) == ["Close date", "Amount", "Deal stage"]
    assert first(page(his, deal)) == ["Close date", "Deal stage"], "what is hidden from Bo isn't there"
    role = {
        "label": "Sælger",
        "default": EVERYONE,
        "types": {"deal": {"hidden": ["amount"]}},
        "may": ["views"],
    }
    define(role__saelger=role)
    his.post(choosing, {"chosen": ["dealname"], "do": "everyone"})
    assert first(page(pages, deal)) == ["Deal name", "Amount"], "what Bo doesn't see stays"
    assert not ada_choice.filter(properties__isnull=False).exists()
    role["types"] = {"deal": {"hidden": ["amount"], "key_properties": ["closedate"]}}
    define(role__saelger=role)
    assert first(page(his, deal)) == ["Close date"]
    assert first(page(pages, deal)) == ["Deal name", "Amount"]
