"""Search: one box over all types, answering while one types, and a page of everything found."""

from itertools import groupby

from django.http import HttpResponse
from django.urls import reverse

from wonward.errors import Invalid
from wonward.records import search as records
from wonward.records.search import Hit
from wonward.records.search_terms import LONGEST
from wonward.web import marking
from wonward.web.access import Visit, member

WHILE_TYPING, ON_PAGE = 5, 25
"""Hits of each type."""


@member("GET")
def search(visit: Visit) -> HttpResponse:
    """Show everything found by `q`, by type."""
    return _answer(visit, "search/search.html", ON_PAGE)


@member("GET")
def suggestions(visit: Visit) -> HttpResponse:
    """Show the best hits of each type, under the box."""
    return _answer(visit, "search/suggestions.html", WHILE_TYPING)


def _answer(visit: Visit, template: str, limit: int) -> HttpResponse:
    text = visit.request.GET.get("q", "").strip()[:LONGEST]
    kinds = sorted(visit.catalog.object_types.values(), key=lambda kind: kind.activity)
    hits: list[Hit] = []
    problem = ""
    try:
        hits = records.find(visit.work, text, kinds, limit=limit)
    except Invalid as refusal:
        problem = str(refusal)
    typed = marking.words(text)
    groups = [
        (
            visit.catalog.object_types[name],
            [
                (_address(visit, hit), marking.marked(hit.name, typed), marking.marked(hit.detail, typed))
                for hit in found
            ],
        )
        for name, found in groupby(hits, key=lambda hit: hit.kind.name)
    ]
    near = any(hit.near for hit in hits)
    return visit.page(
        template, {"text": text, "groups": groups, "full": limit, "near": near, "problem": problem}
    )


def _address(visit: Visit, hit: Hit) -> str:
    return reverse("record", args=[visit.portal, hit.kind.plural, hit.record_id])
