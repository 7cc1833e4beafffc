"""Reads associations: which live records of one type each record of another is associated with, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


@dataclass(frozen=True, slots=True)
class Associated:
    """One associated record and the association types that hold, seen from the record that was asked about."""

    record_id: int
    type_ids: tuple[int, ...]


def of_records(
    work: Work, kind: ObjectType, other: ObjectType, pages: Sequence[tuple[int, int]], *, limit: int
) -> dict[int, list[Associated]]:
    """Return up to `limit` associated records of each record, in the order of their ids.

    `pages` are record ids, each with the associated id its page begins after, 0 for the first. Records
    that aren't there, or are archived, are left out; those without associations have an empty list.
    """
    statement = sql.SQL("""
        select r._id, a.to_id, a.labels
        from unnest(%(ids)s::bigint[], %(after)s::bigint[]) as page(id, after)
        join {table} r on r._id = page.id and r._archived_at is null
        left join lateral (
            select l.to_id, l.labels from {links} l join {other} o on o._id = l.to_id and o._archived_at is null
            where l.from_id = r._id and l.to_type = %(to_type)s and l.to_id > page.after
            order by l.to_id limit %(limit)s) a on true
        order by r._id, a.to_id""").format(
        table=work.table(kind.table), links=work.table("_association"), other=work.table(other.table)
    )
    params = {
        "ids": [record_id for record_id, _ in pages],
        "after": [after for _, after in pages],
        "to_type": other.name,
        "limit": limit,
    }
    found: dict[int, list[Associated]] = {}
    for record_id, to_id, labels in work.rows(statement, params):
        there = found.setdefault(record_id, [])
        if to_id is not None:
            there.append(Associated(to_id, tuple(labels)))
    return found
