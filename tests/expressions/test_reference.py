"""The reference says what is so: its examples compile, its messages are the ones given, it names everything."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from wonward.errors import Invalid
from wonward.expressions import filter_groups, scan, tree
from wonward.expressions.compile import condition
from wonward.expressions.dialect import AGGREGATES
from wonward.expressions.filter_groups import parse_filters
from wonward.expressions.functions import FUNCTIONS
from wonward.expressions.place import pointer
from wonward.expressions.unparse import unparse
from wonward.expressions.words import MOST_WILDCARDS
from wonward.schema.catalog import Catalog

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "expressions.md").read_text(encoding="utf-8")
EXAMPLES = [
    line for block in re.findall(r"```sql\n(.*?)```", REFERENCE, re.DOTALL) for line in block.splitlines()
]
REFUSALS = [block.splitlines() for block in re.findall(r"```text\n(.*?)```", REFERENCE, re.DOTALL)]
FILTERS = re.findall(r"^\| `([\w.]+)` `([A-Z_]+)`(.*?) \| `(.*)` \|$", REFERENCE, re.MULTILINE)


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_compiles(text: str, catalog: Catalog) -> None:
    kind = "deal" if text.startswith("company.") else "company"
    assert condition(catalog, catalog.object_types[kind], text).family == "boolean"


@pytest.mark.parametrize(("text", "carets", "message"), REFUSALS)
def test_a_refusal_is_shown_like_this(text: str, carets: str, message: str, catalog: Catalog) -> None:
    with pytest.raises(Invalid) as raised:
        condition(catalog, catalog.object_types["company"], text)
    (problem,) = raised.value.problems
    assert pointer(text, problem) == f"{text}\n{carets}"
    assert problem.message == message


@pytest.mark.parametrize(("name", "operator", "given", "text"), FILTERS)
def test_a_filter_of_hubspot_is_this_text(
    name: str, operator: str, given: str, text: str, catalog: Catalog
) -> None:
    values = re.findall(r"`(.*?)`", given)
    body = {"propertyName": name, "operator": operator, "values": values}
    body |= dict(zip(("value", "highValue"), values, strict=False))
    assert unparse(parse_filters(catalog, catalog.object_types["company"], {"filters": [body]})) == text


def test_every_function_operator_and_limit_is_in_the_reference() -> None:
    assert len(EXAMPLES) > 15
    assert len(FILTERS) > 10
    for name in (*FUNCTIONS, *AGGREGATES, "associated"):
        assert f"{name}(" in REFERENCE
    for operator in filter_groups.OPERATORS:
        assert operator in REFERENCE or operator in ("GT", "LTE")
    assert f"{tree.LONGEST:,} characters, {tree.MOST_NODES} names" in REFERENCE
    assert f"{tree.DEEPEST} operations inside" in REFERENCE
    assert f"{scan.DEEPEST_NESTING} parentheses" in REFERENCE
    assert f"at most {MOST_WILDCARDS} of them" in REFERENCE
    groups, filters = filter_groups.MOST_GROUPS, filter_groups.MOST_FILTERS
    limits = f"{groups} groups, {filters} filters in each, {filter_groups.MOST_IN_ALL} in all"
    assert f"{limits}, and {Decimal(filter_groups.LONGEST_BODY):,} characters" in REFERENCE
