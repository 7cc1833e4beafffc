"""The list of an object type: its columns, sorted by any of them, narrowed by a text filter, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from wonward.errors import Missing
from wonward.expressions.compile import both
from wonward.records import query, search
from wonward.records.duplicates import pairs
from wonward.records.names import unnamed
from wonward.records.query import Query
from wonward.schema.catalog import ObjectType
from wonward.schema.view import Layout
from wonward.schema.view_body import ALL
from wonward.web import live, paging, people, viewing
from wonward.web.access import Visit, member
from wonward.web.addresses import url
from wonward.web.paging import PAGE, Page
from wonward.web.values import NUMERIC, Values
from wonward.web.viewing import Shown


@dataclass(frozen=True, slots=True)
class Heading:
    """The top of a column: where it sorts, and which way it does now (`ascending`, `descending` or nothing)."""

    label: str
    address: str
    sorted: str
    numeric: bool


@member("GET")
def listing(visit: Visit, plural: str) -> HttpResponse:
    """Show a page of records of a type; a filter that is wrong shows what is wrong, and no records."""
    kind = visit.kind(plural)
    watch = live.watch(visit, kind)
    shown = asked_for(visit, kind, "list")
    if shown is None:
        return redirect(f"{url('listing', visit.portal, plural)}?view={ALL}")
    asked, narrowed, columns = shown.asked, shown.filter, shown.columns
    order = _order(kind, shown.sort)
    number = paging.page_number(asked)
    quick = asked.get("q", "").strip()
    where = both(narrowed.compiled, search.matching(visit.work, kind, quick))
    wanted = Query(kind, where, order=(order,), limit=PAGE, offset=(number - 1) * PAGE)
    total, rows = 0, []
    if not narrowed.message:
        total = query.count(visit.work, wanted)
        rows = query.rows(visit.work, wanted, [*kind.display, *columns]) if total else []
    context = {
        "live": watch,
        "kind": kind,
        "shown": shown,
        "filter": narrowed,
        "quick": quick,
        "example": filter_example(kind),
        "headings": _headings(asked, kind, columns, order),
        "body": _body(visit, kind, columns, rows),
        "page": Page(number, total, asked),
        "duplicates": pairs.counts(visit.work).get(kind.name, 0),
        "boards": bool(visit.catalog.pipelines_of(kind.name)),
    }
    return visit.page("listing/listing.html", context, 422 if narrowed.message else 200)


def asked_for(visit: Visit, kind: ObjectType, layout: Layout, pipeline: str = "") -> Shown | None:
    """Return what an address asks to see; None, and it is told, for a view that isn't there for who asks."""
    try:
        return viewing.shown(visit, kind, layout, pipeline)
    except Missing as missing:
        if visit.live:
            raise
        messages.error(visit.request, str(missing))
        return None


def filter_example(kind: ObjectType) -> str:
    """Return a filter that fits the type, to show how one is written."""
    shown = [kind.properties[name] for name in (*kind.columns, *kind.properties)]
    option = next((prop for prop in shown if prop.type == "enumeration" and prop.options), None)
    number = next((prop for prop in shown if prop.type in NUMERIC and not prop.column.startswith("_")), None)
    parts = [f"{option.name} = '{option.options[0].value}'"] if option else []
    parts += [f"{number.name} >= 1000"] if number else []
    return " and ".join(parts) or f"{kind.display[0]} is not null"


def _order(kind: ObjectType, asked: str) -> tuple[str, bool]:
    name = asked.removeprefix("-")
    return (name, asked.startswith("-")) if name in kind.properties else (kind.modified_property, True)


def _headings(
    asked: QueryDict, kind: ObjectType, columns: Sequence[str], order: tuple[str, bool]
) -> list[Heading]:
    first = kind.properties[kind.display[0]]
    label = first.label if len(kind.display) == 1 else kind.label
    return [
        Heading(
            label if prop is first else prop.label,
            paging.with_query(
                asked, page=None, sort=f"-{prop.name}" if order == (prop.name, False) else prop.name
            ),
            ("descending" if order[1] else "ascending") if order[0] == prop.name else "",
            prop.type in NUMERIC,
        )
        for prop in (first, *(kind.properties[name] for name in columns))
    ]


def _body(
    visit: Visit, kind: ObjectType, columns: Sequence[str], found: Sequence[tuple[Any, ...]]
) -> SafeString:
    """Write the rows: the name leads to the record, the cells follow in the order of the headings.

    Everything is escaped here; a template would take ten times as long for the thousand parts of a page.
    """
    names = len(kind.display)
    texts: list[Sequence[str | None]] = [row[1 + names :] for row in found]
    values = Values(visit.catalog, people.owners_in(visit.catalog.portal_id, kind, columns, texts))
    properties = [kind.properties[name] for name in columns]
    writers = [(_START[prop.type in NUMERIC], values.html_writer(prop)) for prop in properties]
    root = escape(url("listing", visit.portal, kind.plural))
    lines = []
    for row, cells in zip(found, texts, strict=True):
        name = " ".join(part for part in row[1 : 1 + names] if part) or unnamed(kind, row[0])
        lines.append(
            f'<tr><th scope="row" id="row-{row[0]}"><a href="{root}/{row[0]}">{escape(name)}</a></th>'
        )
        for (start, write), text in zip(writers, cells, strict=True):
            lines.append(f"{start}{write(text) if text else ''}</td>")
        lines.append("</tr>\n")
    return SafeString("".join(lines))


_START = {False: "<td>", True: '<td class="number">'}
