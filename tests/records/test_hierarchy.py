"""Parents and children: both ways, one parent each, walked to any depth, and never round in a ring."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from wonward import wiring
from wonward.errors import Invalid
from wonward.records import hierarchy, write
from wonward.records.associate import Link, associate
from wonward.schema.catalog import AssociationType

CHILD_TO_PARENT, PARENT_TO_CHILD = 14, 13


def companies(count: int) -> list[int]:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        rows = [{"name": f"Nordisk Måleri {number}"} for number in range(count)]
        return write.create(work, work.catalog.object_type("company"), rows)


def put_under(*pairs: tuple[int, int], label: int = CHILD_TO_PARENT) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        kind = work.catalog.object_type("company")
        associate(work, kind, kind, [Link(one, other, (label,)) for one, other in pairs])


def walked(walk: Callable[..., Sequence[Any]], record_id: int) -> Sequence[Any]:
    work = wiring.reading("starter", actor="user:1", source="web")
    return walk(work, of_companies(work), record_id)


def of_companies(work: Any) -> AssociationType:
    [label] = hierarchy.labels(work, work.catalog.object_type("company"))
    return label


def test_a_tree_is_walked_both_ways(starter: str) -> None:
    top, middle, left, right = companies(4)
    put_under((middle, top), (left, middle))
    put_under((middle, right), label=PARENT_TO_CHILD)
    assert walked(hierarchy.ancestors, left) == [(middle, 1), (top, 2)]
    assert walked(hierarchy.descendants, top) == [(middle, 1), (left, 2), (right, 2)]
    assert walked(hierarchy.ancestors, top) == []


def test_a_company_has_one_parent(starter: str) -> None:
    child, one, other = companies(3)
    put_under((child, one))
    with pytest.raises(Invalid, match="may have 1 company"):
        put_under((child, other))


@pytest.mark.parametrize("label", [CHILD_TO_PARENT, PARENT_TO_CHILD])
def test_no_company_stands_above_itself(starter: str, label: int) -> None:
    a, b, c = companies(3)
    put_under((a, b), (b, c), label=label)
    with pytest.raises(Invalid, match="one would be above itself") as refused:
        put_under((c, a), label=label)
    assert [(each.code, each.row) for each in refused.value.problems] == [("ASSOCIATION_RING", 0)]
    with pytest.raises(Invalid):
        put_under((a, b), (b, a))


def test_an_archived_company_keeps_its_place(starter: str) -> None:
    a, b, c = companies(3)
    put_under((a, b), (b, c))
    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.archive(work, work.catalog.object_type("company"), [b])
    with pytest.raises(Invalid, match="above itself"):
        put_under((c, a))


@pytest.mark.django_db(transaction=True)
def test_two_who_each_close_half_a_ring_at_once(starter: str, in_threads: Callable[..., list[Any]]) -> None:
    """Neither touches a record of the other's; only one of them may go through, every time."""
    for _ in range(5):
        a, b, c, d = companies(4)
        put_under((a, b), (c, d))

        def close(pair: tuple[int, int]) -> bool:
            try:
                put_under(pair)
            except Invalid:
                return False
            return True

        assert sorted(in_threads(close, [(b, c), (d, a)])) == [False, True]
