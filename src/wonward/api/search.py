"""Search: HubSpot's filters, words to find, orders, and how many there are in all."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.http import HttpResponse

from wonward.api import answers, bodies, shown
from wonward.api.bodies import Search
from wonward.api.calls import Call, place, within
from wonward.errors import Invalid
from wonward.expressions import tree
from wonward.expressions.compile import Compiled, both, compile_condition
from wonward.expressions.filter_groups import check_size, parse_filters
from wonward.expressions.tree import Node
from wonward.records import query as queries
from wonward.records import search_terms
from wonward.records.query import Query
from wonward.records.search import matching
from wonward.schema.catalog import ObjectType

PAGE = 200
DEEPEST = 10_000
MOST_WORDS = 10


def search(call: Call) -> HttpResponse:
    """Answer with a page of the records found, and how many were found."""
    check_size(bodies.raw(call.request))
    given = call.body(Search)
    limit = within(given.limit, PAGE, given.limit)
    offset = place(given.after)
    if offset + limit > DEEPEST:
        raise Invalid(
            f"A search goes no deeper than {DEEPEST:,} results; narrow it, or list the records instead",
            code="SEARCH_TOO_DEEP",
        )
    query = Query(
        call.kind,
        _condition(call, given),
        order=tuple(_order(call.kind, each) for each in given.sorts or ()),
        limit=limit,
        offset=offset,
    )
    found = shown.texts(call, query, shown.asked(call.kind, given.properties))
    full = len(found) == limit or (offset and not found)
    total = queries.count(call.work, query) if full else offset + len(found)
    return _answer(total, [text for _, text in found], offset + limit if offset + limit < total else None)


def _answer(total: int, results: Sequence[str], after: int | None) -> HttpResponse:
    text = f'{{"total":{total},"results":[{",".join(results)}]}}'
    return answers.written(
        text if after is None else answers.extended(text, {"paging": {"next": {"after": str(after)}}})
    )


def _filters(call: Call, given: Search) -> list[Node]:
    body = {"filterGroups": given.filter_groups, "filters": given.filters}
    found = parse_filters(call.work.catalog, call.kind, body)
    for other in {each.of for each in tree.dependencies(found) if each.of is not None}:
        call.related(other)
    return [] if found == tree.Truth(True) else [found]


def _condition(call: Call, given: Search) -> Compiled | None:
    """Return that the filters hold and every word of the query is in the record, or None when none is given."""
    words = search_terms.count(given.query or "")
    if words > MOST_WORDS:
        raise Invalid(f"query has {words} words; give at most {MOST_WORDS}", code="QUERY_TOO_LONG")
    filters = tree.all_of(_filters(call, given))
    return both(
        compile_condition(call.work.catalog, call.kind, filters) if filters != tree.Truth(True) else None,
        matching(call.work, call.kind, given.query) if given.query else None,
    )


def _order(kind: ObjectType, given: Any) -> tuple[str, bool]:
    """Return a property's name and whether it descends, from any of the forms that clients send."""
    if isinstance(given, str) and given.startswith("{"):
        try:
            given = msgspec.json.decode(given)
        except msgspec.DecodeError as error:
            raise Invalid(f"sorts: {given} isn't JSON", code="INVALID_SORT") from error
    if isinstance(given, Mapping):
        direction = str(given.get("direction", "ASCENDING")).upper()
        if direction not in ("ASCENDING", "DESCENDING"):
            raise Invalid(
                f"sorts: {direction} is no direction; give ASCENDING or DESCENDING", code="INVALID_SORT"
            )
        name, descending = given.get("propertyName"), direction == "DESCENDING"
    else:
        name, descending = str(given).removeprefix("-"), str(given).startswith("-")
    if not isinstance(name, str):
        raise Invalid(
            "Each of sorts is the name of a property, or an object with propertyName", code="INVALID_SORT"
        )
    return kind.property_named(name).name, descending
