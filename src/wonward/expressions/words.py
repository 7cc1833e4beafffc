"""Word search as HubSpot's CONTAINS_TOKEN does it, turned into PostgreSQL's regular expressions.

Every word must occur, in any order and case, and `*` stands for any characters but a space.
"""

import re

MOST_WILDCARDS = 5
"""Stars in one search; each makes PostgreSQL follow more possibilities."""
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def patterns(search: str) -> list[str]:
    """Return a regular expression for each word of `search`, to match a text in lower case."""
    return [_pattern(word) for word in search.lower().split()]


def _pattern(word: str) -> str:
    parts = re.split(r"\*+", word)
    start = r"\m" if _is_letter(word[0]) else ""
    end = r"\M" if _is_letter(word[-1]) else ""
    return start + r"\S*".join(_PUNCTUATION.sub(r"\\\g<0>", part) for part in parts) + end


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"
