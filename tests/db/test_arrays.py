"""Lists sent as arrays come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wonward.db import transaction

pytestmark = pytest.mark.django_db
LISTS = [
    ["Søren Ågård", "Søren Ågård", None, ""],
    [1, None, -(2**40), 1],
    [True, False],
    [[1, 2], [3, 4]],
]


@pytest.mark.parametrize("sent", LISTS)
def test_a_list_comes_back(sent: list[object]) -> None:
    assert transaction.rows("select %(sent)s", {"sent": sent}) == [(sent,)]


def test_lists_of_nothing_have_no_type_of_their_own() -> None:
    for sent in ([], [None, None]):
        assert transaction.rows("select %(sent)s::text[]", {"sent": sent}) == [(sent,)]


@given(
    st.lists(st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
)
def test_any_texts_and_numbers_come_back(texts: list[str | None], numbers: list[int | None]) -> None:
    statement = "select %(texts)s::text[], %(numbers)s::bigint[]"
    assert transaction.rows(statement, {"texts": texts, "numbers": numbers}) == [(texts, numbers)]
