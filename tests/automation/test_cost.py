"""What automation costs: as many statements for many records, and for many workflows, as for one."""

from collections.abc import Callable

import pytest
from tests.statements import counted

from wonward import wiring
from wonward.automation.enrol import WORKFLOWS
from wonward.records import write
from wonward.records.changes import consume

from .conftest import House

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cost(statements: list[str]) -> Callable[[Callable[[], object]], int]:
    """Give a function that says how many statements something takes."""

    def count(duty: Callable[[], object]) -> int:
        statements.clear()
        duty()
        return len(counted(statements))

    return count


def test_many_cost_what_one_costs(house: House, cost: Callable[[Callable[[], object]], int]) -> None:
    def deals(count: int) -> None:
        with wiring.writing(house.portal, actor="user:1", source="web") as work:
            kind = work.catalog.object_type("deal")
            rows = [{"dealname": f"Facade {number}", "amount": 101} for number in range(count)]
            ids = write.create(work, kind, rows)
            write.update(work, kind, [(each, {"amount": 102}) for each in ids])

    def feed() -> int:
        return consume(house.portal, WORKFLOWS, wiring.GUARDS)

    def due() -> int:
        return wiring.tend(house.portal)

    text = "{trigger: {when: amount > 100}, steps: [{set: {a: '=amount'}}, {if: a = 1, then: [{stop: nej}]}]}"
    house.define("deal.w0", text)
    house.work()
    found = []
    for count in (1, 1, 40):  # the first time, a process learns the program
        deals(count)
        found.append((cost(feed), cost(due)))
    assert found[1] == found[2]
    for number in range(1, 6):
        house.define(f"deal.w{number}", text)
    deals(1)
    cost(feed)
    house.work()
    deals(40)
    assert cost(feed) == found[1][0]


def test_without_workflows_the_feed_costs_nothing_more(
    house: House, cost: Callable[[Callable[[], object]], int]
) -> None:
    house.work()
    house.create("deal", dealname="Facade")
    assert cost(lambda: consume(house.portal, WORKFLOWS, wiring.GUARDS)) <= 5
    assert cost(lambda: wiring.tend(house.portal)) <= 2
