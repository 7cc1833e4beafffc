"""The change feed: each consumer reads what was committed after its cursor, and handles it exactly once.

Only changes below the oldest running transaction are read, in the order of (transaction, seq), so that
nothing committed late is skipped. A record's own log is in the order of its changes; the feed may not be.
The cursor moves in the transaction of the consumer's effects.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from wonward.records import work as works
from wonward.records.work import ChangeKind, Guard, Work


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change log, as consumers get it."""

    at: datetime
    kind: ChangeKind
    object_type: str
    record_id: int
    actor: str
    source: str
    diff: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Consumer:
    """Something that reads the feed: its name keeps its place, `handle` gets each batch once, `batch` at most."""

    name: str
    handle: Callable[[Work, Sequence[Change]], None]
    batch: int = 1000


def consume(portal: str, consumer: Consumer, guards: tuple[Guard, ...], *, limit: int | None = None) -> int:
    """Give a consumer its next batch; return how many changes it got, 0 when it is up to date.

    Of several processes one has the cursor at a time; the others get 0.
    """
    with works.write(portal, actor=f"consumer:{consumer.name}", source="worker", guards=guards) as work:
        cursors = work.table("_cursor")
        work.run(
            sql.SQL("insert into {} (consumer) values (%(name)s) on conflict do nothing").format(cursors),
            {"name": consumer.name},
        )
        place = work.rows(
            sql.SQL("select xid::text, seq from {} where consumer = %(name)s for update skip locked").format(
                cursors
            ),
            {"name": consumer.name},
        )
        if not place:
            return 0
        xid, seq = place[0]
        found = _after(work, xid, seq, limit or consumer.batch)
        if found:
            changes = [
                Change(at, kind, object_type, record_id, actor, source, json.loads(diff))
                for _, _, at, kind, object_type, record_id, actor, source, diff in found
            ]
            consumer.handle(work, changes)
            work.run(
                sql.SQL("update {} set xid = %(xid)s::xid8, seq = %(seq)s where consumer = %(name)s").format(
                    cursors
                ),
                {"name": consumer.name, "xid": found[-1][0], "seq": found[-1][1]},
            )
        return len(found)


def lag(work: Work, consumer: str) -> int:
    """Return how many committed changes a consumer hasn't handled yet."""
    found: int = work.rows(
        sql.SQL("""
            select count(*) from {} where (xid, seq) > (
                coalesce((select xid from {cursor} where consumer = %(name)s), '0'),
                coalesce((select seq from {cursor} where consumer = %(name)s), 0))""").format(
            work.table("_change"), cursor=work.table("_cursor")
        ),
        {"name": consumer},
    )[0][0]
    return found


def _after(work: Work, xid: str, seq: int, limit: int) -> list[tuple[Any, ...]]:
    return work.rows(
        sql.SQL("""
            select xid::text, seq, at, kind, object_type, record_id, actor, source, diff::text from {}
            where (xid, seq) > (%(xid)s::xid8, %(seq)s) and xid < pg_snapshot_xmin(pg_current_snapshot())
            order by xid, seq limit %(limit)s""").format(work.table("_change")),
        {"xid": xid, "seq": seq, "limit": limit},
    )


def settle_in(portal: str) -> bool:
    """Fit the feed to this database server, after its data was restored from another; tell whether it had to be.

    Transaction ids count from the server's making, so those of another one may lie in this one's future
    and would be waited for. What a consumer has handled stays handled.
    """
    with works.write(portal, actor="feed", source="worker", guards=()) as work:
        log, cursors = work.table("_change"), work.table("_cursor")
        ahead = sql.SQL("select exists (select from {} where xid > pg_current_xact_id())").format(log)
        if not work.rows(ahead)[0][0]:
            return False
        work.run(
            sql.SQL("""
                update {cursors} c set xid = '0', seq = coalesce(
                    (select min(seq) - 1 from {log} where (xid, seq) > (c.xid, c.seq)),
                    (select max(seq) from {log}))""").format(cursors=cursors, log=log)
        )
        work.run(sql.SQL("update {} set xid = '0'").format(log))
        return True
