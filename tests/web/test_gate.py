"""What a person is asked when a record comes to a stage that needs something."""

import re

import pytest
from django.test import Client
from tests.salg import SALG

from wonward import wiring
from wonward.accounts.models import Member
from wonward.blueprints import apply
from wonward.errors import Refusal
from wonward.records import associate, query, write
from wonward.records.associate import Link
from wonward.records.query import Query

from .conftest import Cast

BOARD = {"HX-Request": "true"}


@pytest.fixture
def deal(salg: str, cast: Cast) -> int:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        [deal] = write.create(
            work, work.catalog.object_type("deal"), [{"dealname": "Tårnet", "pipeline": "salg"}]
        )
    return deal


def values(deal: int, *names: str) -> tuple[str | None, ...]:
    work = wiring.reading("starter", actor="user:1", source="web")
    [(_, *found)] = query.rows(work, Query(work.catalog.object_type("deal"), ids=[deal]), names)
    return tuple(found)


def stage(deal: int) -> str | None:
    return values(deal, "dealstage")[0]


def move(pages: Client, deal: int, to: str, *, partial: bool = True, **more: str) -> tuple[int, str]:
    answer = pages.post(
        f"/p/starter/deals/{deal}/stage",
        {"pipeline": "salg", "stage": to, **more},
        headers=BOARD if partial else {},
    )
    return answer.status_code, answer.content.decode()


def inputs(html: str) -> list[str]:
    return re.findall(r'id="gate-field-(\w+)"', html)


def test_the_form_asks_for_what_lacks_and_the_move_goes_on(pages: Client, deal: int) -> None:
    status, html = move(pages, deal, "moede", where="")
    assert status == 422
    assert inputs(html) == ["dealtype", "description"]
    assert "Deal type is needed in Møde booket" in html
    assert stage(deal) == "dialog"
    status, html = move(
        pages, deal, "moede", where="", checked="1", dealtype="newbusiness", **{"dealtype.was": ""}
    )
    assert status == 200
    assert f'id="card-{deal}"' in html
    assert values(deal, "dealstage", "dealtype") == ("moede", "newbusiness")


def test_what_cannot_be_typed_stands_above(pages: Client, deal: int) -> None:
    _, html = move(pages, deal, "tilbud")
    assert inputs(html) == ["closedate", "amount"]
    assert "Et tilbud har et beløb over nul" in html
    lacks = re.search(r'<ul class="gate-lacks".*?</ul>', html, re.S)
    assert lacks
    assert "Tilknyt en kontaktperson" in lacks[0]
    assert "beløb" not in lacks[0]


def test_what_was_typed_stays_while_something_lacks(pages: Client, deal: int) -> None:
    _, html = move(pages, deal, "tilbud", checked="1", closedate="2026-12-24", **{"closedate.was": ""})
    assert 'value="2026-12-24"' in html
    assert values(deal, "dealstage", "closedate") == ("dialog", None)


def test_copied_values_are_shown_to_be_checked_once(pages: Client, deal: int, cast: Cast) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        company, kind = work.catalog.object_type("company"), work.catalog.object_type("deal")
        write.update(work, company, [(cast.nordisk, {"fakturamail": "faktura@nordisk.dk"})])
        associate.associate(work, kind, company, [Link(deal, cast.nordisk)])
    status, html = move(pages, deal, "fakturering")
    assert (status, stage(deal)) == (422, "dialog")
    assert "Filled in; check that it is right" in html
    assert 'value="faktura@nordisk.dk"' in html
    assert 'class="problem"' not in html
    same = {"fakturamail": "faktura@nordisk.dk", "fakturamail.was": ""}
    status, _ = move(pages, deal, "fakturering", checked="1", **same)
    assert status == 204
    assert values(deal, "dealstage", "fakturamail") == ("fakturering", "faktura@nordisk.dk")


def test_a_copied_value_can_be_replaced_or_emptied(pages: Client, deal: int, cast: Cast) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        company, kind = work.catalog.object_type("company"), work.catalog.object_type("deal")
        write.update(work, company, [(cast.nordisk, {"fakturamail": "faktura@nordisk.dk"})])
        associate.associate(work, kind, company, [Link(deal, cast.nordisk)])
    was = {"fakturamail.was": ""}
    status, html = move(pages, deal, "fakturering", checked="1", fakturamail="", **was)
    assert status == 422
    assert "Fakturamail is needed in Til fakturering" in html
    status, _ = move(pages, deal, "fakturering", checked="1", fakturamail="anden@nordisk.dk", **was)
    assert (status, values(deal, "fakturamail")) == (204, ("anden@nordisk.dk",))


def test_without_scripts_it_is_a_page(pages: Client, deal: int) -> None:
    status, html = move(pages, deal, "moede", partial=False)
    assert status == 422
    assert "<title>Møde booket · Tårnet · Wonward</title>" in html
    answer = pages.post(
        f"/p/starter/deals/{deal}/stage",
        {"pipeline": "salg", "stage": "moede", "checked": "1", "dealtype": "newbusiness", "dealtype.was": ""},
    )
    assert answer.headers["Location"] == f"/p/starter/deals/{deal}"
    assert stage(deal) == "moede"


def test_a_way_that_is_closed_is_only_told(pages: Client, deal: int) -> None:
    move(pages, deal, "fakturering", checked="1", fakturamail="a@b.dk", **{"fakturamail.was": ""})
    status, html = move(pages, deal, "dialog", where="")
    assert status == 422
    assert "From Til fakturering nothing goes on to another stage" in html
    assert "<form" not in html


def test_the_board_offers_new_deals_where_they_may_begin(pages: Client, deal: int) -> None:
    html = pages.get("/p/starter/deals/board/salg").content.decode()
    assert re.findall(r'aria-label="New deal in ([^"]+)"', html) == ["Dialog indledt"]


def test_the_edit_form_tells_it_at_the_fields(pages: Client, deal: int) -> None:
    answer = pages.post(
        f"/p/starter/deals/{deal}/edit", {"dealstage": "salg/moede", "dealstage.was": "salg/dialog"}
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert re.search(r'id="problem-dealtype" role="alert">Deal type is needed in Møde booket', html)


def test_who_may_moves_it_past_the_gate_and_says_why(pages: Client, deal: int) -> None:
    _, html = move(pages, deal, "moede")
    assert "Move all the same" in html
    said = {"checked": "1", "dealtype": "", "dealtype.was": "", "override": "1"}
    status, html = move(pages, deal, "moede", **said, override_reason="  ")
    assert (status, stage(deal)) == (422, "dialog")
    assert "Say why it is moved all the same" in html
    status, _ = move(pages, deal, "moede", **said, override_reason="Søren har aftalt mødet på telefon")
    assert (status, stage(deal)) == (204, "moede")
    timeline = pages.get(f"/p/starter/deals/{deal}/timeline").content.decode()
    assert "moved this deal past a gate" in timeline
    assert "Søren har aftalt mødet på telefon" in timeline
    assert "Deal type is needed in Møde booket" in timeline


def test_a_reason_without_its_button_moves_nothing(pages: Client, deal: int) -> None:
    status, _ = move(pages, deal, "moede", checked="1", override_reason="Haster")
    assert (status, stage(deal)) == (422, "dialog")


def test_who_may_not_is_not_offered_it_and_refused(pages: Client, deal: int) -> None:
    everyone = {"view": "everyone", "edit": "everyone"}
    apply.define("starter", {("role", "saelger"): {"label": "Sælger", "default": everyone}}, actor="user:1")
    Member.objects.filter(user__isnull=False).update(role="saelger")
    _, html = move(pages, deal, "moede")
    assert "Move all the same" not in html
    status, html = move(pages, deal, "moede", checked="1", override="1", override_reason="Haster")
    assert (status, stage(deal)) == (422, "dialog")
    assert "may not move records past a gate that refuses them" in html


def test_an_approval_is_asked_for_and_given_on_the_page(pages: Client, deal: int) -> None:
    stages = [dict(each) for each in SALG["stages"]]
    approval = {"name": "rabat", "by": "super_admin", "message": "Rabatten er godkendt"}
    stages[1]["gate"] = {"criteria": [{"approval": approval}]}
    apply.define("starter", {("pipeline", "deal.salg"): {**SALG, "stages": stages}}, actor="user:1")
    page = f"/p/starter/deals/{deal}"
    place = {"stage": "moede", "name": "rabat"}
    assert "Rabatten er godkendt" in move(pages, deal, "moede")[1]
    assert "Ask for approval" in pages.get(page).content.decode()
    pages.post(f"{page}/decisions", {**place, "do": "ask"})
    html = pages.get(page).content.decode()
    assert "Ask for approval" not in html
    assert 'value="decline"' in html
    html = pages.post(f"{page}/decisions", {**place, "do": "decline"}, follow=True).content.decode()
    assert "Say why you decline" in html
    pages.post(f"{page}/decisions", {**place, "do": "approve", "reason": "Lis er enig"})
    timeline = pages.get(f"{page}/timeline").content.decode()
    assert "approved: Rabatten er godkendt" in timeline
    assert "Lis er enig" in timeline
    assert pages.post(f"{page}/decisions", {**place, "do": "vælt"}).status_code == 404
    status, _ = move(pages, deal, "moede")
    assert (status, stage(deal)) == (204, "moede")


def one_each(salg: str) -> None:
    """Have Møde booket want a deal for each type."""
    stages = [dict(stage) for stage in SALG["stages"]]
    stages[1]["gate"] = {**stages[1]["gate"], "one_each": "dealtype"}
    apply.define(salg, {("pipeline", "deal.salg"): {**SALG, "stages": stages}}, actor="cli")


def names_of_deals() -> list[tuple[str | None, ...]]:
    work = wiring.reading("starter", actor="user:1", source="web")
    deals = query.rows(
        work,
        Query(work.catalog.object_type("deal"), equal=(("pipeline", "salg"),)),
        ["dealname", "dealtype", "dealstage", "company.name"],
    )
    return [row[1:] for row in deals]


def test_the_form_offers_a_record_for_each_further_value(
    salg: str, pages: Client, cast: Cast, deal: int
) -> None:
    one_each(salg)
    with wiring.writing(salg, actor="user:1", source="web") as work:
        kinds = [work.catalog.object_type(name) for name in ("deal", "company")]
        associate.associate(work, *kinds, [Link(deal, cast.nordisk)])
    _, html = move(pages, deal, "moede", where="")
    assert "Several? Make one for each" in html
    both = {"checked": "1", "dealtype": "newbusiness", "dealtype.was": ""}
    further = ["newbusiness", "existingbusiness", "Søren"]
    answer = pages.post(
        f"/p/starter/deals/{deal}/stage", {"pipeline": "salg", "stage": "moede", **both, "further": further}
    )
    assert answer.status_code == 302
    assert names_of_deals() == [
        ("Tårnet", "newbusiness", "moede", "Nordisk Måleri A/S"),
        ("Tårnet | Existing business", "existingbusiness", "dialog", "Nordisk Måleri A/S"),
    ]


def test_what_is_refused_makes_no_further_records(salg: str, pages: Client, deal: int) -> None:
    one_each(salg)
    status, html = move(
        pages,
        deal,
        "moede",
        where="",
        checked="1",
        dealtype="",
        further="existingbusiness",
        **{"dealtype.was": ""},
    )
    assert status == 422
    assert 'value="existingbusiness" checked' in html, "what was ticked stays ticked"
    assert len(names_of_deals()) == 1


@pytest.mark.parametrize("name", ["description", "dealname", "nothing"])
def test_one_each_is_a_choice_that_the_gate_requires(salg: str, name: str) -> None:
    stages = [dict(stage) for stage in SALG["stages"]]
    stages[1]["gate"] = {"requires": ["dealtype", "dealname"], "one_each": name}
    with pytest.raises(Refusal, match="which must be an enumeration that it requires"):
        apply.define(salg, {("pipeline", "deal.salg"): {**SALG, "stages": stages}}, actor="cli")
