"""Importing 10,000 deals with owner, company and product, against COPY of the same deals."""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

from psycopg import sql

from bench.figure import Figure, seconds
from wonward import wiring
from wonward.cli.files import bring_in
from wonward.db import transaction
from wonward.records import query
from wonward.records.query import Query

ROWS = 10_000
TIMES_COPY = 8.0
HEADS = (
    "opportunity_id", "sales_agent", "product", "account", "deal_stage",
    "engage_date", "close_date", "close_value", "engage_quarter", "close_quarter",
)  # fmt: skip


def measure(portal: str, folder: Path) -> Figure:
    """Import a generated file into a portal that has owners, companies and products already."""
    files = [_write(portal, folder, letter) for letter in "BCD"]
    ours = seconds(lambda: bring_in(files.pop(), portal, "deal"), len(files))
    bare, indexed = _copy(portal, indexes=False), _copy(portal, indexes=True)
    return Figure(
        f"CSV import of {ROWS:,} deals: validation, associations, history and guards on",
        f"{ours:.2f} s, {ROWS / ours:,.0f} rows/s",
        f"COPY {bare:.2f} s without indexes ({ours / bare:.1f} x), {indexed:.2f} s with ours ({ours / indexed:.1f} x)",
        f"{TIMES_COPY:.0f} x COPY with indexes",
        ours <= TIMES_COPY * indexed,
    )


def _write(portal: str, folder: Path, letter: str) -> Path:
    """Write a file of new deals, whose ids begin with `letter`."""
    file = folder / letter / "sales_pipeline.csv"
    file.parent.mkdir()
    work = wiring.reading(portal, actor="bench", source="cli")
    chance = random.Random(letter)
    names = {
        kind: [row[1] for row in query.rows(work, Query(work.catalog.object_type(kind)), ["name"])]
        for kind in ("company", "product")
    }
    owners = [f"{first} {last}" for first, last in _owners(work.catalog.portal_id)]
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(HEADS)
        for number in range(ROWS):
            day = date(2017, 1, 1) + timedelta(days=chance.randrange(365))
            stage = chance.choice(("Prospecting", "Engaging", "Won", "Lost"))
            writer.writerow(
                (
                    f"{letter}{number:07}",
                    chance.choice(owners),
                    chance.choice(names["product"]),
                    chance.choice(names["company"]) if chance.random() > 0.16 else "",
                    stage,
                    day.isoformat(),
                    (day + timedelta(days=60)).isoformat() if stage in ("Won", "Lost") else "",
                    chance.randrange(50, 30_000) if stage == "Won" else "",
                    "",
                    "",
                )
            )
    return file


def _owners(portal_id: int) -> list[tuple[str, str]]:
    from wonward.accounts.models import Member

    members = Member.objects.filter(portal_id=portal_id, owns_records=True)
    return list(members.values_list("first_name", "last_name"))


def _copy(portal: str, *, indexes: bool) -> float:
    """Copy the deals that were imported into an empty table of the same columns, and of the same indexes."""
    work = wiring.reading(portal, actor="bench", source="cli")
    deal, twin = work.table("deal"), work.table("_copy_of_deal")
    cursor = transaction.cursor()
    transaction.run(sql.SQL("drop table if exists {}").format(twin))
    including = sql.SQL("including all" if indexes else "including defaults")
    transaction.run(sql.SQL("create table {} (like {} {})").format(twin, deal, including))
    out = sql.SQL("copy (select * from {} where opportunity_id like 'B%' limit {}) to stdout").format(
        deal, sql.Literal(ROWS)
    )
    with cursor.copy(out) as copied:
        text = b"".join(bytes(block) for block in copied)

    def load() -> None:
        transaction.run(sql.SQL("truncate {}").format(twin))
        with cursor.copy(sql.SQL("copy {} from stdin").format(twin)) as into:
            into.write(text)

    taken = seconds(load, 3)
    transaction.run(sql.SQL("drop table {}").format(twin))
    return taken
