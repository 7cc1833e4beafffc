"""Properties and aggregates of associated records."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql

from wonward.errors import Invalid
from wonward.expressions.compile import condition
from wonward.schema.catalog import Catalog

Meeting = Callable[..., list[int]]
OWN_ONLY = "a condition on associated Deals reads their own properties only"
Values = Callable[..., dict[int, Any]]


def test_the_primary_record_is_meant_and_else_the_earliest(values: Values) -> None:
    # 21 has 3 as primary, 22 none marked, 23's primary 5 is archived, 24 is archived itself, 25 is alone
    assert values("company.name", "deal") == {
        21: "Ærø 100% Is",
        22: "Nordlys Energi A/S",
        23: "Søren & Østergård ApS",
        25: None,
    }


def test_the_earliest_is_meant_where_no_label_is_primary(values: Values) -> None:
    assert values("contact.firstname", "company") == {1: "Åse", 2: None, 3: "Cecilie", 4: None}
    assert values("contacts.birthday", "deal")[21] == date(1980, 6, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("company.sector = 'energy'", [22]),
        ("company.sector != 'energy' and amount > 5", [21]),
        ("company.mrr * 12 > amount * 2", [21, 22]),
        ("has(company.interests, 'sailing')", [23]),
        ("contains_token(company.name, 'nordlys')", [22]),
        ("company.renewal_date > closedate + '1 month'", [21]),
        ("count(companies) = 2", [21, 22]),
        ("count(companies) = 0", [25]),
        ("associated(companies)", [21, 22, 23]),
        ("not associated(contacts)", [22, 23, 25]),
        ("associated(company, 2, 5)", [22, 23]),
        ("associated(company, 5)", []),
    ],
)
def test_a_condition_holds_for_these_deals(text: str, expected: list[int], meeting: Meeting) -> None:
    assert meeting(text, "deal") == expected


def test_aggregates_are_over_the_live_associated_records(values: Values) -> None:
    assert values("count(deals)") == {1: 2, 2: 2, 3: 1, 4: 0}
    assert values("count(contacts)") == {1: 2, 2: 0, 3: 1, 4: 0}
    assert values("sum(deals.amount)") == {1: Decimal("1010.25"), 2: Decimal("10.25"), 3: 1000, 4: 0}
    assert values("avg(deals.amount)")[1] == Decimal("505.125")
    assert values("min(deals.amount)") == {1: Decimal("10.25"), 2: Decimal("10.25"), 3: 1000, 4: None}
    assert values("max(deals.closedate)") == {
        1: date(2026, 4, 1),
        2: date(2026, 4, 1),
        3: date(2026, 2, 1),
        4: None,
    }
    assert values("sum(deals.amount) / count(deals)")[1] == Decimal("505.125")
    assert values("max(deals.closedate) - today()")[1] == 31


def test_lookups_use_the_index_of_the_association_table(
    portal: psycopg.Connection[Any], catalog: Catalog
) -> None:
    links = sql.Identifier(catalog.schema, "_association")
    many = "insert into {} select n, 'company', n + 1, '{{341}}' from generate_series(1000, 9000) n"
    portal.execute(sql.SQL(many).format(links))
    portal.execute(sql.SQL("analyze {}").format(links))
    text = "company.sector = 'energy' and sum(contacts.hs_object_id) > 1 and associated(companies, 1)"
    compiled = condition(catalog, catalog.object_types["deal"], text)
    statement = sql.SQL("explain select from {} r where {}").format(
        sql.Identifier(catalog.schema, "deal"), compiled.sql
    )
    plan = "\n".join(row for (row,) in psycopg.Cursor(portal).execute(statement, compiled.params))
    assert plan.count("_association_pkey") >= 3
    assert "Seq Scan on _association" not in plan


def test_a_label_and_a_condition_keep_to_some_of_the_associated(values: Values) -> None:
    assert values("count(contacts as 'primary')") == {1: 1, 2: 0, 3: 1, 4: 0}
    assert values("count(contacts where birthday > '1985-01-01')") == {1: 1, 2: 0, 3: 0, 4: 0}
    assert values("count(contacts as 'Primary' where firstname = 'Åse')") == {1: 0, 2: 0, 3: 0, 4: 0}
    assert values("sum(deals.amount where dealstage = 'closedwon')") == {1: 1000, 2: 0, 3: 1000, 4: 0}
    assert values("sum(deals.amount as 'Primary')") == {1: 0, 2: 0, 3: 1000, 4: 0}
    assert values("associated(contacts as 'Primary' where email like 'bo@%')") == {
        1: True, 2: False, 3: False, 4: False,
    }  # fmt: skip


def test_the_latest_is_the_newest_record_or_the_last_by_a_property(values: Values) -> None:
    assert values("latest(deals.dealname)") == {1: "Small", 2: "No amount", 3: "Big", 4: None}
    assert values("latest(deals.dealname by closedate)") == {1: "Small", 2: "Small", 3: "Big", 4: None}
    assert values("latest(deals.dealname by amount where amount > 0)")[1] == "Big"
    assert values("latest(deals.amount)")[2] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("count(deals as 'Renewal') > 1", "Deals have no association label 'Renewal' here but Primary"),
        ("count(deals where count(contacts) > 1) > 1", OWN_ONLY),
        ("count(deals where company.mrr > 1) > 1", OWN_ONLY),
        ("count(deals where amount) > 1", "'Amount' is a number, not a condition; compare it with something"),
        ("latest(deals.amount by dealname) > 1", "the latest is found by a date or a number; 'Deal name' is text"),
    ],
)  # fmt: skip
def test_a_condition_on_associated_records_is_checked(text: str, message: str, catalog: Catalog) -> None:
    with pytest.raises(Invalid) as raised:
        condition(catalog, catalog.object_types["company"], text)
    assert raised.value.problems[0].message.endswith(f": {message}")
