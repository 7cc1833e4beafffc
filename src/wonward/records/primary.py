"""The primary label of associations: the one main record a record is associated with, such as a deal's company."""

from collections.abc import Collection, Sequence

from psycopg import sql

from wonward.records.work import Work
from wonward.schema.catalog import AssociationType, Catalog, ObjectType

Row = tuple[int, int, tuple[int, ...]]
"""One direction of an association: from, to, type ids."""


def label(catalog: Catalog, kind: ObjectType, other: ObjectType) -> AssociationType | None:
    """Return the label that marks the one main `other` of a `kind`, None where there is none."""
    return next((each for each in catalog.associations(kind.name, other.name) if each.primary), None)


def make_way(
    work: Work,
    kind: ObjectType,
    other: ObjectType,
    primary: AssociationType,
    rows: Sequence[tuple[int, int, tuple[int, ...]]],
) -> None:
    """Take the primary label from records that are about to get another primary."""
    ids = [start for start, _, types in rows if primary.type_id in types]
    if not ids:
        return
    work.run(
        sql.SQL("""
            with gone as (
                update {table} set labels = array_remove(labels, %(there)s)
                where from_id = any(%(ids)s) and to_type = %(other)s and %(there)s = any(labels)
                returning from_id, to_id)
            update {table} a set labels = array_remove(labels, %(back)s) from gone
            where a.from_id = gone.to_id and a.to_type = %(kind)s and a.to_id = gone.from_id
              and %(there)s <> %(back)s""").format(table=work.table("_association")),
        {
            "ids": ids,
            "there": primary.type_id,
            "back": primary.inverse_id,
            "other": other.name,
            "kind": kind.name,
        },
    )


def first_of_new(
    work: Work, other: ObjectType, primary: AssociationType, rows: Sequence[Row], mirrored: Sequence[Row]
) -> tuple[list[Row], list[Row], set[int]]:
    """Add the primary label to the first `other` of records that have none yet, before the rows are stored.

    `mirrored` are the same rows in the other direction, in the same order. Return both, and the records
    that have some already, which `first_becomes_primary` must look at.
    """
    found = work.rows(
        sql.SQL(
            "select distinct from_id from {} where from_id = any(%(ids)s) and to_type = %(other)s"
        ).format(work.table("_association")),
        {"ids": list({start for start, _, _ in rows}), "other": other.name},
    )
    earlier = {number for (number,) in found}
    told = {start for start, _, types in rows if primary.type_id in types}
    first: dict[int, int] = {}
    for start, to, _ in rows:
        if start not in earlier and start not in told:
            first[start] = min(to, first.get(start, to))
    chosen = [first.get(start) == to for start, to, _ in rows]
    return (
        _with(primary.type_id, rows, chosen),
        _with(primary.inverse_id, mirrored, chosen),
        earlier,
    )


def _with(type_id: int, rows: Sequence[Row], chosen: Sequence[bool]) -> list[Row]:
    return [
        (start, to, tuple(sorted({*types, type_id}))) if picked else (start, to, types)
        for (start, to, types), picked in zip(rows, chosen, strict=True)
    ]


def first_becomes_primary(
    work: Work, kind: ObjectType, other: ObjectType, primary: AssociationType, ids: Collection[int]
) -> None:
    """Give records without a primary one the earliest they are associated with."""
    if not ids:
        return
    work.run(
        sql.SQL("""
            with chosen as (
                update {table} a set labels = array(select unnest(a.labels || %(there)s::int) order by 1)
                from (
                    select l.from_id, min(l.to_id) as to_id from {table} l
                    join {target} o on o._id = l.to_id and o._archived_at is null
                    where l.from_id = any(%(ids)s) and l.to_type = %(other)s
                    group by l.from_id having not bool_or(%(there)s = any(l.labels))) first
                where a.from_id = first.from_id and a.to_type = %(other)s and a.to_id = first.to_id
                returning a.from_id, a.to_id)
            update {table} a set labels = array(select distinct unnest(a.labels || %(back)s::int) order by 1)
            from chosen where a.from_id = chosen.to_id and a.to_type = %(kind)s and a.to_id = chosen.from_id
            """).format(table=work.table("_association"), target=work.table(other.table)),
        {
            "ids": list(ids),
            "there": primary.type_id,
            "back": primary.inverse_id,
            "other": other.name,
            "kind": kind.name,
        },
    )
