"""What the language reads, and that everything else is refused where it stands."""

from decimal import Decimal
from typing import Any

import pytest

from wonward.errors import Invalid
from wonward.expressions import tree
from wonward.expressions.parse import parse
from wonward.expressions.place import Place, pointer
from wonward.expressions.tree import And, Comparison, Dependency, Not, Number, Or, Reference, Text


def test_a_condition_becomes_a_tree() -> None:
    found = parse("company.sector = 'it''s' and not (mrr >= 500.00 or active)")
    assert found == And(
        (
            Comparison("=", Reference("sector", of="company"), Text("it's")),
            Not(Or((Comparison(">=", Reference("mrr"), Number(Decimal(500))), Reference("active")))),
        )
    )


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a == 1", "a = 1"),
        ("a <> 1", "a != 1"),
        ("a AND b Or C", "(a and b) or C"),
        ("a and (b and c) and d", "a and b and c and d"),
        ("not a in (1)", "a not in (1)"),
        ("not a is null", "a is not null"),
        ("not a like 'x'", "a not like 'x'"),
        ("not a between 1 and 2", "a not between 1 and 2"),
        ("a --1", "a - -1"),
        ("+a", "a"),
        ("- (5)", "-5"),
        ("((a))", '"a"'),
        ("TODAY()", "today()"),
        ("a\n\t= 1", "a=1"),
        ("0.50", ".5"),
    ],
)
def test_two_spellings_of_the_same(text: str, same: str) -> None:
    assert parse(text) == parse(same)


@pytest.mark.parametrize(
    "name", ["end", "name", "type", "state", "date", "domain", "value", "select", "case"]
)
def test_sql_words_are_plain_names(name: str) -> None:
    assert parse(f"{name} = 1 and company.{name} = 2") == And(
        (
            Comparison("=", Reference(name), Number(Decimal(1))),
            Comparison("=", Reference(name, of="company"), Number(Decimal(2))),
        )
    )


def test_every_node_knows_its_place() -> None:
    found = parse("a = 1 and\n  company.sector in ('x')")
    assert isinstance(found, And)
    assert [part.place for part in found.parts] == [Place(0, 5, 1, 1), Place(12, 34, 2, 3)]
    assert parse("a = 1") == parse("  a  =  1")


TOO_FAR = "after the dot only a property of a directly associated record can stand, as in company.name"


def refused(text: str) -> Any:
    with pytest.raises(Invalid) as raised:
        parse(text)
    (problem,) = raised.value.problems
    return problem


@pytest.mark.parametrize(
    ("text", "start", "message"),
    [
        ("a in (select 1)", 6, "'select' isn't part of the language"),
        ("exists(select 1)", 7, "'select' isn't part of the language"),
        ("cast(a as int)", 7, "'as' isn't part of the language"),
        ("interval '1 day'", 0, "'interval' isn't part of the language"),
        ("a::int", 1, "':' isn't part of the language"),
        ("a; drop table b", 1, "';' isn't part of the language"),
        ("a % 2", 2, "'%' isn't part of the language"),
        ("n'x' = a", 0, "'n'x'' isn't part of the language"),
        ("{# x #} a", 8, "a comment isn't part of the language"),
        ("a /* b */ = 1", 5, "'b' can't stand here; is an operator or a comma missing?"),
        ("a b", 2, "'b' can't stand here; is an operator or a comma missing?"),
        ("a = ", 2, "a value is missing after '='"),
        ("a = and b", 4, "a value is missing before 'and'"),
        ("and", 0, "a value is missing after 'and'"),
        ("a in (1,)", 8, "a value is missing before this ')'"),
        ("a in b", 0, "write the values in parentheses, as in: in ('a', 'b')"),
        ("a in ()", 0, "write the values in parentheses, as in: in ('a', 'b')"),
        ("a between 1 2", 0, "write both ends, as in: between 1 and 10"),
        ("a is true", 5, "after 'is' only null and not null can stand"),
        ("a is distinct from b", 0, "'is distinct from' isn't part of the language"),
        ("(a, b) = 1", 1, "a list outside 'in' isn't part of the language"),
        ("()", 0, "a list outside 'in' isn't part of the language"),
        ("'a' 'b'", 0, "a text right after another isn't part of the language"),
        ("a.b.c", 0, TOO_FAR),
        ("a.b.c.d.e", 0, TOO_FAR),
        ("a.b(c)", 0, TOO_FAR),
        ("count(*)", 0, "count takes an object type, as in count(contacts)"),
        ("count(deals.amount)", 0, "count takes an object type, as in count(contacts)"),
        ("sum(amount)", 0, "sum takes a property of associated records, as in sum(deals.amount)"),
        (
            "associated(contacts, 1.5)",
            0,
            ("associated takes an object type and, if wanted, record ids, as in associated(contacts, 1201)"),
        ),
        ("1e", 0, "'1e' isn't a number; write it as 1234.50"),
        ("1e31", 0, "a number has at most 30 digits on either side of the point"),
        ("a = 0x1F", 5, "'x1F' can't stand here; is an operator or a comma missing?"),
        ("(a or (b)", 0, "the '(' that opens here isn't closed"),
        ("a)", 1, "this ')' closes nothing"),
        ("a = 'x", 4, "the quote that opens here isn't closed"),
        ('"a', 0, "the quote that opens here isn't closed"),
        ("a = 1 and b = = 2", 14, "a value is missing before '='"),
    ],
)
def test_what_isnt_in_the_language_is_refused_where_it_stands(text: str, start: int, message: str) -> None:
    problem = refused(text)
    assert problem.message == f"at column {start + 1}: {message}"
    assert problem.context["start"] == start
    assert problem.context["end"] > start
    assert problem.code == "INVALID_EXPRESSION"


@pytest.mark.parametrize("text", ["", "  \n ", "a" * 3_001])
def test_an_expression_has_one_to_three_thousand_characters(text: str) -> None:
    assert "context" not in refused(text).message
    assert refused(text).context == {}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000 + "a" + ")" * 1_000,
        "not " * 700 + "a",
        "a = not " * 300 + "a",
        "-" * 2_000 + "a",
        "- " * 1_400 + "a",
        "f(" * 900 + "a" + ")" * 900,
        "a in (" * 400 + "1" + ")" * 400,
        "+".join(["a"] * 1_400),
        "a = " * 700 + "a",
        "a.b" + ".c" * 1_400,
        "a in (" + ",".join(["1"] * 1_400) + ")",
        "a or " * 550 + "a",
        "a between " * 250 + "1",
        "a is null = " * 240 + "a",
    ],
)
def test_deep_and_large_expressions_are_refused_and_break_nothing(text: str) -> None:
    assert len(text) <= tree.LONGEST
    assert refused(text).message


def test_a_long_list_and_a_long_choice_are_fine() -> None:
    assert parse("a in (" + ",".join(map(str, range(400))) + ")")
    assert parse(" or ".join(f"a = {n}" for n in range(150)))


def test_the_pointer_shows_the_line_and_the_place() -> None:
    text = "active\nand secto = = 'energy'"
    assert pointer(text, refused(text)) == "and secto = = 'energy'\n            ^"
    assert pointer("", refused("")) == ""
    assert pointer("a = 'b\nc", refused("a = 'b\nc")) == "a = 'b\n    ^^"


def test_dependencies_are_named_as_written() -> None:
    found = tree.dependencies(
        parse(
            "mrr > sum(deals.amount) and count(contacts) > 1 and company.name = 'x' and associated(tickets)"
        )
    )
    assert found == (
        Dependency(None, None, frozenset({"mrr"})),
        Dependency("company", None, frozenset({"name"})),
        Dependency("contacts", None, frozenset()),
        Dependency("deals", None, frozenset({"amount"})),
        Dependency("tickets", None, frozenset()),
    )


def test_dependencies_hold_labels_and_what_conditions_read() -> None:
    found = tree.dependencies(
        parse(
            "sum(deals.amount as 'renewal' where dealstage = 'closedwon' and mrr > 2) > mrr"
            " and latest(deals.dealname by closedate) = 'x' and max(deals.amount as 'renewal') > 1"
        )
    )
    assert found == (
        Dependency(None, None, frozenset({"mrr"})),
        Dependency("deals", None, frozenset({"dealname", "closedate"})),
        Dependency("deals", "renewal", frozenset({"amount", "dealstage", "mrr"})),
    )
