"""The functions of the language that aren't over associations: what they take and what they give.

To add one: an entry in FUNCTIONS, its form in `compile.py`, a line in the reference, and one in the slow
reference of the tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from wonward.errors import Invalid
from wonward.expressions import literals, tree
from wonward.expressions.operands import alike, amount, is_owner, require_order, what
from wonward.expressions.place import refusal
from wonward.expressions.scope import Scope
from wonward.expressions.suggest import suggestion
from wonward.expressions.tree import Node
from wonward.expressions.typed import TIMES, Bound, Clock, Column, Family, Operation, Person, Typed
from wonward.expressions.words import MOST_WILDCARDS, patterns

LONGEST_REPLACEMENT = 100
"""Characters that `replace` may put in; what it gives is cut at the longest a text may be."""
_MOST_LEFT = 65_536
_MOST_DIGITS = 10

Read = Callable[[Node], Typed]
"""Types an argument in the scope of its call."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is written, and what turns a call of it into something typed.

    `varies` says what its value changes with besides the record, so that it can't be kept in a column.
    """

    signature: str
    check: Callable[[tree.Call, Scope, Read], Typed]
    varies: Literal["", "the clock", "who looks"] = ""


def call(node: tree.Call, scope: Scope, read: Read) -> Typed:
    """Return a call with its types; raise Invalid when there is no such function or it is called wrongly."""
    function = FUNCTIONS.get(node.name)
    if function is None:
        near = suggestion(node.name, FUNCTIONS)
        raise refusal(f"there is no function '{node.name}'{near}", node.place)
    return function.check(node, scope, read)


def in_my_teams(node: tree.Membership, owner: Typed, scope: Scope) -> Typed:
    """Return the test that an owner belongs to a team of whoever asks; raise Invalid when it is no owner."""
    if not is_owner(owner):
        raise refusal(f"my_teams() holds owners; {what(node.operand, owner)}", node.place)
    return Operation("boolean", "in teams", (owner, Person("set", "my_teams", scope.catalog.portal_id)))


def _misused(node: tree.Call) -> Invalid:
    return refusal(f"write it as {FUNCTIONS[node.name].signature}", node.place)


def _without_arguments(node: tree.Call, found: Typed) -> Typed:
    if node.arguments:
        raise _misused(node)
    return found


def _today(node: tree.Call, _: Scope, _read: Read) -> Typed:
    return _without_arguments(node, Clock("date", "today"))


def _now(node: tree.Call, _: Scope, _read: Read) -> Typed:
    return _without_arguments(node, Clock("datetime", "now"))


def _me(node: tree.Call, scope: Scope, _: Read) -> Typed:
    return _without_arguments(node, Person("number", "me", scope.catalog.portal_id))


def _my_teams(node: tree.Call, _: Scope, _read: Read) -> Typed:
    raise _misused(node)


def _of(
    family: Family, takes: Family, *, least: int = 1, most: int | None = 1
) -> Callable[[tree.Call, Scope, Read], Typed]:
    """Return the checker of a function that takes so many values of one family."""

    def check(node: tree.Call, _: Scope, read: Read) -> Typed:
        if not least <= len(node.arguments) <= (most or len(node.arguments)):
            raise _misused(node)
        return Operation(
            family, node.name, tuple(_argument(node, part, takes, read) for part in node.arguments)
        )

    return check


def _argument(call: tree.Call, node: Node, takes: Family, read: Read) -> Typed:
    typed = read(node)
    if takes == "number":
        return amount(node, typed)
    if typed.family != takes:
        raise refusal(f"{call.name} is for {takes}; {what(node, typed)}", node.place)
    return typed


def _any_alike(node: tree.Call, _: Scope, read: Read) -> Typed:
    if len(node.arguments) < 2:
        raise _misused(node)
    typed = alike(node.arguments, [read(part) for part in node.arguments], compared=False)
    if node.name != "coalesce":
        require_order(node.arguments, typed)
    return Operation(typed[0].family, node.name, typed)


def _counted(
    family: Family, *, most: int, default: int | None = None
) -> Callable[[tree.Call, Scope, Read], Typed]:
    """Return the checker of a function that takes a value of a family and a whole number written out."""

    def check(node: tree.Call, _: Scope, read: Read) -> Typed:
        match node.arguments:
            case (first, tree.Number(size)) if size == int(size) and 0 <= size <= most:
                number = int(size)
            case (first,) if default is not None:
                number = default
            case _:
                raise _misused(node)
        typed = _argument(node, first, family, read)
        return Operation(family, node.name, (typed, Bound("number", number, "int")))

    return check


def _replace(node: tree.Call, _: Scope, read: Read) -> Typed:
    match node.arguments:
        case (of, tree.Text() as old, tree.Text() as new):
            if len(new.value) > LONGEST_REPLACEMENT:
                raise refusal(f"replace puts in at most {LONGEST_REPLACEMENT} characters", new.place)
            texts = literals.text(old), literals.text(new)
            return Operation("text", "replace", (_argument(node, of, "text", read), *texts))
    raise _misused(node)


def _day_of(node: tree.Call, scope: Scope, read: Read) -> Typed:
    """Return the argument as a date, a moment as the date it falls on where the portal is."""
    if len(node.arguments) != 1:
        raise _misused(node)
    (given,) = node.arguments
    if isinstance(given, tree.Text):
        return literals.moment(given, "date", given.value)
    typed = read(given)
    if typed.family not in TIMES:
        raise refusal(f"{node.name} takes a date; {what(given, typed)}", given.place)
    if typed.family == "date":
        return typed
    return Operation("date", "day there", (typed, Bound("text", scope.catalog.time_zone, "text")))


def _part_of_day(node: tree.Call, scope: Scope, read: Read) -> Typed:
    return Operation("number", node.name, (_day_of(node, scope, read),))


def _days_until(node: tree.Call, scope: Scope, read: Read) -> Typed:
    return Operation("number", "days", (_day_of(node, scope, read), Clock("date", "today")))


def _days_since(node: tree.Call, scope: Scope, read: Read) -> Typed:
    return Operation("number", "days", (Clock("date", "today"), _day_of(node, scope, read)))


def _has(node: tree.Call, scope: Scope, _: Read) -> Typed:
    column, values = _column_and_texts(node, scope)
    if column.family != "set":
        raise refusal(
            f"has is for properties with several options; compare '{column.property.label}' with =",
            node.place,
        )
    wanted = [literals.option(value, column.property).value for value in values]
    return Operation("boolean", "has", (column, Bound("set", wanted, "text[]")))


def _contains_token(node: tree.Call, scope: Scope, _: Read) -> Typed:
    column, values = _column_and_texts(node, scope, most=1)
    _require_text(column, node)
    search = literals.text(values[0]).value
    words = patterns(str(search))
    if not words or str(search).count("*") > MOST_WILDCARDS:
        raise refusal(f"give a word to look for, with at most {MOST_WILDCARDS} stars", values[0].place)
    found = tuple(Operation("boolean", "matches", (column, Bound("text", word, "text"))) for word in words)
    return found[0] if len(found) == 1 else Operation("boolean", "and", found)


def _equals_ignoring_case(node: tree.Call, scope: Scope, _: Read) -> Typed:
    column, values = _column_and_texts(node, scope)
    _require_text(column, node)
    lowered = (Operation("text", "lower", (literals.text(value),)) for value in values)
    return Operation("boolean", "equals ignoring case", (column, *lowered))


def _column_and_texts(
    node: tree.Call, scope: Scope, most: int | None = None
) -> tuple[Column, list[tree.Text]]:
    match node.arguments:
        case (tree.Reference() as first, *rest) if rest:
            texts = [part for part in rest if isinstance(part, tree.Text)]
            if len(texts) == len(rest) <= (most or len(rest)):
                return scope.column(first), texts
    raise _misused(node)


def _require_text(column: Column, node: tree.Call) -> None:
    if column.family != "text":
        named = f"'{column.property.label}' is {column.property.type}"
        raise refusal(f"{node.name} is for text; {named}", node.place)


FUNCTIONS: Mapping[str, Function] = {
    "today": Function("today()", _today, "the clock"),
    "now": Function("now()", _now, "the clock"),
    "days_until": Function("days_until(renewal_date)", _days_until, "the clock"),
    "days_since": Function("days_since(signed_on)", _days_since, "the clock"),
    "year": Function("year(signed_on)", _part_of_day),
    "month": Function("month(signed_on)", _part_of_day),
    "day": Function("day(signed_on)", _part_of_day),
    "me": Function("me()", _me, "who looks"),
    "my_teams": Function("hubspot_owner_id in my_teams()", _my_teams, "who looks"),
    "has": Function("has(interests, 'golf', 'chess')", _has),
    "contains_token": Function("contains_token(name, 'nordic*')", _contains_token),
    "equals_ignoring_case": Function("equals_ignoring_case(name, 'acme', 'acme inc')", _equals_ignoring_case),
    "contains": Function("contains(name, 'acme')", _of("boolean", "text", least=2, most=2)),
    "starts_with": Function("starts_with(name, 'acme')", _of("boolean", "text", least=2, most=2)),
    "lower": Function("lower(name)", _of("text", "text")),
    "upper": Function("upper(name)", _of("text", "text")),
    "trim": Function("trim(name)", _of("text", "text")),
    "length": Function("length(name)", _of("number", "text")),
    "left": Function("left(name, 3)", _counted("text", most=_MOST_LEFT)),
    "concat": Function("concat(name, ' ', domain)", _of("text", "text", least=2, most=None)),
    "replace": Function("replace(name, ' A/S', '')", _replace),
    "round": Function("round(mrr, 2)", _counted("number", most=_MOST_DIGITS, default=0)),
    "abs": Function("abs(mrr)", _of("number", "number")),
    "coalesce": Function("coalesce(mrr, 0)", _any_alike),
    "greatest": Function("greatest(mrr, 100)", _any_alike),
    "least": Function("least(mrr, 100)", _any_alike),
}
