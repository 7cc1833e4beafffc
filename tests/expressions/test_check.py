"""Names and types that don't fit are refused with their place and what to write instead."""

import pytest

from wonward.errors import Invalid, Problem
from wonward.expressions import tree
from wonward.expressions.compile import compile_condition, condition
from wonward.expressions.place import pointer
from wonward.schema.catalog import Catalog


def refused(catalog: Catalog, text: str, kind: str = "company") -> Problem:
    with pytest.raises(Invalid) as raised:
        condition(catalog, catalog.object_types[kind], text)
    (problem,) = raised.value.problems
    return problem


MOVES = "a date can be moved by a length of time such as '90 days', nothing else"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("active and secto = 'x'", 12, "there is no property 'secto' on Company; did you mean 'sector'?"),
        ("MRR > 1", 1, "there is no property 'MRR' on Company; did you mean 'mrr'?"),
        ("zzz > 1", 1, "there is no property 'zzz' on Company"),
        ("sum(deals.amout) > 1", 5, "there is no property 'amout' on Deal; did you mean 'amount'?"),
        ("count(contakts) > 1", 7, "there is no object type 'contakts'; did you mean 'contact'?"),
        ("ticket.subject = 'x'", 1, "Companies can't be associated with Tickets but with contact, deal"),
        ("company.mrr > 1", 1, "Companies can't be associated with Companies but with contact, deal"),
        ("sector = 'energi'", 10, "Sector has no option 'energi'; did you mean 'energy'?"),
        ("sector = 'Public sector'", 10, "'Public sector' is a label of Sector; write its value 'public'"),
        (
            "sector in ('energy', 'zzz')",
            22,
            "Sector has no option 'zzz'; its options are finance, public, energy",
        ),
        ("has(interests, 'skak')", 16, "'skak' is a label of Interests; write its value 'chess'"),
        (
            "min(deals.closedate) > 'x'",
            24,
            "x is not a date for min(deals.closedate); write it as 2017-12-31",
        ),
        (
            "renewal_date >= '2017-13-45'",
            17,
            "2017-13-45 is not a date for Renewal date; write it as 2017-12-31",
        ),
        (
            "last_seen > '2017-12-31T25:00'",
            13,
            ("2017-12-31T25:00 is not a date and time for Last seen; write it as 2017-12-31T10:00:00Z"),
        ),
        ("today() < 'tomorrow'", 11, "tomorrow is not a date for today(); write it as 2017-12-31"),
        ("mrr > '500'", 7, "'MRR' is a number; write one without quotes"),
        ("'500' < mrr", 1, "'MRR' is a number; write one without quotes"),
        ("active = 'true'", 10, "'Active' is true or false; write true or false without quotes"),
        ("name = 5", 8, "'Name' is text but '5' is a number"),
        ("mrr = name", 7, "'MRR' is a number but 'Name' is text"),
        ("mrr = active", 7, "'MRR' is a number but 'Active' is true or false"),
        ("mrr in (1, today())", 12, "'MRR' is a number but 'today()' is a date"),
        ("mrr between 1 and name", 19, "'MRR' is a number but 'Name' is text"),
        ("mrr = null", 7, "nothing equals null; write 'is null' or 'is not null'"),
        ("null in (1)", 1, "nothing equals null; write 'is null' or 'is not null'"),
        ("interests = 'golf'", 1, "'Interests' holds several values; write has(interests, 'a')"),
        ("'golf' = interests", 10, "'Interests' holds several values; write has(interests, 'a')"),
        ("active > false", 1, "'Active' has no order; compare it with =, != or in"),
        ("sector < 'public'", 1, "'Sector' has no order; compare it with =, != or in"),
        ("sector between 'energy' and 'public'", 1, "'Sector' has no order; compare it with =, != or in"),
        ("mrr", 1, "'MRR' is a number, not a condition; compare it with something"),
        ("active and 'x'", 12, "'x' is text, not a condition; compare it with something"),
        ("not today()", 5, "'today()' is a date, not a condition; compare it with something"),
        ("active or null", 11, "'null' is null, not a condition; compare it with something"),
        ("mrr + name > 1", 7, "only numbers can be calculated with; 'Name' is text"),
        ("mrr * '2' > 1", 7, "only numbers can be calculated with; '2' is text"),
        ("-active > 1", 2, "only numbers can be calculated with; 'Active' is true or false"),
        (
            "hubspot_owner_id + 1 > 1",
            1,
            "only numbers can be calculated with; 'Owner' is an owner",
        ),
        ("hubspot_owner_id = 1.5", 20, "an owner can only be compared with an owner's id"),
        ("mrr = hubspot_owner_id", 1, "an owner can only be compared with an owner's id"),
        ("renewal_date + 30 > today()", 1, MOVES),
        ("renewal_date * 2 > 1", 1, MOVES),
        ("renewal_date - name > 1", 1, MOVES),
        ("'1 day' - today() > 1", 1, "1 day is not a date for today(); write it as 2017-12-31"),
        (
            "renewal_date - '9 moons' > today()",
            16,
            "9 moons is not a date for Renewal date; write it as 2017-12-31",
        ),
        (
            "renewal_date + '3 hours' > today()",
            16,
            ("a date has no time of day; move it by days, weeks, months or years"),
        ),
        ("now() - '101 years' < now()", 9, "a length of time is at most 100 years"),
        ("mrr like '1%'", 1, "like is for text; 'MRR' is a number"),
        ("name like domain", 11, "a pattern is a text in quotes, as in: name like 'Nord%'"),
        ("name like 'x\\'", 11, "a pattern can't end with \\; write \\\\ for the character itself"),
        ("pg_sleep(9)", 1, "there is no function 'pg_sleep'"),
        ("has_(interests, 'golf')", 1, "there is no function 'has_'; did you mean 'has'?"),
        ("today(1) > now()", 1, "write it as today()"),
        ("has(interests)", 1, "write it as has(interests, 'golf', 'chess')"),
        ("has('golf', 'golf')", 1, "write it as has(interests, 'golf', 'chess')"),
        ("has(name, 'golf')", 1, "has is for properties with several options; compare 'Name' with ="),
        ("contains_token(mrr, 'x')", 1, "contains_token is for text; 'MRR' is currency"),
        ("contains_token(name, 'a', 'b')", 1, "write it as contains_token(name, 'nordic*')"),
        ("contains_token(name, ' ')", 22, "give a word to look for, with at most 5 stars"),
        ("contains_token(name, 'a*b*c*d*e*f*')", 22, "give a word to look for, with at most 5 stars"),
        (
            "equals_ignoring_case(interests, 'x')",
            1,
            ("equals_ignoring_case is for text; 'Interests' is multi_enumeration"),
        ),
        ("sum(deals.closedate) > 1", 5, "sum takes numbers; 'Close date' is date"),
        ("max(deals.dealname) = 'x'", 5, "max takes numbers and dates; 'Deal name' is text"),
        ("name = 'a\x00b'", 8, "this text has a character that can't be stored; remove it"),
    ],
)
def test_what_doesnt_fit_is_refused(text: str, column: int, message: str, catalog: Catalog) -> None:
    assert refused(catalog, text).message == f"at column {column}: {message}"


def test_a_refusal_says_where_for_people_and_for_programs(catalog: Catalog) -> None:
    text = "active\n  and secto = 'x'"
    problem = refused(catalog, text)
    assert problem.message.startswith("at line 2, column 7: there is no property 'secto'")
    assert (problem.code, problem.property) == ("PROPERTY_DOESNT_EXIST", "secto")
    assert problem.context == {"line": 2, "column": 7, "start": 13, "end": 18}
    assert pointer(text, problem) == "  and secto = 'x'\n      ^^^^^"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sector = 'x'", "INVALID_OPTION"),
        ("renewal_date = 'x'", "INVALID_DATE"),
        ("count(x) > 1", "OBJECT_TYPE_NOT_FOUND"),
        ("mrr > name", "INVALID_EXPRESSION"),
    ],
)
def test_a_refusal_has_a_code(text: str, code: str, catalog: Catalog) -> None:
    assert refused(catalog, text).code == code


def test_a_tree_made_by_a_program_is_checked_like_text(catalog: Catalog) -> None:
    deep: tree.Node = tree.Reference("active")
    for _ in range(10_000):
        deep = tree.Not(deep)
    wide = tree.Or((tree.Reference("active"),) * 600)
    for node in (deep, wide, tree.Reference("nothing")):
        with pytest.raises(Invalid) as raised:
            compile_condition(catalog, catalog.object_types["company"], node)
        assert raised.value.problems[0].context == {}
