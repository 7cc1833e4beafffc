"""Writes the change log: a row for every change of a record, in the transaction of the change itself."""

from collections.abc import Iterable, Mapping

import msgspec
from psycopg import sql

from wonward.records.work import ChangeKind, Work

_JSON = msgspec.json.Encoder()

Entry = tuple[ChangeKind, str, int, Mapping[str, object]]
"""Kind of change, object type, record id, and what it did."""


def append(work: Work, entries: Iterable[Entry]) -> None:
    """Append entries to the change log with the work's actor, source and time."""
    columns = list(zip(*entries, strict=True))
    if not columns:
        return
    kinds, types, ids, diffs = columns
    work.run(
        sql.SQL("""
            insert into {} (at, kind, object_type, record_id, actor, source, diff)
            select %(now)s, kind, type, id, %(actor)s, %(source)s, diff::jsonb
            from unnest(%(kinds)s::text[], %(types)s::text[], %(ids)s::bigint[], %(diffs)s::text[])
                as entry(kind, type, id, diff)""").format(work.table("_change")),
        {
            "actor": work.actor,
            "source": work.source,
            "kinds": list(kinds),
            "types": list(types),
            "ids": list(ids),
            "diffs": [_JSON.encode(diff).decode() for diff in diffs],
        },
    )
