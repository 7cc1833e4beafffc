"""What the tiles of a dashboard show: all they ask of records in one statement, all goals in another."""

from collections.abc import Sequence
from dataclasses import dataclass

from wonward.metrics import compile as compiling
from wonward.metrics import goal
from wonward.metrics.figure import Figure, Row
from wonward.metrics.filters import Filters
from wonward.metrics.period import Span
from wonward.metrics.plan import Plan
from wonward.metrics.reading import Reading
from wonward.schema.catalog import ObjectType
from wonward.schema.metrics import Metric, Tile


@dataclass(frozen=True, slots=True)
class Shown:
    """A tile with what it shows, or the `reason` why it shows nothing.

    `kinds` are the object types of its metrics, whose records the figures lead to; `compared` are the days of
    `before`, `unheeded` the filters that don't narrow it.
    """

    tile: Tile
    metrics: tuple[Metric, ...] = ()
    kinds: tuple[ObjectType, ...] = ()
    total: tuple[Figure, ...] = ()
    rows: tuple[Row, ...] = ()
    before: Figure | None = None
    compared: Span | None = None
    span: Span | None = None
    unheeded: tuple[str, ...] = ()
    reason: str = ""


def show(filters: Filters, tiles: Sequence[Tile]) -> list[Shown]:
    """Return what tiles show, each with the reason where it can't."""
    plans = [Plan(filters, tile) for tile in tiles]
    answers = compiling.ask(filters.work, [each for plan in plans for each in plan.asks()])
    names = {name for tile in tiles for name in (*tile.metrics, tile.goal)}
    wanted = [each for name, each in filters.work.catalog.metrics.items() if name in names]
    spans = [filters.span, *(plan.span for plan in plans)]
    days = Span(min(each.start for each in spans), max(each.end for each in spans))
    goals = goal.read(filters.work, wanted, days, filters.staff)
    return [_shown(Reading(plan, answers, dict(goals))) for plan in plans]


def _shown(reading: Reading) -> Shown:
    plan, reason = reading.plan, reading.refused
    if reason:
        return Shown(plan.tile, plan.metrics, reason=reason)
    heeded = [each for metric in plan.parts() for each in plan.filters.unheeded(plan.kind(metric), metric)]
    return Shown(
        plan.tile,
        plan.metrics,
        tuple(plan.kind(each) for each in plan.metrics),
        reading.totals(),
        tuple(reading.rows()),
        reading.before(),
        plan.compared,
        plan.span,
        tuple(dict.fromkeys(heeded)),
    )
