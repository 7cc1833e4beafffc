"""The tables every portal has besides those of its object types, as steps from one version to the next.

A new portal takes every step; `wonward db upgrade` takes those an older portal lacks. A step that was
released is never changed: what it made is altered by a new one at the end.
"""

from collections.abc import Callable, Iterator

from psycopg import sql

from wonward.schema import tally
from wonward.schema.catalog import Catalog

Step = Callable[[Catalog], Iterator[sql.Composable]]
"""Yields the statements of a step; record tables that exist already are found in the catalog."""


def _first_tables(catalog: Catalog) -> Iterator[sql.Composable]:
    own = sql.Identifier(catalog.schema)
    yield sql.SQL("create schema {}").format(own)
    yield sql.SQL("create sequence {}._record_id start 1001").format(own)
    yield sql.SQL("""
        create table {}._association (
            from_id bigint not null, to_type text not null, to_id bigint not null,
            labels int[] not null, created_at timestamptz not null,
            primary key (from_id, to_type, to_id))""").format(own)
    yield sql.SQL("""
        create table {}._change (
            seq bigint generated always as identity primary key,
            xid xid8 not null default pg_current_xact_id(),
            at timestamptz not null, kind text not null, object_type text not null, record_id bigint not null,
            actor text not null, source text not null, diff jsonb not null)""").format(own)
    yield sql.SQL("create index on {}._change (record_id, seq desc)").format(own)
    yield sql.SQL("create index on {}._change (xid, seq)").format(own)
    yield sql.SQL("""
        create table {}._cursor (
            consumer text primary key, xid xid8 not null default '0', seq bigint not null default 0)""").format(
        own
    )


def _tallies(catalog: Catalog) -> Iterator[sql.Composable]:
    yield from tally.create_table(catalog)
    for kind in catalog.object_types.values():
        yield from tally.create(catalog, kind)


STEPS: tuple[Step, ...] = (_first_tables, _tallies)
