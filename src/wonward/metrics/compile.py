"""Asks records for figures: every figure of a page in one statement, each over what whoever asks may see.

What is asked is a condition in the expression language, the very one that a list of those records is filtered by.
What comes back are cells, a bucket of time, group and currency each; `figure.py` makes figures of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from wonward.db import transaction
from wonward.errors import Forbidden, Invalid, Refusal
from wonward.expressions import compile as expressions
from wonward.expressions.compile import Compiled
from wonward.expressions.scope import family_of
from wonward.records.query import PATIENCE
from wonward.records.shown import text_of
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.metrics import Bucket, Measure, Metric

CURRENCY = "deal_currency_code"
"""The property that says in which currency a record's amounts are, on types that have it; empty is the portal's."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A metric that is no ratio, over the records that meet `where`; `by` names a property to group by."""

    metric: str
    where: str
    by: str = ""
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of some records together: how many, how many of them have a value, and these values' sum and ends.

    The sum and the ends are there for the measures that need them. Cells of different `currency` are never put
    together; it is empty where it isn't about money.
    """

    bucket: date | None
    group: str | None
    currency: str
    records: int
    known: int
    total: Decimal
    least: Decimal | None
    most: Decimal | None


Answers = Mapping[Ask, Sequence[Cell] | Refusal]
"""What came of each ask: cells, or why whoever asks can't be told."""


def ask(work: Work, wanted: Sequence[Ask]) -> Answers:
    """Return what came of each ask, all of one moment and by one statement.

    Raise Invalid when somebody waits and it takes too long.
    """
    found: dict[Ask, list[Cell] | Refusal] = {}
    statements: list[sql.Composable] = []
    bound: dict[str, object] = {}
    places: list[Ask] = []
    looks = False
    finer = _finer(wanted)
    for each in dict.fromkeys(finer.values()):
        try:
            written = _statement(work, each, len(places))
        except Refusal as refusal:
            found[each] = refusal
            continue
        statements.append(written.sql)
        bound |= written.params
        looks = looks or written.looks
        places.append(each)
        found[each] = []
    if statements:
        for place, *row in _rows(work, sql.SQL(" union all ").join(statements), bound, looks):
            cells = found[places[place]]
            if isinstance(cells, list):
                cells.append(Cell(*row))
    return {each: found[finer[each]] for each in finer}


def _finer(wanted: Sequence[Ask]) -> dict[Ask, Ask]:
    """Return by which ask each is answered: what has no groups by one that has, since cells come to the same."""
    grouped = {(each.metric, each.where): each for each in wanted if each.by or each.bucket}
    return {
        each: each if each.by or each.bucket else grouped.get((each.metric, each.where), each)
        for each in wanted
    }


_KNOWN: Mapping[Measure, LiteralString] = {
    "count": "count(*), 0::numeric, null::numeric, null::numeric",
    "sum": "count({value}), coalesce(sum({value}), 0), null::numeric, null::numeric",
    "average": "count({value}), coalesce(sum({value}), 0), null::numeric, null::numeric",
    "min": "count({value}), 0::numeric, min({value}), null::numeric",
    "max": "count({value}), 0::numeric, null::numeric, max({value})",
}
"""What a measure needs to know of values: how many there are, their sum, the least, the most. Others cost time."""


def _rows(
    work: Work, statement: sql.Composable, bound: Mapping[str, object], looks: bool
) -> list[tuple[Any, ...]]:
    if not looks or work.source not in ("web", "api"):
        return work.rows(statement, bound)
    try:
        with transaction.time_limit(PATIENCE):
            return work.rows(statement, bound)
    except psycopg.errors.QueryCanceled as error:
        raise Invalid(
            "These figures took too long and were given up; have the metrics' filters ask less of associated records",
            code="QUERY_TOO_SLOW",
        ) from error


def _statement(work: Work, asked: Ask, place: int) -> Compiled:
    metric = work.catalog.metrics[asked.metric]
    kind = kind_of(work, metric)
    where = expressions.condition(work.catalog, kind, asked.where or "true", prefix=f"w{place}_")
    amount = value(work.catalog, kind, metric, prefix=f"v{place}_")
    group = text_of(_own(kind, asked.by).seen()) if asked.by else sql.SQL("null::text")
    written = sql.SQL(
        "select {place}, {bucket}, {group}, {currency}, count(*), {known}"
        " from {table} r where r._archived_at is null and ({where}) group by 2, 3, 4"
    ).format(
        place=sql.Literal(place),
        bucket=_bucket(work.catalog, kind, metric, asked.bucket),
        group=group,
        currency=_currency(work, kind, metric),
        known=sql.SQL(_KNOWN[metric.measure]).format(value=amount.sql),
        table=work.table(kind.table),
        where=where.sql,
    )
    return Compiled(written, {**where.params, **amount.params}, "null", looks=where.looks or amount.looks)


def kind_of(work: Work, metric: Metric) -> ObjectType:
    """Return the object type that a metric is over; raise Forbidden when whoever asks sees none of its records."""
    kind = work.catalog.object_types.get(metric.object_type)
    if kind is None:
        raise Forbidden("Your role shows you none of the records that this counts", code="FIGURE_NOT_SHOWN")
    return kind


def value(catalog: Catalog, kind: ObjectType, metric: Metric, *, prefix: str = "v") -> Compiled:
    """Compile the number that a metric takes of each record; raise Invalid when it is none."""
    if metric.measure == "count":
        return Compiled(sql.SQL("1::numeric"), {}, "number")
    found = expressions.value(catalog, kind, metric.value, prefix=prefix)
    if found.family != "number":
        raise Invalid(f"'{metric.value}' gives no number", code="INVALID_DEFINITION")
    written = sql.SQL("({})::numeric").format(found.sql)
    if metric.weighted:
        written = sql.SQL("({} * {})").format(written, _probability(catalog, kind))
    return Compiled(written, found.params, "number", looks=found.looks)


def _probability(catalog: Catalog, kind: ObjectType) -> sql.Composable:
    """Return SQL of the probability of a record's stage; stages without one count nothing."""
    pipeline, stage = kind.pipeline_property, kind.stage_property
    if pipeline is None or stage is None:
        raise Invalid(
            f"{kind.plural_label} have no stage to be weighted by; leave weighted out",
            code="INVALID_DEFINITION",
        )
    branches = [
        sql.SQL("when r.{} = {} and r.{} = {} then {}::numeric").format(
            sql.Identifier(pipeline.column),
            sql.Literal(of.name),
            sql.Identifier(stage.column),
            sql.Literal(each.name),
            sql.Literal(each.probability),
        )
        for of in catalog.pipelines_of(kind.name)
        for each in of.stages
        if each.probability
    ]
    if not branches:
        return sql.SQL("0::numeric")
    return sql.SQL("(case {} else 0 end)").format(sql.SQL(" ").join(branches))


def _bucket(catalog: Catalog, kind: ObjectType, metric: Metric, bucket: Bucket | None) -> sql.Composable:
    """Return SQL of the first day of the bucket that a record falls into, where the portal is."""
    if bucket is None:
        return sql.SQL("null::date")
    prop = dated(kind, metric)
    column: sql.Composable = sql.Identifier("r", prop.column)
    if family_of(prop) == "datetime":
        column = sql.SQL("({} at time zone {})").format(column, sql.Literal(catalog.time_zone))
    return sql.SQL("date_trunc({}, {}::timestamp)::date").format(sql.Literal(bucket), column)


def dated(kind: ObjectType, metric: Metric) -> Property:
    """Return the property by which a metric falls into periods; raise Invalid when it has none."""
    if not metric.date:
        raise Invalid(
            f"{metric.label} tells how things stand, and is of no period", code="INVALID_DEFINITION"
        )
    prop = _own(kind, metric.date).seen()
    if family_of(prop) not in ("date", "datetime"):
        raise Invalid(f"{prop.label} is no date; name one", code="INVALID_DEFINITION")
    return prop


def _currency(work: Work, kind: ObjectType, metric: Metric) -> sql.Composable:
    """Return SQL of the currency of a record's amount; raise Forbidden when whoever asks may not see it."""
    if not is_money(kind, metric):
        return sql.SQL("''")
    whole = (work.catalog.whole or work.catalog).object_types[kind.name]
    if CURRENCY not in whole.properties:
        return sql.Literal(work.catalog.currency)
    return sql.SQL("coalesce({}, {})").format(
        text_of(_own(kind, CURRENCY).seen()), sql.Literal(work.catalog.currency)
    )


def is_money(kind: ObjectType, metric: Metric) -> bool:
    """Tell whether a metric is an amount of money: it says so, or takes a property that is one as it stands."""
    prop = kind.properties.get(metric.value)
    return metric.unit == "money" or (metric.unit is None and bool(prop and prop.type == "currency"))


def _own(kind: ObjectType, name: str) -> Property:
    """Return a property; raise Forbidden without naming it when whoever asks may not know of it."""
    if name not in kind.properties:
        raise Forbidden("Your role doesn't show you all that this is made of", code="FIGURE_NOT_SHOWN")
    return kind.properties[name]
