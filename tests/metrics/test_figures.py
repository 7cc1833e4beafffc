"""Figures: what they are made of, that the list behind each shows just that, and that nobody is told too much."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from wonward.errors import Invalid
from wonward.metrics.figure import Figure
from wonward.metrics.tiles import Shown
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.metrics import Tile

from .conftest import Team, define

WON = Tile("number", ("won_amount",))


def listed(work: Work, figure: Figure, column: str = "amount") -> tuple[int, dict[str, Decimal]]:
    """Return how many records the list behind a figure has, and their sums by currency."""
    kind = work.catalog.object_types[figure.object_type]
    wanted = Query(kind, query.condition(work, kind, figure.where))
    sums: dict[str, Decimal] = {}
    found = query.rows(work, wanted, [column, "deal_currency_code"])
    for _, amount, currency in found:
        there = currency or work.catalog.currency
        sums[there] = sums.get(there, Decimal(0)) + Decimal(amount or 0)
    return query.count(work, wanted), sums


def figures(shown: Shown) -> list[Figure]:
    return [
        *shown.total,
        *([shown.before] if shown.before else []),
        *(each for row in shown.rows for each in row.figures),
    ]


def test_a_figure_is_the_sum_of_the_list_behind_it_a_currency_apart(team: Team) -> None:
    shown = team.show(WON)
    [total] = shown.total
    assert total.amounts == {"EUR": Decimal("1578.50")}, "the portal's own currency is the euro"
    assert listed(team.work(), total) == (4, {"EUR": Decimal("1578.50")})
    team.create(
        [
            {
                "dealname": "Bro",
                "amount": "90",
                "dealstage": "closedwon",
                "closedate": "2026-11-30",
                "deal_currency_code": "SEK",
            }
        ]
    )
    [total] = team.show(WON).total
    assert total.amounts == {"EUR": Decimal("1578.50"), "SEK": Decimal(90)}
    assert listed(team.work(), total)[1] == total.amounts


def test_months_begin_where_the_portal_is(team: Team) -> None:
    """Midnight in Copenhagen is 23:00 in UTC: 22:59 is October, 23:00 November."""
    october = team.show(WON, period="2026-10").total[0]
    assert october.amounts == {"EUR": Decimal(30)}
    months = team.show(Tile("bars", ("won_amount",)), period="2026").rows
    assert [row.figures[0].of("EUR") for row in months][9:11] == [Decimal(30), Decimal("1578.50")]


def test_while_a_month_runs_it_is_compared_with_as_much_of_the_one_before(team: Team) -> None:
    shown = team.show(WON)
    assert shown.before is not None
    assert shown.compared is not None
    assert (str(shown.compared.start), str(shown.compared.end)) == ("2026-10-01", "2026-10-23")
    assert shown.before.amounts == {}
    assert team.show(WON, period="2026-12").before != shown.before


@pytest.mark.parametrize("bucket", ["day", "week", "month", "quarter", "year"])
def test_buckets_and_groups_come_to_the_whole(team: Team, bucket: Any) -> None:
    """A year of deals by chance: every way to cut them up adds up, and every part is what its list shows."""
    chance = Random(16)
    people = [team.soren.pk, team.aase.pk, team.bo.pk, team.ada.pk, None]
    team.create(
        [
            {
                "dealname": f"Tag {number}",
                "amount": chance.choice([None, str(chance.randint(0, 900)), "12.34"]),
                "dealstage": chance.choice(["prospecting", "engaging", "closedwon", "closedlost"]),
                "closedate": f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
                "hubspot_owner_id": chance.choice(people),
                "deal_currency_code": chance.choice([None, "EUR", "DKK"]),
            }
            for number in range(120)
        ]
    )
    work = team.work()
    cuts = [
        Tile("line", ("won_amount",), bucket=bucket),
        *(
            Tile("breakdown", ("won_amount",), by=by)
            for by in ("owner", "team", "stage", "deal_currency_code")
        ),
    ]
    for tile in cuts:
        shown = team.show(tile, period="2026")
        [total] = shown.total
        assert listed(work, total) == (total.records, total.amounts)
        for currency, amount in total.amounts.items():
            assert sum(row.figures[0].amounts.get(currency) or 0 for row in shown.rows) == amount, tile
        assert sum(row.figures[0].records for row in shown.rows) == total.records
        for row in shown.rows:
            if bucket in ("month", "quarter", "year"):
                number, sums = listed(work, row.figures[0])
                assert number == row.figures[0].records, (tile, row)
                assert sums == row.figures[0].amounts


def test_a_weighted_amount_is_each_times_its_stages_probability(team: Team) -> None:
    [total] = team.show(Tile("number", ("expected_amount",)), period="2026").total
    assert total.of("EUR") == Decimal("1608.50") + Decimal("0.5") * 200
    shown = team.show(Tile("forecast", ("expected_amount",)))
    assert [row.span.written for row in shown.rows if row.span] == ["2026-11", "2026-12", "2027-01"]
    won, still = shown.rows[0].figures
    assert (won.of("EUR"), still.of("EUR")) == (Decimal("1578.50"), 0)
    won, still = shown.rows[1].figures
    assert (won.of("EUR"), still.of("EUR")) == (0, Decimal(100))
    assert listed(team.work(), still) == (1, {"EUR": Decimal(200)})


def test_a_ratio_a_mean_and_the_ends(team: Team) -> None:
    of_amount = {
        "label": "Beløb",
        "object": "deal",
        "value": "amount",
        "date": "closedate",
        "filter": "dealstage = 'closedwon'",
    }
    define(**{f"metric__{name}": {**of_amount, "measure": name} for name in ("average", "min", "max")})
    found = {
        name: team.show(Tile("number", (name,))).total[0].of("EUR") for name in ("average", "min", "max")
    }
    assert found == {"average": Decimal("1578.50") / 4, "min": Decimal(8), "max": Decimal(1000)}
    [rate] = team.show(Tile("number", ("win_rate",))).total
    assert rate.amounts == {"": Decimal(4) / 5}
    assert listed(team.work(), rate)[0] == 5, "the figure leads to what it is a share of"
    assert team.show(Tile("number", ("win_rate",)), period="2025").total[0].amounts == {"": None}


def test_a_funnel_has_what_came_as_far_as_a_stage_or_further(team: Team) -> None:
    team.create([{"dealname": "Sti", "dealstage": "prospecting"}])
    shown = team.show(Tile("funnel", ("new_deals",)))
    assert [(row.key, row.figures[0].records) for row in shown.rows] == [
        ("prospecting", 7),
        ("engaging", 6),
        ("closedwon", 5),
        ("closedlost", 1),
    ]
    for row in shown.rows:
        assert listed(team.work(), row.figures[0])[0] == row.figures[0].records


def test_filters_narrow_by_person_team_and_choice(team: Team) -> None:
    assert team.show(WON, owner=str(team.aase.pk)).total[0].of("EUR") == Decimal("500.50")
    assert team.show(WON, owner="me", member=team.soren).total[0].of("EUR") == 1000
    aarhus = str(team.soren.team_id)
    assert team.show(WON, team=aarhus).total[0].of("EUR") == Decimal("1500.50")
    narrowed = team.show(WON, choice="pipeline", value="default")
    assert narrowed.total[0].of("EUR") == Decimal("1578.50")
    assert "pipeline = 'default'" in narrowed.total[0].where
    by_team = team.show(Tile("table", ("won_amount", "new_deals"), by="team"))
    assert [(row.key, row.figures[0].of("EUR")) for row in by_team.rows] == [
        (aarhus, Decimal("1500.50")),
        (str(team.bo.team_id), Decimal(70)),
        (None, Decimal(8)),
    ]


def test_a_filter_that_does_not_narrow_a_metric_is_told(team: Team) -> None:
    shown = team.show(Tile("number", ("open_deals",)), choice="pipeline", value="default")
    assert shown.unheeded == ("period",)
    assert shown.before is None


@pytest.mark.parametrize("asked", [{"period": "snart"}, {"owner": "999999"}, {"owner": "you"}, {"team": "x"}])
def test_a_filter_that_is_none_is_refused(team: Team, asked: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        team.show(WON, **asked)


def test_nobody_is_told_of_records_they_do_not_see(team: Team) -> None:
    shown = team.show(WON, member=team.soren)
    assert shown.total[0].of("EUR") == 1000
    rows = team.show(Tile("table", ("won_amount",), by="owner"), member=team.soren).rows
    assert [(row.key, row.figures[0].records) for row in rows] == [(str(team.soren.pk), 1)]
    assert team.show(WON, member=team.soren, owner=str(team.aase.pk)).total[0].records == 0


@pytest.mark.parametrize("hidden", ["amount", "closedate", "deal_currency_code"])
def test_a_figure_of_a_property_that_is_kept_back_shows_nothing(team: Team, hidden: str) -> None:
    define(
        role__seller={
            "label": "Sælger",
            "default": {"view": "everyone"},
            "types": {"deal": {"hidden": [hidden]}},
        }
    )
    shown = team.show(WON, member=team.soren)
    assert shown.total == ()
    assert shown.rows == ()
    assert shown.reason
    define(
        role__seller={"label": "Sælger", "default": {"view": "everyone"}, "types": {"deal": {"view": "none"}}}
    )
    assert (
        team.show(WON, member=team.soren).reason == "Your role shows you none of the records that this counts"
    )


def test_a_whole_dashboard_is_one_statement(team: Team, statements: list[str]) -> None:
    from wonward.metrics import tiles

    shown = team.work().catalog.dashboards["sales"]
    wanted = team.filters(shown)
    statements.clear()
    found = tiles.show(wanted, shown.tiles)
    assert [each.reason for each in found] == [""] * len(shown.tiles)
    assert len([each for each in statements if "portal_starter" in each]) == 1
    assert len(statements) == 2, "and one for goals"
