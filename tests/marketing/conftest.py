"""Nordisk Rådgivning with a form that Søren fills in, and a clock that a story sets."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from wonward import clock, wiring
from wonward.blueprints import apply
from wonward.marketing.models import Submission
from wonward.marketing.submit import Answers, submit
from wonward.records import history, query, write
from wonward.records.history import Entry
from wonward.records.query import Query
from wonward.records.work import NOBODYS
from wonward.worker.loop import catch_up, tend_workflows

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FORM: dict[str, Any] = {
    "label": "Kontakt os",
    "description": "Skriv til os, så ringer vi.",
    "fields": [
        {"property": "email", "label": "E-mail"},
        {"property": "firstname", "label": "Fornavn", "required": True},
        {"property": "lastname"},
        {"property": "phone", "description": "Så vi kan ringe"},
        {"property": "emner", "overwrite": True},
        {"property": "lifecyclestage", "hidden": True, "value": "lead", "overwrite": True},
        {"property": "kampagne", "hidden": True, "query": "utm_campaign"},
    ],
    "consents": [
        {"name": "vilkaar", "label": "I må gemme mine oplysninger.", "required": True},
        {"name": "nyhedsbrev", "label": "Ja tak til nyhedsbrevet.", "sets": "nyhedsbrev"},
    ],
    "button": "Send til os",
    "message": "Tak, vi ringer snart.",
}
PROPERTIES = {
    "contact.emner": {
        "label": "Emner",
        "type": "multi_enumeration",
        "options": [{"value": "tag", "label": "Tag"}, {"value": "facade", "label": "Facade"}],
    },
    "contact.kampagne": {"label": "Kampagne", "type": "text"},
    "contact.nyhedsbrev": {"label": "Nyhedsbrev", "type": "boolean"},
}
SOREN = {"email": "soren@nordisk.example", "firstname": "Søren", "lastname": "Ågård"}


@dataclass
class Office:
    """The portal and its clock; forms come in as they do by the page."""

    portal: str
    stack: ExitStack = field(default_factory=ExitStack)
    sent: int = 0

    def at(self, moment: datetime) -> None:
        self.stack.close()
        self.stack.enter_context(clock.fixed(moment))

    def define(self, **documents: Any) -> None:
        """Define documents by `kind__name`, dots in names as two underscores more."""
        wanted = {
            (key.partition("__")[0], key.partition("__")[2].replace("__", ".")): body
            for key, body in documents.items()
        }
        apply.define(self.portal, wanted, actor="user:1")

    def form(self, name: str = "kontakt", **more: Any) -> None:
        apply.define(self.portal, {("form", name): {**FORM, **more}}, actor="user:1")

    def answers(self, **more: Any) -> Answers:
        self.sent += 1
        told = Answers(
            texts=SOREN, consents={"vilkaar"}, nonce=f"page {self.sent}", query={}, utm={}, language="da"
        )
        return replace(told, **more)

    def send(self, name: str = "kontakt", *, answers: Answers | None = None, **more: Any) -> Submission:
        """Send a form; further words are what the answers say."""
        given = answers or self.answers(**more)
        with wiring.writing(self.portal, actor=f"form:{name}", source="form", rights=NOBODYS) as work:
            return submit(work, work.catalog.forms[name], given)

    def work(self) -> None:
        """Let the worker do all it can do now."""
        while catch_up() + tend_workflows():
            pass

    def create(self, object_type: str, **values: Any) -> int:
        with wiring.writing(self.portal, actor="user:1", source="web") as work:
            return write.create(work, work.catalog.object_type(object_type), [values])[0]

    def update(
        self, record_id: int, source: Any = "web", object_type: str = "contact", **values: Any
    ) -> None:
        with wiring.writing(self.portal, actor="user:1", source=source) as work:
            write.update(work, work.catalog.object_type(object_type), [(record_id, values)])

    def values(self, object_type: str, *columns: str) -> list[tuple[Any, ...]]:
        work = wiring.reading(self.portal, actor="user:1", source="cli")
        return [row[1:] for row in query.rows(work, Query(work.catalog.object_type(object_type)), columns)]

    def log(self, record_id: int) -> list[Entry]:
        return history.of_record(wiring.reading(self.portal, actor="user:1", source="cli"), record_id)


@pytest.fixture
def office(starter: str) -> Iterator[Office]:
    made = Office(starter)
    made.at(START)
    apply.define(starter, {("property", name): body for name, body in PROPERTIES.items()}, actor="user:1")
    made.form()
    yield made
    made.stack.close()
