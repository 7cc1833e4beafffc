"""What expressions mean, asked of PostgreSQL itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from wonward.errors import Invalid
from wonward.expressions.compile import condition, value
from wonward.schema.catalog import Catalog

Meeting = Callable[..., list[int]]
Values = Callable[..., dict[int, Any]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mrr >= 499.99", [1, 3]),
        ("mrr == 0", [2]),
        ("mrr != 0", [1, 3]),
        ("mrr <> 0 and seats < 10", [3]),
        ("sector in ('energy', 'public')", [1, 3]),
        ("sector not in ('energy', 'public')", [2]),
        ("sector is null", [4]),
        ("sector is not null", [1, 2, 3]),
        ("seats between 3 and 25", [1, 3]),
        ("seats not between 3 and 25", [2]),
        ("name like 'N%'", [1]),
        ("name ilike '%øster%'", [2]),
        ("name not like '%e%' and name is not null", [3, 4]),
        (r"name like '%\%%'", [3]),
        ("active", [1, 3]),
        ("not active", [2]),
        ("active = false", [2]),
        ("active and not trial", [1]),
        ("active and (trial is null or trial)", [3]),
        ("mrr / seats > 100", [3]),
        ("mrr - 1 < -0.5", [2]),
        ("-seats <= -25", [1]),
        ("seats * 2 + 4 = 10", [3]),
        ("renewal_date = today()", [2]),
        ("renewal_date < today() + '90 days'", [1, 2]),
        ("renewal_date > '2026-12-31'", [3]),
        ("renewal_date between today() and '2026-06-30'", [1, 2]),
        ("renewal_date - signed_on > 365", [1, 3]),
        ("renewal_date - today() <= 61", [1, 2]),
        ("last_seen > now() - '1 hour'", [2]),
        ("last_seen < '2026-03-01'", [1]),
        ("last_seen >= today()", [2]),
        ("renewal_date >= '2026-03-01T00:00:01Z'", [1, 3]),
        ("now() - last_seen < 1", [1, 2]),
        ("createdate < '2026-01-03T09:00:00Z'", [1, 2]),
        ("hubspot_owner_id = 71", [1]),
        ("hs_object_id in (2, 3)", [2, 3]),
        ("has(interests, 'chess')", [1]),
        ("has(interests, 'sailing', 'golf')", [1, 2]),
        ("not has(interests, 'golf')", [2]),
        ("interests is null", [3, 4]),
        ("contains_token(name, 'østergård')", [2]),
        ("contains_token(name, 'ENERGI nord*')", [1]),
        ("contains_token(name, 'nord')", []),
        ("contains_token(name, 's')", [1]),
        ("contains_token(billing_email, '*@nordlys.dk')", [1]),
        ("equals_ignoring_case(name, 'ærø 100% IS', 'empty')", [3, 4]),
        ("end = 'open'", [1]),
        ("\"end\" = 'open' and group > 1", [1]),
        ('"in" = 2', [2]),
        ("true", [1, 2, 3, 4]),
        ("false or hs_object_id = 4", [4]),
    ],
)
def test_a_condition_holds_for_these_companies(text: str, expected: list[int], meeting: Meeting) -> None:
    assert meeting(text) == expected


@pytest.mark.parametrize(
    ("text", "family", "expected"),
    [
        ("mrr * 12", "number", [Decimal("14406.00"), Decimal(0), Decimal("5999.88"), None]),
        ("mrr / seats", "number", [Decimal("48.02"), None, Decimal("166.663333333333333"), None]),
        ("1 / 4", "number", [Decimal("0.25")] * 4),
        ("hs_object_id / 2", "number", [Decimal("0.5"), Decimal(1), Decimal("1.5"), Decimal(2)]),
        ("renewal_date - today()", "number", [61, 0, 320, None]),
        ("now() - last_seen", "number", [Decimal("0.52083"), Decimal("0.00069"), None, None]),
        (
            "renewal_date - '3 months'",
            "date",
            [date(2026, 2, 1), date(2025, 12, 1), date(2026, 10, 15), None],
        ),
        ("'1 week' + renewal_date", "date", [date(2026, 5, 8), date(2026, 3, 8), date(2027, 1, 22), None]),
        (
            "last_seen + '30 minutes'",
            "datetime",
            [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, 12, 29, tzinfo=UTC), None, None],
        ),
        ("mrr > 100", "boolean", [True, False, True, None]),
        ("not (mrr > 100 and active)", "boolean", [False, True, False, None]),
        ("'it''s'", "text", ["it's"] * 4),
        ("null", "null", [None] * 4),
        ("interests", "set", [["golf", "chess"], ["sailing"], None, None]),
    ],
)
def test_an_expression_gives_these_values(
    text: str, family: str, expected: list[Any], values: Values, catalog: Catalog
) -> None:
    found = list(values(text).values())
    assert value(catalog, catalog.object_types["company"], text).family == family
    for each, wanted in zip(found, expected, strict=True):
        assert each == wanted or (isinstance(each, Decimal) and abs(each - wanted) < Decimal("0.00001"))


def test_every_length_of_time_is_counted_in_utc(values: Values, portal: Any) -> None:
    portal.execute("set local time zone 'Europe/Copenhagen'")
    assert values("now() + '1 month' = '2026-04-01T12:00:00Z'")[1] is True
    assert values("today() = '2026-03-01T00:00:00Z'")[1] is True


@pytest.mark.parametrize(
    "text",
    [
        "0" + " + mrr" * 57 + " >= 0",
        "(" * 15 + "mrr >= 0" + ")" * 15,
        "not (" * 7 + "mrr < 0" + ")" * 7,
        "hs_object_id in (" + ", ".join(map(str, range(400))) + ") and mrr is not null",
        " or ".join(f"mrr = {n}" for n in (*range(150), "0.5", "499.99", "1200.50")),
    ],
)
def test_the_largest_expressions_run(text: str, meeting: Meeting) -> None:
    assert meeting(text) == [1, 2, 3]


ATTACKS = [
    "name = 'x'' or true --'",
    "name = '%(e0)s %s %% \\'",
    "name = '{}{0}{name}'",
    "name = '$1; drop table company; --'",
    "contains_token(name, 'a)|(.* \\y [[:alpha:]')",
    "equals_ignoring_case(name, '\\', '''')",
    "name like '%''; select pg_sleep(9); --'",
    "name ilike '\\\\%%s'",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_text_is_only_ever_a_value(text: str, meeting: Meeting) -> None:
    assert meeting(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "pg_sleep(9) is null",
        "pg_read_file('/etc/passwd') = ''",
        "mrr = (select 1)",
        "exists (select 1 from company)",
        "mrr::text = '1'",
        "cast(mrr as text) = '1'",
        "mrr > 1; drop table company",
        "mrr > 1 -- and active",
        "mrr > 1 /* and active */",
        "current_user = 'x'",
        "company._id = 1",
        "_id = 1",
        "r.mrr = 1",
        '"mrr"" or true or ""x" = 1',
        "mrr = $1",
        "mrr = %(now)s",
        "mrr = :x",
        "mrr = ?",
        "name = E'\\x41'",
        "name = U&'x'",
        "name = $$x$$",
        "name ~ 'x'",
        "name || 'x' = 'y'",
        "mrr in (values (1))",
        "mrr = any(array[1])",
        'mrr = mrr collate "C"',
        "name = 'a\x00b'",
        "name = '\ud800'",
    ],
)
def test_anything_else_of_sql_is_refused(text: str, catalog: Catalog) -> None:
    with pytest.raises(Invalid):
        condition(catalog, catalog.object_types["company"], text)


def test_literals_are_parameters_with_the_prefix(catalog: Catalog) -> None:
    compiled = condition(
        catalog, catalog.object_types["company"], "name = 'x' and mrr > 5", alias="c", prefix="gate_"
    )
    assert compiled.params == {"gate_0": "x", "gate_1": 5}
    assert compiled.sql.as_string() == (
        '(("c"."name" = %(gate_0)s::text) and ("c"."mrr" > %(gate_1)s::bigint))'
    )


def test_what_was_compiled_is_remembered_for_its_own_catalog_only(catalog: Catalog) -> None:
    company = catalog.object_types["company"]
    assert value(catalog, company, "mrr + 1") is value(catalog, company, "mrr + 1")
    without = replace(company, properties={})
    planned = replace(catalog, object_types={"company": without})
    with pytest.raises(Invalid):
        value(planned, without, "mrr + 1")
