"""What a property was before: functions that read the change log of the record.

Where the log says nothing, because it begins later than the record or was never written to, a property has
always had its present value. Of a time whose months aren't kept any more nothing is known: null.
"""

from collections.abc import Mapping

from wonward.expressions import literals, tree
from wonward.expressions.function import Function, Read
from wonward.expressions.operands import amount, what
from wonward.expressions.place import refusal
from wonward.expressions.scope import Scope
from wonward.expressions.tree import Node
from wonward.expressions.typed import (
    TIMES,
    Bound,
    Change,
    Clock,
    Column,
    Former,
    Operation,
    Pushes,
    Typed,
)

_NOW = Clock("datetime", "now")


def _increase(node: tree.Call, scope: Scope, _: Read) -> Typed | None:
    match node.arguments:
        case (tree.Reference(_, None) as of, tree.Text() as given):
            moment = _so_long_ago(given)
            if moment is None:
                return None
            column = _own(of, node, scope, look_ups=2)
            amount(of, column)
            then = Former(column.family, column.property, moment, else_first=True)
            return Operation("number", "-", (column, then))
    return None


def _value_at(node: tree.Call, scope: Scope, read: Read) -> Typed | None:
    match node.arguments:
        case (tree.Reference(_, None) as of, moment):
            column = _own(of, node, scope)
            return Former(column.family, column.property, _moment(moment, scope, read))
    return None


def _changed(node: tree.Call, scope: Scope, _: Read) -> Typed | None:
    match node.arguments:
        case (tree.Reference(_, None) as of, *rest) if len(rest) in (0, 2):
            return _change(node, scope, of, rest, None)
        case (tree.Reference(_, None) as of, *rest, tree.Text() as length) if len(rest) in (0, 2):
            return _change(node, scope, of, rest, length)
    return None


def _changed_to(node: tree.Call, scope: Scope, _: Read) -> Typed | None:
    match node.arguments:
        case (tree.Reference(_, None) as of, new):
            return _change(node, scope, of, [new], None)
        case (tree.Reference(_, None) as of, new, tree.Text() as length):
            return _change(node, scope, of, [new], length)
    return None


def _change(
    node: tree.Call, scope: Scope, of: tree.Reference, values: list[Node], length: tree.Text | None
) -> Typed | None:
    since = _so_long_ago(length) if length else None
    if length and since is None:
        return None
    column = _own(of, node, scope)
    canonical = tuple(literals.logged(value, column.property) for value in values)
    if "" in canonical:
        return None
    return Change("boolean", column.property, since, canonical)


def _pushed(node: tree.Call, scope: Scope, _: Read) -> Typed | None:
    match node.arguments:
        case (tree.Reference(_, None) as of,):
            column = _own(of, node, scope)
            if column.family not in TIMES:
                raise refusal(f"{node.name} is for dates; {what(of, column)}", of.place)
            return Pushes("number", column.property, days=node.name == "pushed")
    return None


def _own(of: tree.Reference, node: tree.Call, scope: Scope, *, look_ups: int = 1) -> Column:
    for _ in range(look_ups):
        scope.spend("logged", node.place)
    return scope.column(of)


def _so_long_ago(given: tree.Text) -> Typed | None:
    length = literals.length(given, "datetime")
    return Operation("datetime", "earlier", (_NOW, length)) if length else None


def _moment(node: Node, scope: Scope, read: Read) -> Typed:
    """Return a moment, a date as the beginning of that day where the portal is."""
    typed = literals.moment(node, "date", "value_at") if isinstance(node, tree.Text) else read(node, scope)
    if typed.family not in TIMES:
        raise refusal(f"value_at takes a date; {what(node, typed)}", node.place)
    if typed.family == "datetime":
        return typed
    return Operation("datetime", "day begins", (typed, Bound("text", scope.catalog.time_zone, "text")))


LOG: Mapping[str, Function] = {
    "increase": Function("increase(seats, '90 days')", _increase, "the change log"),
    "value_at": Function("value_at(sector, '2026-01-31')", _value_at, "the change log"),
    "changed": Function(
        "changed(sector), changed(sector, '7 days') or changed(sector, 'public', 'energy', '7 days')",
        _changed,
        "the change log",
    ),
    "pushed": Function("pushed(closedate)", _pushed, "the change log"),
    "times_pushed": Function("times_pushed(closedate)", _pushed, "the change log"),
    "changed_to": Function("changed_to(sector, 'energy', '7 days')", _changed_to, "the change log"),
}
