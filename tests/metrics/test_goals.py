"""Goals (CON-3): who sets them and for whom, how they add up, and whom they are told."""

from decimal import Decimal

import pytest

from wonward.accounts.models import Member
from wonward.errors import Forbidden, Invalid
from wonward.metrics import goal, period, staff
from wonward.metrics.goal import EVERYONE, Goals, Target, Whom
from wonward.metrics.models import Goal
from wonward.schema.metrics import Metric, Tile

from .conftest import NOW, Team, define

YEAR = period.chosen("2026", NOW.date())
NOVEMBER = period.chosen("2026-11", NOW.date())
QUARTER = period.chosen("2026-Q4", NOW.date())
SEAT = {"label": "Salg", "count": 3, "unlocks": ["goals", "forecast"]}


def won(team: Team) -> Metric:
    return team.work().catalog.metrics["won_amount"]


def enter(team: Team, wanted: dict[Target, str | None], member: Member | None = None) -> int:
    work = team.work(member)
    return goal.enter(work, won(team), wanted, staff.of_portal(work.catalog.portal_id))


def read(team: Team, member: Member | None = None) -> Goals:
    work = team.work(member)
    return goal.read(work, [won(team)], YEAR, staff.of_portal(work.catalog.portal_id))["won_amount"]


def test_months_come_to_quarters_and_years_people_to_teams_and_everyone(team: Team) -> None:
    soren, aase, bo = (Whom(member=each.pk) for each in (team.soren, team.aase, team.bo))
    months = list(YEAR.parts("month"))
    assert enter(team, {(whom, month): "100" for whom in (soren, aase) for month in months}) == 24
    enter(team, {(bo, QUARTER): "900"})
    found = read(team)
    aarhus = Whom(team=team.soren.team_id)
    assert found.reach(soren, QUARTER) == 300
    assert found.reach(soren, YEAR) == 1200
    assert found.reach(aarhus, NOVEMBER) == 200
    assert found.reach(EVERYONE, NOVEMBER) == 200, "a quarter's goal is none of its months'"
    assert found.reach(EVERYONE, QUARTER) == 300 + 300 + 900
    assert found.reach(EVERYONE, YEAR) == 2400 + 900
    assert found.reach(Whom(member=team.ada.pk), YEAR) is None


def test_the_nearest_goal_that_was_set_holds(team: Team) -> None:
    soren, aarhus = Whom(member=team.soren.pk), Whom(team=team.soren.team_id)
    enter(team, {(soren, month): "100" for month in YEAR.parts("month")})
    enter(team, {(aarhus, NOVEMBER): "150", (soren, QUARTER): "350", (EVERYONE, YEAR): "5000"})
    found = read(team)
    assert found.reach(aarhus, NOVEMBER) == 150
    assert found.reach(aarhus, QUARTER) == 100 + 150 + 100
    assert found.reach(soren, QUARTER) == 350
    assert found.reach(soren, YEAR) == 900 + 350
    assert found.reach(EVERYONE, YEAR) == 5000
    assert enter(team, {(EVERYONE, YEAR): None, (aarhus, NOVEMBER): "175,5".replace(",", ".")}) == 2
    assert read(team).reach(aarhus, NOVEMBER) == Decimal("175.5")
    assert not Goal.objects.filter(period="year").exists()


def test_without_a_seat_that_unlocks_goals_somebody_has_none(team: Team) -> None:
    define(seat__salg=SEAT)
    Member.objects.filter(pk=team.soren.pk).update(seat="salg")
    wanted = {(Whom(member=each.pk), NOVEMBER): "100" for each in (team.soren, team.aase)}
    with pytest.raises(Invalid) as refused:
        enter(team, dict(wanted))
    [problem] = refused.value.problems
    assert problem.row == 1
    assert "Åse Holm has no seat that unlocks goals" in problem.message
    assert "Salg (2 of 3 are free)" in problem.message
    assert not Goal.objects.exists(), "all of it or nothing"
    assert enter(team, {(Whom(member=team.soren.pk), NOVEMBER): "100", (EVERYONE, NOVEMBER): "7"}) == 2


def test_bad_amounts_are_told_by_their_place(team: Team) -> None:
    soren = Whom(member=team.soren.pk)
    spans = list(YEAR.parts("month"))
    texts = ["mange", "-5", "1e30", "NaN", "100"]
    with pytest.raises(Invalid) as refused:
        enter(team, {(soren, span): text for span, text in zip(spans, texts, strict=False)})
    assert [each.row for each in refused.value.problems] == [0, 1, 2, 3]
    with pytest.raises(Invalid, match="no such team"):
        enter(team, {(Whom(team=987654), NOVEMBER): "5"})


def test_goals_are_set_by_whom_a_role_lets(team: Team) -> None:
    with pytest.raises(Forbidden, match="may not set goals"):
        enter(team, {(EVERYONE, NOVEMBER): "5"}, team.soren)


def test_nobody_is_told_the_goals_of_those_whose_records_they_do_not_see(team: Team) -> None:
    enter(team, {(Whom(member=each.pk), NOVEMBER): "100" for each in (team.soren, team.aase, team.bo)})
    enter(team, {(EVERYONE, NOVEMBER): "9999"})
    found = read(team, team.soren)
    assert found.reach(Whom(member=team.soren.pk), NOVEMBER) == 100
    assert found.reach(Whom(member=team.bo.pk), NOVEMBER) is None
    assert found.reach(EVERYONE, NOVEMBER) == 100, "what is his to compare with"
    assert found.reach(Whom(team=team.bo.team_id), NOVEMBER) is None
    rows = team.show(Tile("table", ("won_amount",), by="owner"), member=team.soren).rows
    assert [(row.key, row.figures[0].goal) for row in rows] == [(str(team.soren.pk), 100)]


def test_goals_stand_in_tiles_beside_what_is_reached(team: Team) -> None:
    enter(team, {(Whom(member=each.pk), NOVEMBER): "100" for each in (team.soren, team.ada)})
    number = Tile("number", ("won_amount",))
    assert team.show(number).total[0].goal == 200
    assert team.show(number, owner="me").total[0].goal == 100
    assert team.show(number, team=str(team.soren.team_id)).total[0].goal == 100
    assert team.show(number, choice="pipeline", value="default").total[0].goal is None
    months = team.show(Tile("bars", ("won_amount",)), period="2026-Q4").rows
    assert [row.figures[0].goal for row in months] == [None, 200, None]
    rows = team.show(Tile("breakdown", ("won_amount",), by="owner")).rows
    by_person = {row.key: (row.figures[0].records, row.figures[0].goal) for row in rows}
    assert by_person[str(team.ada.pk)] == (0, 100), "who has reached nothing of a goal is seen too"
    forecast = team.show(Tile("forecast", ("expected_amount",), goal="won_amount"))
    assert forecast.rows[0].figures[0].goal == 200


def test_the_forecast_needs_a_seat_that_unlocks_it(team: Team) -> None:
    forecast = Tile("forecast", ("expected_amount",))
    assert team.show(forecast, member=team.soren).reason == ""
    define(seat__salg=SEAT)
    assert "Søren Holm has no seat that unlocks the forecast" in team.show(forecast, member=team.soren).reason
    Member.objects.filter(pk=team.soren.pk).update(seat="salg")
    team.soren.refresh_from_db()
    assert team.show(forecast, member=team.soren).reason == ""
