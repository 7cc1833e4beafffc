"""Killed between any two statements of a step, nothing is lost and nothing happens twice."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from wonward import wiring
from wonward.automation.enrol import WORKFLOWS
from wonward.automation.models import Enrolment
from wonward.records.changes import consume

from .conftest import House

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = """
trigger: {when: amount > 100}
steps:
  - set: {a: "=coalesce(a, 0) + 1"}
  - create: {object: task, properties: {hs_task_subject: "Ring om {{dealname}}", hs_timestamp: "=now()"}}
  - if: a = 1
    then: [{set: {b: "=coalesce(b, 0) + 1"}}]
"""


class Killed(BaseException):
    """The end of the process, which nothing catches."""


@contextmanager
def killed_after(statements: int) -> Iterator[None]:
    """Let so many statements through, then end as a killed process does: PostgreSQL undoes the transaction."""
    left = itertools.count(statements, -1)

    def count() -> None:
        if next(left) <= 0:
            raise Killed

    run = psycopg.Cursor.execute

    def execute(self: Any, *args: Any, **options: Any) -> Any:
        count()
        return run(self, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", execute)
        yield


def survived(house: House, duty: Any) -> int:
    """Do a duty, killed at its first statement, its second and so on, until it lives through; return how often."""
    for statements in itertools.count(1):
        try:
            with killed_after(statements):
                duty()
        except Killed:
            connection.close()
            continue
        return statements
    raise AssertionError


def test_killed_anywhere_each_effect_comes_once(house: House) -> None:
    house.define("deal.w", STEPS)
    for name in ("Facade", "Trappe", "Ågård"):
        house.create("deal", dealname=name, amount=101)
    feed = survived(house, lambda: consume(house.portal, WORKFLOWS, wiring.GUARDS))
    assert Enrolment.objects.filter(status="active").count() == 3
    due = survived(house, lambda: wiring.tend(house.portal))
    assert feed > 5
    assert due > 20
    assert wiring.tend(house.portal) == 0
    assert house.values("deal", "a", "b") == [("1", "1")] * 3
    assert sorted(house.values("task", "hs_task_subject")) == [
        ("Ring om Facade",),
        ("Ring om Trappe",),
        ("Ring om Ågård",),
    ]
    assert house.statuses("deal.w") == [(each.record_id, "finished") for each in house.enrolments("deal.w")]
    assert [len(house.history(each)) for each in house.enrolments("deal.w")] == [4, 4, 4]
