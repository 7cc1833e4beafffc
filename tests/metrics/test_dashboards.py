"""Dashboards (CON-16): the blueprint's are cloned, a person's own adapted, shared, pinned and removed."""

from typing import Any

import pytest

from wonward.accounts.models import Member
from wonward.errors import Conflict, Forbidden, Invalid, Missing
from wonward.metrics import dashboard as dashboards
from wonward.metrics.dashboard import Kept

from .conftest import Team, define


def seen(team: Team, member: Member) -> list[Kept]:
    return dashboards.seen(team.work(member), member)


def cloned(team: Team, member: Member, of: str = "sales", label: str = "Mit salg") -> Kept:
    name = dashboards.clone(team.work(member), member, dashboards.named(seen(team, member), of), label)
    return dashboards.named(seen(team, member), name)


def change(team: Team, kept: Kept, member: Member, sharing: str = "private", **body: Any) -> None:
    said = {**dashboards.body_of(kept.dashboard), **body}
    dashboards.change(team.work(member), kept, said, sharing, kept.version)


def test_a_clone_is_ones_own_and_shows_the_same(team: Team) -> None:
    mine = cloned(team, team.soren)
    [shipped] = [each for each in seen(team, team.soren) if each.owner is None]
    assert (mine.mine, mine.sharing, mine.dashboard.label) == (True, "private", "Mit salg")
    assert mine.dashboard.tiles == shipped.dashboard.tiles
    assert [each.name for each in seen(team, team.bo)] == ["sales"], "for themselves alone"
    with pytest.raises(Missing):
        dashboards.named(seen(team, team.bo), mine.name)


def test_it_is_shared_with_teams_or_everyone_and_changed_by_its_owner_alone(team: Team) -> None:
    mine = cloned(team, team.soren)
    change(
        team,
        mine,
        team.soren,
        sharing="team",
        owner="me",
        tiles=[{"kind": "number", "metrics": ["new_deals"]}],
    )
    assert [each.name for each in seen(team, team.aase)] == ["sales", mine.name]
    assert [each.name for each in seen(team, team.bo)] == ["sales"]
    there = dashboards.named(seen(team, team.aase), mine.name)
    assert (there.mine, there.dashboard.owner, len(there.dashboard.tiles)) == (False, "me", 1)
    for act in (lambda: dashboards.remove(there), lambda: change(team, there, team.aase)):
        with pytest.raises(Forbidden, match="belongs to Søren Holm; clone it"):
            act()
    change(team, dashboards.named(seen(team, team.soren), mine.name), team.soren, sharing="everyone")
    assert [each.name for each in seen(team, team.bo)] == ["sales", mine.name]
    Member.objects.filter(pk=team.soren.pk).update(archived=True)
    assert [each.name for each in seen(team, team.bo)] == ["sales"]


def test_what_was_changed_meanwhile_is_not_overwritten(team: Team) -> None:
    mine = cloned(team, team.soren)
    change(team, mine, team.soren, label="Først")
    with pytest.raises(Conflict, match="changed in another window"):
        change(team, mine, team.soren, label="Senere")


@pytest.mark.parametrize(
    ("tile", "message"),
    [
        ({"kind": "bars", "metrics": ["open_deals"]}, "is of no period"),
        ({"kind": "breakdown", "metrics": ["won_amount"]}, "write by"),
        ({"kind": "table", "metrics": ["won_amount"], "by": "dealname"}, "can't be grouped by 'dealname'"),
        ({"kind": "forecast", "metrics": ["won_amount"]}, "which won_amount isn't"),
        ({"kind": "number", "metrics": ["gone"]}, "there is no metric 'gone'"),
    ],
)
def test_a_tile_that_cannot_be_shown_is_refused_by_its_place(
    team: Team, tile: dict[str, Any], message: str
) -> None:
    mine = cloned(team, team.soren)
    with pytest.raises(Invalid, match=message) as refused:
        change(team, mine, team.soren, tiles=[{"kind": "number", "metrics": ["won_amount"]}, tile])
    assert [each.row for each in refused.value.problems] == [1]


def test_pinned_ones_stand_in_front_and_removing_takes_the_pin(team: Team) -> None:
    mine = cloned(team, team.soren)
    dashboards.pin(team.soren, mine, pinned=True)
    dashboards.pin(team.soren, mine, pinned=True)
    assert [each.name for each in seen(team, team.soren)] == [mine.name, "sales"]
    assert dashboards.named(seen(team, team.soren), "").name == mine.name
    dashboards.remove(dashboards.named(seen(team, team.soren), mine.name))
    assert [each.name for each in seen(team, team.soren)] == ["sales"]


@pytest.mark.parametrize(
    ("definition", "body", "message"),
    [
        ("metric__x", {"label": "X", "object": "deal", "measure": "sum"}, "value: amount"),
        (
            "metric__x",
            {"label": "X", "object": "deal", "measure": "sum", "value": "dealname"},
            "gives no number",
        ),
        ("metric__x", {"label": "X", "object": "deal", "filter": "amuont > 3"}, "did you mean"),
        ("metric__x", {"label": "X", "object": "deal", "date": "amount"}, "is no date"),
        (
            "metric__x",
            {"label": "X", "measure": "ratio", "over": ["won_amount", "won_deals"]},
            "one is money",
        ),
        (
            "metric__x",
            {"label": "X", "measure": "ratio", "over": ["win_rate", "won_deals"]},
            "over 'win_rate'",
        ),
        (
            "dashboard__x",
            {"label": "X", "tiles": [{"kind": "number", "metrics": ["won_amount"]}], "choice": "amount"},
            "no.* enumeration 'amount'|none of its metrics",
        ),
        ("dashboard__x", {"label": "X", "tiles": [{"kind": "line", "metrics": ["open_deals"]}]}, "tile 1"),
    ],
)
def test_a_definition_that_cannot_be_measured_is_refused(
    team: Team, definition: str, body: dict[str, Any], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        define(**{definition: body})


def test_a_metric_in_use_stays_and_a_property_says_who_measures_it(team: Team) -> None:
    from wonward.blueprints import apply

    with pytest.raises(Invalid, match="metric won_amount is still used by dashboard sales"):
        apply.define("starter", {}, frozenset([("metric", "won_amount")]), actor="user:1")
    found = {str(each) for each in apply.where_used("starter", ("property", "deal.amount"))}
    assert {"metric won_amount (value)", "metric expected_amount (value)"} <= found
    found = {str(each) for each in apply.where_used("starter", ("metric", "won_deals"))}
    assert found == {"metric win_rate (over)"}
    stages = {str(each) for each in apply.where_used("starter", ("stage", "deal.default.closedwon"))}
    assert "metric won_deals (filter)" in stages
