"""HubSpot's search filters become the tree, with HubSpot's meaning and limits."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from wonward.errors import Invalid, Problem
from wonward.expressions.filter_groups import check_size, parse_filters
from wonward.expressions.parse import parse
from wonward.expressions.unparse import unparse
from wonward.schema.catalog import Catalog

Meeting = Callable[..., list[int]]


def one(name: str, operator: str, value: object = None, **more: object) -> dict[str, Any]:
    given = {"propertyName": name, "operator": operator, **more}
    return given if value is None else {**given, "value": value}


def grouped(*groups: list[dict[str, Any]]) -> dict[str, Any]:
    return {"filterGroups": [{"filters": group} for group in groups]}


def milliseconds(moment: str) -> str:
    return str(int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000))


CASES: list[tuple[dict[str, Any], str, list[int]]] = [
    (one("name", "EQ", "nordlys energi a/s"), "equals_ignoring_case(name, 'nordlys energi a/s')", [1]),
    (one("name", "NEQ", "EMPTY"), "not equals_ignoring_case(name, 'EMPTY')", [1, 2, 3]),
    (one("domain", "NEQ", "x.dk"), "not equals_ignoring_case(domain, 'x.dk')", [1]),
    (
        one("name", "IN", values=["empty", "ÆRØ 100% IS"]),
        "equals_ignoring_case(name, 'empty', 'ÆRØ 100% IS')",
        [3, 4],
    ),
    (one("billing_email", "EQ", "Faktura@Nordlys.DK"), "billing_email = 'faktura@nordlys.dk'", [1]),
    (one("billing_email", "IN", values=["A@b.dk", "c@d.dk"]), "billing_email in ('a@b.dk', 'c@d.dk')", []),
    (one("sector", "EQ", "energy"), "sector = 'energy'", [1]),
    (one("sector", "NEQ", "energy"), "sector != 'energy'", [2, 3]),
    (one("sector", "IN", values=["energy", "public"]), "sector in ('energy', 'public')", [1, 3]),
    (one("sector", "NOT_IN", values=["energy", "public"]), "sector not in ('energy', 'public')", [2]),
    (one("sector", "NOT_IN", values=["energy"]), "sector != 'energy'", [2, 3]),
    (one("sector", "HAS_PROPERTY"), "sector is not null", [1, 2, 3]),
    (one("sector", "NOT_HAS_PROPERTY", value=""), "sector is null", [4]),
    (one("mrr", "EQ", "1200.500"), "mrr = 1200.5", [1]),
    (one("mrr", "GT", 0), "mrr > 0", [1, 3]),
    (one("mrr", "GTE", 499.99), "mrr >= 499.99", [1, 3]),
    (one("mrr", "LT", "1e3"), "mrr < 1000", [2, 3]),
    (one("seats", "LTE", 3), "seats <= 3", [2, 3]),
    (one("seats", "BETWEEN", 1, highValue="25"), "seats between 1 and 25", [1, 3]),
    (one("hs_object_id", "IN", values=[1, "3"]), "hs_object_id in (1, 3)", [1, 3]),
    (one("hubspot_owner_id", "EQ", "71"), "hubspot_owner_id = 71", [1]),
    (one("active", "EQ", True), "active = true", [1, 3]),
    (one("active", "NEQ", "true"), "active != true", [2]),
    (one("renewal_date", "GTE", "2026-05-01"), "renewal_date >= '2026-05-01'", [1, 3]),
    (one("renewal_date", "GTE", milliseconds("2026-05-01")), "renewal_date >= '2026-05-01'", [1, 3]),
    (one("renewal_date", "GTE", "2026-05-01T00:00:00Z"), "renewal_date >= '2026-05-01'", [1, 3]),
    (
        one("renewal_date", "GTE", milliseconds("2026-05-01T10:00")),
        "renewal_date >= '2026-05-01T10:00:00.000Z'",
        [3],
    ),
    (one("last_seen", "LT", int(milliseconds("2026-03-01"))), "last_seen < '2026-03-01'", [1]),
    (
        one("last_seen", "BETWEEN", "2026-03-01", highValue="2026-03-02T00:00:00.000Z"),
        "last_seen between '2026-03-01' and '2026-03-02'",
        [2],
    ),
    (one("interests", "EQ", "golf"), "has(interests, 'golf')", [1]),
    (one("interests", "EQ", "golf;chess"), "has(interests, 'golf') and has(interests, 'chess')", [1]),
    (one("interests", "NEQ", "golf"), "not has(interests, 'golf')", [2]),
    (one("interests", "IN", values=["golf", "sailing"]), "has(interests, 'golf', 'sailing')", [1, 2]),
    (one("interests", "NOT_IN", values=["golf"]), "not has(interests, 'golf')", [2]),
    (one("interests", "CONTAINS_TOKEN", "golf"), "has(interests, 'golf')", [1]),
    (one("interests", "NOT_HAS_PROPERTY"), "interests is null", [3, 4]),
    (one("name", "CONTAINS_TOKEN", "energi"), "contains_token(name, 'energi')", [1]),
    (one("name", "CONTAINS_TOKEN", "nord*"), "contains_token(name, 'nord*')", [1]),
    (
        one("billing_email", "CONTAINS_TOKEN", "*@nordlys.dk"),
        "contains_token(billing_email, '*@nordlys.dk')",
        [1],
    ),
    (one("name", "NOT_CONTAINS_TOKEN", "energi"), "not contains_token(name, 'energi')", [2, 3, 4]),
    (one("name", "GT", "N"), "name > 'N'", [1, 2, 3]),
    (one("associations.contact", "EQ", "13"), "associated(contact, 13)", [3]),
    (one("associations.contacts", "IN", values=[12, "13"]), "associated(contact, 12, 13)", [1, 3]),
    (one("associations.contact", "NEQ", 13), "not associated(contact, 13)", [1, 2, 4]),
    (one("associations.deal", "HAS_PROPERTY"), "associated(deal)", [1, 2, 3]),
    (one("associations.0-3", "NOT_HAS_PROPERTY"), "not associated(deal)", [4]),
]


@pytest.mark.parametrize(("given", "text", "expected"), CASES)
def test_a_filter_is_the_same_as_this_text_and_finds_these(
    given: dict[str, Any], text: str, expected: list[int], meeting: Meeting, catalog: Catalog
) -> None:
    node = parse_filters(catalog, catalog.object_types["company"], grouped([given]))
    assert unparse(node) == text
    assert parse(text) == node
    assert meeting(text) == expected


def test_groups_are_alternatives_and_filters_all_hold(catalog: Catalog) -> None:
    body = grouped(
        [one("mrr", "GT", 1), one("active", "EQ", "true")],
        [one("sector", "EQ", "public")],
    )
    node = parse_filters(catalog, catalog.object_types["company"], body)
    assert unparse(node) == "mrr > 1 and active = true or sector = 'public'"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"filterGroups": []},
        {"filterGroups": None, "filters": None, "query": "x"},
        {"filterGroups": [{"filters": []}]},
        {"filterGroups": [{}]},
    ],
)
def test_no_filters_match_everything(body: dict[str, Any], catalog: Catalog) -> None:
    assert unparse(parse_filters(catalog, catalog.object_types["company"], body)) == "true"


def test_filters_may_stand_at_the_top(catalog: Catalog) -> None:
    body = {"filters": [one("mrr", "GT", 1), one("seats", "LT", 5)], "filterGroups": []}
    assert unparse(parse_filters(catalog, catalog.object_types["company"], body)) == "mrr > 1 and seats < 5"


def refused(catalog: Catalog, body: dict[str, Any]) -> Problem:
    with pytest.raises(Invalid) as raised:
        parse_filters(catalog, catalog.object_types["company"], body)
    (problem,) = raised.value.problems
    return problem


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (
            one("secto", "EQ", "x"),
            "PROPERTY_DOESNT_EXIST",
            "Property 'secto' does not exist on Company; did you mean 'sector'?",
        ),
        (
            one("associations.zebra", "EQ", "1"),
            "PROPERTY_DOESNT_EXIST",
            "Property 'associations.zebra' does not exist",
        ),
        (
            one("associations.contact", "GT", "1"),
            "VALIDATION_ERROR",
            "operator GT doesn't apply to associations",
        ),
        (one("associations.contact", "EQ", "x"), "VALIDATION_ERROR", "x is not a record id"),
        (
            one("sector", "EQ", "Energy"),
            "INVALID_OPTION",
            (
                "Energy was not one of the allowed options for Sector: "
                "[finance, public, energy]; did you mean energy?"
            ),
        ),
        (
            one("sector", "GT", "energy"),
            "VALIDATION_ERROR",
            (
                "operator GT doesn't apply to sector, which is enumeration; "
                "use EQ, NEQ, IN, NOT_IN, HAS_PROPERTY, NOT_HAS_PROPERTY, CONTAINS_TOKEN, NOT_CONTAINS_TOKEN"
            ),
        ),
        (
            one("active", "LT", "true"),
            "VALIDATION_ERROR",
            (
                "operator LT doesn't apply to active, which is boolean; "
                "use EQ, NEQ, IN, NOT_IN, HAS_PROPERTY, NOT_HAS_PROPERTY"
            ),
        ),
        (
            one("mrr", "EQ", "many"),
            "INVALID_NUMBER",
            "many was not a valid number for MRR; write it as 1234.50",
        ),
        (one("mrr", "EQ"), "VALIDATION_ERROR", "value is missing; operator EQ needs it"),
        (one("mrr", "EQ", [1]), "VALIDATION_ERROR", "value is missing; operator EQ needs it"),
        (one("mrr", "BETWEEN", 1), "VALIDATION_ERROR", "highValue is missing; operator BETWEEN needs it"),
        (one("mrr", "IN", 1), "VALIDATION_ERROR", "values is missing; operator IN needs a list of values"),
        (
            one("mrr", "IN", values=[]),
            "VALIDATION_ERROR",
            "values is missing; operator IN needs a list of values",
        ),
        (
            one("mrr", "IN", values=[1, None]),
            "VALIDATION_ERROR",
            "values is missing; operator IN needs a list of values",
        ),
        (
            one("renewal_date", "LT", "soon"),
            "INVALID_DATE",
            ("soon is not a date and time for Renewal date; write it as 2017-12-31T10:00:00Z"),
        ),
        (
            one("interests", "EQ", "golf;"),
            "INVALID_OPTION",
            (" was not one of the allowed options for Interests: [golf, chess, sailing]"),
        ),
        ({"operator": "EQ", "value": "x"}, "VALIDATION_ERROR", "propertyName is missing"),
        (
            one("mrr", "LIKE", "1"),
            "VALIDATION_ERROR",
            (
                "operator LIKE is none of EQ, NEQ, IN, NOT_IN, HAS_PROPERTY, "
                "NOT_HAS_PROPERTY, LT, LTE, GT, GTE, BETWEEN, CONTAINS_TOKEN, NOT_CONTAINS_TOKEN"
            ),
        ),
    ],
)
def test_a_wrong_filter_is_refused_by_its_number(
    given: dict[str, Any], code: str, message: str, catalog: Catalog
) -> None:
    problem = refused(catalog, grouped([one("seats", "GT", 1)], [one("seats", "GT", 1), given]))
    assert (problem.code, problem.message) == (code, message)
    assert problem.context == {"filterGroup": 1, "filter": 1}
    assert problem.property == given.get("propertyName")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (grouped(*[[one("seats", "GT", 1)]] * 6), "There are 6 filterGroups; at most 5 are allowed"),
        (grouped([one("seats", "GT", 1)] * 7), "A filterGroup has 7 filters; at most 6 are allowed"),
        (grouped(*[[one("seats", "GT", 1)] * 5] * 4), "There are 20 filters in all; at most 18 are allowed"),
        ({"filterGroups": {}}, "filterGroups is a list"),
        ({"filterGroups": ["x"]}, "Each of filterGroups is an object with a list of filters"),
        ({"filters": ["x"]}, "Each of filters is an object with propertyName and operator"),
        (
            {"filters": [one("seats", "GT", 1)], **grouped([one("seats", "GT", 1)])},
            "Give either filterGroups or filters, not both",
        ),
    ],
)
def test_the_shape_and_number_of_filters_is_limited(
    body: dict[str, Any], message: str, catalog: Catalog
) -> None:
    problem = refused(catalog, body)
    assert (problem.code, problem.message) == ("VALIDATION_ERROR", message)


def test_a_body_has_at_most_three_thousand_characters() -> None:
    check_size("ø" * 3_000)
    check_size(("ø" * 3_000).encode())
    with pytest.raises(Invalid) as raised:
        check_size(b"x" * 3_001)
    assert raised.value.problems[0].code == "VALIDATION_ERROR"
