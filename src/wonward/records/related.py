"""Reads what one record is associated with, for its page: by type with names and labels, and along time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from wonward.records.names import name_of, unnamed
from wonward.records.shown import text_of
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


@dataclass(frozen=True, slots=True)
class Related:
    """A record at the other end of an association; `values` are canonical text of the columns asked for."""

    record_id: int
    name: str
    labels: tuple[str, ...]
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one type that a record is associated with: how many, and the first of them."""

    kind: ObjectType
    total: int
    records: list[Related]


@dataclass(frozen=True, slots=True)
class Activity:
    """An associated record that stands at a moment: a note, a call, a task."""

    kind: ObjectType
    record_id: int
    at: datetime
    values: dict[str, str | None]


def groups(
    work: Work,
    kind: ObjectType,
    record_id: int,
    others: Sequence[tuple[ObjectType, Sequence[str]]],
    *,
    limit: int,
) -> list[Group]:
    """Return what a record is associated with, a group for each of `others`: a type and the columns to read.

    Labelled ones stand first, then the newest associations. Types without any cost no statement of their own.
    """
    statement = sql.SQL("select distinct to_type from {} where from_id = %(id)s")
    found = work.rows(statement.format(work.table("_association")), {"id": record_id})
    present = {name for (name,) in found}
    return [
        _group(work, kind, record_id, other, columns, limit) if other.name in present else Group(other, 0, [])
        for other, columns in others
    ]


def activities(
    work: Work,
    record_id: int,
    kind: ObjectType,
    columns: Sequence[str],
    *,
    moment: str,
    before: tuple[datetime, int] | None = None,
    limit: int = 25,
) -> list[Activity]:
    """Return the associated records of an activity type, those last in time first.

    `moment` is the property that says when each stands; those without are left out. `before` continues
    below a moment and record id.
    """
    at = sql.Identifier("r", kind.property_named(moment).seen().column)
    below = sql.SQL("and ({}, r._id) < (%(at)s, %(below)s)").format(at) if before else sql.SQL("")
    found = work.rows(
        sql.SQL("""
            select r._id, {at} {columns} from {association} a
            join {table} r on r._id = a.to_id and r._archived_at is null
            where a.from_id = %(id)s and a.to_type = %(type)s and {at} is not null {below}
            order by {at} desc, r._id desc limit %(limit)s""").format(
            at=at,
            columns=_columns(kind, columns),
            association=work.table("_association"),
            table=work.table(kind.table),
            below=below,
        ),
        {
            "id": record_id,
            "type": kind.name,
            "limit": limit,
            **(dict(zip(("at", "below"), before, strict=True)) if before else {}),
        },
    )
    return [Activity(kind, row[0], row[1], dict(zip(columns, row[2:], strict=True))) for row in found]


def those(
    work: Work,
    kind: ObjectType,
    ids: Sequence[int],
    columns: Sequence[str],
    *,
    moment: str,
    before: tuple[datetime, int] | None = None,
    limit: int = 25,
) -> list[Activity]:
    """Return the records of an activity type that have these ids, in order and limits as `activities`."""
    if not ids:
        return []
    at = sql.Identifier("r", kind.property_named(moment).seen().column)
    below = sql.SQL("and ({}, r._id) < (%(at)s, %(below)s)").format(at) if before else sql.SQL("")
    found = work.rows(
        sql.SQL("""
            select r._id, {at} {columns} from {table} r
            where r._id = any(%(ids)s) and r._archived_at is null and {at} is not null {below}
            order by {at} desc, r._id desc limit %(limit)s""").format(
            at=at, columns=_columns(kind, columns), table=work.table(kind.table), below=below
        ),
        {
            "ids": list(ids),
            "limit": limit,
            **(dict(zip(("at", "below"), before, strict=True)) if before else {}),
        },
    )
    return [Activity(kind, row[0], row[1], dict(zip(columns, row[2:], strict=True))) for row in found]


def _group(
    work: Work, kind: ObjectType, record_id: int, other: ObjectType, columns: Sequence[str], limit: int
) -> Group:
    labels = {
        each.type_id: each.label
        for each in work.catalog.associations(kind.name, other.name)
        if each.label is not None
    }
    found = work.rows(
        sql.SQL("""
            select r._id, {name}, a.labels, count(*) over () {columns} from {association} a
            join {table} r on r._id = a.to_id and r._archived_at is null
            where a.from_id = %(id)s and a.to_type = %(type)s
            order by (a.labels && %(labelled)s::int[]) desc, a.created_at desc, r._id desc
            limit %(limit)s""").format(
            name=name_of(other),
            columns=_columns(other, columns),
            association=work.table("_association"),
            table=work.table(other.table),
        ),
        {"id": record_id, "type": other.name, "labelled": list(labels), "limit": limit},
    )
    records = [
        Related(
            row[0],
            row[1] or unnamed(other, row[0]),
            tuple(label for number in row[2] if (label := labels.get(number))),
            row[4:],
        )
        for row in found
    ]
    return Group(other, found[0][3] if found else 0, records)


def _columns(kind: ObjectType, columns: Sequence[str]) -> sql.Composable:
    properties = [kind.property_named(name) for name in columns]
    return sql.Composed([sql.SQL(", {}").format(text_of(prop)) for prop in properties])
