"""What somebody owns: records by type and by property of type owner, counted in one statement a type.

Of activities only tasks that are open count: who wrote a note or made a call stays who did.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES
from wonward.schema.seen import owners

_OVER = ("COMPLETED", "DEFERRED")


@dataclass(frozen=True, slots=True)
class Owned:
    """How many records of a type name somebody in a property."""

    kind: ObjectType
    prop: Property
    count: int


def count(work: Work, member_id: int) -> list[Owned]:
    """Return what a member owns that can be handed over, types and properties with none left out."""
    found: list[Owned] = []
    for kind in work.whole.catalog.object_types.values():
        props = handed(kind)
        if not props:
            continue
        is_theirs = [sql.SQL("r.{} = %(member)s").format(sql.Identifier(prop.column)) for prop in props]
        statement = sql.SQL("select {} from {} r where r._archived_at is null and ({}) and {}").format(
            sql.SQL(", ").join(sql.SQL("count(*) filter (where {})").format(each) for each in is_theirs),
            work.whole.table(kind.table),
            sql.SQL(" or ").join(is_theirs),
            unfinished(kind),
        )
        [counts] = work.rows(statement, {"member": member_id})
        found += [Owned(kind, prop, number) for prop, number in zip(props, counts, strict=True) if number]
    return found


def handed(kind: ObjectType) -> list[Property]:
    """Return the properties of a type in which one member takes the place of another."""
    if kind.activity and kind.name != "task":
        return []
    return [prop for prop in owners(kind) if not prop.read_only]


def unfinished(kind: ObjectType) -> sql.Composable:
    """Return SQL of whether a record `r` is still to be done; only tasks are ever finished."""
    status = kind.properties.get("hs_task_status") if kind.name == "task" else None
    if status is None:
        return sql.SQL("true")
    text = FIELD_TYPES[status.type].to_text(sql.Identifier("r", status.column))
    over = sql.SQL(", ").join(map(sql.Literal, _OVER))
    return sql.SQL("({text} is null or {text} not in ({over}))").format(text=text, over=over)


def batch(
    work: Work, kind: ObjectType, prop: Property, member_id: int, after: int, most: int
) -> Sequence[int]:
    """Return the ids of up to `most` records above `after` that name a member in a property."""
    statement = sql.SQL(
        "select r._id from {} r where r._archived_at is null and r.{} = %(member)s and r._id > %(after)s and {}"
        " order by r._id limit %(most)s"
    ).format(work.whole.table(kind.table), sql.Identifier(prop.column), unfinished(kind))
    return [number for (number,) in work.rows(statement, {"member": member_id, "after": after, "most": most})]
