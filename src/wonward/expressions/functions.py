"""The functions of the language that aren't over associations: what they take and what they give.

To add one: a checker here, an entry in FUNCTIONS, its form in `compile.py`, a line in the reference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wonward.errors import Invalid
from wonward.expressions import literals, tree
from wonward.expressions.place import refusal
from wonward.expressions.scope import Scope
from wonward.expressions.suggest import suggestion
from wonward.expressions.typed import Bound, Clock, Column, Operation, Typed
from wonward.expressions.words import MOST_WILDCARDS, patterns


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is written, and what turns a call of it into something typed."""

    signature: str
    check: Callable[[tree.Call, Scope], Typed]


def call(node: tree.Call, scope: Scope) -> Typed:
    """Return a call with its types; raise Invalid when there is no such function or it is called wrongly."""
    function = FUNCTIONS.get(node.name)
    if function is None:
        near = suggestion(node.name, FUNCTIONS)
        raise refusal(f"there is no function '{node.name}'{near}", node.place)
    return function.check(node, scope)


def _misused(node: tree.Call) -> Invalid:
    return refusal(f"write it as {FUNCTIONS[node.name].signature}", node.place)


def _today(node: tree.Call, _: Scope) -> Typed:
    if node.arguments:
        raise _misused(node)
    return Clock("date", "today")


def _now(node: tree.Call, _: Scope) -> Typed:
    if node.arguments:
        raise _misused(node)
    return Clock("datetime", "now")


def _has(node: tree.Call, scope: Scope) -> Typed:
    column, values = _column_and_texts(node, scope)
    if column.family != "set":
        raise refusal(
            f"has is for properties with several options; compare '{column.property.name}' with =", node.place
        )
    wanted = [literals.option(value, column.property).value for value in values]
    return Operation("boolean", "has", (column, Bound("set", wanted, "text[]")))


def _contains_token(node: tree.Call, scope: Scope) -> Typed:
    column, values = _column_and_texts(node, scope, most=1)
    _require_text(column, node)
    search = literals.text(values[0]).value
    words = patterns(str(search))
    if not words or str(search).count("*") > MOST_WILDCARDS:
        raise refusal(f"give a word to look for, with at most {MOST_WILDCARDS} stars", values[0].place)
    found = tuple(Operation("boolean", "matches", (column, Bound("text", word, "text"))) for word in words)
    return found[0] if len(found) == 1 else Operation("boolean", "and", found)


def _equals_ignoring_case(node: tree.Call, scope: Scope) -> Typed:
    column, values = _column_and_texts(node, scope)
    _require_text(column, node)
    return Operation("boolean", "equals ignoring case", (column, *map(literals.text, values)))


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
        what = f"'{column.property.name}' is {column.property.type}"
        raise refusal(f"{node.name} is for text; {what}", node.place)


FUNCTIONS: Mapping[str, Function] = {
    "today": Function("today()", _today),
    "now": Function("now()", _now),
    "has": Function("has(interests, 'golf', 'chess')", _has),
    "contains_token": Function("contains_token(name, 'nordic*')", _contains_token),
    "equals_ignoring_case": Function("equals_ignoring_case(name, 'acme', 'acme inc')", _equals_ignoring_case),
}
