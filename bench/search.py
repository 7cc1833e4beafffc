"""The search box over all types, at 20 thousand and at a million people and companies."""

import time
from collections.abc import Callable
from pathlib import Path

from psycopg import sql

from bench import people
from bench.figure import Figure
from wonward import wiring
from wonward.blueprints import apply
from wonward.cli.demo import BLUEPRINTS
from wonward.db import transaction
from wonward.records import search

LIMIT_MS = 30.0
RUNS = 20
SIZES = ((18_000, 2_000), (900_000, 100_000))

TYPED = {
    "a letter": "s",
    "two letters": "sø",
    "a common name": "hansen",
    "two common names": "jens hansen",
    "a name and an employer": "søren ågård glas",
    "the commonest word": "a/s",
    "an address": "anne.jensen",
    "a number with its country": "+45 2061",
    "a number without": "33123456",
    "a part inside words": "sted",
    "misspelled": "Sørne Ågrd",
    "misspelled company": "Nordsik Måleri",
    "nothing like it": "xyzzy plugh",
}


def measure() -> list[Figure]:
    """Fill a portal of each size and measure what each kind of text costs in both."""
    portals = [f"people_{sum(size)}" for size in SIZES]
    for portal, size in zip(portals, SIZES, strict=True):
        apply.create_portal(portal, BLUEPRINTS / "starter", actor="bench")
        people.fill(portal, *size)
    return [_figure(what, typed, portals) for what, typed in TYPED.items()]


def _figure(what: str, typed: str, portals: list[str]) -> Figure:
    (small, _), (large, busy) = (_cost(portal, typed) for portal in portals)
    return Figure(
        f"search of all types, {what}: {typed}",
        f"{large:.1f} ms, of it PostgreSQL {busy:.1f} ms CPU, at {sum(SIZES[1]):,} records",
        f"{small:.1f} ms at {sum(SIZES[0]):,} ({large / small:.1f} x)",
        f"{LIMIT_MS:.0f} ms",
        large <= LIMIT_MS,
    )


def _cost(portal: str, typed: str) -> tuple[float, float]:
    """Return the milliseconds of a warm search, and those PostgreSQL worked for it (0 where it can't be seen)."""
    work = wiring.reading(portal, actor="bench", source="cli")
    kinds = list(work.catalog.object_types.values())

    def find() -> None:
        search.find(work, typed, kinds, limit=5)

    for _ in range(5):
        find()
    before = _ticks()
    taken = [_timed(find) for _ in range(RUNS)]
    return min(taken), (_ticks() - before) / RUNS


def _timed(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def _ticks() -> float:
    """Return the milliseconds that this connection's own process of PostgreSQL has worked, on Linux."""
    ((pid,),) = transaction.rows(sql.SQL("select pg_backend_pid()"))
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) * 10.0
