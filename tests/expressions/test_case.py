"""`case` chooses the first value whose condition holds; its words stay free as names."""

from collections.abc import Callable
from typing import Any

import pytest

from wonward.errors import Invalid
from wonward.expressions.compile import value
from wonward.expressions.parse import parse
from wonward.expressions.tree import Branch, Case, Reference
from wonward.schema.catalog import Catalog

Values = Callable[..., dict[int, Any]]


def test_the_first_condition_that_holds_decides(values: Values) -> None:
    text = "case when mrr >= 1000 then 'large' when mrr > 0 then 'small' else 'none' end"
    assert values(text) == {1: "large", 2: "none", 3: "small", 4: "none"}
    assert values("case when active then seats * 2 when trial then null end") == {
        1: 50,
        2: None,
        3: 6,
        4: None,
    }
    assert values("case when active then renewal_date else '2026-12-31' end > '2026-06-01'") == {
        1: False, 2: True, 3: True, 4: True,
    }  # fmt: skip


def test_its_words_are_free_as_names() -> None:
    assert parse("case") == Reference("case")
    branch = Branch(Reference("case"), Reference("end"))
    assert parse("case when case then end else when end") == Case((branch,), Reference("when"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("case when mrr then 1 end", "'MRR' is a number, not a condition; compare it with something"),
        ("case when active then 1 else 'a' end", "'1' is a number; write one without quotes"),
        ("case when active then mrr else name end", "'MRR' is a number but 'Name' is text"),
        ("case when active 1 end", "at column 11: 'then' is missing after this"),
        ("case when active then 1", "at column 23: 'end' is missing after this"),
        ("case when active then end", "at column 23: 'end' is missing after this"),
    ],
)
def test_a_case_that_doesnt_fit_is_refused(text: str, message: str, catalog: Catalog) -> None:
    with pytest.raises(Invalid) as raised:
        value(catalog, catalog.object_types["company"], text)
    assert message in raised.value.problems[0].message
