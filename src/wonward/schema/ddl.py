"""The SQL that makes and alters a portal's tables. It only writes statements; `apply.py` runs them.

System columns start with an underscore, which no property name can: `_id`, `_created_at`, `_updated_at`,
`_archived_at`. Tables of the house, which `layout.py` makes, do too.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import LiteralString

from psycopg import sql

from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

Convert = Callable[[sql.Composable], sql.Composable]

LONGEST_INDEXED = 500
"""Characters of a text that an index holds; PostgreSQL refuses index entries over 2,704 bytes."""

LONGEST_UNIQUE = 2_600
"""Bytes of a unique text, all of which its index holds."""

PENDING_LIST: LiteralString = "fastupdate=on, gin_pending_list_limit=512"
"""A short list of entries not sorted in yet makes writing 8 times cheaper and a search 1 ms dearer (decision 10)."""


def table(catalog: Catalog, name: str) -> sql.Identifier:
    """Return a portal's table by its name, with its schema."""
    return sql.Identifier(catalog.schema, name)


def create_table(catalog: Catalog, kind: ObjectType) -> Iterator[sql.Composable]:
    """Yield what an object type needs besides its property columns."""
    where = table(catalog, kind.table)
    yield sql.SQL("""
        create table {} (
            _id bigint primary key, _created_at timestamptz(3) not null,
            _updated_at timestamptz(3) not null, _archived_at timestamptz(3))""").format(where)
    yield sql.SQL("create index on {} (_updated_at, _id)").format(where)


def drop_table(catalog: Catalog, kind: ObjectType) -> Iterator[sql.Composable]:
    """Yield what removes an object type with its records and their associations."""
    where = table(catalog, kind.table)
    links = table(catalog, "_association")
    yield sql.SQL("delete from {} where to_type = {} or from_id in (select _id from {})").format(
        links, sql.Literal(kind.name), where
    )
    yield sql.SQL("drop table {}").format(where)


def add_column(catalog: Catalog, kind: ObjectType, prop: Property) -> Iterator[sql.Composable]:
    """Yield what a property adds to its type's table; nothing for those that show a system column."""
    if prop.column.startswith("_"):
        return
    yield sql.SQL("alter table {} add column {} {}").format(
        table(catalog, kind.table),
        sql.Identifier(prop.column),
        sql.SQL(FIELD_TYPES[prop.type].sql_type),
    )
    yield from indexes(catalog, kind, prop)


def drop_column(catalog: Catalog, kind: ObjectType, prop: Property) -> Iterator[sql.Composable]:
    """Yield what removes a property with its values; its indexes go with it. A system column stays."""
    if prop.column.startswith("_"):
        return
    yield sql.SQL("alter table {} drop column {}").format(
        table(catalog, kind.table), sql.Identifier(prop.column)
    )


def retype_column(
    catalog: Catalog, kind: ObjectType, old: Property, new: Property, converted: Convert
) -> Iterator[sql.Composable]:
    """Yield what makes a column hold values of another field type; the caller drops and makes its indexes.

    `converted` turns SQL of the old canonical text into SQL of the new one, NULL for what doesn't convert.
    """
    where, column = table(catalog, kind.table), sql.Identifier(old.column)
    before, now = FIELD_TYPES[old.type], FIELD_TYPES[new.type]
    several = "set" in (before.family, now.family)  # their conversion asks a subquery, which no ALTER takes
    if before.sql_type != now.sql_type and not several:
        value = sql.SQL("({})").format(converted(before.to_text(column)))
        yield _alter(where, column, now.sql_type, now.from_text(value))
    elif several or before.family == "text":
        if before.sql_type != "text":
            yield _alter(where, column, "text", before.to_text(column))
        yield sql.SQL(
            "update {where} set {column} = {value} where {column} is not null and {column} is distinct from {value}"
        ).format(where=where, column=column, value=converted(column))
        if now.sql_type != "text":
            yield _alter(where, column, now.sql_type, now.from_text(column))


def _alter(
    where: sql.Identifier, column: sql.Identifier, sql_type: str, value: sql.Composable
) -> sql.Composable:
    return sql.SQL("alter table {} alter column {} type {} using {}").format(
        where, column, sql.SQL(sql_type), value
    )


def indexes(catalog: Catalog, kind: ObjectType, prop: Property) -> Iterator[sql.Composable]:
    """Yield the indexes a property needs: uniqueness, looking records up by its value, a board, whose it is."""
    where, column = table(catalog, kind.table), sql.Identifier(prop.column)
    textual = FIELD_TYPES[prop.type].family == "text"
    if prop.unique:
        yield sql.SQL("create unique index {} on {} ({}) where _archived_at is null").format(
            index_name(kind, prop, "unique"), where, column
        )
    elif prop.name == kind.key and textual:
        yield sql.SQL("create index {} on {} (lower(left({}, {})))").format(
            index_name(kind, prop, "key"), where, column, sql.Literal(LONGEST_INDEXED)
        )
    if any(each.trigger.date == prop.name for each in catalog.workflows_of(kind.name)):
        yield sql.SQL("create index {} on {} ({})").format(index_name(kind, prop, "date"), where, column)
    if prop.type == "owner" and any(role.on(kind.name).asks_whose for role in catalog.roles.values()):
        yield sql.SQL("create index {} on {} ({})").format(index_name(kind, prop, "owner"), where, column)
    if prop.options_from == "stages":
        yield sql.SQL("create index {} on {} ({}, _updated_at desc, _id desc)").format(
            index_name(kind, prop, "board"), where, column
        )


def drop_indexes(catalog: Catalog, kind: ObjectType, prop: Property) -> Iterator[sql.Composable]:
    """Yield what removes every index that `indexes` may have made for a property."""
    for purpose in ("unique", "key", "board", "date", "owner"):
        yield sql.SQL("drop index if exists {}.{}").format(
            sql.Identifier(catalog.schema), index_name(kind, prop, purpose)
        )


def index_name(kind: ObjectType, prop: Property, purpose: str) -> sql.Identifier:
    """Return the name of a property's index, which is also how a violated one is known again."""
    return short_name(f"{purpose}:{kind.name}:{prop.name}")


def short_name(name: str) -> sql.Identifier:
    """Return a name as PostgreSQL keeps it: it cuts names at 63 bytes, so long ones end in a digest instead."""
    if len(name) > 63:
        name = f"{name[:50]}~{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return sql.Identifier(name)
