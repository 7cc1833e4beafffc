"""Parents and children within one object type: who stands above a record, who below, and that none goes round.

A hierarchy is an association label from a child to its parent. Archived records keep their place, so that
bringing one back can't close a ring.
"""

from collections.abc import Sequence

from psycopg import sql

from wonward.errors import Invalid, Problem
from wonward.records.work import Work
from wonward.schema.catalog import AssociationType, ObjectType

DEEPEST = 100
"""Levels that are walked up or down."""

Step = tuple[int, int]
"""A record and how many levels it stands from the one asked about."""


def labels(work: Work, kind: ObjectType) -> list[AssociationType]:
    """Return the labels that make hierarchies of a type, each from child to parent."""
    return [each for each in work.catalog.associations(kind.name, kind.name) if each.hierarchy]


def ancestors(work: Work, label: AssociationType, record_id: int) -> list[Step]:
    """Return the live records above a record, its parent first."""
    return _walk(work, label, label.type_id, record_id)


def descendants(work: Work, label: AssociationType, record_id: int) -> list[Step]:
    """Return the live records below a record, its children first."""
    return _walk(work, label, label.inverse_id, record_id)


def lock(work: Work, kind: ObjectType, type_ids: set[int]) -> list[AssociationType]:
    """Return the hierarchies that associations of these types change, and let no other writer change them meanwhile.

    Two writers could each add half of a ring, far from each other in the tree; so the whole of it is locked.
    """
    changed = [each for each in labels(work, kind) if {each.type_id, each.inverse_id} & type_ids]
    for each in sorted(changed, key=lambda label: label.type_id):
        work.run(
            sql.SQL("select pg_advisory_xact_lock(hashtextextended(%(what)s, 0))"),
            {"what": f"{work.catalog.schema}.hierarchy.{each.type_id}"},
        )
    return changed


def refuse_rings(
    work: Work, kind: ObjectType, changed: Sequence[AssociationType], links: Sequence[tuple[int, int]]
) -> None:
    """Raise Invalid for records that have become their own ancestor, with the row of the link that did it."""
    statement = sql.SQL("""
        with recursive above(start, at) as (
            select l.from_id, l.to_id from {links} l
            where l.from_id = any(%(ids)s) and l.to_type = %(type)s and %(label)s = any(l.labels)
            union
            select a.start, l.to_id from above a join {links} l on l.from_id = a.at
            where l.to_type = %(type)s and %(label)s = any(l.labels) and a.start <> a.at)
        select start from above where start = at""").format(links=work.table("_association"))
    ids = sorted({record_id for pair in links for record_id in pair})
    for label in changed:
        values = {"ids": ids, "type": kind.name, "label": label.type_id}
        rings = {record_id for (record_id,) in work.rows(statement, values)}
        if rings:
            raise Invalid(
                Problem(
                    f"{kind.label} {max(pair)} and {min(pair)} can't be {label.label}: one would be above itself",
                    "ASSOCIATION_RING",
                    row=row,
                    context={"ids": list(pair)},
                )
                for row, pair in enumerate(links)
                if rings.issuperset(pair)
            )


def would_ring(work: Work, kind: ObjectType, record_id: int) -> dict[int, set[int]]:
    """Return for each type id of a hierarchy the records that can't be associated so without closing a ring.

    Archived records count, since they keep their place.
    """
    statement = sql.SQL("""
        with recursive found(id) as (
            select %(id)s::bigint
            union
            select l.to_id from found f join {links} l on l.from_id = f.id and l.to_type = %(type)s
                and %(label)s = any(l.labels))
        select id from found""").format(links=work.table("_association"))
    found: dict[int, set[int]] = {}
    for label in labels(work, kind):
        for barred, walked in ((label.type_id, label.inverse_id), (label.inverse_id, label.type_id)):
            values = {"id": record_id, "type": kind.name, "label": walked}
            found[barred] = {number for (number,) in work.rows(statement, values)}
    return found


def _walk(work: Work, label: AssociationType, type_id: int, record_id: int) -> list[Step]:
    statement = sql.SQL("""
        with recursive found(id, level) as (
            select %(id)s::bigint, 0
            union
            select l.to_id, f.level + 1 from found f
            join {links} l on l.from_id = f.id and l.to_type = %(type)s and %(label)s = any(l.labels)
            join {table} r on r._id = l.to_id and r._archived_at is null
            where f.level < %(deepest)s)
        select id, level from found where level > 0 order by level, id""").format(
        links=work.table("_association"),
        table=work.table(work.catalog.object_types[label.from_type].table),
    )
    values = {"id": record_id, "type": label.to_type, "label": type_id, "deepest": DEEPEST}
    return [(number, level) for number, level in work.rows(statement, values)]
