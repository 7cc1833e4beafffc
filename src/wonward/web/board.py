"""The board of a pipeline: a column a stage with its count and sum, whose cards come page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString

from wonward.errors import Missing
from wonward.pipelines import board as boards
from wonward.pipelines.board import PAGE
from wonward.records import query
from wonward.records.names import unnamed
from wonward.records.query import Query
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.pipelines import Pipeline, Stage
from wonward.web import amounts, live, moments, people
from wonward.web.access import Link, Visit, member
from wonward.web.listing import Filter, filter_example, read_filter
from wonward.web.values import Values, dot

MOST_UNFOLDED = 500
"""Cards of a column up to which a page that reads itself anew is kept as far unfolded as it was."""


@dataclass(frozen=True, slots=True)
class Head:
    """The top of a column."""

    stage: Stage
    dot: SafeString
    count: int
    total: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One property on a card; `strong` for the amount."""

    label: str
    text: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One record on the board."""

    record_id: int
    address: str
    name: str
    facts: Sequence[Fact]
    owner: str
    initials: str
    tone: int
    days: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with its first cards; `more` is where the next ones come from, empty when these are all."""

    head: Head
    cards: Sequence[Card]
    more: str


@member("GET")
def first_board(visit: Visit, plural: str) -> HttpResponse:
    """Lead to the board of the first pipeline of a type."""
    kind = visit.kind(plural)
    return redirect("pipeline", visit.portal, plural, pipeline_named(visit, kind, "").name)


@member("GET")
def board(visit: Visit, plural: str, pipeline: str) -> HttpResponse:
    """Show the board of a pipeline, narrowed by a text filter."""
    kind = visit.kind(plural)
    watch = live.watch(visit, kind)
    shown = pipeline_named(visit, kind, pipeline)
    narrowed = read_filter(visit, kind, visit.request.GET.get("where", ""))
    columns = [] if narrowed.message else _columns(visit, kind, shown, narrowed, _unfolded(visit))
    context = {
        "live": watch,
        "kind": kind,
        "pipeline": shown,
        "pipelines": [
            Link(each.label, reverse("pipeline", args=[visit.portal, plural, each.name]), "", each is shown)
            for each in visit.catalog.pipelines_of(kind.name)
        ],
        "filter": narrowed,
        "example": filter_example(kind),
        "columns": columns,
        "empty": not narrowed.text and not any(column.head.count for column in columns),
    }
    return visit.page("board/board.html", context, 422 if narrowed.message else 200)


@member("GET")
def cards(visit: Visit, plural: str, pipeline: str, stage: str) -> HttpResponse:
    """Show the next cards of a column, below the `shown` ones that the page has already."""
    kind = visit.kind(plural)
    of = pipeline_named(visit, kind, pipeline)
    column = of.stage(stage)
    asked = visit.request.GET
    narrowed = read_filter(visit, kind, asked.get("where", ""))
    already = asked.get("shown", "0")
    if column is None or narrowed.message or not already.isdecimal() or len(already) > 9:
        raise Missing(f"{of.label} has no such cards")
    first = int(already)
    found = _dressed(visit, kind, _cards(visit, kind, of, column, narrowed, range(first, first + PAGE)))
    more = _more(visit, kind, of, column, narrowed) if len(found) == PAGE else ""
    return visit.page("board/cards.html", {"kind": kind, "cards": found, "more": more})


def moved(visit: Visit, kind: ObjectType, pipeline: Pipeline, record_id: int) -> HttpResponse:
    """Show a card that was moved, and the heads of all columns as they are now."""
    narrowed = read_filter(visit, kind, visit.request.POST.get("where", ""))
    wanted = Query(kind, ids=[record_id])
    found = query.rows(visit.work, wanted, [*kind.display, *_shown(kind)])
    context = {
        "kind": kind,
        "cards": _dressed(visit, kind, [boards.Card(row[0], row[1:], visit.work.now) for row in found]),
        "pipeline": pipeline,
        "heads": _heads(visit, kind, pipeline, narrowed),
    }
    return visit.page("board/moved.html", context)


def pipeline_named(visit: Visit, kind: ObjectType, name: str) -> Pipeline:
    """Return a pipeline of a type, the first one for empty text; raise Missing."""
    pipelines = visit.catalog.pipelines_of(kind.name)
    found = next((pipeline for pipeline in pipelines if name in ("", pipeline.name)), None)
    if found is None:
        raise Missing(f"{kind.plural_label} have no pipeline '{name}'", code="PIPELINE_NOT_FOUND")
    return found


def standing(kind: ObjectType, pipeline: Pipeline, stage: Stage) -> dict[str, str]:
    """Return the values of a record that stands in a stage."""
    both = (kind.pipeline_property, pipeline.name), (kind.stage_property, stage.name)
    return {prop.name: value for prop, value in both if prop}


def _unfolded(visit: Visit) -> range:
    """Return which cards of each column to show: a page, or as many as stood there when a page reads itself anew."""
    asked = visit.request.GET.get("shown", "")
    return range(min(max(int(asked), PAGE), MOST_UNFOLDED) if asked.isdecimal() and len(asked) < 9 else PAGE)


def _columns(
    visit: Visit, kind: ObjectType, pipeline: Pipeline, narrowed: Filter, part: range
) -> list[Column]:
    heads = _heads(visit, kind, pipeline, narrowed)
    found = [
        _cards(visit, kind, pipeline, head.stage, narrowed, part) if head.count else [] for head in heads
    ]
    dressed = iter(_dressed(visit, kind, list(chain.from_iterable(found))))
    return [
        Column(
            head,
            list(islice(dressed, len(part))),
            _more(visit, kind, pipeline, head.stage, narrowed) if head.count > len(part) else "",
        )
        for head, part in zip(heads, found, strict=True)
    ]


def _heads(visit: Visit, kind: ObjectType, pipeline: Pipeline, narrowed: Filter) -> list[Head]:
    return [
        Head(column.stage, dot(column.stage.colour), column.count, _total(visit, kind, column.total))
        for column in boards.columns(visit.work, kind, pipeline, narrowed.compiled)
    ]


def _total(visit: Visit, kind: ObjectType, total: Decimal) -> str:
    return amounts.money(total, visit.catalog.currency) if kind.amount else ""


def _more(visit: Visit, kind: ObjectType, pipeline: Pipeline, stage: Stage, narrowed: Filter) -> str:
    parts = [visit.portal, kind.plural, pipeline.name, stage.name]
    return reverse("cards", args=parts, query={"where": narrowed.text} if narrowed.text else None)


def _shown(kind: ObjectType) -> list[str]:
    return [name for name in kind.card if name in kind.properties and name not in kind.display]


def _cards(
    visit: Visit,
    kind: ObjectType,
    pipeline: Pipeline,
    stage: Stage,
    narrowed: Filter,
    part: range,
) -> list[boards.Card]:
    columns = [*kind.display, *_shown(kind)]
    where = narrowed.compiled
    return boards.cards(visit.work, kind, pipeline, stage, columns, where=where, part=part)


def _dressed(visit: Visit, kind: ObjectType, found: Sequence[boards.Card]) -> list[Card]:
    """Write the values of cards for people; the owners of all of them are looked up at once."""
    names = len(kind.display)
    shown = _shown(kind)
    owners = people.owners_in(visit.catalog.portal_id, kind, shown, [card.values[names:] for card in found])
    values = Values(visit.catalog, owners)
    properties = [kind.properties[name] for name in shown]
    root = reverse("listing", args=[visit.portal, kind.plural])
    return [_card(kind, properties, values, root, card) for card in found]


def _card(
    kind: ObjectType, properties: Sequence[Property], values: Values, root: str, card: boards.Card
) -> Card:
    names = len(kind.display)
    told = [
        (prop, values.text(prop, text))
        for prop, text in zip(properties, card.values[names:], strict=True)
        if text
    ]
    owner = next((text for prop, text in told if prop.type == "owner"), "")
    return Card(
        card.record_id,
        f"{root}/{card.record_id}",
        " ".join(part for part in card.values[:names] if part) or unnamed(kind, card.record_id),
        [Fact(prop.label, text, prop.type == "currency") for prop, text in told if prop.type != "owner"],
        owner,
        people.initials(owner),
        people.tone(owner),
        moments.days_since(card.since) if card.since else 0,
        card.since,
    )
