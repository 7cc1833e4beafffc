"""The pages where admins look after people: who is found, what is refused and where, and who may come there at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from wonward import clock, wiring
from wonward.accounts import invitations, memberships, users
from wonward.accounts.models import Invitation, Member, Portal, RightsChange, SignIn, User
from wonward.blueprints import apply
from wonward.records import write
from wonward.records.models import HandOver
from wonward.worker import jobs

from .conftest import BACKEND, PASSWORD

SEAT = {"label": "Salg", "count": 1, "unlocks": ["forecast"]}
ROOT = "/p/starter/people"


@pytest.fixture
def portal(ada: Member) -> Portal:
    """Ada's portal with two roles and a seat."""
    roles = {
        ("role", "saelger"): {"label": "Sælger", "default": {"view": "own"}},
        ("role", "leder"): {"label": "Leder", "default": {"view": "everyone"}, "may": ["people"]},
        ("seat", "salg"): SEAT,
    }
    apply.define("starter", roles, actor="user:1")
    return Portal.objects.get(name="starter")


def joined(portal: Portal, name: str, role: str) -> tuple[Member, Client]:
    email = f"{name.partition(' ')[0].lower().replace('ø', 'o')}@maleri.example"
    users.create(email, name, PASSWORD, [portal], role)
    member = Member.objects.get(email=email)
    client = Client()
    client.force_login(User.objects.get(id=member.user_id), backend=BACKEND)
    return member, client


def form(person: Member, **said: str) -> dict[str, str]:
    """Return what the page of a member sends back when something of it was typed anew."""
    held = {
        "role": person.role,
        "team": person.team.name if person.team else "",
        "extra_team": person.extra_team.name if person.extra_team else "",
        "seat": person.seat,
        "sees_sensitive": "yes" if person.sees_sensitive else "",
        "away_from": "",
        "away_until": "",
        "title": person.title,
        "phone": person.phone,
    }
    return {f"{name}.was": value for name, value in held.items()} | held | said


def test_the_list_finds_by_words_role_team_seat_and_who_is_away_or_left(
    portal: Portal, pages: Client
) -> None:
    soren, _ = joined(portal, "Søren Ågård", "saelger")
    joined(portal, "Bo Berg", "leder")
    today = clock.now().date()
    memberships.give_teams(portal, str(soren.pk), "Aarhus", "Rekruttering")
    memberships.send_away(portal, str(soren.pk), today, today + timedelta(days=3))
    SignIn.objects.create(user_id=soren.user_id, email="s", at=clock.now(), how="password", result="entered")
    team = Member.objects.get(pk=soren.pk).extra_team_id

    def found(**asked: Any) -> set[str]:
        page = pages.get(ROOT, asked).content.decode()
        return {name for name in ("Søren Ågård", "Bo Berg") if f"</span>{name}</a>" in page}

    assert found() == {"Søren Ågård", "Bo Berg"}
    assert found(q="ågård") == found(q="SØREN soren@") == {"Søren Ågård"}
    assert found(role="leder") == {"Bo Berg"}
    assert found(team=team) == found(state="away") == {"Søren Ågård"}
    assert found(seat="salg") == found(state="left") == found(q="100%_") == set()
    for odd in ({"team": "x"}, {"team": "9" * 30}, {"state": "x"}, {"q": "\0"}, {"role": "<b>"}):
        assert pages.get(ROOT, odd).status_code == 200
    page = pages.get(ROOT, {"q": "søren"}).content.decode()
    for said in ("Aarhus, Rekruttering", "0 of 1 Salg seats taken", "Sælger", "until"):
        assert said in page


def test_only_who_may_look_after_people_comes_here(portal: Portal, pages: Client) -> None:
    soren, client = joined(portal, "Søren Ågård", "saelger")
    made = invitations.invite("ib@maleri.example", "Ib", portal, "saelger")
    assert made
    assert ROOT not in client.get("/p/starter/companies").content.decode()
    assert f'href="{ROOT}"' in pages.get("/p/starter/companies").content.decode()
    for method, address in (
        ("get", ROOT),
        ("get", f"{ROOT}/invite"),
        ("post", f"{ROOT}/invite"),
        ("get", f"{ROOT}/{soren.pk}"),
        ("get", f"{ROOT}/{soren.pk}/leave"),
        ("post", f"{ROOT}/{soren.pk}/leave"),
        ("get", f"{ROOT}/{soren.pk}/hand-over"),
        ("post", f"{ROOT}/{soren.pk}/come-back"),
        ("post", f"{ROOT}/{soren.pk}"),
        ("post", f"{ROOT}/invitations/{made.pk}/renew"),
        ("post", f"{ROOT}/invitations/{made.pk}/withdraw"),
    ):
        answer = getattr(client, method)(address, form(soren, role="super_admin"))
        assert answer.status_code == 403, address
        assert "Your role (Sælger) may not look after people" in answer.content.decode()
    assert Member.objects.get(pk=soren.pk).role == "saelger"
    assert Invitation.objects.filter(pk=made.pk).exists()
    assert pages.get(f"{ROOT}/999999").status_code == 404


def test_a_member_is_changed_as_typed_and_who_changed_it_is_told(portal: Portal, pages: Client) -> None:
    soren, _ = joined(portal, "Søren Ågård", "saelger")
    said = form(
        soren,
        role="leder",
        team="Aarhus",
        extra_team="Rekruttering",
        seat="salg",
        away_from="2026-12-21",
        away_until="2027-01-03",
        sees_sensitive="yes",
        title="Rådgiver",
        phone="+45 12 34 56 78",
    )
    assert pages.post(f"{ROOT}/{soren.pk}", said).status_code == 302
    person = Member.objects.get(pk=soren.pk)
    assert (person.role, str(person.team), str(person.extra_team)) == ("leder", "Aarhus", "Rekruttering")
    assert (person.seat, person.sees_sensitive, person.title) == ("salg", True, "Rådgiver")
    assert str(person.away_until) == "2027-01-03"
    page = pages.get(f"{ROOT}/{soren.pk}").content.decode()
    for told in ("Sælger", "Leder", "Primary team", "Ada Holm"):
        assert told in page
    assert {
        (each.what, each.before, each.after) for each in RightsChange.objects.filter(actor__startswith="user")
    } == {
        ("role", "saelger", "leder"),
        ("team", "", "Aarhus"),
        ("extra_team", "", "Rekruttering"),
        ("seat", "", "salg"),
        ("sees_sensitive", "", "yes"),
    }


def test_what_is_refused_stands_at_its_field_and_nothing_is_changed(
    portal: Portal, pages: Client, ada: Member
) -> None:
    soren, _ = joined(portal, "Søren Ågård", "saelger")
    joined(portal, "Bo Berg", "leder")
    memberships.give_teams(portal, "bo@maleri.example", "Nord", None)
    assert (
        pages.post(
            f"{ROOT}/{Member.objects.get(first_name='Bo').pk}",
            form(Member.objects.get(first_name="Bo"), seat="salg"),
        ).status_code
        == 302
    )
    for said, told in (
        ({"seat": "salg"}, "All 1 Salg seats are taken, by Bo Berg"),
        ({"seat": "guld"}, "There is no kind of seat &#39;guld&#39;"),
        ({"role": "konge"}, "There is no role &#39;konge&#39;"),
        ({"extra_team": "Nord"}, "A member with one team has it as the primary one"),
        ({"team": "Nord", "extra_team": "nord"}, "The two teams of a member differ"),
        ({"team": "x" * 300}, "at most 200 characters"),
        ({"away_from": "2026-12-21"}, "Give the first and the last day away"),
        ({"away_from": "jul", "away_until": "2027-01-03"}, "Write days as"),
        ({"phone": "1" * 90}, "at most 50 characters"),
    ):
        answer = pages.post(f"{ROOT}/{soren.pk}", form(soren, **{"title": "Rådgiver", **said}))
        assert answer.status_code == 422, said
        assert told in answer.content.decode(), said
        assert Member.objects.get(pk=soren.pk).title == "", "nothing of the form was saved"
    refused = pages.post(f"{ROOT}/{ada.pk}", form(ada, role="leder"))
    assert "Ada Holm is the last super admin of starter" in refused.content.decode()
    memberships.give_role(portal, str(soren.pk), "leder", ["leder"])
    stale = pages.post(f"{ROOT}/{soren.pk}", form(soren, role="super_admin"))
    assert "Meanwhile somebody else set this to leder." in stale.content.decode()


def test_who_looks_after_people_makes_nobody_more_than_a_super_admin_would(
    portal: Portal, ada: Member
) -> None:
    bo, client = joined(portal, "Bo Berg", "leder")
    soren, _ = joined(portal, "Søren Ågård", "saelger")
    for person, said in (
        (soren, {"role": "super_admin"}),
        (bo, {"role": "super_admin"}),
        (bo, {"role": "saelger"}),
        (ada, {"role": "leder"}),
        (soren, {"sees_sensitive": "yes"}),
    ):
        answer = client.post(f"{ROOT}/{person.pk}", form(person, **said))
        assert answer.status_code == 422
        assert "Only a super admin of the portal may" in answer.content.decode()
    assert client.post(f"{ROOT}/{soren.pk}", form(soren, role="leder")).status_code == 302


def test_an_invitation_is_sent_again_and_withdrawn(portal: Portal, pages: Client) -> None:
    made = invitations.invite("ib@maleri.example", "Ib Bæk", portal, "saelger")
    assert made
    Invitation.objects.filter(pk=made.pk).update(made_at=clock.now() - timedelta(days=8))
    assert "ended" in pages.get(ROOT).content.decode()
    assert pages.post(f"{ROOT}/invitations/{made.pk}/renew").status_code == 302
    page = pages.get(ROOT).content.decode()
    assert "ib@maleri.example is invited again." in page
    assert "ended" not in page
    link = invitations.link(Invitation.objects.get(pk=made.pk)).rpartition("/")[2]
    assert invitations.opened(link)
    pages.post(f"{ROOT}/invitations/{made.pk}/withdraw")
    pages.post(f"{ROOT}/invitations/{made.pk}/withdraw")
    page = pages.get(ROOT).content.decode()
    assert "is withdrawn" in page
    assert "accepted or withdrawn meanwhile" in page
    assert not Invitation.objects.filter(pk=made.pk).exists()


def test_people_of_other_portals_are_not_here(portal: Portal, pages: Client) -> None:
    other = Portal.objects.create(
        name="andre", label="Andre", schema="portal_andre", created_at=clock.now(), currency="DKK"
    )
    users.create("eva@andre.example", "Eva Fog", PASSWORD, [other])
    eva = Member.objects.get(email="eva@andre.example")
    made = invitations.invite("ib@andre.example", "Ib", other, "super_admin")
    assert made
    assert "Eva Fog" not in pages.get(ROOT, {"q": "eva"}).content.decode()
    assert pages.get(f"{ROOT}/{eva.pk}").status_code == 404
    assert pages.post(f"{ROOT}/{eva.pk}", form(eva, title="x")).status_code == 404
    pages.post(f"{ROOT}/invitations/{made.pk}/withdraw")
    assert Invitation.objects.filter(pk=made.pk).exists()


def test_several_are_invited_at_once_or_nobody(portal: Portal, pages: Client, ada: Member) -> None:
    bo = users.create("bo@maleri.example", "Bo Berg", PASSWORD, [])
    asked = {
        "people": "Ib Bæk <Ib@maleri.example>\n\nane@maleri.example\nbo@maleri.example\n",
        "role": "saelger",
        "team": "Aarhus",
    }
    for said, told in (
        (
            {"people": "ib\nib@x.example\nIB@x.example\nada@example.com"},
            [
                "Line 1: &#39;ib&#39; is no email",
                "Line 3: ib@x.example stands in line 2",
                "Line 4: ada@example.com is a member already",
            ],
        ),
        ({"people": " \n"}, ["at least one email address"]),
        ({"people": "\n".join(f"a{n}@x.example" for n in range(101))}, ["at most 100 people"]),
        ({"role": "konge"}, ["There is no role"]),
        ({"role": ""}, ["There is no role"]),
        ({"team": "x" * 300}, ["at most 200 characters"]),
    ):
        answer = pages.post(f"{ROOT}/invite", asked | said)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert all(each in page for each in told), said
        assert not Invitation.objects.exists(), said
        assert not Member.objects.filter(user=bo).exists()
    assert pages.post(f"{ROOT}/invite", asked).status_code == 302
    page = pages.get(ROOT).content.decode()
    assert "Ib Bæk" in page
    assert "Sælger" in page
    assert str(Member.objects.get(user=bo).team) == "Aarhus"
    ib = Invitation.objects.get(email="ib@maleri.example")
    user = invitations.accept(invitations.link(ib).rpartition("/")[2], "Ib Bæk", PASSWORD)
    member = Member.objects.get(user=user)
    assert (member.role, str(member.team)) == ("saelger", "Aarhus")
    _, leader = joined(portal, "Eva Fog", "leder")
    refused = leader.post(f"{ROOT}/invite", asked | {"people": "ib2@maleri.example", "role": "super_admin"})
    assert "Only a super admin of the portal may invite a super admin" in refused.content.decode()


def test_who_leaves_hands_over_on_a_page_that_shows_what(portal: Portal, pages: Client, ada: Member) -> None:
    soren, client = joined(portal, "Søren Ågård", "leder")
    Member.objects.filter(pk=soren.pk).update(owns_records=True)
    with wiring.writing("starter", actor="cli", source="cli") as work:
        deal = work.catalog.object_type("deal")
        mine = {"hubspot_owner_id": str(soren.pk)}
        write.create(work, deal, [{"dealname": f"Facade {n}", **mine} for n in range(3)])
    address = f"{ROOT}/{soren.pk}"
    preview = pages.get(f"{address}/leave").content.decode()
    assert "Deal owner: 3" in preview or "owner: 3" in preview
    for said, told in (
        ({}, "say who gets what"),
        ({"to": str(soren.pk)}, "is no member"),
        ({"to": "x"}, "is no member"),
    ):
        answer = pages.post(f"{address}/leave", said)
        assert (answer.status_code, told in answer.content.decode()) == (422, True), said
    assert pages.get(f"{address}/hand-over").status_code == 404
    assert pages.post(f"{address}/leave", {"to": "", "to.deal": str(ada.pk)}).status_code == 302
    assert client.get("/p/starter/deals").status_code == 302, "signed out"
    assert "0 of 3 records are handed over" in pages.get(address).content.decode()
    partial = {"HX-Request": "true"}
    assert "0 of 3" in pages.get(f"{address}/hand-over", headers=partial).content.decode()
    jobs.hand_over(HandOver.objects.get().pk)
    assert pages.get(f"{address}/hand-over", headers=partial)["HX-Redirect"] == address
    assert "3 of 3 records were handed over" in pages.get(address).content.decode()
    assert pages.post(address, form(soren, title="x")).status_code == 422, "who left isn't changed"
    assert pages.post(f"{address}/come-back").status_code == 302
    assert pages.post(f"{address}/come-back").status_code == 404
    assert "is a member again" in pages.get(address).content.decode()
