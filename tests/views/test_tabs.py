"""Which views somebody has over a list, in which order, and who may change one."""

from dataclasses import replace
from typing import Any

import pytest
from tests.statements import counted

from wonward import wiring
from wonward.accounts import teams, users
from wonward.accounts.models import Member, Portal, Team
from wonward.blueprints import apply
from wonward.errors import Forbidden, Invalid, Missing
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.seen import rights_of
from wonward.views import keep, key_properties, tabs
from wonward.views.keep import Wanted
from wonward.views.models import SavedView

PASSWORD = "correct horse battery staple"
BIG = Wanted("amount > 1000", ["amount", "dealstage"], "-amount", "list", "")


@pytest.fixture
def people(starter: str) -> dict[str, Member]:
    """Søren and Bo sell in Aarhus, which is below Nord, led by Eva; Ada is the super admin, Åse looks after views."""
    everyone = {"view": "everyone", "edit": "everyone", "create": True}
    hidden = {"label": "Sælger", "default": everyone, "types": {"company": {"hidden": ["city"]}}}
    admin = {"label": "Administrator", "default": everyone, "may": ["views"]}
    shop = {"label": "Kun Nord", "object": "deal", "teams": ["Nord"]}
    mine = {
        "label": "Mine",
        "object": "deal",
        "filter": "hubspot_owner_id = me()",
        "default_for": ["saelger"],
    }
    chefs = {"label": "Chefens", "object": "deal", "roles": ["administrator"]}
    wanted: dict[tuple[str, str], dict[str, Any]] = {
        ("role", "saelger"): hidden,
        ("role", "administrator"): admin,
        ("view", "nord"): shop,
        ("view", "mine"): mine,
        ("view", "chefens"): chefs,
    }
    apply.define(starter, wanted, actor="user:1")
    portal = Portal.objects.get(name=starter)
    north = Team.objects.create(portal=portal, name="Nord")
    aarhus = Team.objects.create(portal=portal, name="Aarhus", parent=north)
    made = {}
    for name, role, team in (
        ("Ada Holm", "super_admin", None),
        ("Søren Ågård", "saelger", aarhus),
        ("Bo Berg", "saelger", aarhus),
        ("Eva Fog", "saelger", north),
        ("Ib Bæk", "saelger", None),
        ("Åse Dam", "administrator", None),
    ):
        first = name.split()[0]
        users.create(f"{len(made)}@example.com", name, PASSWORD, [portal], role)
        member = Member.objects.get(email=f"{len(made)}@example.com")
        member.team = team
        member.save()
        made[first] = member
    return made


def asking(member: Member) -> tuple[Work, Member, ObjectType]:
    member = Member.objects.get(pk=member.pk)
    rights = rights_of(member, teams.mates(member))
    work = wiring.reading("starter", actor=f"user:{member.user_id}", source="web", rights=rights)
    return work, member, work.catalog.object_type("deal")


def labels(member: Member) -> list[str]:
    return [each.view.label for each in tabs.tabs(*asking(member)) if each.key not in SHIPPED]


SHIPPED = ("my_open_deals", "no_next_step")
"""Views of the blueprint that everyone has, which these stories leave aside."""


def test_one_sees_the_organisations_views_ones_own_and_those_shared(people: dict[str, Member]) -> None:
    soren = asking(people["Søren"])
    keep.make(*soren, "Store", "private", BIG)
    keep.make(*soren, "Teamets", "team", BIG)
    keep.make(*asking(people["Åse"]), "Alles", "everyone", BIG)
    assert labels(people["Søren"]) == ["Mine", "Store", "Teamets", "Alles"]
    assert labels(people["Bo"]) == ["Mine", "Alles", "Teamets"]
    assert labels(people["Eva"]) == ["Kun Nord", "Mine", "Alles", "Teamets"], "who leads the team above, too"
    assert labels(people["Ib"]) == ["Mine", "Alles"]
    assert labels(people["Åse"]) == ["Mine", "Chefens", "Alles"]
    assert labels(people["Ada"]) == ["Kun Nord", "Mine", "Chefens", "Alles", "Teamets"], "but nothing private"


def test_pinned_views_stand_first_in_the_order_of_the_pins(people: dict[str, Member]) -> None:
    _, bo, kind = asking(people["Bo"])
    shared = keep.make(*asking(people["Søren"]), "Teamets", "team", BIG)
    own = keep.make(*asking(people["Bo"]), "Bos", "private", BIG, pin=True)
    keep.set_pinned(bo, kind, [str(shared.pk), "gone", *keep.pinned(bo, kind)])
    assert labels(people["Bo"]) == ["Teamets", "Bos", "Mine"]
    keep.delete(*asking(people["Søren"])[:2], shared)
    assert labels(people["Bo"]) == ["Bos", "Mine"], "a pin of what is gone leads nowhere"
    assert own.filter == "amount > 1000"


def test_all_tabs_cost_one_statement(people: dict[str, Member], statements: list[str]) -> None:
    for number in range(3):
        keep.make(*asking(people["Søren"]), f"Nr. {number}", "team", BIG, pin=True)
    work, member, kind = asking(people["Bo"])
    statements.clear()
    assert len(tabs.tabs(work, member, kind)) >= 4
    assert len(counted(statements)) == 1


def test_the_list_opens_with_the_view_of_ones_role(people: dict[str, Member]) -> None:
    work, _, kind = asking(people["Bo"])
    opened = tabs.default(work.catalog, kind, work.rights.role)
    assert opened is not None
    assert opened.name == "mine"
    assert tabs.default(work.catalog, kind, "super_admin") is None


def test_only_who_made_a_view_changes_it_and_everyones_who_may(people: dict[str, Member]) -> None:
    work, soren, _ = asking(people["Søren"])
    teams_own = keep.make(*asking(soren), "Teamets", "team", BIG)
    with pytest.raises(Forbidden, match="somebody else's; copy it"):
        keep.rename(*asking(people["Bo"])[:2], teams_own, "Bos", "team")
    with pytest.raises(Forbidden, match="somebody else's"):
        keep.delete(*asking(people["Åse"])[:2], teams_own)
    with pytest.raises(Forbidden, match="may not share views with everyone"):
        keep.rename(work, soren, teams_own, "Alles", "everyone")
    alles = keep.make(*asking(people["Åse"]), "Alles", "everyone", BIG)
    with pytest.raises(Forbidden, match="somebody else's"):
        keep.show(*asking(soren), alles, BIG)
    work, ada, kind = asking(people["Ada"])
    keep.show(work, ada, kind, alles, Wanted("amount > 7", [], "", "board", "default"))
    keep.rename(work, ada, alles, " Alles  store ", "private")
    alles.refresh_from_db()
    assert (alles.label, alles.layout, alles.sharing) == ("Alles store", "board", "private")
    with pytest.raises(Missing, match="isn't shared with you"):
        keep.named(work, ada, kind, alles.pk)


@pytest.mark.parametrize(
    ("label", "sharing", "wanted", "said"),
    [
        (" ", "private", BIG, "Give the view a name"),
        ("x" * 101, "private", BIG, "up to 100 letters"),
        ("Store", "verden", BIG, "Choose who sees the view"),
        ("Store", "team", BIG, "in no team"),
        ("Store", "private", Wanted("amont > 7", [], "", "list", ""), "no property 'amont'"),
    ],
)
def test_what_a_view_cannot_be_is_said(
    people: dict[str, Member], label: str, sharing: str, wanted: Wanted, said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        keep.make(*asking(people["Ib"]), label, sharing, wanted)
    assert not SavedView.objects.exists()


def test_a_view_keeps_only_what_there_is(people: dict[str, Member]) -> None:
    company = asking(people["Ib"])[0].catalog.object_type("company")
    work, ib, _ = asking(people["Ib"])
    wanted = Wanted("hubspot_owner_id = me()", ["name", "city", "farve", "name"], "-city", "board", "default")
    made = keep.make(work, ib, company, "Mine", "private", wanted)
    assert (made.columns, made.sort, made.layout) == (["name"], "", "list"), "the city is hidden from Ib"


def test_somebody_has_no_end_of_views(people: dict[str, Member], monkeypatch: Any) -> None:
    monkeypatch.setattr(keep, "MOST", 1)
    keep.make(*asking(people["Ib"]), "En", "private", BIG)
    with pytest.raises(Invalid, match="You have 1 views of these already"):
        keep.make(*asking(people["Ib"]), "To", "private", BIG)


def test_views_of_another_portal_are_never_seen(people: dict[str, Member]) -> None:
    ada = people["Ada"]
    other = Portal.objects.create(
        name="other", label="Other", schema="portal_other", created_at=ada.created_at
    )
    stranger = Member.objects.create(
        portal=other, first_name="Ole", created_at=ada.created_at, updated_at=ada.created_at
    )
    SavedView.objects.create(
        portal=other,
        member=stranger,
        object_type="deal",
        label="Fremmed",
        columns=[],
        layout="list",
        sharing="everyone",
        changed_at=ada.created_at,
    )
    assert "Fremmed" not in labels(ada)


def test_ones_own_key_properties_go_before_the_default(people: dict[str, Member]) -> None:
    _, bo, deal = asking(people["Bo"])
    assert key_properties.chosen(bo, deal) is None
    assert key_properties.default(deal)[0] == "dealname"
    key_properties.choose(bo, deal, ["closedate", "amount", "farve", "amount"])
    assert key_properties.chosen(bo, deal) == ["closedate", "amount"]
    assert key_properties.chosen(people["Eva"], deal) is None
    keep.set_pinned(bo, deal, ["mine"])
    key_properties.choose(bo, deal, [])
    assert key_properties.chosen(bo, deal) == [], "none is a choice, too"
    key_properties.choose(bo, deal, None)
    assert key_properties.chosen(bo, deal) is None
    assert keep.pinned(bo, deal) == ["mine"]
    with pytest.raises(Invalid, match="take 1 away"):
        many = {f"p{n}": deal.properties["amount"] for n in range(key_properties.MOST + 1)}
        key_properties.choose(bo, replace(deal, properties=many), list(many))
