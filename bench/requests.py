"""The API's rows of the table: each request beside the floor's, over the same records, in the same minute."""

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from bench.figure import Figure
from bench.load import Request, Server, serving
from wonward import wiring
from wonward.accounts import tokens
from wonward.accounts.models import Portal
from wonward.api.shown import _DEFAULTS
from wonward.expressions import compile as expressions
from wonward.records import json as objects
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work

FILTERS = "dealstage = 'engaging' and amount >= 15000"
TWENTY = (
    "dealname", "amount", "dealstage", "pipeline", "closedate", "hubspot_owner_id", "description", "dealtype",
    "hs_priority", "createdate", "hs_lastmodifieddate", "hs_object_id", "hs_next_step", "hs_forecast_amount",
    "hs_forecast_probability", "closed_lost_reason", "closed_won_reason", "hs_is_closed", "hs_is_closed_won",
    "opportunity_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of work: our request and the floor's, how often, and the most ours may cost in floors.

    `counts` marks work that goes through all that match, which no index shortens.
    """

    what: str
    ours: Callable[[int], Request]
    floor: Callable[[int], Request]
    limit: float
    count: int = 1000
    writes: bool = False
    counts: bool = False


@contextmanager
def both(portal: str, database: str, folder: Path, processes: int = 1) -> Iterator[tuple[Server, Server]]:
    """Run our server and the floor's, with as many processes each."""
    work = wiring.reading(portal, actor="bench", source="cli")
    statements = folder / "statements.json"
    statements.write_text(json.dumps(_statements(work)), encoding="utf-8")
    token = tokens.create(Portal.objects.get(name=portal), "bench")
    ours = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    os.environ["FLOOR_STATEMENTS"] = str(statements)
    with (
        serving("wonward.wsgi:application", database, folder, processes=processes, headers=ours) as mine,
        serving("bench.floor:application", database, folder, processes=processes) as floor,
    ):
        yield mine, floor


def measure(portal: str, mine: Server, floor: Server, before: dict[str, float]) -> Iterator[Figure]:
    """Measure every row with one client, against the floor and what it cost `before`, with fewer records.

    What it costs now is left in `before`.
    """
    for row in rows(wiring.reading(portal, actor="bench", source="cli")):
        ours, beside = mine.cost(row.ours, row.count), floor.cost(row.floor, row.count)
        all_in, own = ours.cpu / beside.cpu, ours.application / beside.application
        grown = ours.cpu / before[row.what] if row.what in before else None
        bounded = grown is not None and not row.counts
        yield Figure(
            row.what,
            str(ours) + (f"; {grown:.1f} x its cost before" if grown else ""),
            f"floor {beside}: {all_in:.2f} x; application alone {own:.2f} x",
            f"CPU ≤ {row.limit:g} x floor" + (", ≤ 2 x before" if bounded else ""),
            all_in <= row.limit and not (bounded and grown and grown > 2),
        )
        before[row.what] = ours.cpu


def measure_together(portal: str, mine: Server, floor: Server) -> Iterator[Figure]:
    """Measure every write with eight clients against one: the rate must grow, and the slowest not stand in line."""
    for row in rows(wiring.reading(portal, actor="bench", source="cli")):
        if not row.writes:
            continue
        alone, ours = mine.cost(row.ours, row.count), mine.cost(row.ours, row.count, clients=8)
        beside = floor.cost(row.floor, row.count, clients=8)
        grown, later = ours.rate / alone.rate, ours.p99 / beside.p99
        yield Figure(
            f"{row.what}, 8 clients against 1",
            f"{alone.rate:.0f}/s to {ours.rate:.0f}/s: {grown:.2f} x; p99 {ours.p99:.0f} ms",
            f"floor {beside.rate:.0f}/s, p99 {beside.p99:.0f} ms: {later:.1f} x",
            "≥ 1.6 x the rate of one, p99 ≤ 4 x floor, no error",
            grown >= 1.6 and later <= 4,
        )


def rows(work: Work) -> list[Row]:
    """Return the rows of the API over the deals there are."""
    ids = [number for (number,) in query.rows(work, Query(work.catalog.object_type("deal"), limit=5000), [])]
    chance = random.Random(7)
    hundred = [[str(number) for number in chance.sample(ids, 100)] for _ in range(50)]
    stages = ("prospecting", "engaging")

    def new(number: int) -> dict[str, str]:
        return {
            "dealname": f"Måling {number}",
            "amount": str(100 + number),
            "dealstage": "engaging",
            "pipeline": "default",
        }

    def body(value: object) -> bytes:
        return json.dumps(value).encode()

    return [
        Row(
            "create one",
            lambda n: ("POST", "/crm/v3/objects/deals", body({"properties": new(n)})),
            lambda n: ("POST", "/create", body({"properties": new(n)})),
            3.5,
            writes=True,
        ),
        Row(
            "batch of 100",
            lambda _: (
                "POST",
                "/crm/v3/objects/deals/batch/create",
                body({"inputs": [{"properties": new(i)} for i in range(100)]}),
            ),
            lambda _: (
                "POST",
                "/batch_create",
                body({"inputs": [{"properties": new(i)} for i in range(100)]}),
            ),
            3.33,
            100,
            writes=True,
        ),
        Row(
            "read one",
            lambda n: ("GET", f"/crm/v3/objects/deals/{ids[n % len(ids)]}", None),
            lambda n: ("POST", "/read", body({"id": ids[n % len(ids)]})),
            3.0,
        ),
        Row(
            "batch read 100 x 20 properties",
            lambda n: (
                "POST",
                "/crm/v3/objects/deals/batch/read",
                body({"properties": TWENTY, "inputs": [{"id": i} for i in hundred[n % 50]]}),
            ),
            lambda n: ("POST", "/batch_read", body({"inputs": [{"id": i} for i in hundred[n % 50]]})),
            1.5,
            600,
        ),
        Row(
            "search: 2 filters + sort, 100 rows, with total",
            lambda _: ("POST", "/crm/v3/objects/deals/search", body(_SEARCH)),
            lambda _: ("POST", "/search", body({"e0": "engaging", "e1": "15000"})),
            3.0,
            30,
            counts=True,
        ),
        Row(
            "stage change, gates on",
            lambda n: (
                "PATCH",
                f"/crm/v3/objects/deals/{ids[n % 4000]}",
                body({"properties": {"dealstage": stages[n // 4000 % 2 ^ n % 2]}}),
            ),
            lambda n: (
                "POST",
                "/stage",
                body({"id": ids[n % 4000], "dealstage": stages[n // 4000 % 2 ^ n % 2]}),
            ),
            3.5,
            writes=True,
        ),
    ]


_SEARCH = {
    "filterGroups": [
        {
            "filters": [
                {"propertyName": "dealstage", "operator": "EQ", "value": "engaging"},
                {"propertyName": "amount", "operator": "GTE", "value": "15000"},
            ]
        }
    ],
    "sorts": [{"propertyName": "amount", "direction": "DESCENDING"}],
    "limit": 100,
}


def _statements(work: Work) -> dict[str, str]:
    """Return the floor's SQL: what the product runs, without what it checks."""
    kind = work.catalog.object_type("deal")
    shown = objects.record(work.catalog, kind, _DEFAULTS["deal"])
    twenty = objects.record(work.catalog, kind, TWENTY)
    where = expressions.condition(work.catalog, kind, FILTERS)
    search = Query(kind, where, order=(("amount", True),), limit=100)

    def read(asked: Query, written: sql.Composable) -> sql.Composable:
        return query.selection(work.catalog, asked, sql.SQL("r._id, {} || '}}'").format(written))

    log = "insert into {} (at, kind, object_type, record_id, actor, source, diff)"
    written = {
        "read": read(Query(kind, ids=[]), shown),
        "batch_read": read(Query(kind, ids=[]), twenty),
        "search": read(search, shown),
        "search_total": sql.SQL("select count(*) from {} r where r._archived_at is null and {}").format(
            work.table("deal"), where.sql
        ),
        "create": sql.SQL("""
            insert into {} (_id, _created_at, _updated_at, dealname, amount, dealstage, pipeline)
            values (nextval({}), now(), now(), %(dealname)s, %(amount)s::numeric, %(dealstage)s, %(pipeline)s)
            returning _id""").format(
            work.table("deal"), sql.Literal(work.table("_record_id").as_string(None))
        ),
        "batch_create": sql.SQL("""
            insert into {} (_id, _created_at, _updated_at, dealname, amount, dealstage, pipeline)
            select nextval({}), now(), now(), n, a::numeric, s, p from unnest(
                %(dealname)s::text[], %(amount)s::text[], %(dealstage)s::text[], %(pipeline)s::text[]) v(n, a, s, p)
            returning _id""").format(
            work.table("deal"), sql.Literal(work.table("_record_id").as_string(None))
        ),
        "stage": sql.SQL(
            "update {} set dealstage = %(dealstage)s, _updated_at = now() where _id = %(id)s returning _id"
        ).format(work.table("deal")),
        "log": sql.SQL(
            log + " values (now(), 'created', 'deal', %(id)s, 'floor', 'api', %(diff)s::jsonb)"
        ).format(work.table("_change")),
        "batch_log": sql.SQL(
            log
            + """
            select now(), 'created', 'deal', id, 'floor', 'api', diff::jsonb
            from unnest(%(ids)s::bigint[], %(diffs)s::text[]) v(id, diff)"""
        ).format(work.table("_change")),
    }
    return {name: statement.as_string(None) for name, statement in written.items()}
