"""The language's words and symbols, as a dialect of sqlglot: its tokenizer and parser, cut down.

Every other SQL keyword is a plain name here, so a property may be called `end` or `group`, and no
statement, cast, comment or built-in function can even be parsed. Nothing outside this package uses it.
"""

from typing import Any, ClassVar

from sqlglot import Dialect, Token, TokenType, exp, parser, tokens

AGGREGATES = ("count", "sum", "min", "max", "avg", "latest")
OVER_ASSOCIATED = (*AGGREGATES, "associated")
"""The functions over associated records; what stands in their parentheses is read by `read_over`."""

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


WANTED = "Wanted: "
"""How the description of an error begins that says which word is missing."""


class Over(exp.Expression, exp.Condition):
    """A call of one of OVER_ASSOCIATED: what it is over, and which of these, each where it is given."""

    arg_types: ClassVar[dict[str, bool]] = {
        "this": True, "expressions": True, "by": False, "label": False, "where": False,
    }  # fmt: skip


class Language(Dialect):
    """sqlglot's own dialect without all that the expression language doesn't have."""

    class Tokenizer(tokens.Tokenizer):
        """Knows the language's keywords only, and no comments: `a --1` subtracts minus one."""

        KEYWORDS: ClassVar[dict[str, TokenType]] = {**KEYWORDS, **_COMPARISONS}
        COMMENTS: ClassVar[list[str | tuple[str, str]]] = []

    class Parser(parser.Parser):
        """Reads every call as a plain function of its name, and remembers where `null` and `true` stand."""

        FUNCTIONS: ClassVar[dict[Any, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[Any, Any]] = {
            name.upper(): lambda self, name=name: self.read_over(name) for name in OVER_ASSOCIATED
        }
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[Any, Any]] = {"CASE": lambda self: self.read_case()}
        PRIMARY_PARSERS: ClassVar[dict[TokenType, Any]] = {
            **parser.Parser.PRIMARY_PARSERS,
            TokenType.NULL: lambda self, token: _placed(self, exp.Null(), token),
            TokenType.TRUE: lambda self, token: _placed(self, exp.Boolean(this=True), token),
            TokenType.FALSE: lambda self, token: _placed(self, exp.Boolean(this=False), token),
        }

        def read_over(self, name: str) -> exp.Expr:
            """Read `contacts by closedate as 'label' where condition` up to the closing parenthesis."""
            start = self._tokens[self._index - 2]
            over = Over(this=name, expressions=self._parse_csv(self._parse_disjunction))
            for word, part, read in (
                ("BY", "by", self._parse_column),
                ("AS", "label", self._parse_string),
                ("WHERE", "where", self._parse_disjunction),
            ):
                if self._match_text_seq(word):
                    over.set(part, self._present(read()))
            if self._curr.token_type != TokenType.R_PAREN:
                self.raise_error("Expected )")
            return self.expression(over, start)

        def read_case(self) -> exp.Expr | None:
            """Read `when … then …` up to `end`; None when `case` is a plain name here."""
            start = self._prev
            if not self._match_text_seq("WHEN", advance=False):
                self._retreat(self._index - 1)
                return None
            branches = []
            while self._match_text_seq("WHEN"):
                condition = self._present(self._parse_disjunction())
                self._expect("THEN")
                branches.append(exp.If(this=condition, true=self._present(self._parse_disjunction())))
            otherwise = self._present(self._parse_disjunction()) if self._match_text_seq("ELSE") else None
            self._expect("END")
            return self.expression(exp.Case(ifs=branches, default=otherwise), start)

        def _expect(self, word: str) -> None:
            if not self._match_text_seq(word):
                self.raise_error(f"{WANTED}{word.lower()}", self._prev)

        def _present(self, found: exp.Expr | None) -> exp.Expr | None:
            if found is None:
                self.raise_error("Required keyword: a value")
            return found


LANGUAGE = Language()


def is_sql_keyword(word: str) -> bool:
    """Tell whether `word` means something in SQL at large; for messages only."""
    return word.upper() in tokens.Tokenizer.KEYWORDS
