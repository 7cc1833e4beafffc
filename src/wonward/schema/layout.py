"""The tables every portal has besides those of its object types, as steps from one version to the next.

A new portal takes every step; `wonward db upgrade` takes those an older portal lacks. A step that was
released is never changed: what it made is altered by a new one at the end.
"""

from collections.abc import Callable, Iterator

from psycopg import sql

from wonward.schema import ddl, months, search_index, tally
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


def _log_by_month(catalog: Catalog) -> Iterator[sql.Composable]:
    """Partition the change log, keep why a consumer failed last, and which months were dropped."""
    own = sql.Identifier(catalog.schema)
    yield from months.partition_log(catalog)
    yield sql.SQL("alter table {}._cursor add column failed_at timestamptz, add column error text").format(
        own
    )
    yield sql.SQL("""
        create table {}._dropped_month (
            until timestamptz primary key, at timestamptz not null)""").format(own)


def _search(catalog: Catalog) -> Iterator[sql.Composable]:
    """Folded words and names of whole records instead of trigrams a property, and the words there are."""
    own = sql.Identifier(catalog.schema)
    yield from search_index.functions(catalog)
    yield sql.SQL("create table {}._word (word text primary key)").format(own)
    for kind in catalog.object_types.values():
        for name in kind.search:
            yield sql.SQL("drop index if exists {}.{}").format(
                own, ddl.short_name(f"search:{kind.name}:{name}")
            )
        yield from search_index.indexes(catalog, kind)
        yield from search_index.learn_all(catalog, kind)
    yield sql.SQL("create index on {}._word using gin (word public.gin_trgm_ops)").format(own)
    yield sql.SQL("""
        insert into {own}._cursor (consumer, xid, seq)
        select 'spelling', xid, seq from {own}._change order by xid desc, seq desc limit 1
        on conflict do nothing""").format(own=own)


def _tallies(catalog: Catalog) -> Iterator[sql.Composable]:
    yield from tally.create_table(catalog)
    for kind in catalog.object_types.values():
        yield from tally.create(catalog, kind)


def _merges(catalog: Catalog) -> Iterator[sql.Composable]:
    """Make what merging needs: which record went into which, and keys that likely duplicates share."""
    own = sql.Identifier(catalog.schema)
    yield sql.SQL("""
        create table {}._merge (
            id bigint generated always as identity primary key,
            at timestamptz not null, actor text not null, source text not null, object_type text not null,
            kept_id bigint not null, merged_id bigint not null, undo jsonb,
            undone_at timestamptz, undone_by text)""").format(own)
    yield sql.SQL("create unique index on {}._merge (merged_id) where undone_at is null").format(own)
    yield sql.SQL("create index on {}._merge (kept_id) where undone_at is null").format(own)
    yield sql.SQL("""
        create table {}._duplicate_key (
            key bigint not null, record_id bigint not null, primary key (key, record_id))""").format(own)
    yield sql.SQL("create index on {}._duplicate_key (record_id)").format(own)
    # What is there already is looked through by a job; the feed tells of what comes.
    yield sql.SQL("""
        insert into {own}._cursor (consumer, xid, seq)
        select 'duplicates', xid, seq from {own}._change order by xid desc, seq desc limit 1
        on conflict do nothing""").format(own=own)


def _list_members(catalog: Catalog) -> Iterator[sql.Composable]:
    own = sql.Identifier(catalog.schema)
    yield sql.SQL("""
        create table {}._list_member (
            list text not null, record_id bigint not null, added_at timestamptz not null, actor text not null,
            primary key (list, record_id))""").format(own)
    yield sql.SQL("create index on {}._list_member (record_id)").format(own)


def _workflows(catalog: Catalog) -> Iterator[sql.Composable]:
    """Let workflows hear of what comes: those of an older portal have nothing to do with what was."""
    yield sql.SQL("""
        insert into {own}._cursor (consumer, xid, seq)
        select 'workflows', xid, seq from {own}._change order by xid desc, seq desc limit 1
        on conflict do nothing""").format(own=sql.Identifier(catalog.schema))


STEPS: tuple[Step, ...] = (
    _first_tables,
    _log_by_month,
    _search,
    _tallies,
    _merges,
    _list_members,
    _workflows,
)
