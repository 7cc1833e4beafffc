"""The change feed: each consumer reads what was committed after its cursor, and handles it exactly once.

Only changes below the oldest running transaction are read, in the order of (transaction, seq), so that
nothing committed late is skipped. A record's own log is in the order of its changes; the feed may not be.
The cursor moves in the transaction of the consumer's effects.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import sql

from wonward.records import work as works
from wonward.records.work import ChangeKind, Guard, Work
from wonward.schema import months


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change log, as consumers get it."""

    seq: int
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
        place = _take(work, consumer.name)
        if place is None:
            return 0
        found = _after(work, *place, limit or consumer.batch)
        if found:
            work.run(sql.SQL("set local plan_cache_mode = auto"))
            changes = [
                Change(seq, at, kind, object_type, record_id, actor, source, json.loads(diff))
                for _, seq, at, kind, object_type, record_id, actor, source, diff in found
            ]
            consumer.handle(work, changes)
            work.run(
                sql.SQL("""
                    update {} set xid = %(xid)s::xid8, seq = %(seq)s, failed_at = null, error = null
                    where consumer = %(name)s""").format(cursors),
                {"name": consumer.name, "xid": found[-1][0], "seq": found[-1][1]},
            )
        return len(found)


def _take(work: Work, consumer: str) -> tuple[str, int] | None:
    """Lock a consumer's place in the feed, which begins at the first change; None while another process has it.

    With it the next statement is planned once a connection: planning for every month takes longer than reading.
    """
    take = sql.SQL("""
        select xid::text, seq, set_config('plan_cache_mode', 'force_generic_plan', true) from {}
        where consumer = %(name)s for update skip locked""").format(work.table("_cursor"))
    found = work.rows(take, {"name": consumer})
    if not found:
        begin = sql.SQL("insert into {} (consumer) values (%(name)s) on conflict do nothing")
        if work.run(begin.format(work.table("_cursor")), {"name": consumer}):
            found = work.rows(take, {"name": consumer})
    return (found[0][0], found[0][1]) if found else None


def note_failure(portal: str, consumer: str, error: Exception) -> None:
    """Keep why a consumer failed, for people to see, until it has handled a batch again.

    Only the first line is kept: those after it may quote values of records.
    """
    said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:500]
    with works.write(portal, actor=f"consumer:{consumer}", source="worker", guards=()) as work:
        work.run(
            sql.SQL("""
                insert into {} (consumer, failed_at, error) values (%(name)s, %(now)s, %(said)s)
                on conflict (consumer) do update set failed_at = excluded.failed_at, error = excluded.error""").format(
                work.table("_cursor")
            ),
            {"name": consumer, "said": said},
        )


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a consumer is behind: changes it hasn't handled, since when the oldest waits, why it failed last."""

    consumer: str
    changes: int
    since: datetime | None
    failed_at: datetime | None
    error: str | None


def lags(work: Work, consumers: Sequence[str]) -> list[Lag]:
    """Return how far each consumer is behind what was committed; one that never ran has everything before it."""
    found = work.rows(
        sql.SQL("""
            select n.name, count(l.seq), min(l.at), c.failed_at, c.error
            from unnest(%(names)s::text[]) with ordinality as n(name, place)
            left join {cursor} c on c.consumer = n.name
            left join lateral (
                select seq, at from {log} where (xid, seq) > (coalesce(c.xid, '0'), coalesce(c.seq, 0))) l on true
            group by n.place, n.name, c.failed_at, c.error order by n.place""").format(
            log=work.table("_change"), cursor=work.table("_cursor")
        ),
        {"names": list(consumers)},
    )
    return [Lag(*row) for row in found]


def handled(work: Work, month: date, consumers: Sequence[str]) -> bool:
    """Tell whether every one of the consumers has handled all changes of a month."""
    found: bool = work.rows(
        sql.SQL("""
            select not exists (
                select from unnest(%(names)s::text[]) as n(name) left join {cursor} c on c.consumer = n.name
                where exists (
                    select from {month} where (xid, seq) > (coalesce(c.xid, '0'), coalesce(c.seq, 0))))""").format(
            cursor=work.table("_cursor"), month=work.table(months.partition(month))
        ),
        {"names": list(consumers)},
    )[0][0]
    return found


def _after(work: Work, xid: str, seq: int, limit: int) -> list[tuple[Any, ...]]:
    return work.rows(
        sql.SQL("""
            select c.xid::text, c.seq, at, kind, object_type, record_id, actor, source, diff::text from {} c
            where (c.xid, c.seq) > (%(xid)s::xid8, %(seq)s) and c.xid < pg_snapshot_xmin(pg_current_snapshot())
            order by c.xid, c.seq limit {}""").format(work.table("_change"), sql.Literal(limit)),
        {"xid": xid, "seq": seq},
    )


def settle_in(portal: str) -> bool:
    """Fit the feed to this database server, after its data was restored from another; tell whether it had to be.

    Transaction ids count from the server's making, so those of another one may lie in this one's future
    and would be waited for. What a consumer has handled stays handled.
    """
    with works.write(portal, actor="feed", source="worker", guards=()) as work:
        log, cursors = work.table("_change"), work.table("_cursor")
        # The snapshot's end, not this transaction's own id: others may begin and commit after that was given.
        ahead = sql.SQL(
            "select exists (select from {} where xid >= pg_snapshot_xmax(pg_current_snapshot()))"
        ).format(log)
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
