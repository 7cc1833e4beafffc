"""Marks in a text what was found in it: the beginnings of words that are what was typed, accents aside."""

import re
import unicodedata
from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString

_WORD = re.compile(r"[^\W_]+")
_ALONE = str.maketrans({"æ": "ae", "ø": "o", "ß": "ss", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th"})
_PAIRS = (("aa", "a"), ("ae", "a"), ("oe", "o"), ("ue", "u"))


def marked(text: str, typed: Sequence[str]) -> SafeString:
    """Return text as HTML with the words in it that begin with one of the folded `typed` marked so far."""
    parts, end = [], 0
    for match in _WORD.finditer(text):
        length = max((_length(match[0], word) for word in typed), default=0)
        if length:
            start = match.start()
            parts += [escape(text[end:start]), "<mark>", escape(text[start : start + length]), "</mark>"]
            end = start + length
    return SafeString("".join([*parts, escape(text[end:])]))


def words(typed: str) -> list[str]:
    """Return the words of what was typed, folded."""
    return [folded(word) for word in _WORD.findall(typed)]


def folded(word: str) -> str:
    """Return a word in small letters without accents, as `schema/search_index.py` has PostgreSQL fold it."""
    plain = unicodedata.normalize("NFKD", word.lower().translate(_ALONE))
    text = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


def _length(word: str, typed: str) -> int:
    """Return how many letters of a word, from its beginning, are what was typed; 0 when it begins otherwise."""
    if not typed or not folded(word).startswith(typed):
        return 0
    return next(length for length in range(1, len(word) + 1) if folded(word[:length]).startswith(typed))
