"""Finds records of any type by what people type: part of a name, an address, a number.

Every word typed must begin one of the record's search properties, whatever its accents (`search_index.py`); one
that another follows must be whole where a type has it so. The best come first: a name that is the text, begins with
it, has words that begin with each of its words; then what another property has. Where that gives few, words that
hold what was typed count as well; where it gives none, words spelled almost so.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from wonward.db import transaction
from wonward.errors import Invalid
from wonward.expressions.compile import Compiled
from wonward.records import search_statement, search_terms, spelling
from wonward.records.names import unnamed
from wonward.records.search_statement import Shape, Tier
from wonward.records.search_terms import LONGEST, Terms
from wonward.records.spelling import Others
from wonward.records.work import Work
from wonward.schema import search_index
from wonward.schema.catalog import ObjectType

MOST_WORDS = 6

CANDIDATES = 100
"""Records a type that are ranked: enough to find the best by, few enough to stay fast."""

LAST_LETTER = "\U0010ffff"
"""Sorts after all that follows a text; a range is served by the index where a pattern that is bound isn't."""

PATIENCE = 2_000
"""Milliseconds after which a search is given up."""

SETTINGS = {"plan_cache_mode": "force_generic_plan", "max_parallel_workers_per_gather": "0"}
"""To plan for the very words that were typed, or start processes beside this one, takes longer than to find them."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found, its name, and what else tells it apart; `near` when nothing has what was typed."""

    kind: ObjectType
    record_id: int
    name: str
    detail: str
    near: bool = False


def find(work: Work, text: str, kinds: Sequence[ObjectType], *, limit: int) -> list[Hit]:
    """Return up to `limit` records of each of `kinds`, the best first, type by type in the order of `kinds`.

    Empty text finds nothing. Raise Invalid when it takes too long, which more letters mend.
    """
    searched = [kind for kind in kinds if search_index.searched(kind)]
    if not searched or not text.replace("\0", " ").strip():
        return []
    try:
        with transaction.settings(statement_timeout=str(PATIENCE), **SETTINGS):
            terms = search_terms.read(work, text, most=MOST_WORDS, typing=True)
            if not terms.folded:
                return []
            finished = spelling.known(work, terms.finished)
            hits = _best(_Asked(work, terms, finished, searched, limit))
    except psycopg.errors.QueryCanceled as error:
        raise Invalid(
            "The search took too long and was given up; type more letters of a rarer word",
            code="SEARCH_TOO_SLOW",
        ) from error
    order = {kind.name: place for place, kind in enumerate(searched)}
    return sorted(hits, key=lambda hit: order[hit.kind.name])


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search: `finished` are the words typed that another follows and that stand so in records."""

    work: Work
    terms: Terms
    finished: Set[str]
    kinds: Sequence[ObjectType]
    limit: int


def _best(asked: _Asked) -> list[Hit]:
    words = asked.terms.words
    hits = _found(asked, {})
    if len(hits) >= asked.limit:
        return hits
    others = spelling.holding(asked.work, words)
    if others:
        known = {hit.record_id for hit in hits}
        hits += [hit for hit in _found(asked, others) if hit.record_id not in known]
    if not hits:
        near = spelling.near(asked.work, words)
        either = {word: [*others.get(word, ()), *near.get(word, ())] for word in words}
        if near:
            hits = [replace(hit, near=True) for hit in _found(asked, either)]
    return hits


def matching(work: Work, kind: ObjectType, text: str) -> Compiled | None:
    """Return the condition that a record (alias `r`) has every word of `text`; None when there is none in it."""
    if not text.replace("\0", " ").strip():
        return None
    terms = search_terms.read(work, text, most=LONGEST, typing=False)
    said = search_index.words(work.catalog, kind, "r")
    if said is None or not terms.words:
        return Compiled(sql.SQL("false"), {}, "boolean")
    matching = " & ".join(f"({query})" for query in terms.tsqueries())
    return Compiled(sql.SQL("{} @@ %(matching)s::tsquery").format(said), {"matching": matching}, "boolean")


def _found(asked: _Asked, others: Others) -> list[Hit]:
    """Run one statement over all types; single letters alone are looked for at the beginning of names.

    Finished words are whole as long as a type has them so: of a common name thousands begin so, all of which
    PostgreSQL would gather to compare them with those of the other words.
    """
    terms, kinds, catalog = asked.terms, asked.kinds, asked.work.catalog
    shape = Shape(catalog, id(catalog), tuple(kind.name for kind in kinds), len(terms.words))
    params: dict[str, object] = {
        "folded": terms.folded,
        "past": terms.folded + LAST_LETTER,
        "starts": f"{_plain(terms.folded)}%",
        "begins": [
            f" ({'|'.join(map(re.escape, (word, *others.get(word, ()))))})" for word in terms.folded.split()
        ],
        "candidates": max(CANDIDATES, asked.limit),
        "limit": asked.limit,
    }
    tiers: dict[Tier, list[str]] = {
        "whole": terms.tsqueries(others, whole=terms.words),
        "begun": terms.tsqueries(others, whole=asked.finished),
        "loose": terms.tsqueries(others) if asked.finished else [""] * len(terms.words),
    }
    for tier, tsqueries in tiers.items():
        params |= zip(search_statement.queries(tier, len(terms.words)), tsqueries, strict=True)
    return [
        Hit(kinds[place], record_id, name or unnamed(kinds[place], record_id), detail or "")
        for place, record_id, name, detail, _, _ in asked.work.rows(search_statement.of(shape), params)
    ]


def _plain(text: str) -> str:
    """Return text with what `like` would take for wildcards made plain; the index begins with what stays."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
