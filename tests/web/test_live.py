"""A page that is open asks whether it has changed: 204 when not, else who did what; to members alone."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from wonward import clock, wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal, Session, User
from wonward.blueprints import apply
from wonward.records import write

from .conftest import BACKEND, PASSWORD, Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def others(pages: Client, starter: str) -> Client:
    """A browser in which Søren has signed in."""
    soren = users.create("soren@example.com", "Søren Ågård", PASSWORD, [Portal.objects.get(name=starter)])
    client = Client()
    client.force_login(User.objects.get(pk=soren.pk), backend=BACKEND)
    return client


def watched(pages: Client, address: str) -> tuple[str, str]:
    html = pages.get(address).content.decode()
    found = re.search(r'id="live".*?data-address="(.*?)" data-mark="(.*?)"', html)
    assert found
    return found[1].replace("&amp;", "&"), found[2]


def ask(pages: Client, watch: tuple[str, str]) -> Any:
    return pages.get(f"{watch[0]}&mark={watch[1]}", headers={"HX-Request": "true"})


@pytest.mark.parametrize("page", ["deals", "deals/board/default", "deals/{facade}"])
def test_each_kind_of_page_is_told_of_others_changes(
    pages: Client, others: Client, cast: Cast, page: str
) -> None:
    watch = watched(pages, f"/p/starter/{page.format(facade=cast.facade)}")
    quiet = ask(pages, watch)
    assert (quiet.status_code, quiet.content) == (204, b"")
    others.post(f"/p/starter/deals/{cast.facade}/properties/amount", {"amount": "5000"})
    told = ask(pages, (watch[0], quiet["Live-Mark"]))
    assert told.status_code == 200
    assert json.loads(told.content)["records"] == [cast.facade]
    assert ask(pages, (watch[0], told["Live-Mark"])).status_code == 204


def test_a_record_is_told_who_changed_what_from_what_to_what(
    pages: Client, others: Client, cast: Cast
) -> None:
    watch = watched(pages, f"/p/starter/deals/{cast.facade}")
    for amount in ("3000", "5000"):
        others.post(f"/p/starter/deals/{cast.facade}/properties/amount", {"amount": amount})
    others.post(f"/p/starter/deals/{cast.facade}/properties/hs_next_step", {"hs_next_step": "Call Ærø"})
    assert json.loads(ask(pages, watch).content)["notes"] == {
        "amount": "Søren Ågård changed Amount from $1,200.50 to $5,000 just now",
        "hs_next_step": "Søren Ågård changed Next step from nothing to Call Ærø just now",
    }


def test_ones_own_changes_refresh_quietly(pages: Client, cast: Cast) -> None:
    watch = watched(pages, f"/p/starter/deals/{cast.facade}")
    pages.post(f"/p/starter/deals/{cast.facade}/properties/amount", {"amount": "5000"})
    assert json.loads(ask(pages, watch).content) == {"many": False, "records": [], "notes": {}}


def test_an_import_is_told_as_many(pages: Client, cast: Cast) -> None:
    watch = watched(pages, "/p/starter/companies")
    with wiring.writing("starter", actor="import:1", source="import") as work:
        write.create(work, work.catalog.object_type("company"), [{"name": f"House {n}"} for n in range(300)])
    assert json.loads(ask(pages, watch).content)["many"] is True


def test_it_is_for_members_and_for_pages_there_are(pages: Client, cast: Cast) -> None:
    watch = watched(pages, "/p/starter/deals")
    assert ask(Client(), watch).status_code == 401
    users.create("bo@example.com", "Bo Berg", PASSWORD, [])
    bo = Client()
    bo.force_login(User.objects.get(email="bo@example.com"), backend=BACKEND)
    assert ask(bo, watch).status_code == 401
    for by in ("", "x", "9" * 30, "0"):
        assert ask(pages, (re.sub(r"by=\d+", f"by={by}", watch[0]), watch[1])).status_code == 401
    assert pages.post(watch[0]).status_code == 405
    for wrong in ("type=nothing", "type=deals&record=x", "type=deals&record=" + "9" * 30, ""):
        address = watch[0].replace("type=deals", wrong)
        assert ask(pages, (address, watch[1])).status_code == 404
    assert ask(pages, (watch[0], "nonsense")).status_code == 200


def test_reading_itself_anew_uses_up_no_notice(pages: Client, cast: Cast) -> None:
    pages.post(f"/p/starter/companies/{cast.havn}/archive")
    assert "Archived Havn" not in pages.get("/p/starter/companies", headers={"Live": "true"}).content.decode()
    assert "Archived Havn" in pages.get("/p/starter/companies").content.decode()


@pytest.mark.parametrize(
    "how", ["signed out", "session ran out", "new password", "inactive", "no member any more"]
)
def test_it_stops_when_one_may_not_enter_any_more(pages: Client, cast: Cast, ada: Member, how: str) -> None:
    watch = watched(pages, "/p/starter/deals")
    elsewhere = Client()
    elsewhere.cookies = pages.cookies.copy()
    assert ask(elsewhere, watch).status_code == 204
    user = User.objects.get(pk=ada.user_id)
    if how == "signed out":
        pages.post("/sign-out")
    elif how == "session ran out":
        Session.objects.update(expire_date=clock.now())
    elif how == "new password":
        user.set_password("another correct horse battery")
        user.save()
    elif how == "inactive":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        Member.objects.filter(pk=ada.pk).update(archived=True)
    assert ask(elsewhere, watch).status_code == 401
    page = elsewhere.get("/p/starter/deals")
    assert page.status_code == (404 if how == "no member any more" else 302), (
        "the page itself stays closed too"
    )


def test_asking_goes_past_djangos_models(pages: Client, cast: Cast, django_assert_num_queries: Any) -> None:
    """Two statements of our own, who asks and what has changed, and none of Django's."""
    watch = watched(pages, "/p/starter/deals")
    ask(pages, watch)
    with django_assert_num_queries(0):
        assert ask(pages, watch).status_code == 204


def test_a_sensitive_value_is_in_no_note(pages: Client, cast: Cast) -> None:
    wanted = {("property", "contact.cpr"): {"label": "CPR-nummer", "type": "text", "sensitive": True}}
    apply.define("starter", wanted, actor="user:1")
    watch = watched(pages, f"/p/starter/contacts/{cast.soren}")
    with wiring.writing("starter", actor="job", source="worker") as work:
        write.update(
            work,
            work.catalog.object_type("contact"),
            [(cast.soren, {"cpr": "010190-1234", "jobtitle": "Maler"})],
        )
    told = json.loads(ask(pages, watch).content)
    assert told["records"] == [cast.soren]
    assert list(told["notes"]) == ["jobtitle"]
