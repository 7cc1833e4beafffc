"""Finds records of any type by what people type: part of a name, an address, a number.

Every word typed must stand in one of the type's search properties; their trigram indexes serve it. Words
of one or two letters begin a word there, since an index can't find them inside one. What stands first in
the answer begins with the text, then holds it in its name, then was found by another property.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from wonward.records.names import name_of, unnamed
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.registry import FIELD_TYPES

MOST_WORDS = 6
_PHONE = re.compile(r"[\d\s+()./-]+")
CANDIDATES = 300
"""Records a type that are ranked: enough to find the best by, few enough to stay fast."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found, its name, and what else tells it apart."""

    kind: ObjectType
    record_id: int
    name: str
    detail: str


def find(work: Work, text: str, kinds: Sequence[ObjectType], *, limit: int) -> list[Hit]:
    """Return up to `limit` records of each of `kinds` that have every word of `text`, the best first.

    They come type by type in the order of `kinds`, from one statement. Empty text finds nothing.
    """
    words = _words(text)
    searched = [kind for kind in kinds if _columns(kind)]
    if not words or not searched:
        return []
    parts = [
        sql.SQL("(select {} as place, * from ({}) kind order by rank, name, _id limit %(limit)s)").format(
            sql.Literal(place), _of_kind(work, kind, _patterns(words))
        )
        for place, kind in enumerate(searched)
    ]
    statement = sql.SQL("select * from ({}) found order by place, rank, name, _id").format(
        sql.SQL(" union all ").join(parts)
    )
    whole = " ".join(words)
    params: dict[str, object] = {
        name: each for patterns in _patterns(words) for name, each in patterns.items()
    }
    params |= {
        "starts": f"{_escaped(whole)}%",
        "holds": f"%{_escaped(whole)}%",
        "first": f"{_escaped(words[0])}%",
        "candidates": CANDIDATES,
        "limit": limit,
    }
    return [
        Hit(searched[place], record_id, name or unnamed(searched[place], record_id), detail or "")
        for place, record_id, name, detail, _ in work.rows(statement, params)
    ]


def _patterns(words: Sequence[str]) -> list[dict[str, str]]:
    """Return for each word the patterns that find it, by the names they are bound under."""
    return [
        {f"starts{place}": f"{_escaped(word)}%", f"begins{place}": f"% {_escaped(word)}%"}
        if len(word) < 3
        else {f"word{place}": f"%{_escaped(word)}%"}
        for place, word in enumerate(words)
    ]


def _of_kind(work: Work, kind: ObjectType, words: Sequence[dict[str, str]]) -> sql.Composable:
    """Return SQL of the candidates of one type: `_id`, `name`, `detail`, `rank`.

    Those whose first search property begins with the first word are candidates of their own right, so that
    a common word can't push them out.
    """
    columns = _columns(kind)
    matches = sql.SQL(" and ").join(
        sql.SQL("({})").format(
            sql.SQL(" or ").join(
                sql.SQL("lower({}) like {}").format(column, sql.Placeholder(name))
                for column in columns
                for name in patterns
            )
        )
        for patterns in words
    )
    name = name_of(kind)
    return sql.SQL("""
        select r._id, {name} as name, {detail} as detail,
            case when lower({name}) like %(starts)s then 0 when lower({name}) like %(holds)s then 1 else 2 end as rank
        from {table} r where r._id in (
            (select r._id from {table} r
             where r._archived_at is null and lower({first}) like %(first)s and {matches} limit %(candidates)s)
            union
            (select r._id from {table} r where r._archived_at is null and {matches} limit %(candidates)s))
        """).format(
        name=name, detail=_detail(kind), table=work.table(kind.table), first=columns[0], matches=matches
    )


def _columns(kind: ObjectType) -> list[sql.Composable]:
    """Return the columns that are searched, of those with an index for it."""
    return [
        sql.Identifier("r", kind.properties[name].column)
        for name in kind.search
        if name in kind.properties and FIELD_TYPES[kind.properties[name].type].family == "text"
    ]


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


def _words(text: str) -> list[str]:
    """Return the words to look for, in small letters; a phone number is one word, whatever spaces it has."""
    words = text.lower().replace("\0", " ").split()[:MOST_WORDS]
    return [" ".join(words)] if words and _PHONE.fullmatch(text) else words


def _escaped(text: str) -> str:
    """Return text with what `like` would take for wildcards made plain."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
