"""`in_list` asks for membership: a dynamic list is written out in its place, a manual one looked up."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from wonward.errors import Invalid
from wonward.expressions.compile import condition
from wonward.schema.catalog import Catalog

MEANT = "there is no property 'secto' on Company; did you mean 'sector'?"
Meeting = Callable[..., list[int]]


def test_a_record_is_in_the_lists_it_was_put_in_or_fits(
    portal: psycopg.Connection[Any], meeting: Meeting
) -> None:
    psycopg.Cursor(portal).execute("insert into test_expressions._list_member values ('partners', 3)")
    assert meeting("in_list('partners')") == [3]
    assert meeting("in_list('big_customers')") == [1, 3]
    assert meeting("not in_list('big_customers')") == [2, 4]  # the empty one isn't in it either
    assert meeting("in_list('hot')", "deal") == [21]
    assert meeting("count(deals where in_list('hot')) = 1") == [1, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("in_list('partner')", "there is no list 'partner'; did you mean 'partners'?"),
        ("in_list('hot')", "the list 'Hot deals' holds Deals; this is about Companies"),
        ("in_list('hen')", "lists ask for one another in a circle: hen → egg → hen; take one of them out"),
        ("in_list('deep0')", "more than 5 lists ask for one another; write a filter out"),
        ("in_list('broken')", f"the list 'Broken' can't be read: at column 1: {MEANT}"),
        ("in_list(name)", "write it as in_list('nordic_customers')"),
    ],
)  # fmt: skip
def test_a_list_that_cant_be_asked_is_refused(text: str, message: str, catalog: Catalog) -> None:
    with pytest.raises(Invalid) as raised:
        condition(catalog, catalog.object_types["company"], text)
    assert raised.value.problems[0].message.endswith(message)
