"""A portal that sells painting, the workflows a story defines, and a clock that a story moves."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from wonward import clock, wiring
from wonward.automation import run
from wonward.automation.models import Enrolment
from wonward.blueprints import apply
from wonward.records import associate, query, write
from wonward.records.associate import Link
from wonward.records.query import Query
from wonward.worker.loop import catch_up, tend_workflows

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PROPERTIES = {
    "deal.produkttype": {
        "label": "Produkttype",
        "type": "enumeration",
        "options": [{"value": "rammeaftale", "label": "Rammeaftale"}, {"value": "rekruttering"}],
    },
    "deal.udloebsdato": {"label": "Udløbsdato", "type": "date"},
    "deal.fakturamail": {"label": "Fakturamail", "type": "email"},
    "deal.a": {"label": "A", "type": "number"},
    "deal.b": {"label": "B", "type": "number"},
    "company.fakturamail": {"label": "Fakturamail", "type": "email"},
}


@dataclass
class House:
    """The portal and its clock; everything happens through the doors that people and the worker use."""

    portal: str
    stack: ExitStack = field(default_factory=ExitStack)

    def define(self, name: str, text: str) -> None:
        """Define a workflow by its YAML."""
        apply.define(
            self.portal, {("workflow", name): {"label": "Auto", **yaml.safe_load(text)}}, actor="user:1"
        )

    def at(self, moment: datetime) -> None:
        """Set the clock."""
        self.stack.close()
        self.stack.enter_context(clock.fixed(moment))

    def later(self, **length: float) -> None:
        """Move the clock ahead and let the worker do what is due."""
        self.at(clock.now() + timedelta(**length))
        self.work()

    def work(self) -> None:
        """Let the worker do all it can do now."""
        while catch_up() + tend_workflows():
            pass

    def create(self, object_type: str, **values: Any) -> int:
        with wiring.writing(self.portal, actor="user:1", source="web") as work:
            (made,) = write.create(work, work.catalog.object_type(object_type), [values])
        return made

    def update(self, object_type: str, record_id: int, **values: Any) -> None:
        with wiring.writing(self.portal, actor="user:1", source="web") as work:
            write.update(work, work.catalog.object_type(object_type), [(record_id, values)])

    def associate(self, one: tuple[str, int], other: tuple[str, int]) -> None:
        with wiring.writing(self.portal, actor="user:1", source="web") as work:
            kinds = [work.catalog.object_type(name) for name, _ in (one, other)]
            associate.associate(work, kinds[0], kinds[1], [Link(one[1], other[1])])

    def values(self, object_type: str, *columns: str, where: str = "") -> list[tuple[Any, ...]]:
        """Return columns of the records of a type, in the order of their ids."""
        work = wiring.reading(self.portal, actor="user:1", source="cli")
        kind = work.catalog.object_type(object_type)
        return [row[1:] for row in query.rows(work, Query(kind, query.condition(work, kind, where)), columns)]

    def enrolments(self, name: str) -> list[Enrolment]:
        return list(Enrolment.objects.filter(workflow=name).order_by("id"))

    def statuses(self, name: str) -> list[tuple[int, str]]:
        return [(each.record_id, str(each.status)) for each in self.enrolments(name)]

    def history(self, enrolment: Enrolment) -> list[tuple[str, str, str]]:
        return [(each.place, each.action, each.said) for each in run.history(enrolment)]


@pytest.fixture
def house(starter: str) -> Iterator[House]:
    """Give the portal on the morning of the fifth of January, with nothing in it and nothing left to do."""
    made = House(starter)
    made.at(START)
    apply.define(starter, {("property", name): body for name, body in PROPERTIES.items()}, actor="user:1")
    yield made
    made.stack.close()
