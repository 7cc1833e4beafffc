"""What the functions over texts, numbers, dates and people give, and how a wrong call is refused."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from wonward.accounts.models import Member, Portal, Team, User
from wonward.errors import Invalid
from wonward.expressions.compile import condition
from wonward.schema.catalog import Catalog

Values = Callable[..., dict[int, Any]]
Meeting = Callable[..., list[int]]


@pytest.mark.parametrize(
    ("text", "first", "empty"),
    [
        ("lower(name)", "nordlys energi a/s", "empty"),
        ("upper(name)", "NORDLYS ENERGI A/S", "EMPTY"),
        ("trim(concat(' ', name, domain, ' '))", "Nordlys Energi A/Snordlys.dk", "Empty"),
        ("length(domain)", 10, None),
        ("left(name, 4)", "Nord", "Empt"),
        ("replace(name, ' A/S', '')", "Nordlys Energi", "Empty"),
        ("contains(name, 'ENERGI')", True, False),
        ("starts_with(domain, 'Nord')", True, None),
        ("round(mrr)", 1201, None),
        ("round(mrr / 7, 2)", 171.5, None),
        ("abs(0 - mrr)", 1200.5, None),
        ("coalesce(seats, 7)", 25, 7),
        ("coalesce(sector, 'none')", "energy", "none"),
        ("greatest(seats, 26)", 26, 26),
        ("least(signed_on, '2020-01-01')", "2020-01-01", "2020-01-01"),
        ("year(signed_on) * 10000 + month(signed_on) * 100 + day(signed_on)", 20240501, None),
        ("days_until(renewal_date)", 61, None),
        ("days_since(last_seen)", 1, None),
    ],
)
def test_a_function_gives_this(text: str, first: Any, empty: Any, values: Values) -> None:
    found = values(text)
    shown = str(found[1]) if text.startswith("least") else found[1]
    assert shown == pytest.approx(first) if isinstance(first, float) else shown == first
    assert (str(found[4]) if text.startswith("least") else found[4]) == empty


def test_days_are_those_of_the_portal(values: Values) -> None:
    # 23:30 on the 28th of February in UTC is half past midnight in Copenhagen
    assert values("day(last_seen)")[1] == 28
    assert values("day(last_seen)", time_zone="Europe/Copenhagen")[1] == 1


@pytest.fixture
def people(db: None) -> dict[str, Member]:
    """Søren leads Sales, Åse is in Sales North below it, Bo in Support."""
    made = datetime(2026, 1, 1, tzinfo=UTC)
    named = {"name": "people", "label": "People", "schema": "none", "created_at": made}
    portal, _ = Portal.objects.get_or_create(id=1, defaults=named)
    sales = Team.objects.create(portal=portal, name="Sales")
    teams = {
        "Søren": sales,
        "Åse": Team.objects.create(portal=portal, name="Sales North", parent=sales),
        "Bo": Team.objects.create(portal=portal, name="Support"),
    }
    return {
        name: Member.objects.create(
            portal=portal,
            user=User.objects.create(email=f"{number}@nordlys.dk"),
            first_name=name,
            team=team,
            created_at=made,
            updated_at=made,
        )
        for number, (name, team) in enumerate(teams.items())
    }


def test_me_and_my_teams_are_those_of_whoever_asks(people: dict[str, Member], meeting: Meeting) -> None:
    with connection.cursor() as cursor:
        for record, name in ((1, "Søren"), (2, "Åse"), (3, "Bo")):
            cursor.execute(
                "update test_expressions.company set hubspot_owner_id = %s where _id = %s",
                (people[name].id, record),
            )
    mine, ours = "hubspot_owner_id = me()", "hubspot_owner_id in my_teams()"
    for name, own, team in (("Søren", [1], [1, 2]), ("Åse", [2], [2]), ("Bo", [3], [3])):
        user = people[name].user_id
        assert (meeting(mine, user=user), meeting(ours, user=user)) == (own, team)
    assert (meeting(mine), meeting(ours)) == ([], [])
    assert meeting("not hubspot_owner_id in my_teams()") == [1, 2, 3]
    assert meeting("me() is null") == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lower(mrr) = 'x'", "lower is for text; 'MRR' is a number"),
        (f"concat({','.join(['name'] * 101)}) = 'x'", "write it as concat(name, ' ', domain)"),
        ("left(name, seats) = 'x'", "write it as left(name, 3)"),
        ("left(name, 70000) = 'x'", "write it as left(name, 3)"),
        ("round(name) = 1", "only numbers can be calculated with; 'Name' is text"),
        ("coalesce(mrr) = 1", "write it as coalesce(mrr, 0)"),
        ("coalesce(mrr, name) = 1", "'MRR' is a number but 'Name' is text"),
        ("greatest(active, trial)", "'Active' has no order; compare it with =, != or in"),
        ("days_until(name) = 1", "days_until takes a date; 'Name' is text"),
        ("days_until('soon') = 1", "soon is not a date"),
        ("me(1) = 1", "write it as me()"),
        ("seats in my_teams()", "my_teams() holds owners; 'Seats' is a number"),
        ("my_teams() = 1", "write it as hubspot_owner_id in my_teams()"),
        ("me() + 1 > 1", "only numbers can be calculated with; 'me()' is an owner"),
        (f"replace(name, 'a', '{'b' * 101}') = 'x'", "replace puts in at most 100 characters"),
    ],
)
def test_a_wrong_call_is_refused(text: str, message: str, catalog: Catalog) -> None:
    with pytest.raises(Invalid) as raised:
        condition(catalog, catalog.object_types["company"], text)
    assert message in raised.value.problems[0].message
