"""Whatever is typed is either refused in the language's own words or runs without an error."""

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from wonward.errors import Invalid
from wonward.expressions.compile import compile_condition, compile_value
from wonward.expressions.parse import parse
from wonward.expressions.tree import Node
from wonward.expressions.unparse import unparse
from wonward.schema.catalog import Catalog

pytestmark = pytest.mark.usefixtures("portal")
ON_ONE_PORTAL = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Texts = st.SearchStrategy[str]


def written(form: str, *parts: Texts) -> Texts:
    return st.builds(form.format, *parts)


def whole(lowest: int, highest: int) -> Texts:
    return st.integers(lowest, highest).map(str)


order = st.sampled_from(["=", "!=", "<", ">="])
lengths = written("'{} {}'", whole(0, 99), st.sampled_from(["day", "weeks", "months", "year"]))
dates = st.recursive(
    st.sampled_from(
        ["renewal_date", "signed_on", "today()", "max(deals.closedate)", "contact.birthday", "deal.closedate"]
    ),
    lambda of: written("({} {} {})", of, st.sampled_from("+-"), lengths),
    max_leaves=3,
)
moments = st.recursive(
    st.sampled_from(["last_seen", "createdate", "now()"]),
    lambda of: written("({} {} {})", of, st.sampled_from("+-"), lengths),
    max_leaves=3,
)
times = dates | moments
numbers = st.recursive(
    st.sampled_from(["mrr", "seats", "group", "hs_object_id", '"in"', "count(deals)", "sum(deals.amount)"])
    | st.sampled_from(["avg(deals.amount)", "min(contacts.hs_object_id)", "0", "-3", "0.25", "9e18", "1e30"])
    | written("({} - {})", times, times),
    lambda of: written("({} {} {})", of, st.sampled_from("+-*/"), of) | written("-{}", of),
    max_leaves=4,
)
texts = st.sampled_from(["name", "domain", "end", "billing_email", "sector", "contact.firstname"])
patterns = st.text("ab%_\\* .[(^$ø'", max_size=8).map(lambda text: "'" + text.replace("'", "''") + "'")
tests = st.one_of(
    written("{} {} {}", numbers, order, numbers),
    written("{} {} {}", times, order, times),
    written("{} {} '2026-01-31'", times, order),
    written("{} between {} and {}", numbers, numbers, numbers),
    written("{} not in ({}, {})", times, times, times),
    written("{} {} {}", texts, st.sampled_from(["=", "!="]), texts),
    written(
        "{} {}like {}", texts, st.sampled_from(["", "i", "not "]), patterns.filter(lambda p: "\\'" not in p)
    ),
    written("contains_token(name, {})", patterns.filter(lambda p: p.strip("' ") and p.count("*") < 6)),
    written("equals_ignoring_case(contact.firstname, {})", patterns),
    written("hs_object_id in ({}, {})", whole(-5, 5), whole(0, 10**18)),
    written("hubspot_owner_id >= {}", whole(-5, 10**18)),
    st.sampled_from(["active", "trial", "has(interests, 'golf', 'chess')", "sector in ('energy', 'public')"]),
    st.sampled_from(
        ["interests is null", "associated(deals)", "associated(contacts, 11, 12)", "true", "null is null"]
    ),
)
conditions = st.recursive(
    tests,
    lambda of: st.one_of(
        written("({} and {})", of, of), written("({} or {})", of, of), written("(not {})", of)
    ),
    max_leaves=4,
)


def run(portal: psycopg.Connection[Any], catalog: Catalog, node: Node) -> None:
    compiled = compile_value(catalog, catalog.object_types["company"], node)
    statement = sql.SQL("select {} from {} r").format(compiled.sql, sql.Identifier(catalog.schema, "company"))
    params = {"today": "2026-03-01", "now": "2026-03-01T12:00Z", **compiled.params}
    psycopg.Cursor(portal).execute(statement, params).fetchall()


@settings(ON_ONE_PORTAL, max_examples=120)
@given(text=conditions)
def test_what_fits_runs_without_an_error(
    portal: psycopg.Connection[Any], catalog: Catalog, text: str
) -> None:
    node = parse(text)
    assert parse(unparse(node)) == node
    assert compile_condition(catalog, catalog.object_types["company"], node).family == "boolean"
    run(portal, catalog, node)


WORDS = [
    "and", "or", "not", "in", "is", "null", "between", "like", "ilike", "true", "false", "(", ")", "(", ")", ",",
    ".", "=", "!=", "<", ">=", "+", "-", "*", "/", "mrr", "seats", "name", "sector", "active", "renewal_date",
    "last_seen", "interests", "hubspot_owner_id", "hs_object_id", "company", "deals", "contact.birthday",
    "deals.amount", "count(", "sum(", "min(", "has(", "contains_token(", "equals_ignoring_case(", "associated(",
    "today()", "now()", "'energy'", "'90 days'", "'2026-01-31'", "'golf'", "'a%b\\'", "'1 month'", "0", "1", "2.5",
    "-3", "1e30", "999999999999999999", "select", '"end"', "::", ";", "--", "/*", "%", "$1", "[", "{#", "æ", "\x00",
]  # fmt: skip


@settings(ON_ONE_PORTAL, max_examples=300)
@given(text=st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join) | st.text(max_size=20))
def test_anything_else_is_refused(portal: psycopg.Connection[Any], catalog: Catalog, text: str) -> None:
    try:
        node = parse(text)
        run(portal, catalog, node)
    except Invalid:
        return
    assert parse(unparse(node)) == node
