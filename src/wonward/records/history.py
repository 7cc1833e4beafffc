"""Reads the change log: what happened to a record, the values a property has had, and how records once were."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from wonward.errors import Invalid
from wonward.records import shown
from wonward.records.work import ChangeKind, Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES


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


@dataclass(frozen=True, slots=True)
class Past:
    """A record as it was at a moment: the canonical text of the properties asked for, and whether it was archived."""

    archived: bool
    values: dict[str, str | None]


_OF_ONE = sql.SQL("record_id = %(id)s")  # by itself, since the index gives its order only then
_OF_SEVERAL = sql.SQL("""record_id = any(%(merged)s)
    and (record_id = %(id)s or kind not in ('archived', 'restored', 'merged', 'unmerged'))""")


def of_record(
    work: Work,
    record_id: int,
    *,
    before: int | None = None,
    limit: int = 50,
    unless_with: Sequence[str] = (),
    merged: Sequence[int] = (),
) -> list[Entry]:
    """Return the newest changes of a record first; `before` continues below an entry's seq.

    Associations with records of the types in `unless_with` are left out, and so is what is masked. What happened
    to the records in `merged` counts too, but that they went and came back.
    """
    masked, names = shown.masked(work, sql.SQL("object_type"))
    found = work.rows(
        sql.SQL("""
            select seq, at, kind, record_id, actor, source, (diff - {})::text from {}
            where {} and (%(before)s::bigint is null or seq < %(before)s)
            and not (kind in ('associated', 'dissociated') and diff ->> 'to_type' = any(%(unless_with)s::text[]))
            order by seq desc limit %(limit)s""").format(
            masked, work.table("_change"), _OF_SEVERAL if merged else _OF_ONE
        ),
        {
            "id": record_id,
            "before": before,
            "limit": limit,
            "unless_with": list(unless_with),
            "merged": [record_id, *merged],
            **names,
        },
    )
    return [
        Entry(seq, at, kind, record, actor, source, json.loads(diff))
        for seq, at, kind, record, actor, source, diff in found
    ]


def of_records(
    work: Work,
    ids: Sequence[int],
    kinds: Sequence[ChangeKind],
    properties: Sequence[str],
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Return the newest changes of records that are of some kinds, or of the values of some properties."""
    masked, names = shown.masked(work, sql.SQL("object_type"))
    found = work.rows(
        sql.SQL("""
            select seq, at, kind, record_id, actor, source, (diff - {})::text from {}
            where record_id = any(%(ids)s) and (%(before)s::bigint is null or seq < %(before)s)
            and (kind = any(%(kinds)s) or kind in ('created', 'updated') and diff ?| %(properties)s::text[])
            order by seq desc limit %(limit)s""").format(masked, work.table("_change")),
        {
            "ids": list(ids),
            "before": before,
            "kinds": list(kinds),
            "properties": list(properties),
            "limit": limit,
            **names,
        },
    )
    return [
        Entry(seq, at, kind, record, actor, source, json.loads(diff))
        for seq, at, kind, record, actor, source, diff in found
    ]


def made_by(work: Work, ids: Sequence[int], sort: str) -> list[int]:
    """Return those records that an actor of a sort made, such as `meet` for scheduling pages."""
    statement = sql.SQL("""
        select record_id from {} where record_id = any(%(ids)s) and kind = 'created'
        and split_part(actor, ':', 1) = %(sort)s""").format(work.table("_change"))
    return [number for (number,) in work.rows(statement, {"ids": list(ids), "sort": sort})] if ids else []


def of_properties(
    work: Work, ids: Sequence[int], properties: Sequence[str], *, limit: int = 20
) -> dict[tuple[int, str], list[Value]]:
    """Return the values each property of each record has had, newest first, by (record id, property)."""
    masked, names = shown.masked(work, sql.SQL("c.object_type"))
    found = work.rows(
        sql.SQL("""
            select c.record_id, name, c.diff -> name ->> 1, c.at, c.actor, c.source from (
                select c.*, name, row_number() over (partition by c.record_id, name order by c.seq desc) as place
                from {} c join unnest(%(properties)s::text[]) as p(name) on c.diff ? name
                where c.record_id = any(%(ids)s) and c.kind in ('created', 'updated') and name <> all({})) c
            where place <= %(limit)s order by c.record_id, name, c.seq desc""").format(
            work.table("_change"), masked
        ),
        {"ids": list(ids), "properties": list(properties), "limit": limit, **names},
    )
    values: dict[tuple[int, str], list[Value]] = {}
    for record_id, name, value, at, actor, source in found:
        values.setdefault((record_id, name), []).append(Value(value, at, actor, source))
    return values


def as_of(
    work: Work, kind: ObjectType, ids: Sequence[int], properties: Sequence[str], moment: datetime
) -> dict[int, Past]:
    """Return how records were at a moment, by id; those not created yet, and those deleted for good, are absent.

    What they are now is taken back, change by change, to the moment: only the log after it is read. Raise
    Invalid when a month after it isn't kept any more, and for a property that the log doesn't follow.
    """
    props = [kind.property_named(name).seen() for name in properties]
    _refuse_unknowable(work, props, moment)
    bound = {"ids": list(ids), "names": list(properties), "moment": moment}
    columns = [FIELD_TYPES[prop.type].to_text(sql.Identifier("r", prop.column)) for prop in props]
    present = work.rows(
        sql.SQL("""
            select r._id, r._archived_at is not null {} from {} r
            where r._id = any(%(ids)s) and r._created_at <= %(moment)s""").format(
            sql.Composed([sql.SQL(", {}").format(column) for column in columns]), work.table(kind.table)
        ),
        bound,
    )
    archived = {row[0]: row[1] for row in present}
    values = {row[0]: dict(zip(properties, row[2:], strict=True)) for row in present}
    for record_id, name, old in work.rows(_UNDONE.format(work.table("_change")), bound):
        if record_id not in values:
            continue
        if name == _ARCHIVED:
            archived[record_id] = old == "true"
        else:
            values[record_id][name] = old
    return {record_id: Past(archived[record_id], values[record_id]) for record_id in values}


_ARCHIVED = "_archived"
_UNDONE = sql.SQL("""
    select distinct on (c.record_id, p.name) c.record_id, p.name,
        case when p.name = '_archived' then (c.kind = 'restored')::text else c.diff -> p.name ->> 0 end
    from {} c join unnest(%(names)s::text[] || '_archived'::text) as p(name) on
        case when p.name = '_archived' then c.kind in ('archived', 'restored')
        else c.kind in ('created', 'updated') and c.diff ? p.name end
    where c.record_id = any(%(ids)s) and c.at > %(moment)s
    order by c.record_id, p.name, c.seq""")
"""What the first change after a moment found in place, of each property and of being archived."""


def _refuse_unknowable(work: Work, properties: Sequence[Property], moment: datetime) -> None:
    for prop in properties:
        if prop.column == "_updated_at":
            raise Invalid(
                f"What '{prop.label}' once was isn't kept; ask for the changes of the record instead",
                code="HISTORY_NOT_KEPT",
                property=prop.name,
            )
    since = sql.SQL(
        "select to_char(max(until) at time zone 'UTC', 'YYYY-MM-DD') from {} where until > %(moment)s"
    )
    [(day,)] = work.rows(since.format(work.table("_dropped_month")), {"moment": moment})
    if day:
        raise Invalid(
            f"How records were isn't known before {day}: this portal keeps its history from then on; "
            "ask for a later moment",
            code="HISTORY_NOT_KEPT",
        )
