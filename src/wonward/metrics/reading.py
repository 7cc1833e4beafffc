"""Reads what came of a tile's asks: its figures, the rows of its chart or table, and the goals beside them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from wonward.errors import Refusal
from wonward.metrics import conditions, figure, period
from wonward.metrics.compile import Answers, Cell
from wonward.metrics.figure import Figure, Row
from wonward.metrics.filters import grouping
from wonward.metrics.goal import Goals, Whom
from wonward.metrics.period import Span
from wonward.metrics.plan import Plan
from wonward.schema.catalog import Property
from wonward.schema.metrics import OVER_TIME, TEAM, Metric
from wonward.schema.pipelines import Stage

Fits = Callable[[Cell], bool]


def _all(_: Cell) -> bool:
    return True


@dataclass(frozen=True)
class Reading:
    """A plan with what came of its asks; `goals` are those of metrics by name."""

    plan: Plan
    answers: Answers
    goals: dict[str, Goals]

    @property
    def refused(self) -> str:
        """Why the tile can't be shown, empty when it can."""
        found = [self.answers[each] for each in self.plan.asks()]
        told = [each.problems[0].message for each in found if isinstance(each, Refusal)]
        return self.plan.reason or (told[0] if told else "")

    def totals(self) -> tuple[Figure, ...]:
        """Return what each metric of the tile comes to."""
        whom = self.plan.filters.whom
        return tuple(
            replace(self._figure(each, self.plan.span), goal=self._goal(each, whom, self.plan.span))
            for each in self.plan.metrics
        )

    def before(self) -> Figure | None:
        """Return what a number is compared with, None when with nothing."""
        return self._figure(self.plan.metrics[0], self.plan.compared) if self.plan.compared else None

    def rows(self) -> Iterable[Row]:
        """Return the rows of the tile, in the order in which they are shown."""
        kind = self.plan.tile.kind
        if kind == "number":
            return ()
        if kind == "funnel":
            return self._funnel()
        return self._over_time() if kind in OVER_TIME else self._groups()

    # -- Figures ------------------------------------------------------------------------------------

    def _cells(self, metric: Metric, span: Span, fits: Fits) -> list[Cell]:
        found = self.answers[self.plan.ask(metric, span)]
        return [] if isinstance(found, Refusal) else [cell for cell in found if fits(cell)]

    def _figure(
        self, metric: Metric, asked: Span, fits: Fits = _all, more: str = "", within: Span | None = None
    ) -> Figure:
        """Return a figure of the cells that fit: those of records that meet `more`, in the part `within` a span."""
        counted, own = self.plan.counted(metric), self.plan.catalog.metrics
        if metric.over:
            above, below = (
                figure.measured(own[name].measure, self._cells(own[name], asked, fits))
                for name in metric.over
            )
            amounts = figure.divided(above, below)
        else:
            amounts = figure.measured(metric.measure, self._cells(metric, asked, fits))
        records = sum(cell.records for cell in self._cells(counted, asked, fits))
        where = self.plan.where(counted, within or asked, more)
        return Figure(amounts, counted.object_type, where, records)

    def _goal(self, metric: Metric, whom: Whom | None, span: Span) -> Decimal | None:
        goals = self.goals.get(self.plan.tile.goal or metric.name)
        return goals.reach(whom, span) if goals and whom and not self.plan.filters.value else None

    # -- Over time ----------------------------------------------------------------------------------

    def _over_time(self) -> Iterator[Row]:
        metric, whom = self.plan.metrics[0], self.plan.filters.whom
        bucket = self.plan.bucket or "month"
        for part in period.buckets(self.plan.span, bucket):
            figures = tuple(self._of_bucket(metric, part, period.beginning(part.start, bucket)))
            reach = self._goal(metric, whom, part) if part.length else None
            yield Row(part.start.isoformat(), (replace(figures[0], goal=reach), *figures[1:]), part)

    def _of_bucket(self, metric: Metric, part: Span, day: object) -> Iterator[Figure]:
        """Yield the figures of a bucket: one, but of a forecast what is won and what is open apart."""
        span = self.plan.span
        if self.plan.tile.kind != "forecast":
            yield self._figure(metric, span, lambda cell: cell.bucket == day, within=part)
            return
        prop = grouping(self.plan.kind(metric), self.plan.by)
        for won in (True, False):
            names = [stage.name for stage in self._all_stages(metric) if _counts(stage, won)]
            more = conditions.among(prop, names) if prop else ""
            yield self._figure(metric, span, _in_bucket(day, names), more, part)

    def _all_stages(self, metric: Metric) -> list[Stage]:
        kind = self.plan.kind(metric)
        return [stage for each in self.plan.catalog.pipelines_of(kind.name) for stage in each.stages]

    # -- By group -----------------------------------------------------------------------------------

    def _groups(self) -> list[Row]:
        keys = dict.fromkeys(
            self._key(cell.group) for each in self.plan.parts() for cell in self._every(each)
        )
        keys |= dict.fromkeys(self._with_goals())
        rows = [Row(key, tuple(self._of_group(each, key) for each in self.plan.metrics)) for key in keys]
        return sorted(rows, key=self._order())

    def _every(self, metric: Metric) -> list[Cell]:
        return self._cells(metric, self.plan.span, _all)

    def _key(self, group: str | None) -> str | None:
        return self.plan.filters.staff.team_of(group) if self.plan.by == TEAM else group

    def _of_group(self, metric: Metric, key: str | None) -> Figure:
        found = self._figure(
            metric, self.plan.span, lambda cell: self._key(cell.group) == key, self._more(metric, key)
        )
        return replace(found, goal=self._goal(metric, self._whom(key), self.plan.span))

    def _more(self, metric: Metric, key: str | None) -> str:
        """Return the condition that the records of a group meet."""
        prop = grouping(self.plan.kind(metric), self.plan.by)
        if prop is None or self.plan.by != TEAM:
            return conditions.equal(prop, key) if prop else ""
        staff = self.plan.filters.staff
        if key is not None:
            return conditions.among(prop, [str(each) for each in staff.direct.get(int(key), ())])
        placed = [str(each) for team, members in staff.direct.items() if team for each in members]
        return f"{prop.name} is null or not {conditions.among(prop, placed)}" if placed else ""

    def _whom(self, key: str | None) -> Whom | None:
        if key is None:
            return None
        return (
            {"owner": Whom(member=int(key)), TEAM: Whom(team=int(key))}.get(self.plan.by)
            if key.isdecimal()
            else None
        )

    def _with_goals(self) -> Iterator[str]:
        """Yield the people or teams who have a goal, so that who has reached nothing of it is seen too."""
        filters = self.plan.filters
        if filters.whom is None or self.plan.by not in ("owner", TEAM):
            return
        chosen = filters.whom
        if self.plan.by == TEAM:
            candidates = [Whom(team=each) for each in filters.staff.teams if chosen.member is None]
        else:
            within = filters.staff.within(chosen.team) if chosen.team else None
            people = [each.pk for each in filters.staff.here if within is None or each.pk in within]
            candidates = [Whom(member=each) for each in people if chosen.member in (None, each)]
        for whom in candidates:
            if any(self._goal(metric, whom, self.plan.span) is not None for metric in self.plan.metrics):
                yield str(whom.member or whom.team)

    def _order(self) -> Callable[[Row], tuple[bool, object, object]]:
        """Return what rows are sorted by: options in their order, people and teams by their first figure."""
        prop = grouping(self.plan.kind(self.plan.metrics[0]), self.plan.by)
        if prop and prop.type != "owner":
            places = {option.value: place for place, option in enumerate(prop.options)}
            return lambda row: (row.key is None, places.get(row.key or "", len(places)), row.key or "")
        currency = self.plan.catalog.currency
        return lambda row: (row.key is None, -row.figures[0].of(currency), row.key or "")

    # -- Through the stages --------------------------------------------------------------------------

    def _funnel(self) -> Iterator[Row]:
        """Yield each stage with what has come as far as it or further; what was lost stands for itself, last."""
        metric = self.plan.metrics[0]
        prop = grouping(self.plan.kind(metric), self.plan.by)
        ahead = [stage for stage in self.plan.stages if stage.won or not stage.closed]
        lost = [stage for stage in self.plan.stages if stage not in ahead]
        parts: list[Sequence[Stage]] = [ahead[place:] for place in range(len(ahead))]
        for stages in (*parts, *([stage] for stage in lost)):
            yield self._of_stages(metric, prop, [stage.name for stage in stages])

    def _of_stages(self, metric: Metric, prop: Property | None, names: Sequence[str]) -> Row:
        more = conditions.among(prop, names) if prop else ""
        return Row(names[0], (self._figure(metric, self.plan.span, lambda cell: cell.group in names, more),))


def _in_bucket(day: object, groups: Sequence[str]) -> Fits:
    return lambda cell: cell.bucket == day and cell.group in groups


def _counts(stage: Stage, won: bool) -> bool:
    """Tell whether a stage's records are won, or open."""
    return stage.won if won else not stage.closed
