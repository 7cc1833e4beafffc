"""The tiles of a dashboard as its template draws them: texts, addresses, and lengths of bars in hundredths."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wonward.metrics import period
from wonward.metrics.figure import Figure, Row
from wonward.metrics.tiles import Shown
from wonward.schema.catalog import ObjectType
from wonward.schema.metrics import OVER_TIME, STAGE, Metric
from wonward.web import figures
from wonward.web.figures import Told, Writer
from wonward.web.values import dot

LABELLED = 16
"""Columns up to which each has its own label and figure; of more, every so-and-so-many-th has."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal beside a figure: what it is, how much of it is reached, and where it stands in a bar."""

    text: str
    reached: str
    length: str
    met: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One group or bucket: its name, its figures, and for the first one a bar; `stacked` is a second bar on it."""

    label: str
    told: Sequence[Told]
    goals: Sequence[Goal | None]
    length: str = "0"
    stacked: str = "0"
    goal_at: str = ""
    top: str = ""
    dot: SafeString | str = ""
    share: str = ""
    labelled: bool = True
    present: bool = False
    person: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure differs from the one before: by how much, whether that is better, and what it was."""

    text: str
    better: bool | None
    was: Told
    since: str


@dataclass(frozen=True, slots=True)
class View:
    """A tile."""

    number: int
    kind: str
    size: str
    title: str
    about: str = ""
    reason: str = ""
    notes: Sequence[str] = ()
    headings: Sequence[str] = ()
    total: Sequence[Told] = ()
    goal: Goal | None = None
    goals: Sequence[Goal | None] = ()
    change: Change | None = None
    lines: Sequence[Line] = ()
    points: str = ""
    goal_points: str = ""
    has_goals: bool = False
    parts: Sequence[str] = field(default=())


def views(writer: Writer, shown: Sequence[Shown]) -> list[View]:
    """Return the tiles of a dashboard."""
    return [_view(writer, number, each) for number, each in enumerate(shown, start=1)]


def _view(writer: Writer, number: int, shown: Shown) -> View:
    tile = shown.tile
    labels = [metric.label for metric in shown.metrics]
    title = tile.label or _title(shown, labels)
    about = shown.metrics[0].description if len(shown.metrics) == 1 else ""
    if shown.reason:
        return View(number, tile.kind, tile.size, title, about, shown.reason)
    totals = [writer.told(*each) for each in zip(shown.total, shown.metrics, shown.kinds, strict=True)]
    goals = [_goal(writer, *each) for each in zip(shown.total, shown.metrics, shown.kinds, strict=True)]
    lines = _lines(writer, shown)
    over_time = tile.kind in OVER_TIME
    return View(
        number,
        tile.kind,
        tile.size,
        title,
        about,
        notes=[*_notes(shown)],
        headings=labels,
        total=totals,
        goal=goals[0],
        goals=goals,
        change=_change(writer, shown),
        lines=lines,
        points=_points([line.length for line in lines]) if over_time else "",
        goal_points=_points([line.goal_at for line in lines]) if over_time else "",
        has_goals=any(goal for line in lines for goal in line.goals) or any(goals),
        parts=[_("Won"), _("Open, weighted")] if tile.kind == "forecast" else [],
    )


def _title(shown: Shown, labels: Sequence[str]) -> str:
    if shown.tile.kind == "forecast":
        return _("Forecast")
    if shown.tile.kind == "funnel" and labels:
        return _("%(figure)s, how far they have come") % {"figure": labels[0]}
    if shown.tile.kind == "breakdown" and shown.kinds:
        by = figures.group_name(shown.kinds[0], shown.tile.by)
        return _("%(figure)s by %(group)s") % {"figure": labels[0], "group": by.lower()}
    return " · ".join(labels) or _("Tile")


def _notes(shown: Shown) -> Iterable[str]:
    told = {
        "period": _("As it stands now, whatever the period"),
        "owner": _("Of everyone: these records belong to nobody"),
        "choice": _("Not narrowed by the choice above"),
    }
    if shown.unheeded == ("period",) or len(shown.metrics) == 1:
        yield from (told[each] for each in shown.unheeded)
    elif shown.unheeded:
        yield _("Some of these figures aren't narrowed by every filter above")


def _goal(writer: Writer, figure: Figure, metric: Metric, kind: ObjectType) -> Goal | None:
    if figure.goal is None:
        return None
    reached = figure.of(writer.visit.catalog.currency)
    share = reached / figure.goal if figure.goal else Decimal(1)
    return Goal(
        writer.amount(figure.goal, metric, kind),
        f"{figures.plain(share * 100, '1')} %",
        _hundredths(min(share, Decimal(1))),
        (share <= 1) if metric.lower_is_better else (share >= 1),
    )


def _change(writer: Writer, shown: Shown) -> Change | None:
    """Return how a number differs from the one before; unknown when that was nothing."""
    if shown.before is None or shown.compared is None:
        return None
    metric, kind = shown.metrics[0], shown.kinds[0]
    currency = writer.visit.catalog.currency
    now, was = shown.total[0].of(currency), shown.before.of(currency)
    since = figures.span_name(shown.compared)
    told = writer.told(shown.before, metric, kind)
    if not was:
        return Change("", None, told, since)
    share = (now - was) / abs(was)
    if metric.unit == "percent":
        text = _("%(points)s points") % {"points": figures.plain((now - was) * 100, "0.1")}
    else:
        text = f"{figures.plain(share * 100, '1')} %"
    better = None if now == was else (now > was) != metric.lower_is_better
    return Change(("+" if now > was else "") + text, better, told, since)


# -- Rows ---------------------------------------------------------------------------------------------


def _lines(writer: Writer, shown: Shown) -> list[Line]:
    if not shown.rows:
        return []
    currency = writer.visit.catalog.currency
    scale = _scale(shown, currency)
    name = _namer(writer, shown)
    stride = -(-len(shown.rows) // LABELLED)
    return [
        _line(writer, shown, row, name, scale, place % stride == 0) for place, row in enumerate(shown.rows)
    ]


def _scale(shown: Shown, currency: str) -> Decimal:
    """Return the most that a bar is long."""
    forecast = shown.tile.kind == "forecast"
    ends = [
        max(
            sum((each.of(currency) for each in row.figures), Decimal(0))
            if forecast
            else row.figures[0].of(currency),
            row.figures[0].goal or Decimal(0),
        )
        for row in shown.rows
    ]
    return max([*ends, Decimal(0)]) or Decimal(1)


def _namer(writer: Writer, shown: Shown) -> Callable[[Row], tuple[str, str | None]]:
    tile = shown.tile
    if tile.kind in OVER_TIME:
        bucket = "month" if tile.kind == "forecast" else tile.bucket
        return lambda row: (figures.bucket_name(row.span, bucket) if row.span else "", None)
    named = writer.groups(shown.kinds[0], STAGE if tile.kind == "funnel" else tile.by)
    return lambda row: named(row.key)


def _line(
    writer: Writer,
    shown: Shown,
    row: Row,
    name: Callable[[Row], tuple[str, str | None]],
    scale: Decimal,
    labelled: bool,
) -> Line:
    metrics = shown.metrics * len(row.figures) if shown.tile.kind == "forecast" else shown.metrics
    kinds = shown.kinds * len(row.figures) if shown.tile.kind == "forecast" else shown.kinds
    both = list(zip(row.figures, metrics, kinds, strict=True))
    currency = writer.visit.catalog.currency
    first = row.figures[0].of(currency)
    stacked = row.figures[1].of(currency) if shown.tile.kind == "forecast" else Decimal(0)
    label, colour = name(row)
    whole = shown.rows[0].figures[0].of(currency) if shown.tile.kind == "funnel" else Decimal(0)
    reach = row.figures[0].goal
    return Line(
        label,
        [writer.told(*each) for each in both],
        [_goal(writer, *each) for each in both],
        _hundredths(first / scale),
        _hundredths(stacked / scale),
        _hundredths(reach / scale) if reach is not None else "",
        figures.short(first + stacked) if first + stacked else "",
        dot(colour) if colour else "",
        f"{figures.plain(first / whole * 100, '1')} %" if whole else "",
        labelled,
        bool(row.span and row.span.contains(writer.visit.work.today)),
        shown.tile.by == "owner" and row.key is not None,
    )


def _hundredths(share: Decimal) -> str:
    return f"{max(Decimal(0), share * 100):.2f}"


def _points(lengths: Sequence[str]) -> str:
    """Return the corners of a line through the middles of columns; a column is 10 wide, and 100 high."""
    known = [(place * 10 + 5, 100 - float(each)) for place, each in enumerate(lengths) if each]
    return " ".join(f"{x},{y:.2f}" for x, y in known) if len(known) == len(lengths) else ""


def chosen_period(text: str, today: date) -> str:
    """Return what a choice of period is called."""
    names = {
        "this_month": _("This month"),
        "last_month": _("Last month"),
        "this_quarter": _("This quarter"),
        "last_quarter": _("Last quarter"),
        "this_year": _("This year"),
        "last_year": _("Last year"),
        "last_12_months": _("The last 12 months"),
    }
    return names.get(text) or figures.span_name(period.chosen(text, today))
