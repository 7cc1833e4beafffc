"""Nordisk Rådgivning with Søren and Åse, who can be met, and a clock that a story sets."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from wonward import clock, wiring
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.mail.address import Address
from wonward.meetings import book, busy
from wonward.meetings.book import Visitor
from wonward.meetings.models import Booking
from wonward.records import query, write
from wonward.records.query import Query

MONDAY = datetime(2026, 10, 19, 6, 0, tzinfo=UTC)
"""Eight in the morning in Copenhagen, six days before clocks go back."""

HOURS = {day: ["09:00-12:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
ALONE: dict[str, Any] = {
    "label": "Indledende samtale",
    "hosts": ["soren@nordisk.example"],
    "hours": HOURS,
    "lengths": [30, 60],
    "notice": 0,
    "horizon": 10,
    "location": "Havnegade 1, København",
    "questions": [{"name": "emne", "label": "Emne", "required": True, "long": True}],
}
PORTAL = {
    "label": "Nordisk Rådgivning",
    "currency": "DKK",
    "time_zone": "Europe/Copenhagen",
    "language": "da",
    "mail_from": "Nordisk Rådgivning <salg@nordisk.example>",
}


@dataclass
class Office:
    """The portal, who is in it, and the clock."""

    portal: str
    soren: Member
    ase: Member
    stack: ExitStack = field(default_factory=ExitStack)

    def at(self, moment: datetime) -> None:
        self.stack.close()
        self.stack.enter_context(clock.fixed(moment))

    def define(self, name: str = "samtale", **more: Any) -> None:
        apply.define(self.portal, {("scheduling_page", name): {**ALONE, **more}}, actor="user:1")

    def free(self, name: str = "samtale", length: int = 30) -> list[str]:
        """Return the free times, in UTC."""
        work = wiring.reading(self.portal, actor="meet", source="web")
        page = busy.page_named(work.catalog, name)
        return [
            f"{at:%m-%d %H:%M}" for at in busy.free(work, page, busy.hosts_of(work.catalog, page), length)
        ]

    def book(self, start: datetime, name: str = "samtale", email: str = "lone@havn.example") -> Booking:
        with wiring.writing(self.portal, actor="meet:samtale", source="web") as work:
            page = busy.page_named(work.catalog, name)
            visitor = Visitor(
                "Lone Bøgh", Address("", email), "+45 12 34 56 78", "Europe/London", [("Emne", "Tag")]
            )
            return book.book(work, page, visitor, start, 30)

    def change(self, booking: Booking, start: datetime | None = None) -> Booking:
        with wiring.writing(self.portal, actor="meet:samtale", source="web") as work:
            page = busy.page_named(work.catalog, booking.page)
            return book.move(work, page, booking, start) if start else book.cancel(work, page, booking)

    def create(self, object_type: str, **values: Any) -> int:
        with wiring.writing(self.portal, actor="user:1", source="web") as work:
            return write.create(work, work.catalog.object_type(object_type), [values])[0]

    def values(self, object_type: str, *columns: str) -> list[tuple[Any, ...]]:
        work = wiring.reading(self.portal, actor="user:1", source="web")
        kind = work.catalog.object_type(object_type)
        return [row[1:] for row in query.rows(work, Query(kind, order=(("createdate", False),)), columns)]


@pytest.fixture
def office(starter: str) -> Iterator[Office]:
    apply.define(starter, {("portal", "portal"): PORTAL}, actor="user:1")
    portal, people = Portal.objects.get(name=starter), []
    for first, last, email in (("Søren", "Ågård", "soren"), ("Åse", "Holm", "ase")):
        people.append(
            Member.objects.create(
                role="super_admin",
                portal=portal,
                first_name=first,
                last_name=last,
                email=f"{email}@nordisk.example",
                created_at=MONDAY,
                updated_at=MONDAY,
            )
        )
    made = Office(starter, *people)
    made.at(MONDAY)
    made.define()
    yield made
    made.stack.close()
