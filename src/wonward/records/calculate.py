"""Keeps calculated properties up: after each write for the records written, after an apply for all."""

from collections.abc import Sequence

from psycopg import sql

from wonward.expressions import compile as expressions
from wonward.records import log
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

Fresh = dict[int, tuple[str | None, str | None]]
"""Record id -> canonical text of a calculated property before and after."""


def refresh(work: Work, kind: ObjectType, prop: Property, ids: Sequence[int] | None) -> Fresh:
    """Calculate a property of the records `ids`, or of all, anew; return those for which it changed."""
    compiled = expressions.value(work.catalog, kind, prop.expression or "")
    statement = sql.SQL("""
        with stale as (
            select r._id, {old} as old, {new} as new from {table} r
            where (%(ids)s::bigint[] is null or r._id = any(%(ids)s)) and r.{column} is distinct from {new})
        update {table} set {column} = stale.new from stale where {table}._id = stale._id
        returning stale._id, stale.old, {now}""").format(
        old=FIELD_TYPES[prop.type].to_text(sql.Identifier("r", prop.column)),
        new=compiled.sql,
        table=work.table(kind.table),
        column=sql.Identifier(prop.column),
        now=FIELD_TYPES[prop.type].to_text(sql.SQL("stale.new")),
    )
    given = None if ids is None else list(ids)
    return {row: (old, new) for row, old, new in work.rows(statement, {"ids": given, **compiled.params})}


def refresh_all(work: Work, kind: ObjectType, prop: Property) -> None:
    """Calculate a property of every record, after its expression was written or changed, and log it."""
    changed = refresh(work, kind, prop, None)
    log.append(work, [("updated", kind.name, row, {prop.name: values}) for row, values in changed.items()])
