"""Reads an expression's text into the tree: sqlglot parses, and a list says which of its nodes are allowed.

Whatever the list doesn't name is refused with its place; nothing is looked up in the catalog here.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlglot import Token, exp
from sqlglot.errors import ErrorLevel, ParseError

from wonward.errors import Invalid
from wonward.expressions import tree
from wonward.expressions.dialect import KEYWORDS, LANGUAGE, WANTED, Over, is_sql_keyword
from wonward.expressions.place import Place, place_at, refusal, spanning
from wonward.expressions.scan import place_of, scan, written
from wonward.expressions.tree import Node

_MOST_DIGITS = 30
_LARGEST_ID = 2**63 - 1
_TOO_FAR = "after the dot only a property of a directly associated record can stand, as in company.name"


def parse(text: str) -> Node:
    """Return the tree of an expression; raise Invalid pointing at what isn't in the language."""
    tokens = scan(text)
    parser = LANGUAGE.parser(error_level=ErrorLevel.IMMEDIATE, error_message_context=len(text))
    try:
        (parsed,) = parser.parse_into(exp.Condition, tokens, text)
    except ParseError as error:
        raise _unreadable(text, tokens, error) from None
    if parsed is None:
        raise refusal(f"a value is missing before '{written(text, tokens[0])}'", place_of(text, tokens[0]))
    found = _Reader(text).read(parsed)
    tree.within_limits(found)
    return found


def _unreadable(text: str, tokens: list[Token], error: ParseError) -> Invalid:
    """Say what sqlglot stumbled over: the end, SQL that isn't in the language, or a word out of place."""
    details = error.errors[0]
    start = len(details["start_context"] or "")
    position = next((i for i, token in enumerate(tokens) if token.start >= start), len(tokens) - 1)
    at = tokens[position]
    description = str(details["description"])
    missing = description.startswith("Required keyword")
    if description.startswith(WANTED):
        return refusal(f"'{description.removeprefix(WANTED)}' is missing after this", place_of(text, at))
    for token in tokens[max(0, position - 1) : position + 1]:
        word = written(text, token).upper()
        if word not in KEYWORDS and word.isidentifier() and is_sql_keyword(word):
            return refusal(f"'{written(text, token)}' isn't part of the language", place_of(text, token))
    if missing:
        side = "after" if at is tokens[-1] else "before"
        return refusal(f"a value is missing {side} '{written(text, at)}'", place_of(text, at))
    return refusal(
        f"'{written(text, at)}' can't stand here; is an operator or a comma missing?", place_of(text, at)
    )


class _Reader:
    """Turns sqlglot's nodes into the tree's, one method for each kind that is allowed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0

    def read(self, node: exp.Expr) -> Node:
        """Return the tree of one sqlglot node and all under it."""
        reader = _READERS.get(type(node))
        if reader is None:
            name = _NAMES.get(type(node), f"'{node.key}'")
            raise refusal(f"{name} isn't part of the language", self._place(node))
        self._depth += 1
        if self._depth > tree.DEEPEST:
            raise refusal(
                f"more than {tree.DEEPEST} operations inside one another; split it up", self._place(node)
            )
        found = reader(self, node)
        self._depth -= 1
        return found

    def _place(self, node: exp.Expr) -> Place:
        """Return where a node stands, or the first part of it whose place sqlglot knows."""
        found = [part.meta for part in node.walk() if "start" in part.meta]
        if not found:
            return place_at(self._text, 0, len(self._text))
        first = min(found, key=lambda meta: int(meta["start"]))
        return place_at(self._text, first["start"], first["end"] + 1)

    def literal(self, node: exp.Literal) -> Node:
        place = self._place(node)
        if node.is_string:
            return tree.Text(node.name, place=place)
        try:
            number = Decimal(node.name)
        except InvalidOperation:
            raise refusal(f"'{node.name}' isn't a number; write it as 1234.50", place) from None
        if len(number.as_tuple().digits) > 2 * _MOST_DIGITS or abs(number.adjusted()) > _MOST_DIGITS:
            raise refusal(f"a number has at most {_MOST_DIGITS} digits on either side of the point", place)
        return tree.Number(number, place=place)

    def truth(self, node: exp.Boolean) -> Node:
        return tree.Truth(bool(node.this), place=self._place(node))

    def null(self, node: exp.Null) -> Node:
        return tree.Null(place=self._place(node))

    def reference(self, node: exp.Column) -> Node:
        parts = node.parts
        place = spanning(*(self._place(part) for part in parts))
        if len(parts) > 2:
            raise refusal(_TOO_FAR, place)
        return tree.Reference(parts[-1].name, parts[0].name if len(parts) == 2 else None, place=place)

    def path(self, node: exp.Dot) -> Node:
        raise refusal(_TOO_FAR, self._place(node))

    def parenthesised(self, node: exp.Paren) -> Node:
        return self.read(node.this)

    def all_of(self, node: exp.And) -> Node:
        parts = self._chain(node, exp.And)
        return tree.all_of(parts, spanning(*(part.place for part in parts)))

    def any_of(self, node: exp.Or) -> Node:
        parts = self._chain(node, exp.Or)
        return tree.any_of(parts, spanning(*(part.place for part in parts)))

    def _chain(self, node: exp.Expr, kind: type[exp.Binary]) -> list[Node]:
        """Return the operands of `a and b and c`, which sqlglot nests to the left."""
        operands: list[exp.Expr] = []
        while isinstance(node, kind):
            operands.append(node.expression)
            node = node.this
        return [self.read(operand) for operand in (node, *reversed(operands))]

    def opposite(self, node: exp.Not) -> Node:
        operand = self.read(node.this)
        return tree.Not(operand, place=operand.place)

    def comparison(self, node: exp.Binary) -> Node:
        left, right = self.read(node.this), self.read(node.expression)
        return tree.Comparison(_COMPARISONS[type(node)], left, right, place=spanning(left.place, right.place))

    def arithmetic(self, node: exp.Binary) -> Node:
        left, right = self.read(node.this), self.read(node.expression)
        return tree.Arithmetic(_ARITHMETIC[type(node)], left, right, place=spanning(left.place, right.place))

    def negative(self, node: exp.Neg) -> Node:
        operand = self.read(node.this)
        if isinstance(operand, tree.Number):
            return tree.Number(-operand.value, place=operand.place)
        return tree.Negative(operand, place=operand.place)

    def membership(self, node: exp.In) -> Node:
        operand = self.read(node.this)
        teams = node.args.get("field")
        if isinstance(teams, exp.Anonymous) and teams.name.lower() == "my_teams":
            return tree.Membership(operand, (self.read(teams),), place=operand.place)
        if not node.expressions:
            raise refusal("write the values in parentheses, as in: in ('a', 'b')", operand.place)
        choices = tuple(self.read(choice) for choice in node.expressions)
        place = spanning(operand.place, choices[-1].place)
        return tree.Membership(operand, choices, place=place)

    def range(self, node: exp.Between) -> Node:
        operand, low, high = (self.read(node.args[part]) for part in ("this", "low", "high"))
        place = spanning(operand.place, high.place)
        between = self._text[low.place.end : high.place.start] if low.place and high.place else ""
        if "and" not in between.lower():
            raise refusal("write both ends, as in: between 1 and 10", place)
        return tree.Range(operand, low, high, place=place)

    def like(self, node: exp.Like | exp.ILike) -> Node:
        operand, pattern = self.read(node.this), self.read(node.expression)
        place = spanning(operand.place, pattern.place)
        found = tree.Like(operand, pattern, isinstance(node, exp.ILike), place=place)
        return tree.Not(found, place=place) if node.args.get("negate") else found

    def null_test(self, node: exp.Is) -> Node:
        operand = self.read(node.this)
        if not isinstance(node.expression, exp.Null):
            raise refusal("after 'is' only null and not null can stand", self._place(node.expression))
        return tree.NullTest(operand, place=operand.place)

    def case(self, node: exp.Case) -> Node:
        branches = tuple(self.branch(each) for each in node.args["ifs"])
        otherwise = node.args.get("default")
        return tree.Case(branches, self.read(otherwise) if otherwise else None, place=self._place(node))

    def branch(self, node: exp.If) -> tree.Branch:
        condition, value = self.read(node.this), self.read(node.args["true"])
        return tree.Branch(condition, value, place=spanning(condition.place, value.place))

    def call(self, node: exp.Anonymous) -> Node:
        arguments = tuple(self.read(part) for part in node.expressions)
        return tree.Call(node.name.lower(), arguments, place=self._place(node))

    def over(self, node: Over) -> Node:
        name, place = str(node.this), self._own_place(node)
        plain = all(isinstance(part, exp.Column) for part in node.expressions)
        given = [self.read(part) for part in node.expressions] if plain or name == "associated" else []
        by, where = (node.args.get(part) for part in ("by", "where"))
        label = node.args["label"].name if node.args.get("label") else None
        condition = self.read(where) if where else None
        if name == "associated" and by is None:
            return self._associated(given, label, condition, place)
        order = self.read(by) if by else None
        match given, order:
            case [tree.Reference(of, None) as first], None if name == "count":
                return tree.Aggregate(name, of, None, label, condition, place=first.place)
            case [tree.Reference(prop, str(of)) as first], None if name != "count":
                return tree.Aggregate(name, of, prop, label, condition, place=first.place)
            case [tree.Reference(prop, str(of)) as first], tree.Reference(key, None) if name == "latest":
                return tree.Aggregate(name, of, prop, label, condition, key, place=first.place)
        if name == "associated":
            return self._associated([], None, None, place)
        example = "an object type, as in count(contacts)"
        if name != "count":
            example = f"a property of associated records, as in {name}(deals.amount)"
        raise refusal(f"{name} takes {example}", place)

    def _own_place(self, node: exp.Expr) -> Place:
        return place_at(self._text, node.meta["start"], node.meta["end"] + 1)

    def _associated(
        self, given: list[Node], label: str | None, where: Node | None, place: Place | None
    ) -> Node:
        match given:
            case [tree.Reference(of, None) as first, *ids] if all(_is_id(part) for part in ids):
                numbers = tuple(int(part.value) for part in ids if isinstance(part, tree.Number))
                return tree.Associated(of, numbers, label, where, place=first.place)
        raise refusal(
            "associated takes an object type and, if wanted, record ids, as in associated(contacts, 1201)",
            place,
        )


def _is_id(node: Node) -> bool:
    return isinstance(node, tree.Number) and node.value == int(node.value) and abs(node.value) <= _LARGEST_ID


_COMPARISONS = {exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_READERS: Mapping[type, Callable[[_Reader, Any], Node]] = {
    exp.Literal: _Reader.literal,
    exp.Boolean: _Reader.truth,
    exp.Null: _Reader.null,
    exp.Column: _Reader.reference,
    exp.Dot: _Reader.path,
    exp.Paren: _Reader.parenthesised,
    exp.And: _Reader.all_of,
    exp.Or: _Reader.any_of,
    exp.Not: _Reader.opposite,
    exp.Neg: _Reader.negative,
    exp.In: _Reader.membership,
    exp.Between: _Reader.range,
    exp.Like: _Reader.like,
    exp.ILike: _Reader.like,
    exp.Is: _Reader.null_test,
    exp.Anonymous: _Reader.call,
    exp.Case: _Reader.case,
    Over: _Reader.over,
    **dict.fromkeys(_COMPARISONS, _Reader.comparison),
    **dict.fromkeys(_ARITHMETIC, _Reader.arithmetic),
}
_NAMES: Mapping[type, str] = {
    exp.Alias: "a name given with 'as'",
    exp.Star: "'*' without two values",
    exp.Tuple: "a list outside 'in'",
    exp.Concat: "a text right after another",
    exp.NullSafeEQ: "'is not distinct from'",
    exp.NullSafeNEQ: "'is distinct from'",
}
