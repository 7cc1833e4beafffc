"""Writes a tree as text again, so that a filter made of choices and one typed in are the same thing.

Parsing what it writes gives an equal tree; spacing and needless parentheses of the original are not kept.
"""

import re
from decimal import Decimal
from functools import singledispatch

from wonward.expressions import tree
from wonward.expressions.dialect import KEYWORDS
from wonward.expressions.tree import Node

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED_NAMES = {*KEYWORDS, "SYMMETRIC", "ASYMMETRIC"}

# How tightly each kind of node holds together; an operand that holds less tightly gets parentheses.
_OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGN, _WHOLE = range(8)
_TIGHTNESS: dict[type[Node], int] = {
    tree.Or: _OR,
    tree.And: _AND,
    tree.Not: _NOT,
    tree.Comparison: _COMPARED,
    tree.Membership: _COMPARED,
    tree.Range: _COMPARED,
    tree.Like: _COMPARED,
    tree.NullTest: _COMPARED,
    tree.Negative: _SIGN,
}


def unparse(node: Node) -> str:
    """Return the text of a tree."""
    return _text(node)


def _inside(node: Node, tightness: int) -> str:
    text = _text(node)
    return text if _tightness(node) >= tightness else f"({text})"


def _tightness(node: Node) -> int:
    if isinstance(node, tree.Arithmetic):
        return _SUM if node.operator in "+-" else _PRODUCT
    return _TIGHTNESS.get(type(node), _WHOLE)


def _name(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name) and name.upper() not in _QUOTED_NAMES:
        return name
    return '"' + name.replace('"', '""') + '"'


def _number(value: Decimal) -> str:
    return f"{value:f}"


@singledispatch
def _text(node: Node) -> str:
    raise TypeError(f"{type(node).__name__} can't be written")


@_text.register
def _(node: tree.Text) -> str:
    return "'" + node.value.replace("'", "''") + "'"


@_text.register
def _(node: tree.Number) -> str:
    return _number(node.value)


@_text.register
def _(node: tree.Truth) -> str:
    return "true" if node.value else "false"


@_text.register
def _(_: tree.Null) -> str:
    return "null"


@_text.register
def _(node: tree.Reference) -> str:
    return f"{_name(node.of)}.{_name(node.name)}" if node.of else _name(node.name)


@_text.register
def _(node: tree.And) -> str:
    return " and ".join(_inside(part, _NOT) for part in node.parts)


@_text.register
def _(node: tree.Or) -> str:
    return " or ".join(_inside(part, _AND) for part in node.parts)


@_text.register
def _(node: tree.Not) -> str:
    match node.operand:
        case tree.NullTest(operand):
            return f"{_inside(operand, _SUM)} is not null"
        case tree.Membership() | tree.Range() | tree.Like() as test:
            return _test(test, "not ")
    return f"not {_inside(node.operand, _COMPARED)}"


@_text.register
def _(node: tree.Comparison) -> str:
    return f"{_inside(node.left, _SUM)} {node.operator} {_inside(node.right, _SUM)}"


@_text.register
def _(node: tree.NullTest) -> str:
    return f"{_inside(node.operand, _SUM)} is null"


@_text.register(tree.Membership)
@_text.register(tree.Range)
@_text.register(tree.Like)
def _test(node: tree.Membership | tree.Range | tree.Like, opposite: str = "") -> str:
    operand = _inside(node.operand, _SUM)
    match node:
        case tree.Membership(_, (tree.Call("my_teams", ()),)):
            return f"{operand} {opposite}in my_teams()"
        case tree.Membership(_, choices):
            return f"{operand} {opposite}in ({', '.join(_text(choice) for choice in choices)})"
        case tree.Range(_, low, high):
            return f"{operand} {opposite}between {_inside(low, _SUM)} and {_inside(high, _SUM)}"
        case tree.Like(_, pattern, any_case):
            return f"{operand} {opposite}{'ilike' if any_case else 'like'} {_inside(pattern, _SUM)}"


@_text.register
def _(node: tree.Arithmetic) -> str:
    own = _tightness(node)
    return f"{_inside(node.left, own)} {node.operator} {_inside(node.right, own + 1)}"


@_text.register
def _(node: tree.Negative) -> str:
    return f"-{_inside(node.operand, _WHOLE)}"


@_text.register
def _(node: tree.Call) -> str:
    return f"{_name(node.name)}({', '.join(_text(argument) for argument in node.arguments)})"


@_text.register
def _(node: tree.Case) -> str:
    branches = (f"when {_text(each.condition)} then {_text(each.value)}" for each in node.branches)
    otherwise = f" else {_text(node.otherwise)}" if node.otherwise else ""
    return f"case {' '.join(branches)}{otherwise} end"


@_text.register
def _(node: tree.Aggregate) -> str:
    path = f"{_name(node.of)}.{_name(node.name)}" if node.name else _name(node.of)
    by = f" by {_name(node.by)}" if node.by else ""
    return f"{node.function}({path}{by}{_which(node)})"


@_text.register
def _(node: tree.Associated) -> str:
    return f"associated({', '.join([_name(node.of), *map(str, node.ids)])}{_which(node)})"


def _which(node: tree.Aggregate | tree.Associated) -> str:
    label = f" as {_text(tree.Text(node.label))}" if node.label is not None else ""
    return f"{label} where {_text(node.where)}" if node.where else label
