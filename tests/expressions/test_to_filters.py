"""A tree written as HubSpot's filterGroups reads back as the same condition, or says what has no spelling there."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wonward.errors import Invalid
from wonward.expressions import tree
from wonward.expressions.filter_groups import parse_filters
from wonward.expressions.parse import parse
from wonward.expressions.to_filters import to_filter_groups
from wonward.expressions.unparse import unparse
from wonward.schema.catalog import Catalog

Meeting = Callable[..., list[int]]
ON_ONE_PORTAL = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def one(name: str, operator: str, **values: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"propertyName": st.just(name), "operator": st.just(operator)}
        | {
            key: value if isinstance(value, st.SearchStrategy) else st.just(value)
            for key, value in values.items()
        }
    )


words = st.sampled_from(["nordlys", "Energi", "ærø 100%", "A/S"])
sectors = st.sampled_from(["finance", "public", "energy"])
hobbies = st.lists(st.sampled_from(["golf", "chess", "sailing"]), min_size=1, unique=True)
amounts = st.sampled_from(["0", "499.99", "1200.5", "-3"])
days = st.sampled_from(["1772323200000", "1798675200000", "1772369940000"])
filters = st.one_of(
    *(one("name", operator, value=words) for operator in ("EQ", "NEQ", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN", "LT")),
    *(one("name", operator, values=st.lists(words, min_size=1, max_size=3)) for operator in ("IN", "NOT_IN")),
    *(one("sector", operator, value=sectors) for operator in ("EQ", "NEQ", "CONTAINS_TOKEN")),
    *(one("sector", operator, values=st.lists(sectors, min_size=1, max_size=3)) for operator in ("IN", "NOT_IN")),
    *(one("interests", operator, value=hobbies.map(";".join)) for operator in ("EQ", "NEQ", "CONTAINS_TOKEN")),
    *(one("interests", operator, values=hobbies) for operator in ("IN", "NOT_IN")),
    *(one("mrr", operator, value=amounts) for operator in ("EQ", "NEQ", "LT", "LTE", "GT", "GTE")),
    one("mrr", "BETWEEN", value=amounts, highValue=amounts),
    *(one("renewal_date", operator, value=days) for operator in ("EQ", "GT", "LTE")),
    one("last_seen", "BETWEEN", value=days, highValue=days),
    one("active", "EQ", value=st.sampled_from(["true", "false"])),
    one("billing_email", "EQ", value="faktura@nordlys.dk"),
    *(one(name, operator) for name in ("sector", "mrr", "associations.contact")
      for operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY")),
    *(one("associations.deal", operator, value="21") for operator in ("EQ", "NEQ")),
    *(one("associations.deal", operator, values=["21", "22"]) for operator in ("IN", "NOT_IN")),
)  # fmt: skip
bodies = st.lists(st.lists(filters, min_size=1, max_size=3), min_size=1, max_size=4)


@settings(deadline=None, max_examples=150)
@given(groups=bodies)
def test_filters_that_were_read_are_written_again(
    groups: list[list[dict[str, Any]]], catalog: Catalog
) -> None:
    kind = catalog.object_types["company"]
    read = parse_filters(catalog, kind, {"filterGroups": [{"filters": group} for group in groups]})
    written = to_filter_groups(catalog, kind, read)
    assert parse_filters(catalog, kind, {"filterGroups": written}) == read


tests = st.sampled_from(
    [
        "mrr > 500", "500 > mrr", "mrr = 0", "not mrr between 1 and 600", "mrr is null", "active", "not active",
        "sector in ('energy', 'public')", "sector != 'energy'", "sector is not null", "last_seen > '2026-03-01'",
        "has(interests, 'golf')", "has(interests, 'chess')", "has(interests, 'chess', 'sailing')",
        "contains_token(name, 'nord*')", "equals_ignoring_case(name, 'empty', 'x')", "associated(contacts)",
        "associated(deals, 21)", "renewal_date <= '2026-05-01'",
    ]
)  # fmt: skip
conditions = st.recursive(
    tests.map(parse),
    lambda of: st.one_of(
        st.lists(of, min_size=2, max_size=3).map(tree.all_of),
        st.lists(of, min_size=2, max_size=3).map(tree.any_of),
        of.map(tree.Not),
    ),
    max_leaves=5,
)


@settings(ON_ONE_PORTAL, max_examples=60)
@given(node=conditions)
def test_what_is_written_finds_the_same_records(node: tree.Node, catalog: Catalog, meeting: Meeting) -> None:
    kind = catalog.object_types["company"]
    try:
        groups = to_filter_groups(catalog, kind, node)
    except Invalid as error:
        assert "at most" in str(error)  # noqa: PT017 - too large is the only reason there may be
        return
    again = parse_filters(catalog, kind, {"filterGroups": groups})
    assert meeting(unparse(again)) == meeting(unparse(node)), unparse(node)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 'Acme'", "can't say 'name = 'Acme''; there = ignores case, so write equals_ignoring_case(name, …)"),
        ("mrr > seats", "HubSpot's filters can't say 'mrr > seats'"),
        ("active and contact.firstname is null", "can't say 'contact.firstname is null'"),
        ("count(deals) > 1", "HubSpot's filters can't say 'count(deals) > 1'"),
        ("associated(deals where amount > 1)", "can't say 'associated(deals where amount > 1)'"),
        ("not name like 'a%'", "HubSpot's filters can't say 'name not like 'a%''"),
        ("renewal_date > today()", "HubSpot's filters can't say 'renewal_date > today()'"),
        ("(mrr > 1 or active) and (mrr > 3 or trial) and (mrr > 5 or active)", "at most 5 groups; this needs more"),
        (" and ".join(f"mrr > {n}" for n in range(7)), "at most 6 in a group; this needs 7"),
        ("equals_ignoring_case(name, ' x')", "can't say"),
    ],
)  # fmt: skip
def test_what_has_no_spelling_is_named(text: str, message: str, catalog: Catalog) -> None:
    kind = catalog.object_types["company"]
    with pytest.raises(Invalid) as raised:
        to_filter_groups(catalog, kind, parse(text))
    assert message in raised.value.problems[0].message


def test_everything_needs_no_filter(catalog: Catalog) -> None:
    assert to_filter_groups(catalog, catalog.object_types["company"], parse("true")) == []
