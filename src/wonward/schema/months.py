"""The SQL that keeps a portal's change log in a partition a month (UTC). `apply.py` runs it.

What no month's partition takes goes into the rest, the default partition, so that no write ever waits for a
partition or fails for want of one; making a month takes its rows out of the rest.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from psycopg import sql

from wonward.db import transaction
from wonward.schema.catalog import Catalog

LOG = "_change"
REST = "_change_rest"
AHEAD = 3
"""Months made before they begin."""

_NAME = re.compile(r"_change_(\d{4,6})_(\d\d)")


def month_of(moment: datetime) -> date:
    """Return the first day of a moment's month."""
    return moment.astimezone(UTC).date().replace(day=1)


def later(month: date, months: int) -> date:
    """Return the first day of the month so many months later, or earlier when negative."""
    years, place = divmod(month.month - 1 + months, 12)
    return date(month.year + years, place + 1, 1)


def start(month: date) -> datetime:
    """Return the moment a month begins."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def partition(month: date) -> str:
    """Return the name of a month's partition."""
    return f"{LOG}_{month.year:04}_{month.month:02}"


def made(catalog: Catalog) -> set[date]:
    """Return the months that have a partition."""
    names = transaction.rows(
        sql.SQL(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = {}::regclass"
        ).format(sql.Literal(sql.Identifier(catalog.schema, LOG).as_string(None)))
    )
    found = [_NAME.fullmatch(name) for (name,) in names]
    return {date(int(each[1]), int(each[2]), 1) for each in found if each}


def in_rest(catalog: Catalog) -> set[date]:
    """Return the months that the rest holds changes of."""
    statement = sql.SQL("select distinct date_trunc('month', at at time zone 'UTC')::date from {}")
    return {month for (month,) in transaction.rows(statement.format(sql.Identifier(catalog.schema, REST)))}


def make(catalog: Catalog, month: date) -> Iterator[sql.Composable]:
    """Yield what makes a month's partition and moves what the rest holds of it there.

    Attaching, unlike `create table … partition of`, lets readers and writers of the other months go on.
    """
    log, rest, fresh = (sql.Identifier(catalog.schema, name) for name in (LOG, REST, partition(month)))
    bounds = {"first": sql.Literal(start(month)), "end": sql.Literal(start(later(month, 1)))}
    yield sql.SQL("create table {} (like {} including defaults)").format(fresh, log)
    yield sql.SQL("lock table {} in access exclusive mode").format(rest)
    yield sql.SQL("""
        with moved as (delete from {rest} where at >= {first} and at < {end} returning *)
        insert into {fresh} select * from moved order by seq""").format(rest=rest, fresh=fresh, **bounds)
    yield sql.SQL("alter table {log} attach partition {fresh} for values from ({first}) to ({end})").format(
        log=log, fresh=fresh, **bounds
    )


def lock(catalog: Catalog, month: date) -> Iterator[sql.Composable]:
    """Yield what keeps everybody away from a month until the transaction ends, and from the log as a whole first.

    That order is the one in which readers take their locks.
    """
    for name in (LOG, partition(month)):
        yield sql.SQL("lock table only {} in access exclusive mode").format(
            sql.Identifier(catalog.schema, name)
        )


def drop(catalog: Catalog, month: date, at: datetime) -> Iterator[sql.Composable]:
    """Yield what drops a month with all its changes, and notes that it is gone."""
    yield sql.SQL("insert into {}._dropped_month (until, at) values ({}, {})").format(
        sql.Identifier(catalog.schema), sql.Literal(start(later(month, 1))), sql.Literal(at)
    )
    yield sql.SQL("drop table {}").format(sql.Identifier(catalog.schema, partition(month)))


def partition_log(catalog: Catalog) -> Iterator[sql.Composable]:
    """Yield what makes the whole log the rest of a partitioned one, with its numbers and their sequence."""
    own = sql.Identifier(catalog.schema)
    log, rest = sql.Identifier(catalog.schema, LOG), sql.Identifier(catalog.schema, REST)
    yield sql.SQL("alter table {} rename to {}").format(log, sql.Identifier(REST))
    yield sql.SQL("alter table {} drop constraint _change_pkey").format(rest)
    yield sql.SQL("alter sequence {}._change_seq_seq rename to _change_rest_seq").format(own)
    yield sql.SQL("""
        create table {} (
            seq bigint generated always as identity, xid xid8 not null default pg_current_xact_id(),
            at timestamptz not null, kind text not null, object_type text not null, record_id bigint not null,
            actor text not null, source text not null, diff jsonb not null,
            primary key (seq, at)) partition by range (at)""").format(log)
    yield sql.SQL("create index on {} (record_id, seq desc)").format(log)
    yield sql.SQL("create index on {} (xid, seq)").format(log)
    yield sql.SQL("select setval({}, last_value, is_called) from {}._change_rest_seq").format(
        sql.Literal(sql.Identifier(catalog.schema, "_change_seq_seq").as_string(None)), own
    )
    yield sql.SQL("alter table {} alter seq drop identity").format(rest)
    yield sql.SQL("alter table {} attach partition {} default").format(log, rest)
