"""The SQL of tallies: how many live records stand in each stage, and the sum of their amounts, kept by triggers.

Triggers write differences into `_tally`, rows that are only ever added, so that no writer waits for another;
the numbers are the sums of them. `records/tally.py` reads and compacts them; `apply.py` runs what stands here.
"""

import hashlib
from collections.abc import Iterator
from typing import LiteralString

from psycopg import sql

from wonward.schema import ddl
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

TABLE = "_tally"

Shape = tuple[tuple[str, str] | None, ...]


def shape(kind: ObjectType | None) -> Shape | None:
    """Return what the triggers of a type are made of: the columns they read, with their SQL types."""
    return None if kind is None else tuple(_column(prop) for prop in _properties(kind))


def create_table(catalog: Catalog) -> Iterator[sql.Composable]:
    """Yield what makes the table of tallies; its rows come and go, so it is vacuumed by their number alone."""
    yield sql.SQL("""
        create table {} (
            object_type text not null, pipeline text, stage text, records bigint not null, amount numeric not null)
        with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)""").format(
        ddl.table(catalog, TABLE)
    )


def create(catalog: Catalog, kind: ObjectType) -> Iterator[sql.Composable]:
    """Yield what tallies a type from now on, and the records that are there already.

    Whoever runs it keeps writers out meanwhile. Inserts and deletes are tallied a statement; updates a row,
    since only then PostgreSQL passes over those that touch none of the columns without any cost.
    """
    where, function = ddl.table(catalog, kind.table), _function(catalog, kind)
    read = [sql.Identifier(prop.column) for prop in _properties(kind) if prop] + [
        sql.Identifier("_archived_at")
    ]
    yield _body(catalog, kind)
    yield sql.SQL("""
        create trigger _tally_added after insert on {} referencing new table as counted
        for each statement execute function {}()""").format(where, function)
    yield sql.SQL("""
        create trigger _tally_gone after delete on {} referencing old table as counted
        for each statement execute function {}()""").format(where, function)
    yield sql.SQL("""
        create trigger _tally_changed after update of {columns} on {table}
        for each row when ({differs}) execute function {function}()""").format(
        columns=sql.SQL(", ").join(read),
        table=where,
        differs=sql.SQL(" or ").join(
            sql.SQL("old.{0} is distinct from new.{0}").format(each) for each in read
        ),
        function=function,
    )
    yield sql.SQL("insert into {} {}").format(ddl.table(catalog, TABLE), _counted(kind, where, sql.SQL("1")))


def drop(catalog: Catalog, kind: ObjectType) -> Iterator[sql.Composable]:
    """Yield what ends the tallying of a type; columns that its triggers read can't be altered before."""
    yield sql.SQL("drop function if exists {}() cascade").format(_function(catalog, kind))
    yield sql.SQL("delete from {} where object_type = {}").format(
        ddl.table(catalog, TABLE), sql.Literal(kind.name)
    )


def _properties(kind: ObjectType) -> tuple[Property | None, ...]:
    return kind.pipeline_property, kind.stage_property, kind.amount


def _column(prop: Property | None) -> tuple[str, str] | None:
    return None if prop is None else (prop.column, FIELD_TYPES[prop.type].sql_type)


def _function(catalog: Catalog, kind: ObjectType) -> sql.Identifier:
    """Return the name of a type's trigger function; PostgreSQL cuts names at 63 bytes, so long ones end in a digest."""
    name = f"_tally:{kind.name}"
    if len(name) > 63:
        name = f"{name[:50]}~{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return sql.Identifier(catalog.schema, name)


def _body(catalog: Catalog, kind: ObjectType) -> sql.Composable:
    """Return what makes the trigger function: of a changed row that stays where it is, the difference alone."""
    pipeline, stage, amount = _properties(kind)
    here = [sql.Identifier(prop.column) for prop in (pipeline, stage) if prop]
    stays = sql.SQL(" and ").join(
        [
            sql.SQL("old._archived_at is null and new._archived_at is null"),
            *(sql.SQL("old.{0} is not distinct from new.{0}").format(each) for each in here),
        ]
    )
    return sql.SQL("""
        create function {function}() returns trigger language plpgsql as $tally$
        declare
            sign constant int := case tg_op when 'DELETE' then -1 else 1 end;
        begin
            if tg_op <> 'UPDATE' then
                insert into {tally} {counted};
            elsif {stays} then
                insert into {tally} values ({type}, {new_place}, 0, {new_amount} - {old_amount});
            else
                if old._archived_at is null then
                    insert into {tally} values ({type}, {old_place}, -1, - {old_amount});
                end if;
                if new._archived_at is null then
                    insert into {tally} values ({type}, {new_place}, 1, {new_amount});
                end if;
            end if;
            return null;
        end $tally$""").format(
        function=_function(catalog, kind),
        tally=ddl.table(catalog, TABLE),
        counted=_counted(kind, sql.Identifier("counted"), sql.SQL("sign")),
        stays=stays,
        type=sql.Literal(kind.name),
        old_place=sql.SQL(", ").join(_of(prop, "old", otherwise="null::text") for prop in (pipeline, stage)),
        new_place=sql.SQL(", ").join(_of(prop, "new", otherwise="null::text") for prop in (pipeline, stage)),
        old_amount=sql.SQL("coalesce({}, 0)").format(_of(amount, "old", otherwise="0")),
        new_amount=sql.SQL("coalesce({}, 0)").format(_of(amount, "new", otherwise="0")),
    )


def _counted(kind: ObjectType, rows: sql.Composable, sign: sql.Composable) -> sql.Composable:
    """Return the SQL that tallies `rows`, all of them gained or lost."""
    pipeline, stage, amount = _properties(kind)
    return sql.SQL("""
        select {type}, {pipeline}, {stage}, {sign} * count(*), {sign} * coalesce(sum({amount}), 0)
        from {rows} r where r._archived_at is null group by 2, 3""").format(
        type=sql.Literal(kind.name),
        pipeline=_of(pipeline, "r", otherwise="null::text"),
        stage=_of(stage, "r", otherwise="null::text"),
        amount=_of(amount, "r", otherwise="0"),
        sign=sign,
        rows=rows,
    )


def _of(prop: Property | None, row: str, *, otherwise: LiteralString) -> sql.Composable:
    return sql.SQL(otherwise) if prop is None else sql.Identifier(row, prop.column)
