"""PostgreSQL agrees with a small slow reading of the tree in Python, on random trees and rows with nulls."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from wonward.expressions import tree
from wonward.expressions.compile import compile_value
from wonward.expressions.tree import Node
from wonward.schema.catalog import Catalog
from wonward.schema.field_types.registry import FIELD_TYPES

Row = Mapping[str, Any]
Truth = bool | None
Testing = tree.Not | tree.Membership | tree.Range | tree.NullTest

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def value(node: Node, row: Row) -> Any:
    match node:
        case tree.Reference(name):
            return row[name]
        case tree.Number(plain) | tree.Truth(plain):
            return plain
        case tree.Text(text):
            return date.fromisoformat(text) if len(text) == 10 else text
        case tree.Arithmetic(operator, left, right):
            return calculated(operator, value(left, row), value(right, row))
        case tree.Negative(operand):
            return calculated("-", Decimal(0), value(operand, row))
    return holds(node, row)


def calculated(operator: str, left: Decimal | None, right: Decimal | None) -> Decimal | None:
    if left is None or right is None:
        return None
    if operator == "/":
        return left / right if right else None
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def compared(operator: str, left: Any, right: Any) -> Truth:
    return None if left is None or right is None else COMPARE[operator](left, right)


def all_hold(truths: list[Truth]) -> Truth:
    if False in truths:
        return False
    return None if None in truths else True


def opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


def holds(node: Node, row: Row) -> Truth:
    own = value(node.operand, row) if isinstance(node, Testing) else None
    match node:
        case tree.And(parts):
            found = all_hold([value(part, row) for part in parts])
        case tree.Or(parts):
            found = opposite(all_hold([opposite(value(part, row)) for part in parts]))
        case tree.Not():
            found = opposite(own)
        case tree.Comparison(operator, left, right):
            found = compared(operator, value(left, row), value(right, row))
        case tree.Membership(_, choices):
            found = opposite(all_hold([compared("!=", own, value(choice, row)) for choice in choices]))
        case tree.Range(_, low, high):
            found = all_hold([compared(">=", own, value(low, row)), compared("<=", own, value(high, row))])
        case _:
            assert isinstance(node, tree.NullTest)
            found = own is None
    return found


NUMBERS = ["mrr", "seats", "group"]
integers = st.integers(-3, 3).map(lambda number: tree.Number(Decimal(number)))


def numbers(operators: str) -> st.SearchStrategy[Node]:
    return st.recursive(
        st.one_of(integers, st.builds(tree.Reference, st.sampled_from(NUMBERS))),
        lambda of: st.one_of(
            st.builds(tree.Arithmetic, st.sampled_from(operators), of, of),
            st.builds(tree.Negative, of.filter(lambda node: not isinstance(node, tree.Number))),
        ),
        max_leaves=4,
    )


whole = numbers("+-*")  # quotients are compared with a tolerance only, since both sides round them
days = st.dates(date(2026, 1, 1), date(2026, 1, 5))
dates = st.builds(tree.Reference, st.sampled_from(["renewal_date", "signed_on"]))
date_texts = st.builds(tree.Text, days.map(date.isoformat))
texts = st.builds(tree.Reference, st.sampled_from(["name", "end"])) | st.builds(
    tree.Text, st.sampled_from("ab'")
)
truths = st.builds(tree.Truth, st.booleans()) | st.builds(
    tree.Reference, st.sampled_from(["active", "trial"])
)


def predicates(first: st.SearchStrategy[Node], other: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(tree.Comparison, st.sampled_from(list(COMPARE)), first, other),
        st.builds(tree.Membership, first, st.lists(other, min_size=1, max_size=3).map(tuple)),
        st.builds(tree.Range, first, other, other),
        st.builds(tree.NullTest, first),
    )


conditions = st.recursive(
    st.one_of(
        truths,
        st.builds(tree.Comparison, st.sampled_from(["=", "!="]), truths, truths),
        predicates(whole, whole),
        predicates(dates, dates | date_texts),
        predicates(texts, texts),
    ),
    lambda of: st.one_of(
        st.lists(of, min_size=2, max_size=3).map(tree.all_of),
        st.lists(of, min_size=2, max_size=3).map(tree.any_of),
        st.builds(tree.Not, of),
        st.builds(tree.NullTest, of),
    ),
    max_leaves=6,
)

rows = st.fixed_dictionaries(
    {name: st.none() | st.integers(-2, 2).map(Decimal) for name in NUMBERS}
    | {name: st.none() | days for name in ("renewal_date", "signed_on")}
    | {name: st.none() | st.sampled_from("ab") for name in ("name", "end")}
    | {name: st.none() | st.booleans() for name in ("active", "trial")}
)


def close(found: Any, wanted: Any) -> bool:
    if isinstance(found, Decimal) and isinstance(wanted, Decimal):
        return abs(found - wanted) < Decimal("1e-12")
    return bool(found == wanted)


def asked(own: psycopg.Connection[Any], catalog: Catalog, node: Node, given: list[Row]) -> list[Any]:
    """Compile a tree and evaluate it over rows that stand in for the table of companies."""
    company = catalog.object_types["company"]
    compiled = compile_value(catalog, company, node)
    columns = [
        sql.SQL("{} {}").format(
            sql.Identifier(name), sql.SQL(FIELD_TYPES[company.properties[name].type].sql_type)
        )
        for name in given[0]
    ]
    statement = sql.SQL(
        "select {} from rows from (jsonb_to_recordset(%(rows)s::jsonb) as ({}))"
        " with ordinality as r order by ordinality"
    ).format(compiled.sql, sql.SQL(", ").join(columns))
    params = {"rows": json.dumps(given, default=str), **compiled.params}
    return [found for (found,) in psycopg.Cursor(own).execute(statement, params)]


@settings(
    max_examples=150,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(conditions | numbers("+-*/"), st.lists(rows, min_size=4, max_size=12))
def test_compiled_sql_means_what_the_tree_says(
    portal: psycopg.Connection[Any], catalog: Catalog, node: Node, given: list[Row]
) -> None:
    wanted = [value(node, row) for row in given]
    for found, expected in zip(asked(portal, catalog, node, given), wanted, strict=True):
        assert close(found, expected), (found, expected)
