"""Whatever is typed is either refused in the language's own words or runs without an error."""

from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from wonward.errors import Invalid
from wonward.expressions.compile import compile_value
from wonward.expressions.parse import parse
from wonward.expressions.unparse import unparse
from wonward.schema.catalog import Catalog

WORDS = (
    "and or not in is null between like ilike true false ( ) ( ) , . = != < >= + - * / "
    "mrr seats name sector active renewal_date last_seen interests hubspot_owner_id hs_object_id company deals "
    "contact.birthday deals.amount count( sum( min( has( contains_token( equals_ignoring_case( associated( "
    "today() now() 'energy' '90 days' '2026-01-31' 'golf' 'a%b\\' '1 month' 0 1 2.5 -3 1e30 999999999999999999 "
    'select "end" :: ; -- /* % $1 [ {# \u00e6 \x00'
).split(" ")

token_soup = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
sums = st.lists(st.sampled_from(WORDS[12:40]), min_size=1, max_size=4).map(" ".join)
plausible = st.builds("{} {} {}".format, sums, st.sampled_from(["=", "<", "+", "-", "/", "and", "in"]), sums)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token_soup | plausible | st.text(max_size=20))
def test_any_text_is_refused_or_runs(portal: psycopg.Connection[Any], catalog: Catalog, text: str) -> None:
    try:
        node = parse(text)
        compiled = compile_value(catalog, catalog.object_types["company"], node)
    except Invalid as error:
        assert error.problems[0].message
        return
    assert parse(unparse(node)) == node
    statement = sql.SQL("select {} from {} r").format(compiled.sql, sql.Identifier(catalog.schema, "company"))
    params = {"today": "2026-03-01", "now": "2026-03-01T12:00Z", **compiled.params}
    psycopg.Cursor(portal).execute(statement, params).fetchall()
