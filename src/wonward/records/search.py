"""Finds records of any type by what people type: part of a name, an address, a number.

Every word typed must begin a word of the record's search properties, whatever its accents (`search_index.py`).
The best come first: those whose name is the text, then begins with it, then has words that begin with each
of its words, then those found by another property. When that gives few, words that hold what was typed count
as well; when it gives none, words spelled almost so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import LiteralString

import psycopg
from psycopg import sql

from wonward.db import transaction
from wonward.errors import Invalid
from wonward.expressions.compile import Compiled
from wonward.records import search_terms, spelling
from wonward.records.names import name_of, unnamed
from wonward.records.search_terms import LONGEST, Terms
from wonward.records.spelling import Others
from wonward.records.work import Work
from wonward.schema import search_index
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.registry import FIELD_TYPES

MOST_WORDS = 6

CANDIDATES = 100
"""Records a type that are ranked: enough to find the best by, few enough to stay fast."""

LAST_LETTER = "\U0010ffff"
"""Sorts after all that follows a text; a range is served by the index where a pattern that is bound isn't."""

PATIENCE = 2_000
"""Milliseconds after which a search is given up."""


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
        with transaction.time_limit(PATIENCE):
            terms = search_terms.read(work, text, most=MOST_WORDS, typing=True)
            if not terms.folded:
                return []
            hits = _best(work, terms, searched, limit)
    except psycopg.errors.QueryCanceled as error:
        raise Invalid(
            "The search took too long and was given up; type more letters of a rarer word",
            code="SEARCH_TOO_SLOW",
        ) from error
    order = {kind.name: place for place, kind in enumerate(searched)}
    return sorted(hits, key=lambda hit: order[hit.kind.name])


def _best(work: Work, terms: Terms, kinds: Sequence[ObjectType], limit: int) -> list[Hit]:
    hits = _found(work, terms, {}, kinds, limit)
    if len(hits) >= limit:
        return hits
    others = spelling.holding(work, terms.words)
    if others:
        known = {hit.record_id for hit in hits}
        more = _found(work, terms, others, kinds, limit)
        hits += [hit for hit in more if hit.record_id not in known]
    if not hits:
        near = spelling.near(work, terms.words)
        either = {word: [*others.get(word, ()), *near.get(word, ())] for word in terms.words}
        if near:
            hits = [replace(hit, near=True) for hit in _found(work, terms, either, kinds, limit)]
    return hits


def matching(work: Work, kind: ObjectType, text: str) -> Compiled | None:
    """Return the condition that a record (alias `r`) has every word of `text`; None when there is none in it."""
    if not text.replace("\0", " ").strip():
        return None
    terms = search_terms.read(work, text, most=LONGEST, typing=False)
    said = search_index.words(work.catalog, kind, "r")
    if said is None or not terms.words:
        return Compiled(sql.SQL("false"), {}, "boolean")
    return Compiled(
        sql.SQL("{} @@ %(matching)s::tsquery").format(said), {"matching": terms.tsquery({})}, "boolean"
    )


def _found(work: Work, terms: Terms, others: Others, kinds: Sequence[ObjectType], limit: int) -> list[Hit]:
    """Run one statement over all types; single letters alone are looked for at the beginning of names."""
    parts = [
        sql.SQL(
            "(select {} as place, * from ({}) kind order by rank, name, _updated_at desc limit %(limit)s)"
        ).format(sql.Literal(place), _of_kind(work, kind, by_words=bool(terms.words)))
        for place, kind in enumerate(kinds)
    ]
    params: dict[str, object] = {
        "folded": terms.folded,
        "past": terms.folded + LAST_LETTER,
        "starts": f"{_plain(terms.folded)}%",
        "begins": [
            f" ({'|'.join(map(re.escape, (word, *others.get(word, ()))))})" for word in terms.folded.split()
        ],
        "whole": terms.whole,
        "tsquery": terms.tsquery(others),
        "candidates": max(CANDIDATES, limit),
        "limit": limit,
    }
    return [
        Hit(kinds[place], record_id, name or unnamed(kinds[place], record_id), detail or "")
        for place, record_id, name, detail, _, _ in work.rows(sql.SQL(" union all ").join(parts), params)
    ]


def _of_kind(work: Work, kind: ObjectType, *, by_words: bool) -> sql.Composable:
    """Return SQL of the candidates of one type: `_id`, `name`, `detail`, `_updated_at`, `rank`.

    Those whose name begins with the text are candidates of their own right, so that a common word can't push
    them out; when they are enough, no others are looked for, and none by beginnings of words when whole words
    give enough.
    """
    table = work.table(kind.table)
    called, said = search_index.name(work.catalog, kind, "r"), search_index.words(work.catalog, kind, "r")
    first = (
        sql.SQL("""
            select r._id from {} r where r._archived_at is null
            and {called} >= %(folded)s and {called} < %(past)s order by {called} limit %(limit)s""").format(
            table, called=called
        )
        if called
        else sql.SQL("select null::bigint as _id where false")
    )

    def words(found: LiteralString, query: LiteralString) -> sql.Composable:
        if not (said and by_words):
            return sql.SQL("select null::bigint as _id where false")
        return sql.SQL("""
            select r._id from {} r where (select count(*) from {}) < %(limit)s
                and r._archived_at is null and {} @@ {}::tsquery limit %(candidates)s""").format(
            table, sql.SQL(found), said, sql.Placeholder(query)
        )

    return sql.SQL("""
        with first as materialized ({first}), whole as materialized (select * from first union ({whole}))
        select r._id, {name} as name, {detail} as detail, r._updated_at, case
            when {called} = %(folded)s then 0
            when {called} like %(starts)s then 1
            when ' ' || {called} ~ all(%(begins)s::text[]) then 2
            else 3 end as rank
        from {table} r where r._id in (select _id from whole union ({begun}))""").format(
        first=first,
        whole=words("first", "whole"),
        begun=words("whole", "tsquery"),
        name=name_of(kind),
        detail=_detail(kind),
        called=called or sql.SQL("''"),
        table=table,
    )


def _detail(kind: ObjectType) -> sql.Composable:
    others = [
        sql.SQL("nullif({}, '')").format(sql.Identifier("r", kind.properties[name].column))
        for name in kind.search
        if name in kind.properties
        and name not in kind.display
        and FIELD_TYPES[kind.properties[name].type].family == "text"
    ]
    if not others:
        return sql.SQL("''")
    return sql.SQL("left(coalesce({}), 80)").format(sql.SQL(", ").join(others))


def _plain(text: str) -> str:
    """Return text with what `like` would take for wildcards made plain; the index begins with what stays."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
