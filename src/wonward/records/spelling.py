"""The words that stand in a portal's records: what somebody may have meant who typed another.

A consumer of the change feed learns new ones. Words with digits aren't kept, nor those of long texts. A
word is forgotten once no record has it, so that nobody's name outlives their record.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from psycopg import sql

from wonward.records.changes import Change, Consumer
from wonward.records.work import Work
from wonward.schema import search_index
from wonward.schema.catalog import ObjectType, Property

Others = Mapping[str, Sequence[str]]
"""For words that were typed, by folded word: those that may stand in their place."""

SHORTEST = 3
MOST_HOLDING, MOST_NEAR, MOST_LIKE = 20, 5, 60
"""Words that hold what was typed, words near it, and words compared letter by letter to find those."""

NEARNESS = 0.7
"""How much of two words must be alike, of 1: `sorne` and `soren` are 0.8."""


def known(work: Work, words: Sequence[str]) -> frozenset[str]:
    """Return which folded words are ones that are kept."""
    if not words:
        return frozenset()
    kept = sql.SQL("select word from {} where word = any(%(words)s::text[])").format(work.table("_word"))
    return frozenset(word for (word,) in work.rows(kept, {"words": list(words)}))


def holding(work: Work, words: Sequence[str]) -> Others:
    """Return for folded words those that hold them further inside."""
    return _asked(
        work,
        words,
        sql.SQL("""
            select word from {} where word like '%%' || asked || '%%' and not starts_with(word, asked)
            limit {}""").format(work.table("_word"), sql.Literal(MOST_HOLDING)),
    )


def near(work: Work, words: Sequence[str]) -> Others:
    """Return for folded words those spelled almost so, the nearest first."""
    alike = _asked(
        work,
        words,
        sql.SQL("""
            select word from {} where word operator(public.%%) asked
            order by public.similarity(word, asked) desc, word limit {}""").format(
            work.table("_word"), sql.Literal(MOST_LIKE)
        ),
    )
    compared = {
        word: get_close_matches(word, others, n=MOST_NEAR, cutoff=NEARNESS) for word, others in alike.items()
    }
    return {word: others for word, others in compared.items() if others}


def _asked(work: Work, words: Sequence[str], among: sql.Composable) -> dict[str, list[str]]:
    """Return what the query `among` finds for each of the words long enough to be asked for, as `asked`."""
    asked = [word for word in words if len(word) >= SHORTEST and not any(map(str.isdigit, word))]
    found: dict[str, list[str]] = defaultdict(list)
    if asked:
        statement = sql.SQL("select asked, word from unnest(%(asked)s::text[]) asked, lateral ({}) found")
        for word, other in work.rows(statement.format(among), {"asked": asked}):
            found[word].append(other)
    return found


def learn(work: Work, changes: Sequence[Change]) -> None:
    """Enter the words of new values, and forget those of erased records; doing it twice does no harm."""
    spelled = {
        (kind.name, prop.name) for kind in work.catalog.object_types.values() for prop in _spelled(kind)
    }
    texts = {
        values[1]
        for change in changes
        if change.kind in ("created", "updated")
        for name, values in change.diff.items()
        if (change.object_type, name) in spelled and values[1]
    }
    if texts:
        given = sql.SQL("select unnest(%(texts)s::text[])")
        work.run(search_index.learn(work.catalog, given), {"texts": sorted(texts)})
    if any(change.kind == "erased" for change in changes):
        forget(work)


def forget(work: Work) -> int:
    """Take out the words that no record has any more, archived ones included; return how many."""
    return _forget(work, sql.SQL("true"), {"besides": []})


def erase(work: Work, kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Take out the words that records have or had and no others have; return how many."""
    texts = said(work, kind, ids, [prop.name for prop in _spelled(kind)])
    return {"words": forget_said(work, texts, besides=ids)}


def said(work: Work, kind: ObjectType, ids: Sequence[int], properties: Sequence[str]) -> list[str]:
    """Return every text that those of the properties which words are learned from hold and have held.

    The consumer waits until the transaction ends, so that it learns nothing of it meanwhile.
    """
    own = [prop for prop in _spelled(kind) if prop.name in properties]
    if not own:
        return []
    work.run(
        sql.SQL("select from {} where consumer = {} for update").format(
            work.table("_cursor"), sql.Literal(SPELLING.name)
        )
    )
    found = work.rows(
        sql.SQL("""
            select value from {log} c join unnest(%(names)s::text[]) as p(name) on c.diff ? p.name
            cross join jsonb_array_elements_text(c.diff -> p.name) as value
            where c.record_id = any(%(ids)s) and c.kind in ('created', 'updated') and value is not null
            union select value from {records} r cross join unnest(array[{columns}]::text[]) as value
            where r._id = any(%(ids)s) and value is not null""").format(
            log=work.table("_change"),
            records=work.table(kind.table),
            columns=sql.SQL(", ").join(sql.Identifier("r", prop.column) for prop in own),
        ),
        {"ids": list(ids), "names": [prop.name for prop in own]},
    )
    return [text for (text,) in found]


def forget_said(work: Work, texts: Sequence[str], besides: Sequence[int] = ()) -> int:
    """Take out those words of texts that no record has, or none `besides` some; return how many."""
    if not texts:
        return 0
    among = sql.SQL("""
        w.word in (select unnest(tsvector_to_array({}._words(said, ''))) from unnest(%(texts)s::text[]) said)""")
    own = sql.Identifier(work.catalog.schema)
    return _forget(work, among.format(own), {"texts": list(texts), "besides": list(besides)})


def _forget(work: Work, among: sql.Composable, params: Mapping[str, object]) -> int:
    held = [
        sql.SQL("""
            exists (select from {} r where {} @@ quote_literal(w.word)::tsquery
                and r._id <> all(%(besides)s::bigint[]))""").format(work.table(kind.table), words)
        for kind in work.catalog.object_types.values()
        if (words := search_index.words(work.catalog, kind, "r")) is not None
    ]
    statement = sql.SQL("delete from {} w where {} and not ({})").format(
        work.table("_word"), among, sql.SQL(" or ").join(held)
    )
    return work.run(statement, params)


def _spelled(kind: ObjectType) -> list[Property]:
    """Return the properties of a type that words are learned from."""
    return [prop for prop in search_index.searched(kind) if prop.type not in search_index.UNSPELLED]


SPELLING = Consumer("spelling", learn)
