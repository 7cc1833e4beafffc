"""What a role keeps from somebody shows on no page, whatever its address: others' records and hidden properties."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from tests.attachments.conftest import use
from tests.house.test_queries import visits
from tests.house.test_routes import PAGES
from tests.house.world import BACKEND, World, seed

from wonward import clock, wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal, Team, User
from wonward.blueprints import apply
from wonward.metrics.models import OwnDashboard
from wonward.records import associate, write
from wonward.records.associate import Link
from wonward.records.models import ExportRun
from wonward.web.access import Access
from wonward.worker import jobs

PASSWORD = "correct horse battery staple"
CANARY = re.compile(
    r"Måleri|Ågård|Facade \d|Åse|shades of|Ring \d|Måleraftale|Glas A/S|Boje|kunder\.csv|hemmelig|soren\d@"
)
"""What stands in Ada's records alone; some of it is searched for, so it is told with what follows it."""

OWN = {"view": "own", "edit": "own", "delete": "own", "create": True}
EVERYONE = {"view": "everyone", "edit": "own", "delete": "own", "create": True}


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.WONWARD_DATA = tmp_path
    use(settings, "", tmp_path / "files")


def define(**roles: dict[str, Any]) -> None:
    apply.define("starter", {("role", name): body for name, body in roles.items()}, actor="user:1")


def signed_in(email: str, name: str, role: str) -> tuple[Member, Client]:
    """Return a member with a role and the browser they have signed in with."""
    users.create(email, name, PASSWORD, [Portal.objects.get(name="starter")], role)
    member = Member.objects.get(email=email)
    member.owns_records = True
    member.save()
    client = Client()
    client.force_login(User.objects.get(id=member.user_id), backend=BACKEND)
    return member, client


@pytest.fixture
def world(starter: str) -> World:
    """Ada's portal; she may all, and it is full of her records."""
    define(
        seller={"label": "Sælger", "default": OWN, "may": ["import", "export", "merge"]},
        viewer={"label": "Læser", "default": {"view": "everyone"}},
    )
    return seed(starter, 3)


@pytest.fixture
def bo(world: World) -> World:
    """The portal as Bo's browser has it: a seller who has one company, which Ada's records are associated with."""
    member, client = signed_in("bo@example.com", "Bo Berg", "seller")
    with wiring.writing("starter", actor=f"user:{world.ada.user_id}", source="web") as work:
        company, contact, deal, note = map(work.catalog.object_type, ("company", "contact", "deal", "note"))
        mine = {"hubspot_owner_id": str(member.pk)}
        [shop] = write.create(
            work, company, [{"name": "Bageriet ved søen", "domain": "soen.example", **mine}]
        )
        [own] = write.create(work, deal, [{"dealname": "Nyt skilt", "amount": "900", **mine}])
        [secret] = write.create(work, note, [{"hs_note_body": "hemmelig", "hs_timestamp": "2026-11-02"}])
        associate.associate(work, deal, company, [Link(each, shop) for each in (own, *world.deals)])
        associate.associate(work, contact, company, [Link(each, shop) for each in world.contacts])
        associate.associate(work, note, company, [Link(secret, shop)])
    return replace(world, pages=client, ada=member, companies=[shop, *world.companies[1:]])


def texts(answer: HttpResponse) -> str:
    return b"".join(answer).decode("utf-8", "replace") + " ".join(f"{k}: {v}" for k, v in answer.items())


OF_PORTALS = {page.name for page in PAGES if page.callback.access is Access.MEMBER}
ROUTES = {name: ask for name, ask in visits() if name.partition(":")[0].split(" ")[1] in OF_PORTALS}


@pytest.mark.parametrize("own", [True, False], ids=["of his own record", "of hers"])
def test_no_page_tells_of_what_others_own(bo: World, own: bool) -> None:
    """Every page by every method, asked for Bo's records and for Ada's."""
    found = {}
    with wiring.writing("starter", actor="cli", source="cli") as work:
        deal = work.catalog.object_type("deal")
        if own:
            [mine] = write.create(work, deal, [{"dealname": "Eget", "hubspot_owner_id": str(bo.ada.pk)}])
            bo = replace(bo, deals=[mine, *bo.deals])
        else:
            bo = replace(bo, companies=bo.companies[1:])
    for name, ask in ROUTES.items():
        with transaction.atomic():
            answer = ask(bo)
            said = texts(answer)
            transaction.set_rollback(True)
        assert answer.status_code in (200, 204, 302, 400, 403, 404, 422), (name, answer.status_code)
        if CANARY.search(said):
            at = CANARY.search(said)
            assert at is not None
            found[name] = said[max(at.start() - 80, 0) : at.end() + 40]
    assert not found


def test_the_pages_of_ones_own_record_still_tell_it(bo: World) -> None:
    shop = f"/p/starter/companies/{bo.companies[0]}"
    page = bo.pages.get(shop).content.decode()
    assert "Bageriet ved søen" in page
    assert "Nyt skilt" in page, "what is his of its associations stands there"
    assert "Bageriet ved søen" in bo.pages.get("/p/starter/companies").content.decode()
    assert "Bageriet" in bo.pages.get("/p/starter/search", {"q": "bageriet"}).content.decode()
    board = bo.pages.get("/p/starter/deals/board/default").content.decode()
    assert "Nyt skilt" in board
    counts = [int(each) for each in re.findall(r'class="count" title="Deals in this stage">(\d+)<', board)]
    assert sum(counts) == 1, "a column counts what he sees"
    assert '<span class="muted" id="total">1</span>' in bo.pages.get("/p/starter/deals").content.decode()


def test_an_export_left_to_the_worker_has_what_its_asker_sees(bo: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("wonward.web.exports.AT_ONCE", 0)
    form = {"columns": ["name"], "associated": ["deal", "contact"], "form": "csv"}
    answer = bo.pages.post("/p/starter/companies/export", form)
    run = ExportRun.objects.order_by("-id")[0]
    jobs.write_export(run.pk)
    file = texts(bo.pages.get(answer["Location"] + "/file"))
    assert "Bageriet ved søen" in file
    assert "Nyt skilt" in file
    assert not CANARY.search(file)


def test_an_import_can_neither_find_nor_change_what_its_giver_does_not_see(bo: World) -> None:
    kept = bo.companies[1]
    given = b"name;domain;city\nMit navn;nordisk1.example;Ribe\n"
    answer = bo.pages.post("/p/starter/companies/import", {"file": SimpleUploadedFile("mine.csv", given)})
    run_id = int(answer["Location"].rpartition("/")[2])
    columns = {
        "key": "domain",
        "mode": "update",
        "column-0": "p:name",
        "column-1": "p:domain",
        "column-2": "p:city",
    }
    bo.pages.post(f"/p/starter/imports/{run_id}/columns", columns)
    jobs.carry_on_import(run_id)
    bo.pages.post(f"/p/starter/imports/{run_id}/go")
    jobs.carry_on_import(run_id)
    page = bo.pages.get(f"/p/starter/imports/{run_id}").content.decode()
    assert not CANARY.search(page)
    work = wiring.reading("starter", actor="cli", source="cli")
    from wonward.records.names import names

    assert names(work, work.catalog.object_types["company"], [kept])[kept].startswith("Nordisk Måleri")


def test_what_may_not_be_done_has_no_button_and_is_refused_with_whom_to_ask(world: World) -> None:
    _, client = signed_in("carl@example.com", "Carl Dam", "viewer")
    deal = f"/p/starter/deals/{world.deals[0]}"
    page = client.get(deal).content.decode()
    assert "Facade 0" in page
    for word in ("Merge…", ">Edit<", ">Archive<", 'aria-label="Edit', "data-uploads"):
        assert word not in page
    listing = client.get("/p/starter/deals").content.decode()
    for word in ("Import", "Export", "New deal", "likely duplicate"):
        assert word not in listing
    for address in (
        f"{deal}/edit",
        f"{deal}/merge",
        "/p/starter/deals/new",
        "/p/starter/deals/export",
        "/p/starter/deals/import",
        "/p/starter/owners/import",
        "/p/starter/duplicates",
    ):
        answer = client.get(address)
        assert answer.status_code == 403, address
        said = answer.content.decode()
        assert "Your role (Læser) may" in said, address
        assert "an admin of the portal" in said
    for address, form in (
        (f"{deal}/archive", {}),
        (f"{deal}/stage", {"pipeline": "default", "stage": "closedwon"}),
    ):
        client.post(address, form)
    moved = {"pipeline": "default", "stage": "closedwon"}
    barred = client.post(f"{deal}/stage", moved, headers={"HX-Request": "true"})
    assert (barred.status_code, "may edit no deals" in barred.content.decode()) == (403, True)
    assert "data-move" not in client.get("/p/starter/deals/board/default").content.decode()
    refused = client.post(f"{deal}/properties/amount", {"amount": "7"}, headers={"HX-Request": "true"})
    assert "may edit no deals" in refused.content.decode()
    work = wiring.reading("starter", actor="cli", source="cli")
    from wonward.records import history

    actors = {entry.actor for entry in history.of_record(work, world.deals[0])}
    assert actors == {f"user:{world.ada.user_id}", "meet:samtale"}, "none is the reader's"


def test_a_figure_counts_no_record_that_is_not_seen(bo: World) -> None:
    """The portal's own dashboard, and one of Ada's that she shares, are the same pages for Bo with his figures."""
    OwnDashboard.objects.update(sharing="everyone")
    define(seller={"label": "Sælger", "default": OWN, "may": ["goals"]})
    with wiring.writing("starter", actor="cli", source="cli") as work:
        deal = work.catalog.object_type("deal")
        given = {"dealstage": "closedwon", "closedate": clock.now().isoformat()}
        write.update(work, deal, [(each, {**given, "amount": "7654321"}) for each in bo.deals])
    for name in ("sales", bo.dashboard):
        for asked in ({}, {"owner": "me"}, {"period": "this_year"}, {"owner": str(bo.deals[0])}):
            page = bo.pages.get(f"/p/starter/dashboards/{name}", asked).content.decode()
            assert not re.search(r"7.?654.?321|22.?962.?963|23\.0M|7\.7M", page)
            assert not CANARY.search(page)
    page = bo.pages.get("/p/starter/dashboards/sales").content.decode()
    assert 'title="1 deal">1</a>' in page, "his own"
    goals = bo.pages.get("/p/starter/goals").content.decode()
    assert "Bo Berg" in goals


def test_a_role_that_is_gone_shows_nothing_at_all(world: World) -> None:
    for role in ("", "gone"):
        _, client = signed_in(f"dora{role}@example.com", "Dora Elm", role or "none")
        Member.objects.filter(email=f"dora{role}@example.com").update(role=role)
        answer = client.get("/p/starter")
        assert answer.status_code == 403
        assert "shows you nothing" in answer.content.decode()
        for page in ("/p/starter/deals", f"/p/starter/deals/{world.deals[0]}"):
            assert client.get(page).status_code == 404
        assert not CANARY.search(client.get("/p/starter/search", {"q": "Nordisk"}).content.decode())


def test_a_hidden_property_is_on_no_page_while_its_record_is(world: World) -> None:
    """Bo sees all deals and companies, but neither the amount nor the city of any."""
    body = {
        "label": "Marketing",
        "default": {"view": "everyone", "edit": "everyone", "delete": "everyone", "create": True},
        "types": {"deal": {"hidden": ["amount"]}, "company": {"hidden": ["city"], "read_only": ["phone"]}},
        "may": ["import", "export", "merge"],
    }
    define(marketing=body)
    with wiring.writing("starter", actor="cli", source="cli") as work:
        company, deal = map(work.catalog.object_type, ("company", "deal"))
        write.update(work, company, [(each, {"city": "Skørping"}) for each in world.companies])
        write.update(work, deal, [(each, {"amount": "7654321"}) for each in world.deals])
    bo, client = signed_in("bo@example.com", "Bo Berg", "marketing")
    seeing = replace(world, pages=client, ada=bo)
    canary = re.compile(
        r"Skørping|7.?654.?321|22.?962.?963|11.?481.?48[12]"
    )  # sums of three, weighted ones too
    assert canary.search(texts(world.pages.get(f"/p/starter/deals/{world.deals[0]}")))
    found = {}
    for name, ask in ROUTES.items():
        with transaction.atomic():
            said = texts(ask(seeing))
            transaction.set_rollback(True)
        if canary.search(said):
            found[name] = said[max(canary.search(said).start() - 80, 0) :][:160]  # type: ignore[union-attr]
    assert not found
    page = client.get(f"/p/starter/companies/{world.companies[0]}").content.decode()
    assert "Nordisk Måleri 0" in page
    assert 'aria-label="Edit Phone' not in page
    refused = client.get("/p/starter/deals", {"where": "amount > 1"})
    assert "there is no property &#39;amount&#39;" in refused.content.decode()
    saved = client.post(
        f"/p/starter/companies/{world.companies[0]}/edit", {"phone": "12345678", "city": "Ribe"}
    )
    assert saved.status_code == 302
    work = wiring.reading("starter", actor="cli", source="cli")
    from wonward.records import query
    from wonward.records.query import Query

    kind = work.catalog.object_types["company"]
    rows = query.rows(work, Query(kind, ids=[world.companies[0]]), ["phone", "city"])
    assert rows == [(world.companies[0], None, "Skørping")]


def test_a_team_sees_what_its_members_and_those_of_teams_below_own(world: World) -> None:
    define(leader={"label": "Leder", "default": {"view": "team"}})
    portal = Portal.objects.get(name="starter")
    north = Team.objects.create(portal=portal, name="Nord")
    aarhus = Team.objects.create(portal=portal, name="Aarhus", parent=north)
    sales = Team.objects.create(portal=portal, name="Salg")
    leader, client = signed_in("eva@example.com", "Eva Fog", "leader")
    page = f"/p/starter/deals/{world.deals[0]}"
    for hers, evas, status in (
        ({"team": aarhus}, {"team": north}, 200),
        ({"team": north}, {"team": aarhus}, 404),
        ({"team": sales, "extra_team": aarhus}, {"team": None, "extra_team": north}, 200),
        ({"team": sales, "extra_team": None}, {"team": aarhus, "extra_team": sales}, 200),
        ({"team": None, "extra_team": None}, {"team": None, "extra_team": None}, 404),
    ):
        Member.objects.filter(pk=world.ada.pk).update(**hers)
        Member.objects.filter(pk=leader.pk).update(**evas)
        assert client.get(page).status_code == status, (hers, evas)
