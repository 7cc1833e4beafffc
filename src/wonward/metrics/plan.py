"""How one tile is asked for: which metrics, over which days, under which conditions; and why it can't be."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from wonward.errors import Invalid, Missing, Refusal
from wonward.metrics import compile as compiling
from wonward.metrics import conditions, period
from wonward.metrics.compile import Ask
from wonward.metrics.filters import Filters, grouping
from wonward.metrics.period import Span
from wonward.schema import seating
from wonward.schema.catalog import ObjectType
from wonward.schema.metrics import OVER_TIME, STAGE, Bucket, Metric, Tile
from wonward.schema.pipelines import Pipeline, Stage

FORECAST_MONTHS = 3
"""Months that a forecast shows at least."""


class Plan:
    """One tile under the filters of its dashboard; `reason` says why it can't be shown, empty when it can."""

    def __init__(self, filters: Filters, tile: Tile) -> None:
        self.filters, self.tile = filters, tile
        self.catalog = filters.work.catalog
        self.metrics: tuple[Metric, ...] = ()
        self.only: Pipeline | None = None
        self.reason = ""
        try:
            self._prepare()
        except Refusal as refusal:
            self.reason = refusal.problems[0].message

    def _prepare(self) -> None:
        for name in self.tile.metrics:
            if name not in self.catalog.metrics:
                raise Missing(f"There is no metric '{name}' any more; edit the dashboard")
        self.metrics = tuple(self.catalog.metrics[name] for name in self.tile.metrics)
        if self.tile.kind == "forecast":
            seating.require(self.filters.member, self.catalog.seats, "forecast")
        self.only = self.pipeline if self.tile.kind == "funnel" else None
        for metric in self.parts():
            kind = self.kind(metric)
            if metric.date or self.tile.kind in OVER_TIME:
                compiling.dated(kind, metric)
            if self.by and grouping(kind, self.by) is None:
                raise Invalid(f"{kind.plural_label} can't be grouped by {self.by}")

    @property
    def by(self) -> str:
        """What the tile groups by."""
        return STAGE if self.tile.kind in ("funnel", "forecast") else self.tile.by

    @property
    def bucket(self) -> Bucket | None:
        """What the tile cuts time into, None when into nothing."""
        if self.tile.kind == "forecast":
            return "month"
        return self.tile.bucket if self.tile.kind in OVER_TIME else None

    @cached_property
    def span(self) -> Span:
        """The days that the tile is of: those chosen, but that a forecast looks some months ahead."""
        chosen = self.filters.span
        if self.tile.kind != "forecast":
            return chosen
        end = period.moved(chosen.start, FORECAST_MONTHS)
        return chosen if end <= chosen.end else Span(chosen.start, end)

    @cached_property
    def compared(self) -> Span | None:
        """The days that a number is compared with; None when it is of no period."""
        if self.tile.kind != "number" or not all(each.date for each in self.parts()):
            return None
        return period.before(self.filters.span, self.filters.work.today)

    @cached_property
    def pipeline(self) -> Pipeline:
        """The pipeline whose stages the tile shows: the one that was chosen, or the first."""
        kind = self.kind(self.metrics[0])
        found = self.catalog.pipelines_of(kind.name)
        if not found or kind.pipeline_property is None or kind.stage_property is None:
            raise Invalid(f"{kind.plural_label} don't go through a pipeline")
        if self.filters.choice == kind.pipeline_property.name and self.filters.value:
            return next(each for each in found if each.name == self.filters.value)
        return found[0]

    @property
    def stages(self) -> Sequence[Stage]:
        """The stages of that pipeline."""
        return self.pipeline.stages

    def parts(self) -> Iterator[Metric]:
        """Yield the metrics that are asked for: those of the tile, and instead of a ratio its two."""
        for metric in self.metrics:
            yield from map(self.catalog.metrics.__getitem__, metric.over or (metric.name,))

    def counted(self, metric: Metric) -> Metric:
        """Return the metric whose records a figure leads to: of a ratio those that it is a share of."""
        return self.catalog.metrics[metric.over[1]] if metric.over else metric

    def kind(self, metric: Metric) -> ObjectType:
        """Return the object type that a metric is over, of a ratio that of what it is a share of."""
        return compiling.kind_of(self.filters.work, self.counted(metric))

    def where(self, metric: Metric, span: Span, *more: str) -> str:
        """Return the condition on the records that a metric is over in a span."""
        kind = self.kind(metric)
        narrowed = [metric.filter, *self.filters.conditions(kind)]
        if self.only and kind.pipeline_property:
            narrowed.append(conditions.equal(kind.pipeline_property, self.only.name))
        fallen = conditions.during(kind, metric, span, self.catalog.time_zone)
        return conditions.joined([*narrowed, fallen, *more])

    def ask(self, metric: Metric, span: Span) -> Ask:
        """Return what is asked of a metric that is no ratio."""
        prop = grouping(self.kind(metric), self.by) if self.by else None
        return Ask(metric.name, self.where(metric, span), prop.name if prop else "", self.bucket)

    def asks(self) -> list[Ask]:
        """Return all that the tile asks."""
        if self.reason:
            return []
        spans = [self.span, *([self.compared] if self.compared else [])]
        return [self.ask(metric, span) for metric in self.parts() for span in spans]
