"""The board's header, counts and sums a stage, against the same numbers by plain SQL."""

from psycopg import sql

from bench.figure import Figure, seconds
from wonward import wiring
from wonward.db import transaction
from wonward.pipelines import board

SMALL, SMALL_MS, LARGE_MS = 20_000, 5.0, 10.0
RUNS = 40


def measure(portal: str, size: int) -> Figure:
    """Measure the header of the deal board as the page asks for it."""

    def ours() -> object:
        work = wiring.reading(portal, actor="bench", source="cli")
        kind = work.catalog.object_type("deal")
        (pipeline,) = work.catalog.pipelines_of("deal")
        return board.columns(work, kind, pipeline)

    work = wiring.reading(portal, actor="bench", source="cli")
    plain = sql.SQL(
        "select dealstage, count(*), sum(amount) from {} where _archived_at is null group by 1"
    ).format(work.table("deal"))
    transaction.run(sql.SQL("vacuum analyze {}").format(work.table("deal")))
    count = transaction.rows(sql.SQL("select count(*) from {}").format(work.table("deal")))[0][0]
    limit = SMALL_MS if size <= SMALL else LARGE_MS
    ours()
    mine, theirs = seconds(ours, RUNS) * 1000, seconds(lambda: transaction.rows(plain), RUNS) * 1000
    return Figure(
        f"board header, count and sum a stage, {count:,} deals",
        f"{mine:.1f} ms",
        f"plain SQL {theirs:.1f} ms",
        f"{limit:.0f} ms",
        mine <= limit,
    )
