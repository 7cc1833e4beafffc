"""The functions of the language that aren't over associations: what they take and what they give.

To add one: an entry in FUNCTIONS, its form in `forms.py`, a line in the reference, and one in the slow
reference of the tests.
"""

from collections.abc import Callable, Mapping

from wonward.expressions import literals, tree
from wonward.expressions.function import Check, Function, Read
from wonward.expressions.logged import LOG
from wonward.expressions.membership import MEMBERSHIP
from wonward.expressions.operands import alike, amount, require_order, what
from wonward.expressions.place import refusal
from wonward.expressions.scope import Scope
from wonward.expressions.suggest import suggestion
from wonward.expressions.tree import Node
from wonward.expressions.typed import TIMES, Bound, Clock, Column, Family, Operation, Typed
from wonward.expressions.words import MOST_WILDCARDS, patterns

LONGEST_REPLACEMENT = 100
"""Characters that `replace` may put in; what it gives is cut at the longest a text may be."""
_MOST_LEFT = 65_536
_MOST_DIGITS = 10
_MOST_JOINED = 100  # PostgreSQL passes no function more


def call(node: tree.Call, scope: Scope, read: Read) -> Typed:
    """Return a call with its types; raise Invalid when there is no such function or it is called wrongly."""
    function = FUNCTIONS.get(node.name)
    if function is None:
        near = suggestion(node.name, FUNCTIONS)
        raise refusal(f"there is no function '{node.name}'{near}", node.place)
    typed = function.check(node, scope, read)
    if typed is None:
        raise refusal(f"write it as {function.signature}", node.place)
    return typed


def _clock(found: Clock) -> Check:
    return lambda node, _scope, _read: None if node.arguments else found


_TODAY = Clock("date", "today")


def _of(family: Family, takes: Family, *, least: int = 1, most: int | None = 1) -> Check:
    """Return the checker of a function that takes so many values of one family."""

    def check(node: tree.Call, scope: Scope, read: Read) -> Typed | None:
        given = node.arguments
        if not least <= len(given) <= (most or len(given)):
            return None
        return Operation(
            family, node.name, tuple(_argument(node, part, takes, read(part, scope)) for part in given)
        )

    return check


def _argument(call: tree.Call, node: Node, takes: Family, typed: Typed) -> Typed:
    if takes == "number":
        return amount(node, typed)
    if typed.family != takes:
        raise refusal(f"{call.name} is for {takes}; {what(node, typed)}", node.place)
    return typed


def _any_alike(node: tree.Call, scope: Scope, read: Read) -> Typed | None:
    if len(node.arguments) < 2:
        return None
    typed = alike(node.arguments, [read(part, scope) for part in node.arguments], compared=False)
    if node.name != "coalesce":
        require_order(node.arguments, typed)
    return Operation(typed[0].family, node.name, typed)


def _counted(family: Family, *, most: int, default: int | None = None) -> Check:
    """Return the checker of a function that takes a value of a family and a whole number written out."""

    def check(node: tree.Call, scope: Scope, read: Read) -> Typed | None:
        match node.arguments:
            case (first, tree.Number(size)) if size == int(size) and 0 <= size <= most:
                number = int(size)
            case (first,) if default is not None:
                number = default
            case _:
                return None
        typed = _argument(node, first, family, read(first, scope))
        return Operation(family, node.name, (typed, Bound("number", number, "int")))

    return check


def _replace(node: tree.Call, scope: Scope, read: Read) -> Typed | None:
    match node.arguments:
        case (of, tree.Text() as old, tree.Text() as new):
            if len(new.value) > LONGEST_REPLACEMENT:
                raise refusal(f"replace puts in at most {LONGEST_REPLACEMENT} characters", new.place)
            texts = literals.text(old), literals.text(new)
            return Operation("text", "replace", (_argument(node, of, "text", read(of, scope)), *texts))
    return None


def _of_day(form: Callable[[str, Typed], Typed]) -> Check:
    """Return the checker of a function that takes a date, or a moment as the date it falls on in the portal."""

    def check(node: tree.Call, scope: Scope, read: Read) -> Typed | None:
        if len(node.arguments) != 1:
            return None
        (given,) = node.arguments
        if isinstance(given, tree.Text):
            typed: Typed = literals.moment(given, "date", node.name)
        else:
            typed = read(given, scope)
        if typed.family not in TIMES:
            raise refusal(f"{node.name} takes a date; {what(given, typed)}", given.place)
        if typed.family == "datetime":
            typed = Operation("date", "day there", (typed, Bound("text", scope.catalog.time_zone, "text")))
        return form(node.name, typed)

    return check


_PART = _of_day(lambda name, day: Operation("number", name, (day,)))
_UNTIL = _of_day(lambda _, day: Operation("number", "days", (day, _TODAY)))
_SINCE = _of_day(lambda _, day: Operation("number", "days", (_TODAY, day)))


def _has(node: tree.Call, scope: Scope, _: Read) -> Typed | None:
    found = _column_and_texts(node, scope)
    if found is None:
        return None
    column, values = found
    if column.family != "set":
        raise refusal(
            f"has is for properties with several options; compare '{column.property.label}' with =",
            node.place,
        )
    wanted = [literals.option(value, column.property).value for value in values]
    return Operation("boolean", "has", (column, Bound("set", wanted, "text[]")))


def _contains_token(node: tree.Call, scope: Scope, _: Read) -> Typed | None:
    found = _column_and_texts(node, scope)
    if found is None or len(found[1]) > 1:
        return None
    column, (value,) = found
    _require_text(column, node)
    search = str(literals.text(value).value)
    words = patterns(search)
    if not words or search.count("*") > MOST_WILDCARDS:
        raise refusal(f"give a word to look for, with at most {MOST_WILDCARDS} stars", value.place)
    tests = tuple(Operation("boolean", "matches", (column, Bound("text", word, "text"))) for word in words)
    return tests[0] if len(tests) == 1 else Operation("boolean", "and", tests)


def _equals_ignoring_case(node: tree.Call, scope: Scope, _: Read) -> Typed | None:
    found = _column_and_texts(node, scope)
    if found is None:
        return None
    column, values = found
    _require_text(column, node)
    lowered = (Operation("text", "lower", (literals.text(value),)) for value in values)
    return Operation("boolean", "equals ignoring case", (column, *lowered))


def _column_and_texts(node: tree.Call, scope: Scope) -> tuple[Column, list[tree.Text]] | None:
    match node.arguments:
        case (tree.Reference() as first, *rest) if rest:
            texts = [part for part in rest if isinstance(part, tree.Text)]
            if len(texts) == len(rest):
                return scope.column(first), texts
    return None


def _require_text(column: Column, node: tree.Call) -> None:
    if column.family != "text":
        named = f"'{column.property.label}' is {column.property.type}"
        raise refusal(f"{node.name} is for text; {named}", node.place)


FUNCTIONS: Mapping[str, Function] = {
    "today": Function("today()", _clock(_TODAY), "the clock"),
    "now": Function("now()", _clock(Clock("datetime", "now")), "the clock"),
    "days_until": Function("days_until(renewal_date)", _UNTIL, "the clock"),
    "days_since": Function("days_since(signed_on)", _SINCE, "the clock"),
    "year": Function("year(signed_on)", _PART),
    "month": Function("month(signed_on)", _PART),
    "day": Function("day(signed_on)", _PART),
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
    "concat": Function("concat(name, ' ', domain)", _of("text", "text", least=2, most=_MOST_JOINED)),
    "replace": Function("replace(name, ' A/S', '')", _replace),
    "round": Function("round(mrr, 2)", _counted("number", most=_MOST_DIGITS, default=0)),
    "abs": Function("abs(mrr)", _of("number", "number")),
    "coalesce": Function("coalesce(mrr, 0)", _any_alike),
    "greatest": Function("greatest(mrr, 100)", _any_alike),
    "least": Function("least(mrr, 100)", _any_alike),
    **MEMBERSHIP,
    **LOG,
}
