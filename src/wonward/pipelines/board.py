"""The board of a pipeline: a column a stage with its count and sum, and the cards of a column page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wonward.errors import Missing
from wonward.expressions.compile import Compiled
from wonward.pipelines import stage_history
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.pipelines import Pipeline, Stage

PAGE = 25
"""Cards a page of a column."""

FIRST = range(PAGE)


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with how many records stand in it and the sum of their amounts."""

    stage: Stage
    count: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Card:
    """One record in a column: canonical text of the columns asked for, and since when it stands there."""

    record_id: int
    values: tuple[str | None, ...]
    since: datetime | None


def columns(work: Work, kind: ObjectType, pipeline: Pipeline, where: Compiled | None = None) -> list[Column]:
    """Return the columns of a pipeline in the order of its stages; `where` narrows what is counted."""
    pipeline_property, stage_property = _properties(kind)
    asked = Query(kind, where, equal=((pipeline_property.name, pipeline.name),))
    amount = kind.amount.name if kind.amount and not kind.amount.masked else None
    found = query.totals(work, asked, stage_property.name, amount)
    return [Column(stage, *found.get(stage.name, (0, Decimal(0)))) for stage in pipeline.stages]


def cards(
    work: Work,
    kind: ObjectType,
    pipeline: Pipeline,
    stage: Stage,
    shown: Sequence[str],
    *,
    where: Compiled | None = None,
    part: range = FIRST,
) -> list[Card]:
    """Return a part of a column's cards, those changed last first, with the columns `shown`."""
    pipeline_property, stage_property = _properties(kind)
    asked = Query(
        kind,
        where,
        equal=((pipeline_property.name, pipeline.name), (stage_property.name, stage.name)),
        order=((kind.modified_property, True),),
        limit=len(part),
        offset=part.start,
    )
    found = query.rows(work, asked, shown)
    since = stage_history.entered(work.catalog.portal_id, [row[0] for row in found])
    return [Card(row[0], row[1:], since.get(row[0])) for row in found]


def _properties(kind: ObjectType) -> tuple[Property, Property]:
    pipeline_property, stage_property = kind.pipeline_property, kind.stage_property
    if pipeline_property is None or stage_property is None:
        raise Missing(f"{kind.plural_label} don't go through a pipeline", code="PIPELINE_NOT_FOUND")
    return pipeline_property, stage_property
