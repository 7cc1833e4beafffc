"""Reads the change log: what happened to a record, and the values a property has had."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from wonward.records.work import ChangeKind, Work


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a record as it was logged."""

    seq: int
    at: datetime
    kind: ChangeKind
    record_id: int
    actor: str
    source: str
    diff: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """One value a property had from `at` on."""

    value: str | None
    at: datetime
    actor: str
    source: str


def of_record(
    work: Work, record_id: int, *, before: int | None = None, limit: int = 50, unless_with: Sequence[str] = ()
) -> list[Entry]:
    """Return the newest changes of a record first; `before` continues below an entry's seq.

    Associations with records of the types in `unless_with` are left out.
    """
    found = work.rows(
        sql.SQL("""
            select seq, at, kind, record_id, actor, source, diff::text from {}
            where record_id = %(id)s and (%(before)s::bigint is null or seq < %(before)s)
            and not (kind in ('associated', 'dissociated') and diff ->> 'to_type' = any(%(unless_with)s::text[]))
            order by seq desc limit %(limit)s""").format(work.table("_change")),
        {"id": record_id, "before": before, "limit": limit, "unless_with": list(unless_with)},
    )
    return [
        Entry(seq, at, kind, record, actor, source, json.loads(diff))
        for seq, at, kind, record, actor, source, diff in found
    ]


def of_properties(
    work: Work, ids: Sequence[int], properties: Sequence[str], *, limit: int = 20
) -> dict[tuple[int, str], list[Value]]:
    """Return the values each property of each record has had, newest first, by (record id, property)."""
    found = work.rows(
        sql.SQL("""
            select c.record_id, name, c.diff -> name ->> 1, c.at, c.actor, c.source from (
                select c.*, name, row_number() over (partition by c.record_id, name order by c.seq desc) as place
                from {} c join unnest(%(properties)s::text[]) as p(name) on c.diff ? name
                where c.record_id = any(%(ids)s) and c.kind in ('created', 'updated')) c
            where place <= %(limit)s order by c.record_id, name, c.seq desc""").format(work.table("_change")),
        {"ids": list(ids), "properties": list(properties), "limit": limit},
    )
    values: dict[tuple[int, str], list[Value]] = {}
    for record_id, name, value, at, actor, source in found:
        values.setdefault((record_id, name), []).append(Value(value, at, actor, source))
    return values
