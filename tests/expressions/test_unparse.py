"""Text made from a tree reads back as the same tree."""

import string
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wonward.expressions import tree
from wonward.expressions.dialect import AGGREGATES
from wonward.expressions.parse import parse
from wonward.expressions.tree import Node
from wonward.expressions.unparse import unparse

words = st.text(string.ascii_letters + "_æøå0123456789 \"'.", min_size=1, max_size=6)
names = (
    st.sampled_from(
        [
            "a",
            "end",
            "in",
            "case",
            "when",
            "then",
            "where",
            "as",
            "by",
            "not",
            "null",
            "true",
            "symmetric",
            "Mrr",
            "order",
        ]
    )
    | words
)
types = st.sampled_from(["company", "deals", "like"])
texts = st.builds(tree.Text, st.text(st.characters(codec="utf-8"), max_size=8))
numbers = st.builds(
    tree.Number, st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=3).map(Decimal)
)
labels = st.none() | st.text(max_size=4)
ids = st.lists(st.integers(0, 10**12), max_size=2).map(tuple)
leaves = st.one_of(
    texts,
    numbers,
    st.builds(tree.Truth, st.booleans()),
    st.builds(tree.Null),
    st.builds(tree.Reference, names, st.none() | types),
    st.builds(tree.Call, st.sampled_from(["today", "now"])),
    st.builds(tree.Aggregate, st.just("count"), types),
    st.builds(tree.Aggregate, st.sampled_from(AGGREGATES[1:]), types, names),
)


def several(of: st.SearchStrategy[Node]) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(of, min_size=1, max_size=3).map(tuple)


def grown(of: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        several(of).map(tree.all_of),
        several(of).map(tree.any_of),
        st.builds(tree.Not, of),
        st.builds(tree.Comparison, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), of, of),
        st.builds(tree.Membership, of, several(of)),
        st.builds(tree.Range, of, of, of),
        st.builds(tree.Like, of, texts, st.booleans()),
        st.builds(tree.NullTest, of),
        st.builds(tree.Arithmetic, st.sampled_from("+-*/"), of, of),
        st.builds(tree.Negative, of.filter(lambda node: not isinstance(node, tree.Number))),
        st.builds(tree.Call, st.sampled_from(["has", "contains_token"]), several(of)),
        st.builds(
            tree.Case,
            st.lists(st.builds(tree.Branch, of, of), min_size=1, max_size=2).map(tuple),
            st.none() | of,
        ),
        st.builds(tree.Aggregate, st.just("count"), types, st.none(), labels, st.none() | of),
        st.builds(tree.Aggregate, st.sampled_from(AGGREGATES[1:]), types, names, labels, st.none() | of),
        st.builds(tree.Aggregate, st.just("latest"), types, names, labels, st.none() | of, names),
        st.builds(tree.Associated, types, ids, labels, st.none() | of),
    )


trees = st.recursive(leaves, grown, max_leaves=8)


@settings(max_examples=250, deadline=None)
@given(trees)
@example(tree.Not(tree.Not(tree.NullTest(tree.Reference("a")))))
@example(tree.Comparison("=", tree.Not(tree.Reference("a")), tree.Not(tree.Truth(True))))
@example(tree.Range(tree.Reference("a"), tree.Reference("symmetric"), tree.Reference("and")))
def test_parsing_what_was_written_gives_the_same_tree(node: Node) -> None:
    assert parse(unparse(node)) == node


@pytest.mark.parametrize(
    "text",
    [
        "sector in ('energy', 'public') and mrr >= 500.50",
        "a or b and not c",
        "(a or b) and not (c and d)",
        "a - (b - c) - d * (e + f) / -g",
        "name not ilike '%x%' or name is not null or mrr not between 1 and 2 or mrr not in (3)",
        "company.\"end\" = 'it''s' and \"in\" = -5",
        "close_date < today() + '90 days'",
        "sum(deals.amount) > 2 * count(contacts) and associated(contacts, 12, 15)",
        "has(interests, 'golf') and contains_token(name, 'nord*')",
    ],
)
def test_plain_text_comes_back_as_it_was(text: str) -> None:
    assert unparse(parse(text)).replace("company.end", 'company."end"') == text
