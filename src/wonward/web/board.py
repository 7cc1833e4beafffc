"""The board of a pipeline: a column a stage with its count and sum, whose cards come page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
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
from wonward.schema.view_body import ALL
from wonward.views import tabs
from wonward.web import amounts, live, moments, people, viewing
from wonward.web.access import Link, Visit, member
from wonward.web.addresses import url
from wonward.web.listing import asked_for, filter_example
from wonward.web.values import Values, dot
from wonward.web.viewing import Filter, read_filter

MOST_UNFOLDED = 500
"""Cards of a column up to which a page that reads itself anew is kept as far unfolded as it was."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a board shows of a type: the records of a pipeline that meet a filter, `facts` on each card."""

    visit: Visit
    kind: ObjectType
    pipeline: Pipeline
    filter: Filter
    facts: Sequence[str]


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
    """Lead to the view that a type opens with for a role, else to the board of the first pipeline."""
    kind = visit.kind(plural)
    view = tabs.default(visit.catalog, kind, visit.work.rights.role)
    if view:
        return redirect(viewing.address(visit, kind, view))
    return redirect("pipeline", visit.portal, plural, pipeline_named(visit, kind, "").name)


@member("GET")
def board(visit: Visit, plural: str, pipeline: str) -> HttpResponse:
    """Show the board of a pipeline as a view or a text filter narrows it."""
    kind = visit.kind(plural)
    watch = live.watch(visit, kind)
    of = pipeline_named(visit, kind, pipeline)
    shown = asked_for(visit, kind, "board", of.name)
    if shown is None:
        return redirect(f"{url('listing', visit.portal, plural)}?view={ALL}")
    part = Part(visit, kind, of, shown.filter, shown.columns)
    columns = [] if shown.filter.message else _columns(part, _unfolded(visit))
    context = {
        "live": watch,
        "kind": kind,
        "shown": shown,
        "facts": viewing.column_text(shown.columns),
        "pipeline": of,
        "pipelines": [
            Link(each.label, reverse("pipeline", args=[visit.portal, plural, each.name]), "", each is of)
            for each in visit.catalog.pipelines_of(kind.name)
        ],
        "filter": shown.filter,
        "example": filter_example(kind),
        "columns": columns,
        "empty": not shown.filter.text and not any(column.head.count for column in columns),
    }
    return visit.page("board/board.html", context, 422 if shown.filter.message else 200)


@member("GET")
def cards(visit: Visit, plural: str, pipeline: str, stage: str) -> HttpResponse:
    """Show the next cards of a column, below the `shown` ones that the page has already."""
    kind = visit.kind(plural)
    asked = visit.request.GET
    part = _part(visit, kind, pipeline_named(visit, kind, pipeline), asked)
    column = part.pipeline.stage(stage)
    already = asked.get("shown", "0")
    if column is None or part.filter.message or not already.isdecimal() or len(already) > 9:
        raise Missing(f"{part.pipeline.label} has no such cards")
    first = int(already)
    found = _dressed(part, _cards(part, column, range(first, first + PAGE)))
    more = _more(part, column) if len(found) == PAGE else ""
    return visit.page("board/cards.html", {"kind": kind, "cards": found, "more": more})


def moved(visit: Visit, kind: ObjectType, pipeline: Pipeline, record_id: int) -> HttpResponse:
    """Show a card that was moved, and the heads of all columns as they are now."""
    part = _part(visit, kind, pipeline, visit.request.POST)
    found = query.rows(visit.work, Query(kind, ids=[record_id]), [*kind.display, *part.facts])
    context = {
        "kind": kind,
        "cards": _dressed(part, [boards.Card(row[0], row[1:], visit.work.now) for row in found]),
        "pipeline": pipeline,
        "heads": _heads(part),
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


def _part(visit: Visit, kind: ObjectType, pipeline: Pipeline, asked: QueryDict) -> Part:
    """Return what the page says that it shows, when it asks for more of it."""
    narrowed = read_filter(visit, kind, asked.get("where", ""))
    return Part(
        visit, kind, pipeline, narrowed, viewing.given(kind, asked.get("columns", ",".join(kind.card)))
    )


def _columns(part: Part, places: range) -> list[Column]:
    heads = _heads(part)
    found = [_cards(part, head.stage, places) if head.count else [] for head in heads]
    dressed = iter(_dressed(part, list(chain.from_iterable(found))))
    return [
        Column(
            head,
            list(islice(dressed, len(cards))),
            _more(part, head.stage) if head.count > len(cards) else "",
        )
        for head, cards in zip(heads, found, strict=True)
    ]


def _heads(part: Part) -> list[Head]:
    columns = boards.columns(part.visit.work, part.kind, part.pipeline, part.filter.compiled)
    return [
        Head(each.stage, dot(each.stage.colour), each.count, _total(part, each.total)) for each in columns
    ]


def _total(part: Part, total: Decimal) -> str:
    return amounts.money(total, part.visit.catalog.currency) if part.kind.amount else ""


def _more(part: Part, stage: Stage) -> str:
    address = reverse("cards", args=[part.visit.portal, part.kind.plural, part.pipeline.name, stage.name])
    said = {"where": part.filter.text} if part.filter.text else {}
    if list(part.facts) != viewing.beside_name(part.kind, part.kind.card):
        said["columns"] = viewing.column_text(part.facts)
    return f"{address}?{urlencode(said)}" if said else address


def _cards(part: Part, stage: Stage, places: range) -> list[boards.Card]:
    names = [*part.kind.display, *part.facts]
    where = part.filter.compiled
    return boards.cards(part.visit.work, part.kind, part.pipeline, stage, names, where=where, part=places)


def _dressed(part: Part, found: Sequence[boards.Card]) -> list[Card]:
    """Write the values of cards for people; the owners of all of them are looked up at once."""
    visit, kind = part.visit, part.kind
    names = len(kind.display)
    texts = [card.values[names:] for card in found]
    owners = people.owners_in(visit.catalog.portal_id, kind, part.facts, texts)
    values = Values(visit.catalog, owners)
    properties = [kind.properties[name] for name in part.facts]
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
