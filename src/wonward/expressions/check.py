"""Checks a tree against the catalog: names exist, types fit, literals are what they are compared with.

It gives the typed tree that `compile.py` writes as SQL, and refuses with the place of what doesn't fit.
"""

from collections.abc import Sequence
from functools import singledispatch
from itertools import chain

from wonward.expressions import functions, literals, tree
from wonward.expressions.place import refusal
from wonward.expressions.scope import Scope
from wonward.expressions.tree import Node
from wonward.expressions.typed import FAMILY_WORDS, Bound, Column, Family, Fixed, Operation, Typed
from wonward.expressions.unparse import unparse

_TIMES = {"date", "datetime"}
_LONGEST_QUOTE = 60


def check(node: Node, scope: Scope) -> Typed:
    """Return the typed tree of an expression; raise Invalid at the first thing that doesn't fit."""
    tree.within_limits(node)
    return _typed(node, scope)


def check_condition(node: Node, scope: Scope) -> Typed:
    """Return the typed tree of a condition; raise Invalid also when it gives no true or false."""
    tree.within_limits(node)
    return _condition(node, scope)


@singledispatch
def _typed(node: Node, _: Scope) -> Typed:
    raise TypeError(f"{type(node).__name__} can't be checked")


@_typed.register
def _(node: tree.Text, _: Scope) -> Typed:
    return literals.text(node)


@_typed.register
def _(node: tree.Number, _: Scope) -> Typed:
    return literals.number(node)


@_typed.register
def _(node: tree.Truth, _: Scope) -> Typed:
    return Fixed("boolean", "true" if node.value else "false")


@_typed.register
def _(_node: tree.Null, _: Scope) -> Typed:
    return Fixed("null", "null")


@_typed.register
def _(node: tree.Reference, scope: Scope) -> Typed:
    return scope.column(node)


@_typed.register
def _(node: tree.Aggregate, scope: Scope) -> Typed:
    return scope.reduced(node, _where(node, scope))


@_typed.register
def _(node: tree.Associated, scope: Scope) -> Typed:
    return scope.linked(node, _where(node, scope))


def _where(node: tree.Aggregate | tree.Associated, scope: Scope) -> Typed | None:
    return _condition(node.where, scope.of_associated(node)) if node.where else None


@_typed.register
def _(node: tree.Case, scope: Scope) -> Typed:
    conditions = [_condition(each.condition, scope) for each in node.branches]
    values = [each.value for each in node.branches] + ([node.otherwise] if node.otherwise else [])
    known = [value for value in values if not isinstance(value, tree.Null)]
    typed = iter(_alike(known, scope)) if known else iter(())
    read = [_typed(value, scope) if isinstance(value, tree.Null) else next(typed) for value in values]
    family: Family = next((each.family for each in read if each.family != "null"), "null")
    return Operation(family, "case", (*chain(*zip(conditions, read, strict=False)), *read[len(conditions) :]))


@_typed.register
def _(node: tree.Call, scope: Scope) -> Typed:
    return functions.call(node, scope)


@_typed.register
def _(node: tree.And, scope: Scope) -> Typed:
    return Operation("boolean", "and", tuple(_condition(part, scope) for part in node.parts))


@_typed.register
def _(node: tree.Or, scope: Scope) -> Typed:
    return Operation("boolean", "or", tuple(_condition(part, scope) for part in node.parts))


@_typed.register
def _(node: tree.Not, scope: Scope) -> Typed:
    return Operation("boolean", "not", (_condition(node.operand, scope),))


@_typed.register
def _(node: tree.Comparison, scope: Scope) -> Typed:
    operands = (node.left, node.right)
    typed = _alike(operands, scope)
    if node.operator not in ("=", "!="):
        _require_order(operands, typed)
    return Operation("boolean", node.operator, typed)


@_typed.register
def _(node: tree.Membership, scope: Scope) -> Typed:
    return Operation("boolean", "in", _alike((node.operand, *node.choices), scope))


@_typed.register
def _(node: tree.Range, scope: Scope) -> Typed:
    operands = (node.operand, node.low, node.high)
    typed = _alike(operands, scope)
    _require_order(operands, typed)
    return Operation("boolean", "between", typed)


@_typed.register
def _(node: tree.NullTest, scope: Scope) -> Typed:
    return Operation("boolean", "is null", (_typed(node.operand, scope),))


@_typed.register
def _(node: tree.Like, scope: Scope) -> Typed:
    operand = _typed(node.operand, scope)
    if operand.family != "text":
        raise refusal(f"like is for text; {_what(node.operand, operand)}", node.operand.place)
    if not isinstance(node.pattern, tree.Text):
        raise refusal("a pattern is a text in quotes, as in: name like 'Nord%'", node.pattern.place)
    pattern = node.pattern.value
    if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        raise refusal(r"a pattern can't end with \; write \\ for the character itself", node.pattern.place)
    operator = "ilike" if node.any_case else "like"
    return Operation("boolean", operator, (operand, literals.text(node.pattern)))


@_typed.register
def _(node: tree.Negative, scope: Scope) -> Typed:
    return Operation("number", "negative", (_amount(node.operand, _typed(node.operand, scope)),))


@_typed.register
def _(node: tree.Arithmetic, scope: Scope) -> Typed:
    left, right = _typed(node.left, scope), _typed(node.right, scope)
    if left.family in _TIMES or right.family in _TIMES:
        return _with_times(node, left, right)
    return Operation("number", node.operator, (_amount(node.left, left), _amount(node.right, right)))


def _with_times(node: tree.Arithmetic, left: Typed, right: Typed) -> Typed:
    """Move a date by a length of time, or count the days between two dates."""
    if node.operator == "+" and isinstance(node.left, tree.Text):
        node, left, right = tree.Arithmetic("+", node.right, node.left, place=node.place), right, left
    if node.operator in "+-" and isinstance(node.right, tree.Text):
        length = literals.length(node.right, left.family)
        if length:
            return Operation(left.family, "later" if node.operator == "+" else "earlier", (left, length))
    left, right = _read(node.left, left, right, node.right), _read(node.right, right, left, node.left)
    if node.operator != "-" or not {left.family, right.family} <= _TIMES:
        raise refusal("a date can be moved by a length of time such as '90 days', nothing else", node.place)
    if left.family == right.family == "date":
        return Operation("number", "days", (left, right))
    return Operation("number", "days and parts", (_moment(left), _moment(right)))


def _alike(nodes: Sequence[Node], scope: Scope) -> tuple[Typed, ...]:
    """Type operands that are compared with each other, texts as what the first that is no text is."""
    typed = [_typed(node, scope) for node in nodes]
    first = next((i for i, node in enumerate(nodes) if not isinstance(node, tree.Text)), 0)
    guide = typed[first]
    for node, each in zip(nodes, typed, strict=True):
        _require_comparable(node, each)
    typed = [_read(node, each, guide, nodes[first]) for node, each in zip(nodes, typed, strict=True)]
    for node, each in zip(nodes, typed, strict=True):
        if each.family != guide.family and not {each.family, guide.family} <= _TIMES:
            raise refusal(f"{_what(nodes[first], guide)} but {_what(node, each)}", node.place)
    _require_owners(nodes, typed)
    if any(each.family == "datetime" for each in typed):
        return tuple(_moment(each) for each in typed)
    return tuple(typed)


def _read(node: Node, own: Typed, guide: Typed, guide_node: Node) -> Typed:
    """Return a text read as what `guide` is, anything else as it is."""
    if isinstance(node, tree.Text) and not isinstance(guide_node, tree.Text):
        label = guide.property.label if isinstance(guide, Column) else unparse(guide_node)
        return literals.read(node, guide, label)
    return own


def _require_comparable(node: Node, typed: Typed) -> None:
    if typed.family == "null":
        raise refusal("nothing equals null; write 'is null' or 'is not null'", node.place)
    if typed.family == "set":
        raise refusal(f"{_quoted(node)} holds several values; write has({unparse(node)}, 'a')", node.place)


def _require_owners(nodes: Sequence[Node], typed: Sequence[Typed]) -> None:
    """Refuse comparing an owner with anything but whole numbers and other owners."""
    if not any(map(_is_owner, typed)):
        return
    for node, each in zip(nodes, typed, strict=True):
        if not _is_owner(each) and not (isinstance(each, Bound) and each.cast == "bigint"):
            raise refusal("an owner can only be compared with an owner's id", node.place)


def _is_owner(typed: Typed) -> bool:
    return isinstance(typed, Column) and typed.property.type == "owner"


def _require_order(nodes: Sequence[Node], typed: Sequence[Typed]) -> None:
    for node, each in zip(nodes, typed, strict=True):
        if each.family == "boolean" or (isinstance(each, Column) and each.property.options):
            raise refusal(f"{_quoted(node)} has no order; compare it with =, != or in", node.place)


def _condition(node: Node, scope: Scope) -> Typed:
    typed = _typed(node, scope)
    if typed.family != "boolean":
        raise refusal(f"{_what(node, typed)}, not a condition; compare it with something", node.place)
    return typed


def _amount(node: Node, typed: Typed) -> Typed:
    if typed.family != "number" or _is_owner(typed):
        raise refusal(f"only numbers can be calculated with; {_what(node, typed)}", node.place)
    return typed


def _moment(typed: Typed) -> Typed:
    """Return a date as its first moment in UTC, as HubSpot counts dates."""
    return typed if typed.family == "datetime" else Operation("datetime", "moment", (typed,))


def _what(node: Node, typed: Typed) -> str:
    return f"{_quoted(node)} is {'an owner' if _is_owner(typed) else FAMILY_WORDS[typed.family]}"


def _quoted(node: Node) -> str:
    text = unparse(node)
    if len(text) > _LONGEST_QUOTE:
        text = f"{text[:_LONGEST_QUOTE]}…"
    return text if isinstance(node, tree.Text) else f"'{text}'"
