"""A random small world for expressions: records, associations, a change log, lists and people, from one seed."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from tests.expressions.conftest import CATALOG, NOW, SCHEMA, insert, link

Value = Any
"""Text, Decimal, bool, date, aware datetime, a tuple of texts, or None."""

PROPERTIES: dict[str, dict[str, list[Value]]] = {
    "company": {
        "name": ["Nordlys Energi", "ærø is", "Ærø IS", "A%b", "a_b \\", "  Bolt ", "", "Søren & Åse"],
        "domain": ["nordlys.dk", "BOLT.de", "x"],
        "sector": ["finance", "public", "energy"],
        "mrr": [Decimal(n) for n in ("0", "499.99", "1200.5", "-3", "1000", "0.125")],
        "seats": [Decimal(n) for n in ("0", "3", "25", "100")],
        "active": [True, False],
        "trial": [True, False],
        "renewal_date": [date(2026, 3, 1), date(2026, 5, 31), date(2024, 2, 29), date(2025, 12, 31)],
        "signed_on": [date(2026, 2, 27), date(2025, 3, 31), date(2026, 3, 2)],
        "last_seen": [datetime(2026, 2, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), NOW],
        "hubspot_owner_id": [Decimal(n) for n in (71, 72, 73, 79)],
        "interests": [("golf",), ("golf", "chess"), ("sailing",)],
    },
    "contact": {
        "firstname": ["Åse", "Bo", "Cecilie"],
        "email": ["aase@nordlys.dk", "bo@bolt.de"],
        "birthday": [date(1980, 6, 1), date(1990, 2, 1)],
    },
    "deal": {
        "dealname": ["Big", "Small", "Ærø"],
        "amount": [Decimal(n) for n in ("1000", "10.25", "5", "-1")],
        "dealstage": ["qualified", "closedwon", "closedlost"],
        "closedate": [date(2026, 2, 1), date(2026, 4, 1), date(2026, 3, 1)],
    },
}
LABELS = {
    ("company", "contact"): (279, 280, 1, 2),
    ("company", "deal"): (341, 342, 5, 6),
    ("contact", "deal"): (3, 4, 3, 4),
}
TEAMS = {71: "sales", 72: "north", 73: "support", 79: None}
"""The owners and their teams; north is below sales."""


@dataclass
class Record:
    """One record with its values, and what the log says of it: (at, kind, diff) in its order."""

    id: int
    kind: str
    created: datetime
    archived: bool
    values: dict[str, Value]
    log: list[tuple[datetime, str, dict[str, Any]]] = field(default_factory=list)


@dataclass
class World:
    """All there is. `links` go both ways: (from id, to type, to id) -> type ids; `user` owns as `me`."""

    records: dict[int, Record] = field(default_factory=dict)
    links: dict[tuple[int, str, int], list[int]] = field(default_factory=dict)
    listed: set[int] = field(default_factory=set)
    me: int | None = None

    def of(self, kind: str) -> list[Record]:
        """Return the live records of a type by id."""
        return [each for each in self.records.values() if each.kind == kind and not each.archived]


def canonical(value: Value) -> str | None:
    """Return the text the change log has of a value."""
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
        case tuple():
            return ";".join(value)
        case Decimal():
            return f"{value.normalize():f}"
    return str(value)


def make(seed: int) -> World:
    """Return the world of a seed."""
    chance = random.Random(seed)
    world = World(me=chance.choice([None, 71, 72, 73]))
    for kind, base, most in (("company", 1, 4), ("contact", 11, 3), ("deal", 21, 5)):
        for number in range(base, base + chance.randint(1, most)):
            world.records[number] = _record(chance, kind, number)
    for (one, other), types in LABELS.items():
        for a in [each for each in world.records.values() if each.kind == one]:
            for b in [each for each in world.records.values() if each.kind == other]:
                if chance.random() < 0.6:
                    _associate(chance, world, a, b, types)
    world.listed = {each.id for each in world.of("company") if chance.random() < 0.3}
    return world


def _associate(chance: random.Random, world: World, a: Record, b: Record, types: tuple[int, ...]) -> None:
    back, there, primary_back, primary_there = types
    marked = chance.random() < 0.5 and primary_there != there
    world.links[a.id, b.kind, b.id] = [there, primary_there] if marked else [there]
    world.links[b.id, a.kind, a.id] = [back, primary_back] if marked else [back]


def _values(chance: random.Random, kind: str, share: float) -> dict[str, Value]:
    return {
        name: chance.choice([None, *choices]) if chance.random() < 0.8 else None
        for name, choices in PROPERTIES[kind].items()
        if chance.random() < share
    }


def _record(chance: random.Random, kind: str, number: int) -> Record:
    made = NOW - timedelta(days=chance.choice([0, 1, 20, 100, 400]), hours=chance.randint(0, 3))
    record = Record(number, kind, made, chance.random() < 0.15, _values(chance, kind, 1))
    first = {name: [None, canonical(value)] for name, value in record.values.items() if canonical(value)}
    record.log.append((made, "created", first))
    for at in sorted(made + (NOW - made) * chance.random() for _ in range(chance.randint(0, 4))):
        moment = at.replace(microsecond=0)
        changed = _values(chance, kind, 0.4)
        diff = {
            name: [canonical(record.values[name]), canonical(value)]
            for name, value in changed.items()
            if canonical(value) != canonical(record.values[name])
        }
        record.values |= changed
        record.log.append((moment, "updated", diff))
        if chance.random() < 0.5:
            record.log.append(
                (moment, "associated", {"mrr": ["1", "2"], "sector": ["x", "y"], "to_type": "deal"})
            )
    if chance.random() < 0.4:
        del record.log[: chance.randint(0, len(record.log))]
    return record


def store(portal: psycopg.Connection[Any], world: World) -> None:
    """Put a world in the place of whatever the portal's tables hold."""
    cursor = psycopg.Cursor(portal)
    tables = (*CATALOG.object_types, "_association", "_change", "_list_member")
    for table in tables:
        cursor.execute(sql.SQL("delete from {}").format(sql.Identifier(SCHEMA, table)))
    for record in world.records.values():
        row: dict[str, Any] = {"_id": record.id, "_created_at": record.created}
        row |= {
            name: list(value) if isinstance(value, tuple) else value for name, value in record.values.items()
        }
        insert(
            cursor,
            CATALOG.object_types[record.kind],
            row | ({"_archived_at": NOW} if record.archived else {}),
        )
    for (origin, kind, to), labels in world.links.items():
        link(cursor, origin, kind, to, labels)
    cursor.executemany(
        f"insert into {SCHEMA}._change (at, kind, record_id, diff) values (%s, %s, %s, %s)",
        [
            (at, kind, record.id, json.dumps(diff))
            for record in world.records.values()
            for at, kind, diff in record.log
        ],
    )
    cursor.executemany(
        f"insert into {SCHEMA}._list_member values ('partners', %s)", [(each,) for each in world.listed]
    )
