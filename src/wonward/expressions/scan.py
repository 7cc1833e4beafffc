"""Cuts an expression's text into tokens and refuses what the language has no use for, before parsing."""

import re

from sqlglot import Token, TokenType
from sqlglot.errors import TokenError

from wonward.expressions.dialect import LANGUAGE, SYMBOLS
from wonward.expressions.place import Place, place_at, refusal
from wonward.expressions.tree import LONGEST

DEEPEST_NESTING = 15
"""Parentheses and `not`s inside one another, and all `case`s; sqlglot spends 20 stack frames on each."""


def scan(text: str) -> list[Token]:
    """Return the tokens of `text`; raise Invalid when it is too long, unbalanced or has foreign symbols."""
    if len(text) > LONGEST:
        raise refusal(f"an expression has at most {LONGEST:,} characters, this one has {len(text):,}", None)
    try:
        tokens = LANGUAGE.tokenize(text)
    except TokenError as error:
        start = re.search(r"from \d+:(\d+)$", str(error.__cause__))
        place = place_at(text, int(start.group(1)), len(text)) if start else None
        raise refusal("the quote that opens here isn't closed", place) from None
    if not tokens:
        raise refusal("the expression is empty", None)
    for token in tokens:
        if token.token_type not in SYMBOLS or token.comments:
            what = "a comment" if token.comments else f"'{written(text, token)}'"
            raise refusal(f"{what} isn't part of the language", place_of(text, token))
    _check_nesting(text, tokens)
    return tokens


def written(text: str, token: Token) -> str:
    """Return a token as the text has it."""
    return text[token.start : token.end + 1]


def place_of(text: str, token: Token) -> Place:
    """Return where a token stands."""
    return place_at(text, token.start, token.end + 1)


def _check_nesting(text: str, tokens: list[Token]) -> None:
    opened: list[Token] = []
    prefixes = [0]
    cases = 0
    before = TokenType.COMMA
    for token in tokens:
        kind = token.token_type
        if kind == TokenType.L_PAREN:
            opened.append(token)
            prefixes.append(0)
        elif kind == TokenType.R_PAREN:
            if not opened or before == TokenType.COMMA:
                wanted = "a value is missing before this ')'" if opened else "this ')' closes nothing"
                raise refusal(wanted, place_of(text, token))
            opened.pop()
            prefixes.pop()
        elif kind == TokenType.NOT or (kind in _SIGNS and before in _SIGNS):
            prefixes[-1] += 1
        elif kind in _SEPARATORS:
            prefixes[-1] = 0
        elif written(text, token).lower() == "case":
            cases += 1
        if len(opened) + sum(prefixes) + cases > DEEPEST_NESTING:
            raise refusal(
                f"more than {DEEPEST_NESTING} parentheses, nots or cases inside one another; split it up",
                place_of(text, token),
            )
        before = kind
    if opened:
        raise refusal("the '(' that opens here isn't closed", place_of(text, opened[-1]))


_SIGNS = (TokenType.PLUS, TokenType.DASH)
_SEPARATORS = (TokenType.AND, TokenType.OR, TokenType.COMMA)
