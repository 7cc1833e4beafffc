"""The statement that finds and ranks records of several types, put together once for each catalog.

Putting it together and planning it take longer than running it: it is text that always stays the same, so that
PostgreSQL plans it once a connection.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, LiteralString

from psycopg import sql

from wonward.records.names import name_of
from wonward.schema import search_index, seen
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.field_types.registry import FIELD_TYPES

Tier = Literal["whole", "begun", "loose"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is searched: the names of types, by how many words, or with none by records' names alone.

    It keeps its catalog, so that the identity stays this catalog's.
    """

    catalog: Catalog = field(compare=False)
    identity: int
    kinds: tuple[str, ...]
    words: int


@lru_cache(maxsize=128)
def of(shape: Shape) -> sql.SQL:
    """Return the statement: `place` of the type in the shape, `_id`, `name`, `detail`, `_updated_at`, `rank`.

    It asks for `folded` (the text as a name has it), `past` (what sorts after all that begin so), `starts` (the
    same as a pattern), `begins` (a regex for each word of a name), for each word the tsqueries that `queries`
    names, `candidates` a type to rank and the `limit` of hits.
    """
    parts = [
        sql.SQL(
            "(select {} as place, * from ({}) kind order by rank, name, _updated_at desc limit %(limit)s)"
        ).format(sql.Literal(place), _of_kind(shape, shape.catalog.object_types[name]))
        for place, name in enumerate(shape.kinds)
    ]
    return sql.SQL(sql.SQL(" union all ").join(parts).as_string(None))


def queries(tier: Tier, words: int) -> list[str]:
    """Return what the tsqueries of the words are called: `whole`, `begun` if not finished, and `loose`, all begun."""
    return [f"{tier}_{place}" for place in range(words)]


def _of_kind(shape: Shape, kind: ObjectType) -> sql.Composable:
    """Return SQL of the candidates of one type: `_id`, `name`, `detail`, `_updated_at`, `rank`.

    Those whose name begins with the text are candidates of their own right, so that a common word can't push
    them out; when they are enough, no others are looked for, and none by beginnings of words when whole words
    give enough. Words that had to be whole may go on when there is nothing. Each word has a condition of its own:
    the index combines those two or three times faster than the parts of one tsquery.
    """
    table = seen.relation(shape.catalog, kind.table)
    called, said = (part(shape.catalog, kind, "r") for part in (search_index.name, search_index.words))
    first = (
        sql.SQL("""
            select r._id from {} r where r._archived_at is null
            and {called} >= %(folded)s and {called} < %(past)s order by {called} limit %(limit)s""").format(
            table, called=called
        )
        if called
        else sql.SQL("select null::bigint as _id where false")
    )

    def words(tier: Tier, unless: LiteralString) -> sql.Composable:
        if not (said and shape.words):
            return sql.SQL("select null::bigint as _id where false")
        having = [
            sql.SQL("{} @@ {}::tsquery").format(said, sql.Placeholder(query))
            for query in queries(tier, shape.words)
        ]
        return sql.SQL("""
            select r._id from {} r where not exists (select from {})
                and r._archived_at is null and {} limit %(candidates)s""").format(
            table, sql.SQL(unless), sql.SQL(" and ").join(having)
        )

    return sql.SQL("""
        with first as materialized ({first}), whole as materialized (select * from first union ({whole})),
            begun as materialized (select * from whole union ({begun}))
        select r._id, {name} as name, {detail} as detail, r._updated_at, case
            when called = %(folded)s then 0
            when called like %(starts)s then 1
            when ' ' || called ~ all(%(begins)s::text[]) then 2
            else 3 end as rank
        from {table} r cross join lateral (select {called} as called offset 0) once
        where r._id in (select _id from begun union ({loose}))""").format(
        first=first,
        whole=words("whole", unless="first offset %(limit)s - 1"),
        begun=words("begun", unless="whole offset %(limit)s - 1"),
        loose=words("loose", unless="begun"),
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
