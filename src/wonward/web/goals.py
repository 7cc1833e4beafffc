"""The page on which goals are entered: people, teams and everyone down, the periods of a year across."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.errors import Invalid, Missing
from wonward.metrics import goal, period, staff
from wonward.metrics.compile import kind_of
from wonward.metrics.goal import EVERYONE, Goals, Target, Whom
from wonward.metrics.period import MONTHS, Span
from wonward.metrics.staff import Staff
from wonward.schema.catalog import ObjectType
from wonward.schema.metrics import Metric
from wonward.web import amounts
from wonward.web.access import Visit, member
from wonward.web.addresses import url
from wonward.web.figures import Writer, bucket_name

YEARS = range(1990, 2100)


@dataclass(frozen=True, slots=True)
class Cell:
    """A goal to enter, under the name of its field; or, without a name, what goals come to."""

    name: str
    text: str
    label: str
    problem: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Everyone, a team or a person, with the goals of a year; `was` is what its fields held."""

    whom: Whom
    label: str
    depth: int
    cells: Sequence[Cell]
    was: str


@dataclass(frozen=True)
class _Grid:
    """What the page is of: a metric, a year, and the length of the periods that goals are entered for."""

    visit: Visit
    metric: Metric
    kind: ObjectType
    year: int
    by: str
    people: Staff

    @property
    def whole(self) -> Span:
        return period.chosen(str(self.year), self.visit.work.today)

    @property
    def entered(self) -> list[Span]:
        return list(self.whole.parts(self.by))

    @property
    def across(self) -> list[Span]:
        """The periods across: those entered, and the longer ones that they come to, each after its last part."""
        found = [
            each
            for length in MONTHS
            for each in self.whole.parts(length)
            if MONTHS[length] >= MONTHS[self.by]
        ]
        return sorted(found, key=lambda each: (each.end, MONTHS[each.length]))

    @property
    def down(self) -> list[tuple[Whom, str, int]]:
        """Everyone, then each team with the people whose primary team it is, then those who are in none."""
        allowed = {each.pk for each in goal.unlocked(self.visit.work, self.people.here)}
        held = {whom.member for whom, _span in self.goals.stated}
        found: list[tuple[Whom, str, int]] = [(EVERYONE, _("Everyone"), 0)]

        def add(team: int | None, depth: int) -> None:
            for each in self.people.below.get(team, ()):
                found.append((Whom(team=each), self.people.teams[each].name, depth))
                add(each, depth + 1)
            found.extend(
                (Whom(member=each), self.people.members[each].full_name, depth)
                for each in self.people.direct.get(team, ())
                if each in allowed or each in held
            )

        add(None, 1)
        return found

    @cached_property
    def goals(self) -> Goals:
        return goal.read(self.visit.work, [self.metric], self.whole, self.people)[self.metric.name]


@member("GET", "POST")
def goals(visit: Visit) -> HttpResponse:
    """Show the goals of a metric in a year, and set those that were typed differently: all of them or none."""
    visit.work.require("goals")
    if not _metrics(visit):
        return visit.page("goals/none.html", {})
    said = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    grid = _grid(visit, said)
    if visit.request.method != "POST":
        return _page(grid)
    wanted = _wanted(grid, visit.request.POST)
    try:
        changed = goal.enter(visit.work, grid.metric, wanted, grid.people)
    except Invalid as refused:
        targets = list(wanted)
        problems = {_field(*targets[each.row or 0]): each.message for each in refused.problems}
        return _page(grid, visit.request.POST, problems)
    messages.success(visit.request, _("Saved.") if changed else _("Nothing was changed."))
    return redirect(_address(grid))


def _address(grid: _Grid, **other: object) -> str:
    parts = {"metric": grid.metric.name, "year": grid.year, "by": grid.by, **other}
    return f"{url('goals', grid.visit.portal)}?{'&'.join(f'{key}={value}' for key, value in parts.items())}"


def _grid(visit: Visit, said: QueryDict) -> _Grid:
    """Return what is asked for: the first metric, this year and months, where nothing is said."""
    name = said.get("metric", "") or _first(visit)
    metric = visit.catalog.metrics.get(name)
    year, by = said.get("year", "") or str(visit.work.today.year), said.get("by", "month")
    if (
        metric is None
        or metric.over
        or not year.isdecimal()
        or int(year[:5]) not in YEARS
        or by not in MONTHS
    ):
        raise Missing("There are no such goals")
    people = staff.of_portal(visit.catalog.portal_id)
    return _Grid(visit, metric, kind_of(visit.work, metric), int(year), by, people)


def _first(visit: Visit) -> str:
    """Return the metric to begin with: the first that a dashboard draws goals of, or the first there is."""
    drawn = [
        tile.goal or tile.metrics[0] for each in visit.catalog.dashboards.values() for tile in each.tiles
    ]
    return next((name for name in (*drawn, *_metrics(visit)) if name in _metrics(visit)), "")


def _metrics(visit: Visit) -> dict[str, Metric]:
    """Return the metrics that can have goals: a share is what others come to, not what is aimed at."""
    return {name: each for name, each in visit.catalog.metrics.items() if not each.over}


def _field(whom: Whom, span: Span) -> str:
    return f"{whom.written}.{span.written}"


def _wanted(grid: _Grid, said: QueryDict) -> dict[Target, str | None]:
    """Return the goals that were typed differently from what stood there; empty ones are to go."""
    found: dict[Target, str | None] = {}
    for whom, _label, _depth in grid.down:
        before = said.get(f"was.{whom.written}", "").split("|")
        for place, span in enumerate(grid.entered):
            typed = said.get(_field(whom, span))
            was = before[place] if place < len(before) else ""
            if typed is not None and typed.strip() != was:
                found[whom, span] = amounts.typed_number(typed.strip()) or None
    return found


def _page(grid: _Grid, said: QueryDict | None = None, problems: dict[str, str] | None = None) -> HttpResponse:
    visit, problems = grid.visit, problems or {}
    reached, across = grid.goals, grid.across
    lines = []
    for whom, label, depth in grid.down:
        stated = [_editable(reached.stated.get((whom, span))) for span in grid.entered]
        cells = [_cell(grid, whom, span, said, problems) for span in across]
        named = [replace(cell, label=f"{label}, {cell.label}") for cell in cells]
        lines.append(Line(whom, label, depth, named, "|".join(stated)))
    missing = [
        each.full_name for each in grid.people.here if each not in goal.unlocked(visit.work, grid.people.here)
    ]
    context = {
        "metric": grid.metric,
        "metrics": _metrics(visit).values(),
        "year": grid.year,
        "by": grid.by,
        "across": [_heading(span) for span in across],
        "lines": lines,
        "problems": problems,
        "earlier": _address(grid, year=grid.year - 1),
        "later": _address(grid, year=grid.year + 1),
        "unseated": missing,
        "currency": visit.catalog.currency,
    }
    return visit.page("goals/goals.html", context, 422 if problems else 200)


def _heading(span: Span) -> tuple[str, str]:
    return bucket_name(span, span.length), span.length


def _cell(grid: _Grid, whom: Whom, span: Span, said: QueryDict | None, problems: dict[str, str]) -> Cell:
    reached = grid.goals
    comes_to = reached.reach(whom, span)
    told = bucket_name(span, span.length)
    if span.length != grid.by:
        writer = Writer(grid.visit, grid.people)
        return Cell("", writer.amount(comes_to, grid.metric, grid.kind) if comes_to is not None else "", told)
    name = _field(whom, span)
    stated = reached.stated.get((whom, span))
    text = said.get(name, "") if said is not None else _editable(stated)
    hint = _hint(comes_to) if stated is None else ""
    return Cell(name, text, told, problems.get(name, ""), hint)


def _hint(amount: Decimal | None) -> str:
    """Return what a goal comes to where none is set, as a hint in its field."""
    return amounts.number(f"{amount.normalize():f}") if amount is not None else ""


def _editable(amount: Decimal | None) -> str:
    return amounts.editable_number(f"{amount.normalize():f}") if amount is not None else ""
