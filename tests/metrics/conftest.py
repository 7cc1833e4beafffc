"""A sales team whose figures are asked for: Ada who may all, Søren and Åse in Aarhus, Bo in Ribe, and their deals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from wonward import clock, wiring
from wonward.accounts import memberships, users
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.metrics import filters, staff, tiles
from wonward.metrics.filters import Filters
from wonward.metrics.tiles import Shown
from wonward.records import write
from wonward.records.work import Work
from wonward.schema.metrics import Dashboard, Tile
from wonward.schema.seen import acting

PASSWORD = "correct horse battery staple"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OWN = {"label": "Sælger", "default": {"view": "own", "edit": "own", "create": True}}


@dataclass(frozen=True)
class Team:
    """The people, and how the portal is asked as one of them."""

    ada: Member
    soren: Member
    aase: Member
    bo: Member

    def work(self, member: Member | None = None) -> Work:
        """Return the portal as a member reads it."""
        actor = f"user:{(member or self.ada).user_id}"
        return wiring.reading("starter", actor=actor, source="web", rights=acting("starter", actor))

    def filters(self, shown: Dashboard, member: Member | None = None, **asked: str) -> Filters:
        """Return filters as an address has them."""
        work = self.work(member)
        people = staff.of_portal(work.catalog.portal_id)
        return filters.read(work, member or self.ada, people, shown, asked)

    def show(self, tile: Tile, member: Member | None = None, choice: str = "", **asked: str) -> Shown:
        """Return a tile as a member sees it."""
        shown = Dashboard("prøve", "Prøve", (tile,), choice=choice)
        [found] = tiles.show(self.filters(shown, member, **asked), [tile])
        return found

    def create(self, deals: list[Mapping[str, Any]]) -> list[int]:
        """Make deals."""
        with wiring.writing("starter", actor="cli", source="cli") as work:
            return write.create(work, work.catalog.object_type("deal"), deals)


def define(**bodies: dict[str, Any]) -> None:
    """Change definitions; `metric__won` is the metric won."""
    wanted = {(name.partition("__")[0], name.partition("__")[2]): body for name, body in bodies.items()}
    apply.define("starter", wanted, actor="user:1")


@pytest.fixture
def now() -> Any:
    with clock.fixed(NOW):
        yield NOW


@pytest.fixture
def team(starter: str, now: datetime) -> Team:
    """The people, with a few deals of November 2026 and one of October."""
    portal = Portal.objects.get(name=starter)
    define(
        role__seller=OWN,
        portal__portal={"label": "Nordisk", "currency": "EUR", "time_zone": "Europe/Copenhagen"},
    )
    for name, role in (("Ada", "super_admin"), ("Søren", "seller"), ("Åse", "seller"), ("Bo", "seller")):
        email = {"Søren": "soren", "Åse": "aase"}.get(name, name.lower())
        users.create(f"{email}@nordisk.example", f"{name} Holm", PASSWORD, [portal], role)
    Member.objects.filter(portal=portal).update(owns_records=True)
    for email, where in (("soren", "Aarhus"), ("aase", "Aarhus"), ("bo", "Ribe")):
        memberships.give_teams(portal, f"{email}@nordisk.example", where, None)
    ada, soren, aase, bo = (
        Member.objects.get(email=f"{email}@nordisk.example") for email in ("ada", "soren", "aase", "bo")
    )
    found = Team(ada, soren, aase, bo)
    won = {"dealstage": "closedwon", "closedate": "2026-11-10"}
    found.create(
        [
            {"dealname": "Facade", "amount": "1000", "hubspot_owner_id": soren.pk, **won},
            {"dealname": "Tag", "amount": "500.50", "hubspot_owner_id": aase.pk, **won},
            {
                "dealname": "Trappe",
                "amount": "70",
                "hubspot_owner_id": bo.pk,
                **won,
                "deal_currency_code": "EUR",
            },
            {"dealname": "Port", "amount": "30", **won, "closedate": "2026-10-31T22:59:00Z"},
            {"dealname": "Skur", "amount": "8", **won, "closedate": "2026-10-31T23:00:00Z"},
            {"dealname": "Hegn", "amount": "200", "dealstage": "engaging", "closedate": "2026-12-05"},
            {"dealname": "Låge", "amount": "400", "dealstage": "closedlost", "closedate": "2026-11-02"},
        ]
    )
    return found
