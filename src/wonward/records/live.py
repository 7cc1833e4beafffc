"""What has changed since a page was shown: one cheap question to the change log, asked again and again.

A page carries a mark: the moment and the snapshot in which it was read. What that snapshot couldn't see and
the present one can is exactly what was committed since, in whatever order; nothing is missed or told twice.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from psycopg import sql

from wonward.records import shown
from wonward.records.history import Entry
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

MANY = 100
"""Changes since a mark up to which they are told one by one."""

LONGEST = timedelta(hours=1)
"""How old a mark may be; who comes back later reads the page anew."""

_SLACK = timedelta(days=1)
"""How long a transaction may take: what is committed now was dated when it began. Keeps to the month's partition."""

_MARK = re.compile(r"(\d{1,12})-((\d{1,18}):(\d{1,18}):((?:\d{1,18},)*\d{1,18})?)")
_LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class News:
    """What was committed since a mark. `many` stands for more than can be told, `stale` for a mark too old."""

    mark: str
    entries: Sequence[Entry] = ()
    many: bool = False
    stale: bool = False


def mark(work: Work) -> str:
    """Return the mark of what is read from now on."""
    [(snapshot,)] = work.rows(sql.SQL("select pg_current_snapshot()::text"))
    return _written(work, snapshot)


def of_type(work: Work, mark: str, kind: ObjectType) -> News:
    """Return what has happened to records of a type since a mark, without the values."""
    only = sql.SQL("object_type = %(wanted)s and {}").format(shown.seen_by(work, [kind]))
    return _since(work, mark, only, kind.name, sql.SQL("'{}'"))


def of_record(work: Work, mark: str, record_id: int) -> News:
    """Return what has happened to a record since a mark, but for what is masked."""
    masked, names = shown.masked(work, sql.SQL("object_type"))
    diff = sql.SQL("(diff - {})::text").format(masked)
    kinds = work.whole.catalog.object_types.values() if work.catalog.role else ()
    only = sql.SQL("record_id = %(wanted)s and {}").format(shown.seen_by(work, kinds))
    return _since(work, mark, only, record_id, diff, names)


def _since(
    work: Work,
    mark: str,
    only: sql.Composable,
    wanted: str | int,
    diff: sql.Composable,
    bound: Mapping[str, object] | None = None,
) -> News:
    seen = _snapshot(work, mark)
    found = work.rows(
        sql.SQL("""
            select pg_current_snapshot()::text,
                pg_snapshot_xmin(%(seen)s::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot()), c.*
            from (values (1)) here left join lateral (
                select seq, at, kind, record_id, actor, source, {diff} from {log}
                where at > %(from)s and at < %(to)s and {only} and xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
                and not pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot)
                limit %(limit)s) c on true""").format(diff=diff, log=work.table("_change"), only=only),
        {
            "seen": seen or "1:1:",
            "from": work.now - _SLACK,
            "to": work.now + _SLACK,
            "wanted": wanted,
            "limit": MANY + 1 if seen else 0,
            **(bound or {}),
        },
    )
    new, elsewhere = _written(work, found[0][0]), found[0][1]
    if seen is None or elsewhere:
        return News(new, stale=True)
    entries = [
        Entry(seq, at, kind, record_id, actor, source, json.loads(diff))
        for _, _, seq, at, kind, record_id, actor, source, diff in found
        if seq is not None
    ]
    entries.sort(key=lambda entry: entry.seq)
    return News(new, entries[:MANY], many=len(entries) > MANY)


def _written(work: Work, snapshot: str) -> str:
    return f"{int(work.now.timestamp())}-{snapshot}"


def _snapshot(work: Work, mark: str) -> str | None:
    """Return the snapshot of a mark; None when it is none or too old."""
    found = _MARK.fullmatch(mark) if len(mark) < _LONGEST_TEXT else None
    if found is None:
        return None
    age = timedelta(seconds=abs(work.now.timestamp() - int(found[1])))
    first, last = int(found[3]), int(found[4])
    running = [int(number) for number in (found[5] or "").split(",") if number]
    ordered = all(
        before < after for before, after in zip([first - 1, *running], [*running, last], strict=True)
    )
    return found[2] if 0 < first <= last and ordered and age < LONGEST else None
