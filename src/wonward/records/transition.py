"""What changed about records: whether conditions held before a change, and which change of each is the newest.

The values of before are those of now with what the changes did taken back, put in the place of the record.
"""

from collections.abc import Mapping, Sequence

import msgspec
from psycopg import sql

from wonward.expressions import compile as expressions
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

_JSON = msgspec.json.Encoder()

Undone = tuple[int, Mapping[str, str | None]]
"""A record and the canonical values that some of its properties had before."""


def held_before(
    work: Work, kind: ObjectType, undone: Sequence[Undone], conditions: Sequence[str]
) -> list[tuple[bool, ...]]:
    """Return for each record as it was whether each condition held, in the order given.

    What a condition reads of associated records, lists and the log is as it is now.
    """
    compiled = [
        expressions.condition(work.catalog, kind, text, prefix=f"c{place}_")
        for place, text in enumerate(conditions)
    ]
    changed = {name for _, values in undone for name in values}
    stored = [prop for prop in kind.properties.values() if not prop.column.startswith("_")]
    statement = sql.SQL("""
        select {held} from unnest(%(ids)s::bigint[], %(values)s::text[]) with ordinality as v(id, was, place)
        join lateral (
            select t._id, t._created_at, t._updated_at, t._archived_at {columns} from {table} t where t._id = v.id
        ) r on true order by v.place""").format(
        held=sql.SQL(", ").join([sql.SQL("({}) is true").format(each.sql) for each in compiled]),
        columns=sql.Composed([_column(prop, prop.name in changed) for prop in stored]),
        table=work.table(kind.table),
    )
    bound: dict[str, object] = {
        "ids": [number for number, _ in undone],
        "values": [_JSON.encode(values).decode() for _, values in undone],
    }
    for each in compiled:
        bound |= each.params
    return work.rows(statement, bound)


def _column(prop: Property, changed: bool) -> sql.Composable:
    column = sql.Identifier(prop.column)
    if not changed:
        return sql.SQL(", t.{}").format(column)
    was = sql.SQL("(v.was::jsonb ->> {})").format(sql.Literal(prop.name))
    return sql.SQL(", case when v.was::jsonb ? {} then {} else t.{} end as {}").format(
        sql.Literal(prop.name), FIELD_TYPES[prop.type].from_text(was), column, column
    )


def newest(work: Work, ids: Sequence[int]) -> dict[int, int]:
    """Return the number of each record's newest entry in the log."""
    statement = sql.SQL("""
        select id, (select c.seq from {} c where c.record_id = id order by c.seq desc limit 1)
        from unnest(%(ids)s::bigint[]) id""").format(work.table("_change"))
    return dict(work.rows(statement, {"ids": list(ids)}))
