"""Reads records: which ones, in which order, how many; as rows of canonical text or as finished JSON.

Conditions and columns are compiled expressions; PostgreSQL does all the work and the text it answers
with goes out as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from wonward.db import transaction
from wonward.errors import Invalid
from wonward.expressions import compile as expressions
from wonward.expressions.compile import Compiled
from wonward.records import tally
from wonward.records.shown import text_of
from wonward.records.work import Work
from wonward.schema import ddl, seen
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.field_types.registry import FIELD_TYPES

PATIENCE = 10_000
"""Milliseconds that someone at a page or the API waits for a condition."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which records of a type, and in which order.

    `order` holds property names, each with True for descending; the id breaks ties. `equal` keeps to
    records with the given canonical values, `ids` to given records; `after_id` to those with a higher id,
    for paging that no change disturbs.
    """

    kind: ObjectType
    where: Compiled | None = None
    equal: tuple[tuple[str, str], ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    ids: Sequence[int] | None = None
    after_id: int | None = None
    archived: bool = False
    limit: int | None = None
    offset: int = 0


def condition(work: Work, kind: ObjectType, text: str) -> Compiled | None:
    """Compile a text filter; empty text means no condition. Raise Invalid with the place of an error."""
    return expressions.condition(work.catalog, kind, text) if text.strip() else None


def rows(work: Work, query: Query, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return `(id, text, text, …)` a record: the canonical text of each column, which may be an expression."""
    selected, bound = _columns(work, query.kind, columns)
    statement = sql.SQL("select r._id {} from {}").format(selected, _from(work.catalog, query))
    return answer(work, query, statement, {**bound, **params(query)})


def count(work: Work, query: Query) -> int:
    """Return how many records there are, whatever the query's limit and order."""
    if not query.equal and _of_all(work, query):
        return tally.count(work, query.kind)
    statement = sql.SQL("select count(*) from {} r where {}").format(
        work.table(query.kind.table), _where(work.catalog, query)
    )
    total: int = answer(work, query, statement, params(query))[0][0]
    return total


def totals(work: Work, query: Query, by: str, of: str | None) -> dict[str | None, tuple[int, Decimal]]:
    """Return how many records have each value of the property `by`, and their sum of the number `of`, if any."""
    kind = query.kind
    for name in (by, of):
        if name:
            kind.property_named(name).seen()
    if _of_all(work, query) and _tallied(query, by, of):
        return tally.stages(work, kind, query.equal[0][1] if query.equal else None)
    statement = sql.SQL(
        "select r.{by}, count(*), coalesce(sum({of}), 0) from {table} r where {where} group by 1"
    ).format(
        by=sql.Identifier(kind.property_named(by).column),
        of=sql.Identifier("r", kind.property_named(of).column) if of else sql.SQL("0"),
        table=work.table(kind.table),
        where=_where(work.catalog, query),
    )
    return {value: (number, total) for value, number, total in answer(work, query, statement, params(query))}


def _of_all(work: Work, query: Query) -> bool:
    """Tell whether a query asks for all live records, but for what `equal` says; some see no more than some."""
    role = work.catalog.role
    if role is not None and role.on(query.kind.name).view != "everyone":
        return False
    return query.where is None and query.ids is None and query.after_id is None and not query.archived


def _tallied(query: Query, by: str, of: str | None) -> bool:
    """Tell whether the tallies hold such totals: by stage, of the amount, in one pipeline or in all."""
    pipeline, stage, amount = query.kind.pipeline_property, query.kind.stage_property, query.kind.amount
    return bool(
        pipeline
        and stage
        and by == stage.name
        and of == (amount.name if amount else None)
        and [name for name, _ in query.equal] in ([], [pipeline.name])
    )


def answer(
    work: Work, query: Query, statement: sql.Composable, bound: Mapping[str, object]
) -> list[tuple[Any, ...]]:
    """Run the SQL of a query. Raise Invalid when someone waits for a condition that takes too long.

    Only one that looks elsewhere for every record can, and only these pay for setting the limit.
    """
    if work.source not in ("web", "api") or query.where is None or not query.where.looks:
        return work.rows(statement, bound)
    try:
        with transaction.time_limit(PATIENCE):
            return work.rows(statement, bound)
    except psycopg.errors.QueryCanceled as error:
        raise Invalid(
            "This condition took too long and was given up; narrow it by a property of the record first, or ask "
            "less of associated records and the change log",
            code="QUERY_TOO_SLOW",
        ) from error


def selection(catalog: Catalog, query: Query, selected: sql.Composable) -> sql.Composable:
    """Return the SQL that selects `selected` (over the alias `r`) from the records of a query."""
    return sql.SQL("select {} from {}").format(selected, _from(catalog, query))


def _columns(
    work: Work, kind: ObjectType, columns: Sequence[str]
) -> tuple[sql.Composable, dict[str, object]]:
    parts: list[sql.Composable] = []
    bound: dict[str, object] = {}
    for place, column in enumerate(columns):
        prop = kind.properties.get(column)
        if prop:
            text = text_of(prop)
        else:
            compiled = expressions.value(work.catalog, kind, column, prefix=f"c{place}_")
            text = as_text(compiled)
            bound |= compiled.params
        parts.append(sql.SQL(", {}").format(text))
    return sql.Composed(parts), bound


_FAMILY_TEXT = {
    "number": FIELD_TYPES["number"],
    "date": FIELD_TYPES["date"],
    "datetime": FIELD_TYPES["datetime"],
    "set": FIELD_TYPES["multi_enumeration"],
    "boolean": FIELD_TYPES["boolean"],
}


def as_text(compiled: Compiled) -> sql.Composable:
    """Return SQL of the canonical text of an expression's value."""
    kind = _FAMILY_TEXT.get(compiled.family)
    if compiled.family == "number":
        return sql.SQL("trim_scale(({})::numeric)::text").format(compiled.sql)
    return (
        kind.to_text(sql.SQL("({})").format(compiled.sql))
        if kind
        else sql.SQL("({})::text").format(compiled.sql)
    )


def _from(catalog: Catalog, query: Query) -> sql.Composable:
    parts = [
        sql.SQL("{} r where {} order by ").format(
            seen.relation(catalog, query.kind.table), _where(catalog, query)
        ),
        _order(query),
    ]
    if query.limit is not None:
        parts.append(sql.SQL(" limit {}").format(sql.Literal(query.limit)))
    if query.offset:
        parts.append(sql.SQL(" offset {}").format(sql.Literal(query.offset)))
    return sql.Composed(parts)


def not_merged(catalog: Catalog, record_id: sql.Composable) -> sql.Composable:
    """Return SQL that holds for records that weren't merged into another."""
    return sql.SQL("not exists (select from {} m where m.merged_id = {} and m.undone_at is null)").format(
        ddl.table(catalog, "_merge"), record_id
    )


def _where(catalog: Catalog, query: Query) -> sql.Composable:
    conditions: list[sql.Composable] = [sql.SQL("r._archived_at is null")]
    if query.archived:  # a merged record lies archived, and is nobody's but the merge's
        conditions = [sql.SQL("r._archived_at is not null"), not_merged(catalog, sql.SQL("r._id"))]
    if query.where is not None:
        conditions.append(sql.SQL("({})").format(query.where.sql))
    for name, _ in query.equal:
        prop = query.kind.property_named(name).seen()
        given = FIELD_TYPES[prop.type].from_text(sql.Placeholder(f"equal_{name}"))
        conditions.append(sql.SQL("{} = {}").format(sql.Identifier("r", prop.column), given))
    if query.ids is not None:
        conditions.append(sql.SQL("r._id = any(%(query_ids)s::bigint[])"))
    if query.after_id is not None:
        conditions.append(sql.SQL("r._id > %(after_id)s"))
    return sql.SQL(" and ").join(conditions)


def _order(query: Query) -> sql.Composable:
    parts: list[sql.Composable] = []
    for name, descending in query.order:
        prop = query.kind.property_named(name).seen()
        column = sql.Identifier("r", prop.column)
        nulls = "" if prop.column.startswith("_") else " nulls last"  # without, an index can give the order
        parts.append(sql.SQL("{} desc" + nulls).format(column) if descending else column)
    last_descends = bool(query.order) and query.order[-1][1]
    parts.append(sql.SQL("r._id desc") if last_descends else sql.SQL("r._id"))
    return sql.SQL(", ").join(parts)


def params(query: Query) -> dict[str, object]:
    """Return what the SQL of a query has bound."""
    bound: dict[str, object] = dict(query.where.params) if query.where is not None else {}
    bound |= {f"equal_{name}": value for name, value in query.equal}
    if query.ids is not None:
        bound["query_ids"] = f"{{{','.join(map(str, query.ids))}}}"  # as a list it costs ten times as much
    if query.after_id is not None:
        bound["after_id"] = query.after_id
    return bound
