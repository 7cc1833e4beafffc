"""The language's words and symbols, as a dialect of sqlglot: its tokenizer and parser, cut down.

Every other SQL keyword is a plain name here, so a property may be called `end` or `group`, and no
statement, cast, comment or built-in function can even be parsed. Nothing outside this package uses it.
"""

from typing import Any, ClassVar

from sqlglot import Dialect, Token, TokenType, exp, parser, tokens

KEYWORDS = {
    "AND": TokenType.AND,
    "OR": TokenType.OR,
    "NOT": TokenType.NOT,
    "IN": TokenType.IN,
    "IS": TokenType.IS,
    "NULL": TokenType.NULL,
    "BETWEEN": TokenType.BETWEEN,
    "LIKE": TokenType.LIKE,
    "ILIKE": TokenType.ILIKE,
    "TRUE": TokenType.TRUE,
    "FALSE": TokenType.FALSE,
}
"""The words that a property of the same name must be quoted for."""

_COMPARISONS = {
    "==": TokenType.EQ,
    "!=": TokenType.NEQ,
    "<>": TokenType.NEQ,
    "<=": TokenType.LTE,
    ">=": TokenType.GTE,
}

VALUES = frozenset(
    {
        TokenType.VAR,
        TokenType.IDENTIFIER,
        TokenType.STRING,
        TokenType.NUMBER,
        TokenType.NULL,
        TokenType.TRUE,
        TokenType.FALSE,
    }
)
"""Tokens that can end a value; a minus after one subtracts."""

SYMBOLS = frozenset(
    {
        *KEYWORDS.values(),
        *VALUES,
        TokenType.EQ,
        TokenType.NEQ,
        TokenType.LT,
        TokenType.LTE,
        TokenType.GT,
        TokenType.GTE,
        TokenType.PLUS,
        TokenType.DASH,
        TokenType.STAR,
        TokenType.SLASH,
        TokenType.L_PAREN,
        TokenType.R_PAREN,
        TokenType.COMMA,
        TokenType.DOT,
    }
)
"""Every kind of token the language has."""


def _placed(reader: parser.Parser, node: exp.Expr, token: Token) -> exp.Expr:
    return reader.expression(node, token)


class Language(Dialect):
    """sqlglot's own dialect without all that the expression language doesn't have."""

    class Tokenizer(tokens.Tokenizer):
        """Knows the language's keywords only, and no comments: `a --1` subtracts minus one."""

        KEYWORDS: ClassVar[dict[str, TokenType]] = {**KEYWORDS, **_COMPARISONS}
        COMMENTS: ClassVar[list[str | tuple[str, str]]] = []

    class Parser(parser.Parser):
        """Reads every call as a plain function of its name, and remembers where `null` and `true` stand."""

        FUNCTIONS: ClassVar[dict[Any, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[Any, Any]] = {}
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[Any, Any]] = {}
        PRIMARY_PARSERS: ClassVar[dict[TokenType, Any]] = {
            **parser.Parser.PRIMARY_PARSERS,
            TokenType.NULL: lambda self, token: _placed(self, exp.Null(), token),
            TokenType.TRUE: lambda self, token: _placed(self, exp.Boolean(this=True), token),
            TokenType.FALSE: lambda self, token: _placed(self, exp.Boolean(this=False), token),
        }


LANGUAGE = Language()


def is_sql_keyword(word: str) -> bool:
    """Tell whether `word` means something in SQL at large; for messages only."""
    return word.upper() in tokens.Tokenizer.KEYWORDS
