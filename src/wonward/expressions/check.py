"""Checks a tree against the catalog: names exist, types fit, literals are what they are compared with.

It gives the typed tree that `compile.py` writes as SQL, and refuses with the place of what doesn't fit.
"""

from functools import singledispatch
from itertools import chain

from wonward.expressions import functions, literals, tree
from wonward.expressions.membership import in_my_teams
from wonward.expressions.operands import alike, amount, moment, read_as, require_order, what
from wonward.expressions.place import refusal
from wonward.expressions.scope import Scope
from wonward.expressions.tree import Node
from wonward.expressions.typed import TIMES, Family, Fixed, Operation, Typed


def check(node: Node, scope: Scope) -> Typed:
    """Return the typed tree of an expression; raise Invalid at the first thing that doesn't fit."""
    tree.within_limits(node)
    return _typed(node, scope)


def check_condition(node: Node, scope: Scope) -> Typed:
    """Return the typed tree of a condition; raise Invalid also when it gives no true or false."""
    tree.within_limits(node)
    return _condition(node, scope)


@singledispatch
def _typed(node: Node, scope: Scope) -> Typed:
    raise TypeError(f"{type(node).__name__} can't be checked, for {scope.object_type.name}")


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
    found = [_typed(value, scope) for value in known]
    typed = iter(alike(known, found, compared=False)) if known else iter(())
    read = [_typed(value, scope) if isinstance(value, tree.Null) else next(typed) for value in values]
    family: Family = next((each.family for each in read if each.family != "null"), "null")
    return Operation(family, "case", (*chain(*zip(conditions, read, strict=False)), *read[len(conditions) :]))


@_typed.register
def _(node: tree.Call, scope: Scope) -> Typed:
    return functions.call(node, scope, _typed)


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
    typed = alike(operands, [_typed(each, scope) for each in operands])
    if node.operator not in ("=", "!="):
        require_order(operands, typed)
    return Operation("boolean", node.operator, typed)


@_typed.register
def _(node: tree.Membership, scope: Scope) -> Typed:
    operands = (node.operand, *node.choices)
    if node.choices == (tree.Call("my_teams"),):
        return in_my_teams(node, _typed(node.operand, scope), scope)
    return Operation("boolean", "in", alike(operands, [_typed(each, scope) for each in operands]))


@_typed.register
def _(node: tree.Range, scope: Scope) -> Typed:
    operands = (node.operand, node.low, node.high)
    typed = alike(operands, [_typed(each, scope) for each in operands])
    require_order(operands, typed)
    return Operation("boolean", "between", typed)


@_typed.register
def _(node: tree.NullTest, scope: Scope) -> Typed:
    return Operation("boolean", "is null", (_typed(node.operand, scope),))


@_typed.register
def _(node: tree.Like, scope: Scope) -> Typed:
    operand = _typed(node.operand, scope)
    if operand.family != "text":
        raise refusal(f"like is for text; {what(node.operand, operand)}", node.operand.place)
    if not isinstance(node.pattern, tree.Text):
        raise refusal("a pattern is a text in quotes, as in: name like 'Nord%'", node.pattern.place)
    pattern = node.pattern.value
    if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        raise refusal(r"a pattern can't end with \; write \\ for the character itself", node.pattern.place)
    operator = "ilike" if node.any_case else "like"
    return Operation("boolean", operator, (operand, literals.text(node.pattern)))


@_typed.register
def _(node: tree.Negative, scope: Scope) -> Typed:
    return Operation("number", "negative", (amount(node.operand, _typed(node.operand, scope)),))


@_typed.register
def _(node: tree.Arithmetic, scope: Scope) -> Typed:
    left, right = _typed(node.left, scope), _typed(node.right, scope)
    if left.family in TIMES or right.family in TIMES:
        return _with_times(node, left, right)
    return Operation("number", node.operator, (amount(node.left, left), amount(node.right, right)))


def _with_times(node: tree.Arithmetic, left: Typed, right: Typed) -> Typed:
    """Move a date by a length of time, or count the days between two dates."""
    if node.operator == "+" and isinstance(node.left, tree.Text):
        node, left, right = tree.Arithmetic("+", node.right, node.left, place=node.place), right, left
    if node.operator in "+-" and isinstance(node.right, tree.Text):
        length = literals.length(node.right, left.family)
        if length:
            return Operation(left.family, "later" if node.operator == "+" else "earlier", (left, length))
    left, right = read_as(node.left, left, right, node.right), read_as(node.right, right, left, node.left)
    if node.operator != "-" or not {left.family, right.family} <= TIMES:
        raise refusal("a date can be moved by a length of time such as '90 days', nothing else", node.place)
    if left.family == right.family == "date":
        return Operation("number", "days", (left, right))
    return Operation("number", "days and parts", (moment(left), moment(right)))


def _condition(node: Node, scope: Scope) -> Typed:
    typed = _typed(node, scope)
    if typed.family != "boolean":
        raise refusal(f"{what(node, typed)}, not a condition; compare it with something", node.place)
    return typed
