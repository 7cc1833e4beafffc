"""A small portal of companies, contacts and deals, with a catalog made by hand and tables of its own."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from wonward.expressions.compile import Compiled, condition, value
from wonward.schema.catalog import AssociationType, Catalog, ObjectType, Option, Property, RecordList
from wonward.schema.field_types.registry import FIELD_TYPES

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCHEMA = "test_expressions"

SYSTEM = {
    "hs_object_id": ("Record ID", "number", "_id"),
    "createdate": ("Create date", "datetime", "_created_at"),
}


def prop(
    name: str, label: str, kind: str, column: str = "", options: Mapping[str, str] | None = None
) -> Property:
    chosen = tuple(Option(option, text) for option, text in (options or {}).items())
    return Property(name=name, label=label, type=kind, column=column or name, options=chosen)


def object_type(name: str, plural: str, type_id: str, *own: Property) -> ObjectType:
    system = [prop(key, *rest) for key, rest in SYSTEM.items()]
    return ObjectType(
        name=name,
        plural=plural,
        label=name.capitalize(),
        plural_label=plural.capitalize(),
        type_id=type_id,
        table=name,
        properties={each.name: each for each in (*system, *own)},
        display=(),
        search=(),
    )


COMPANY = object_type(
    "company",
    "companies",
    "0-2",
    prop("name", "Name", "text"),
    prop("domain", "Domain", "url"),
    prop("billing_email", "Billing email", "email"),
    prop(
        "sector",
        "Sector",
        "enumeration",
        options={"finance": "Finance", "public": "Public sector", "energy": "Energi & miljø"},
    ),
    prop("mrr", "MRR", "currency"),
    prop("seats", "Seats", "number"),
    prop("active", "Active", "boolean"),
    prop("trial", "Trial", "boolean"),
    prop("renewal_date", "Renewal date", "date"),
    prop("signed_on", "Signed on", "date"),
    prop("last_seen", "Last seen", "datetime"),
    prop("hubspot_owner_id", "Owner", "owner"),
    prop(
        "interests",
        "Interests",
        "multi_enumeration",
        options={"golf": "Golf", "chess": "Skak", "sailing": "Sejlads"},
    ),
    prop("end", "End", "text", column="end"),
    prop("group", "Group", "number", column="group"),
    prop("in", "In", "number", column="in"),
)
CONTACT = object_type(
    "contact",
    "contacts",
    "0-1",
    prop("firstname", "First name", "text"),
    prop("email", "Email", "email"),
    prop("birthday", "Birthday", "date"),
)
DEAL = object_type(
    "deal",
    "deals",
    "0-3",
    prop("dealname", "Deal name", "text"),
    prop("amount", "Amount", "currency"),
    prop(
        "dealstage",
        "Deal stage",
        "enumeration",
        options={"qualified": "Qualified to buy", "closedwon": "Closed won", "closedlost": "Closed lost"},
    ),
    prop("closedate", "Close date", "date"),
)
TICKET = object_type("ticket", "tickets", "0-5", prop("subject", "Subject", "text"))


def _pair(there: int, back: int, origin: str, to: str, *, primary: bool = False) -> list[AssociationType]:
    label = "Primary" if primary else None
    name = f"{origin}_to_{to}"
    return [
        AssociationType(there, back, name, origin, to, label, "HUBSPOT_DEFINED", primary),
        AssociationType(back, there, name, to, origin, label, "HUBSPOT_DEFINED", False),
    ]


CATALOG = Catalog(
    portal_id=1,
    portal="test",
    schema=SCHEMA,
    version=1,
    object_types={kind.name: kind for kind in (COMPANY, CONTACT, DEAL, TICKET)},
    association_types=(
        *_pair(279, 280, "contact", "company"),
        *_pair(1, 2, "contact", "company", primary=True),
        *_pair(341, 342, "deal", "company"),
        *_pair(5, 6, "deal", "company", primary=True),
        *_pair(3, 4, "deal", "contact"),
    ),
    pipelines=(),
    lists={
        each.name: each
        for each in (
            RecordList("big_customers", "Big customers", "company", "mrr > 1000 or in_list('partners')"),
            RecordList("partners", "Partners", "company"),
            RecordList("hot", "Hot deals", "deal", "amount > 100"),
            RecordList("hen", "Hen", "company", "active and in_list('egg')"),
            RecordList("egg", "Egg", "company", "in_list('hen')"),
            *(RecordList(f"deep{n}", f"Deep {n}", "company", f"in_list('deep{n + 1}')") for n in range(6)),
            RecordList("deep6", "Deep 6", "company"),
            RecordList("broken", "Broken", "company", "secto = 'x'"),
        )
    },
)

RECORDS: dict[str, list[dict[str, Any]]] = {
    "company": [
        {"_id": 1, "name": "Nordlys Energi A/S", "sector": "energy", "mrr": "1200.50", "seats": 25,
         "active": True, "trial": False, "renewal_date": "2026-05-01", "signed_on": "2024-05-01",
         "last_seen": "2026-02-28T23:30:00Z", "hubspot_owner_id": 71, "interests": ["golf", "chess"],
         "billing_email": "faktura@nordlys.dk", "domain": "nordlys.dk", "end": "open", "group": 3, "in": 1},
        {"_id": 2, "name": "Søren & Østergård ApS", "sector": "finance", "mrr": "0", "seats": 0,
         "active": False, "trial": True, "renewal_date": "2026-03-01", "signed_on": "2026-02-27",
         "last_seen": "2026-03-01T11:59:00Z", "hubspot_owner_id": 72, "interests": ["sailing"],
         "billing_email": "bogholderi@ostergaard.dk", "end": "closed", "group": 1, "in": 2},
        {"_id": 3, "name": "Ærø 100% Is", "sector": "public", "mrr": "499.99", "seats": 3, "active": True,
         "trial": None, "renewal_date": "2027-01-15", "signed_on": "2025-12-31"},
        {"_id": 4, "name": "Empty"},
        {"_id": 5, "name": "Gone", "sector": "energy", "mrr": "9", "_archived_at": "2026-01-01T00:00:00Z"},
    ],
    "contact": [
        {"_id": 11, "firstname": "Åse", "email": "aase@nordlys.dk", "birthday": "1980-06-01"},
        {"_id": 12, "firstname": "Bo", "email": "bo@nordlys.dk", "birthday": "1990-02-01"},
        {"_id": 13, "firstname": "Cecilie", "email": "c@aeroe.dk"},
        {"_id": 14, "firstname": "Archived", "_archived_at": "2026-01-01T00:00:00Z"},
    ],
    "deal": [
        {"_id": 21, "dealname": "Big", "amount": "1000", "dealstage": "closedwon", "closedate": "2026-02-01"},
        {"_id": 22, "dealname": "Small", "amount": "10.25", "closedate": "2026-04-01"},
        {"_id": 23, "dealname": "No amount", "dealstage": "qualified"},
        {"_id": 24, "dealname": "Archived", "amount": "5", "_archived_at": "2026-01-01T00:00:00Z"},
        {"_id": 25, "dealname": "Loose"},
    ],
}  # fmt: skip

LINKS: list[tuple[str, int, str, int, list[int], list[int]]] = [
    # from type, from, to type, to, labels there, labels back
    ("contact", 11, "company", 1, [279], [280]),
    ("contact", 12, "company", 1, [279, 1], [280, 2]),
    ("contact", 13, "company", 3, [279, 1], [280, 2]),
    ("contact", 14, "company", 3, [279], [280]),
    ("deal", 21, "company", 1, [341], [342]),
    ("deal", 21, "company", 3, [341, 5], [342, 6]),
    ("deal", 22, "company", 1, [341], [342]),
    ("deal", 22, "company", 2, [341], [342]),
    ("deal", 23, "company", 5, [341, 5], [342, 6]),
    ("deal", 23, "company", 2, [341], [342]),
    ("deal", 24, "company", 2, [341, 5], [342, 6]),
    ("deal", 21, "contact", 12, [3], [4]),
    ("deal", 21, "contact", 11, [3], [4]),
]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return CATALOG


@pytest.fixture
def portal(db: None) -> psycopg.Connection[Any]:
    """The connection, the portal's tables made and filled in a transaction that the test leaves undone."""
    connection.ensure_connection()
    own = connection.connection
    cursor = psycopg.Cursor(own)
    cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(SCHEMA)))
    cursor.execute(
        sql.SQL(
            "create table {}._association (from_id bigint, to_type text, to_id bigint, labels int[] not null,"
            " created_at timestamptz, primary key (from_id, to_type, to_id))"
        ).format(sql.Identifier(SCHEMA))
    )
    cursor.execute(
        sql.SQL(
            "create table {0}._change (seq bigint generated always as identity primary key, at timestamptz not null,"
            " kind text not null, object_type text, record_id bigint not null, diff jsonb not null);"
            " create table {0}._list_member (list text, record_id bigint, primary key (list, record_id));"
            " create table {0}._dropped_month (until timestamptz primary key, at timestamptz)"
        ).format(sql.Identifier(SCHEMA))
    )
    for kind in CATALOG.object_types.values():
        _make(cursor, kind)
        for record in RECORDS.get(kind.name, []):
            insert(cursor, kind, record)
    for from_type, from_id, to_type, to_id, there, back in LINKS:
        link(cursor, from_id, to_type, to_id, there)
        link(cursor, to_id, from_type, from_id, back)
    return own


def _make(cursor: psycopg.Cursor[Any], kind: ObjectType) -> None:
    columns = [
        sql.SQL(", {} {}").format(sql.Identifier(each.column), sql.SQL(FIELD_TYPES[each.type].sql_type))
        for each in kind.properties.values()
        if not each.column.startswith("_")
    ]
    cursor.execute(
        sql.SQL(
            "create table {} (_id bigint primary key, _created_at timestamptz not null,"
            " _updated_at timestamptz, _archived_at timestamptz {})"
        ).format(sql.Identifier(SCHEMA, kind.table), sql.SQL("").join(columns))
    )


def insert(cursor: psycopg.Cursor[Any], kind: ObjectType, record: Mapping[str, Any]) -> None:
    row = {"_created_at": f"2026-01-{record['_id'] % 28 + 1:02}T08:00:00Z", **record}
    cursor.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(SCHEMA, kind.table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )


def link(cursor: psycopg.Cursor[Any], from_id: int, to_type: str, to_id: int, labels: list[int]) -> None:
    cursor.execute(
        sql.SQL("insert into {} (from_id, to_type, to_id, labels) values (%s, %s, %s, %s)").format(
            sql.Identifier(SCHEMA, "_association")
        ),
        (from_id, to_type, to_id, labels),
    )


def run(
    own: psycopg.Connection[Any], kind: str, compiled: Compiled, user: int | None = None
) -> Iterator[tuple[int, Any]]:
    statement = sql.SQL("select r._id, {} from {} as r where r._archived_at is null order by r._id").format(
        compiled.sql, sql.Identifier(SCHEMA, kind)
    )
    params = {"today": TODAY, "now": NOW, "_user": user, **compiled.params}
    yield from psycopg.Cursor(own).execute(statement, params).fetchall()


@pytest.fixture
def meeting(portal: psycopg.Connection[Any]) -> Callable[..., list[int]]:
    """The ids of the live records that meet a condition."""

    def meeting(text: str, kind: str = "company", user: int | None = None) -> list[int]:
        compiled = condition(CATALOG, CATALOG.object_types[kind], text)
        return [record for record, found in run(portal, kind, compiled, user) if found]

    return meeting


@pytest.fixture
def values(portal: psycopg.Connection[Any]) -> Callable[..., dict[int, Any]]:
    """The value of an expression for each live record."""

    def values(text: str, kind: str = "company", time_zone: str = "UTC") -> dict[int, Any]:
        there = replace(CATALOG, time_zone=time_zone)
        return dict(run(portal, kind, value(there, there.object_types[kind], text)))

    return values
