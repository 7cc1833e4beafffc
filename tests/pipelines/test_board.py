"""The board and how long records have stood in their stages."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from wonward import clock, wiring
from wonward.errors import Missing
from wonward.pipelines import board
from wonward.pipelines.models import StageVisit
from wonward.pipelines.stage_history import entered
from wonward.records import query, write
from wonward.records.work import Work
from wonward.worker.loop import catch_up

Writing = Callable[[], AbstractContextManager[Work]]


def fill(work: Work, stage: str, amounts: list[Any]) -> list[int]:
    rows = [{"dealname": f"Facade {amount}", "dealstage": stage, "amount": amount} for amount in amounts]
    return write.create(work, work.catalog.object_type("deal"), rows)


def test_a_column_a_stage_with_count_and_sum(writing: Writing) -> None:
    with writing() as work:
        kind = work.catalog.object_type("deal")
        (pipeline,) = work.catalog.pipelines_of("deal")
        fill(work, "engaging", ["100.25", "200", None])
        gone = fill(work, "closedwon", [7, 8])
        write.archive(work, kind, gone[:1])
        found = [(each.stage.name, each.count, each.total) for each in board.columns(work, kind, pipeline)]
        assert found == [
            ("prospecting", 0, Decimal(0)),
            ("engaging", 3, Decimal("300.25")),
            ("closedwon", 1, Decimal(8)),
            ("closedlost", 0, Decimal(0)),
        ]
        where = query.condition(work, kind, "amount > 150")
        assert [each.count for each in board.columns(work, kind, pipeline, where)] == [0, 1, 0, 0]


def test_cards_page_by_page_those_changed_last_first(writing: Writing) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(board.PAGE + 2):
        with clock.fixed(start + timedelta(minutes=number)), writing() as work:
            fill(work, "engaging", [number])
    with writing() as work:
        kind = work.catalog.object_type("deal")
        (pipeline,) = work.catalog.pipelines_of("deal")
        stage = pipeline.stages[1]
        first = board.cards(work, kind, pipeline, stage, ["amount"])
        rest = board.cards(work, kind, pipeline, stage, ["amount"], part=range(board.PAGE, 2 * board.PAGE))
    assert [card.values for card in (*first, *rest)] == [(str(n),) for n in reversed(range(board.PAGE + 2))]


def test_a_type_without_a_pipeline_has_no_board(writing: Writing) -> None:
    with writing() as work, pytest.raises(Missing):
        (pipeline,) = work.catalog.pipelines_of("deal")
        board.columns(work, work.catalog.object_type("contact"), pipeline)


@pytest.mark.django_db(transaction=True)
def test_the_feed_keeps_how_long_a_deal_stood_where(starter: str, writing: Writing) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with clock.fixed(start), writing() as work:
        (deal,) = fill(work, "prospecting", [1])
    moves = ("engaging", "prospecting", "closedwon")
    for day, stage in enumerate(moves, start=1):
        with clock.fixed(start + timedelta(days=day)), writing() as work:
            write.update(
                work, work.catalog.object_type("deal"), [(deal, {"dealstage": stage, "amount": day})]
            )
    while catch_up():
        pass
    work = wiring.reading(starter, actor="user:1", source="web")
    assert entered(work.catalog.portal_id, [deal]) == {deal: start + timedelta(days=3)}
    visits = StageVisit.objects.filter(record_id=deal).order_by("entered_at")
    assert [(visit.stage, visit.left_at and (visit.left_at - visit.entered_at).days) for visit in visits] == [
        ("prospecting", 1),
        ("engaging", 1),
        ("prospecting", 1),
        ("closedwon", None),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_began_first_and_moved_last(starter: str, writing: Writing) -> None:
    """Its change comes first in the feed; the record's own log knows better."""
    begun, moved = threading.Event(), threading.Event()
    with writing() as work:
        deal, other = fill(work, "prospecting", [1, 2])
        kind = work.catalog.object_type("deal")

    def first_and_last() -> None:
        with wiring.writing(starter, actor="user:1", source="import") as work:
            write.update(work, kind, [(other, {"amount": 3})])
            begun.set()
            assert moved.wait(10)
            write.update(work, kind, [(deal, {"dealstage": "closedwon"})])
        connection.close()

    thread = threading.Thread(target=first_and_last)
    thread.start()
    assert begun.wait(10)
    with writing() as work:
        write.update(work, kind, [(deal, {"dealstage": "engaging"})])
    moved.set()
    thread.join(10)
    while catch_up():
        pass
    visits = StageVisit.objects.filter(record_id=deal).order_by("id")
    assert [(visit.stage, visit.left_at is None) for visit in visits] == [
        ("prospecting", False),
        ("engaging", False),
        ("closedwon", True),
    ]
