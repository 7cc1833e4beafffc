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

Others = Mapping[str, Sequence[str]]
"""For words that were typed, by folded word: those that may stand in their place."""

SHORTEST = 3
MOST_HOLDING, MOST_NEAR, MOST_LIKE = 20, 5, 60
"""Words that hold what was typed, words near it, and words compared letter by letter to find those."""

NEARNESS = 0.7
"""How much of two words must be alike, of 1: `sorne` and `soren` are 0.8."""


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
        (kind.name, prop.name)
        for kind in work.catalog.object_types.values()
        for prop in search_index.searched(kind)
        if prop.type not in search_index.UNSPELLED
    }
    texts = {
        values[1]
        for change in changes
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
    held = [
        sql.SQL("exists (select from {} r where {} @@ quote_literal(w.word)::tsquery)").format(
            work.table(kind.table), said
        )
        for kind in work.catalog.object_types.values()
        if (said := search_index.words(work.catalog, kind, "r")) is not None
    ]
    return work.run(
        sql.SQL("delete from {} w where not ({})").format(work.table("_word"), sql.SQL(" or ").join(held))
    )


SPELLING = Consumer("spelling", learn)
