"""What people type into a search box, as the words an index is asked for.

A run of digits, in whatever groups, is one number: with `+` or `00` before it a telephone number with its
country's code, which is looked for without as well. Everything else is folded as the index folds it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from psycopg import sql

from wonward.records.work import Work
from wonward.schema.search_index import COUNTRY_CODES

LONGEST = 200
"""Characters of what was typed that are looked at."""

LONGEST_WORD = 60

_NUMBER = re.compile(r"(?<![^\s(])(?:\+|\(\+)?\d[\d\s()./-]*\d(?!\w)")
_CODE = re.compile(rf"(?:{COUNTRY_CODES})0*")
_WORD = re.compile(r"[^\W_]+")

SHORTEST_NUMBER = 4
"""Digits from which on a number may be one of a telephone."""

NONE: Mapping[str, Iterable[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Terms:
    """What is looked for: `folded` is all of it as a folded name has it, `words` what must be there.

    `choices` has for each word the ways it may stand in the index, in the language of tsquery. After
    those that are `finished` another word was begun.
    """

    folded: str
    words: tuple[str, ...]
    choices: tuple[str, ...]
    finished: tuple[str, ...]

    def tsqueries(self, others: Mapping[str, Iterable[str]] = NONE, whole: Collection[str] = ()) -> list[str]:
        """Return for every word the tsquery that must hold: it is there itself or one of the `others` in its place.

        Those of `whole` must stand there whole, nothing after them.
        """
        queries = []
        for word, choice in zip(self.words, self.choices, strict=True):
            itself = choice.replace(":*", "") if word in whole else choice
            queries.append(" | ".join(dict.fromkeys([itself, *map(_exactly, others.get(word, ()))])))
        return queries


def read(work: Work, typed: str, *, most: int, typing: bool) -> Terms:
    """Read what was typed; at most `most` words of it count.

    A single letter is a word of its own, since too many words begin with it. With `typing` the last one
    is the beginning of a word that isn't there yet: it ranks, but doesn't narrow. Nor do single letters alone,
    which half of all records have: names that begin with them are what is meant.
    """
    given = typed.replace("\0", " ")[:LONGEST]
    numbers = [match[0] for match in _NUMBER.finditer(given) if _digits(match[0])]
    folded, rest = work.rows(
        sql.SQL("select {fold_name}(%(given)s), {fold}(%(rest)s)").format(
            fold_name=work.table("_fold_name"), fold=work.table("_fold")
        ),
        {"given": given, "rest": _NUMBER.sub(" ", given)},
    )[0]
    words = [word[:LONGEST_WORD] for word in _WORD.findall(rest)]
    finished = tuple(words[:-1])
    if typing and words and len(words[-1]) == 1 and not given[-1:].isspace():
        words.pop()
    if typing and not numbers and all(len(word) == 1 for word in words):
        words = []
    choices = {number: _number(number) for number in numbers}
    choices |= {word: _exactly(word) if len(word) == 1 else _beginning(word) for word in words}
    taken = list(choices.items())[:most]
    return Terms(folded, tuple(word for word, _ in taken), tuple(choice for _, choice in taken), finished)


def count(typed: str) -> int:
    """Return how many words were typed."""
    return len(set(typed.lower().split()))


def _number(typed: str) -> str:
    """Return the tsquery of digits: as a telephone number, and when they stand in groups, as numbers of their own."""
    digits = _digits(typed).lstrip("0") or _digits(typed)
    forms = {digits}
    others = []
    if typed.lstrip("( ").startswith(("+", "00")):
        forms.add(_CODE.sub("", digits, count=1) if len(digits) > SHORTEST_NUMBER else digits)
    else:
        if len(digits) > 8:
            forms.add(digits[-8:])
        groups: Sequence[str] = re.findall(r"\d+", typed)
        if len(groups) > 1:
            others.append(f"({' & '.join(map(_exactly, groups))})")
        elif groups[0] != digits:
            others.append(_beginning(groups[0]))
    return " | ".join([*(_beginning(form) for form in sorted(forms) if form), *others])


def _digits(typed: str) -> str:
    return re.sub(r"\D", "", typed)[:LONGEST_WORD]


def _beginning(word: str) -> str:
    return f"'{word}':*"


def _exactly(word: str) -> str:
    return f"'{word}'"
