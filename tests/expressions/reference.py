"""The slow reference: says what an expression means for one record by walking the tree in plain Python.

It shares nothing with the compiler but the tree. None is SQL's null, and neither true nor false.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext
from typing import Any
from zoneinfo import ZoneInfo

from tests.expressions.conftest import CATALOG, NOW
from tests.expressions.world import TEAMS, Record, Value, World, canonical

from wonward.expressions import tree
from wonward.expressions.parse import parse
from wonward.expressions.tree import Node

ZONE = ZoneInfo("Europe/Copenhagen")
TODAY = NOW.astimezone(ZONE).date()
getcontext().prec = 60
_UNITS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}
_BELOW = {"sales": {"sales", "north"}, "north": {"north"}, "support": {"support"}}
_PRIMARY = {("deal", "company"): 5, ("contact", "company"): 1}
_LABELS = {("company", "contact"): 2, ("company", "deal"): 6}


def as_date(value: Value) -> Value:
    """Return a text as the date or moment it writes, anything else as it is."""
    if not isinstance(value, str):
        return value
    found = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    return found if not isinstance(found, datetime) or found.tzinfo else found.replace(tzinfo=UTC)


def as_moment(value: Value) -> Value:
    """Return a date as its midnight in UTC."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value


def alike(values: list[Value]) -> list[Value]:
    """Return values read as one another: texts as dates beside dates, dates as moments beside moments."""
    if any(isinstance(each, date) for each in values):
        values = [as_date(each) for each in values]
    if any(isinstance(each, datetime) for each in values):
        values = [as_moment(each) for each in values]
    return values


def day_there(value: Value) -> Value:
    """Return the date that a moment falls on in the portal."""
    value = as_date(value)
    return value.astimezone(ZONE).date() if isinstance(value, datetime) else value


def moved(value: Value, sign: int, length: str) -> Value:
    """Return a date or moment so much later or earlier."""
    amount, unit = length.split()
    unit = unit.rstrip("s")
    if unit in _UNITS:
        return value + sign * timedelta(**{_UNITS[unit]: int(amount)})
    months = value.year * 12 + value.month - 1 + sign * int(amount) * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return value.replace(
        year=year, month=month + 1, day=min(value.day, calendar.monthrange(year, month + 1)[1])
    )


def conjunction(values: list[Value]) -> Value:
    """Return three-valued and."""
    return False if False in values else None if None in values else True


def negation(value: Value) -> Value:
    """Return three-valued not."""
    return None if value is None else not value


def compared(operator: str, left: Value, right: Value) -> Value:
    """Return a comparison, None when either side is empty."""
    if left is None or right is None:
        return None
    left, right = alike([left, right])
    outcomes: dict[str, Callable[[], bool]] = {
        "=": lambda: left == right, "!=": lambda: left != right, "<": lambda: left < right,
        "<=": lambda: left <= right, ">": lambda: left > right, ">=": lambda: left >= right,
    }  # fmt: skip
    return outcomes[operator]()


def like(value: str, pattern: str) -> bool:
    """Match SQL's patterns by going through both."""
    if not pattern:
        return not value
    if pattern[0] == "%":
        return any(like(value[start:], pattern[1:]) for start in range(len(value) + 1))
    literal, rest = (pattern[1], pattern[2:]) if pattern[0] == "\\" else (pattern[0], pattern[1:])
    if pattern[0] == "_":
        return bool(value) and like(value[1:], rest)
    return value[:1] == literal and like(value[1:], rest)


def has_word(value: str, word: str) -> bool:
    """Tell whether a text has a word as HubSpot's token search finds it."""
    pattern = r"\S*".join(re.escape(part) for part in re.split(r"\*+", word.lower()))
    start = r"(?<!\w)" if re.match(r"\w", word) else ""
    end = r"(?!\w)" if re.search(r"\w$", word) else ""
    return re.search(start + pattern + end, value.lower()) is not None


@dataclass(frozen=True)
class Reference:
    """Evaluates trees about one record of a world."""

    world: World
    record: Record

    def value(self, node: Node) -> Value:
        """Return what an expression gives."""
        return getattr(self, f"_{type(node).__name__.lower()}")(node)

    def _text(self, node: tree.Text) -> Value:
        return node.value

    _number = _truth = _text

    def _null(self, _: tree.Null) -> Value:
        return None

    def _reference(self, node: tree.Reference) -> Value:
        if node.of is None:
            return self.record.values[node.name]
        kind = CATALOG.object_type(node.of).name
        primary = _PRIMARY.get((self.record.kind, kind))
        found = self._there(kind)
        found.sort(key=lambda each: (primary not in self.world.links[self.record.id, kind, each.id], each.id))
        return found[0].values[node.name] if found else None

    def _there(self, kind: str) -> list[Record]:
        return [each for each in self.world.of(kind) if (self.record.id, kind, each.id) in self.world.links]

    def _chosen(self, node: tree.Aggregate | tree.Associated) -> list[Record]:
        kind = CATALOG.object_type(node.of).name
        found = self._there(kind)
        if node.label is not None:
            label = _LABELS[self.record.kind, kind]
            found = [each for each in found if label in self.world.links[self.record.id, kind, each.id]]
        if node.where is not None:
            found = [each for each in found if replace(self, record=each).value(node.where) is True]
        return found

    def _aggregate(self, node: tree.Aggregate) -> Value:
        found = self._chosen(node)
        if node.function == "count":
            return Decimal(len(found))
        if node.function == "latest":
            return self._latest(node, found)
        values = [value for each in found if (value := each.values[node.name or ""]) is not None]
        if node.function == "sum":
            return sum(values, Decimal(0))
        if not values:
            return None
        return {"min": min, "max": max, "avg": lambda all_: sum(all_) / len(all_)}[node.function](values)

    def _latest(self, node: tree.Aggregate, found: list[Record]) -> Value:
        def order(each: Record) -> tuple[Any, ...]:
            by = each.values[node.by] if node.by else each.created
            return (by is not None, by or 0, each.id) if by is not None else (False, each.id)

        return max(found, key=order).values[node.name or ""] if found else None

    def _associated(self, node: tree.Associated) -> Value:
        return any(not node.ids or each.id in node.ids for each in self._chosen(node))

    def _and(self, node: tree.And) -> Value:
        return conjunction([self.value(part) for part in node.parts])

    def _or(self, node: tree.Or) -> Value:
        return negation(conjunction([negation(self.value(part)) for part in node.parts]))

    def _not(self, node: tree.Not) -> Value:
        return negation(self.value(node.operand))

    def _comparison(self, node: tree.Comparison) -> Value:
        return compared(node.operator, self.value(node.left), self.value(node.right))

    def _membership(self, node: tree.Membership) -> Value:
        operand = self.value(node.operand)
        if node.choices == (tree.Call("my_teams"),):
            mine = _BELOW.get(TEAMS[self.world.me] or "", set()) if self.world.me else set()
            return None if operand is None else TEAMS[int(operand)] in mine
        equal = [negation(compared("=", operand, self.value(choice))) for choice in node.choices]
        return negation(conjunction(equal))

    def _range(self, node: tree.Range) -> Value:
        operand, low, high = (self.value(part) for part in (node.operand, node.low, node.high))
        return conjunction([compared(">=", operand, low), compared("<=", operand, high)])

    def _like(self, node: tree.Like) -> Value:
        operand, pattern = self.value(node.operand), self.value(node.pattern)
        if operand is None:
            return None
        return like(operand.lower(), pattern.lower()) if node.any_case else like(operand, pattern)

    def _nulltest(self, node: tree.NullTest) -> Value:
        return self.value(node.operand) is None

    def _negative(self, node: tree.Negative) -> Value:
        operand = self.value(node.operand)
        return None if operand is None else -operand

    def _arithmetic(self, node: tree.Arithmetic) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None:
            return None
        if isinstance(node.right, tree.Text) and re.match(r"\d+ ", node.right.value):
            return moved(as_date(left), 1 if node.operator == "+" else -1, node.right.value)
        left, right = alike([as_date(left), as_date(right)])
        if isinstance(left, date):
            return Decimal(str((left - right) / timedelta(microseconds=1))) / 86_400_000_000
        if node.operator == "/":
            return left / right if right else None
        return {"+": left + right, "-": left - right, "*": left * right}[node.operator]

    def _case(self, node: tree.Case) -> Value:
        for branch in node.branches:
            if self.value(branch.condition) is True:
                return self.value(branch.value)
        return self.value(node.otherwise) if node.otherwise else None

    def _call(self, node: tree.Call) -> Value:
        special = getattr(self, f"_call_{node.name}", None)
        if special:
            return special(*node.arguments)
        values = [self.value(part) for part in node.arguments]
        if node.name in ("coalesce", "greatest", "least", "concat"):
            return self._of_any(node.name, [value for value in values if value is not None])
        return None if None in values else _PLAIN[node.name](*values)

    def _of_any(self, name: str, present: list[Value]) -> Value:
        if name == "concat":
            return "".join(present)
        if not present:
            return None
        return {"coalesce": lambda all_: all_[0], "greatest": max, "least": min}[name](alike(present))

    def _call_today(self) -> Value:
        return TODAY

    def _call_now(self) -> Value:
        return NOW

    def _call_me(self) -> Value:
        return None if self.world.me is None else Decimal(self.world.me)

    def _call_in_list(self, name: tree.Text) -> Value:
        found = CATALOG.lists[name.value]
        if found.filter is None:
            return self.record.id in self.world.listed
        return self.value(parse(found.filter)) is True

    def _entries(self, name: str) -> list[tuple[datetime, str, list[str | None]]]:
        return [
            (at, kind, diff[name])
            for at, kind, diff in self.record.log
            if kind in ("created", "updated") and name in diff
        ]

    def _at(self, name: str, moment: datetime) -> Value:
        entries = self._entries(name)
        before = [values[1] for at, _, values in entries if at <= moment]
        after = [values[0] for at, _, values in entries if at > moment]
        if not before and not after:
            return self.record.values[name]
        return _read(name, before[-1] if before else after[0])

    def _call_value_at(self, of: tree.Reference, moment: Node) -> Value:
        when = as_date(self.value(moment))
        if when is not None and not isinstance(when, datetime):
            when = datetime.combine(when, time(), ZONE)
        # at an unknown moment no change is before or after it
        return self.record.values[of.name] if when is None else self._at(of.name, when)

    def _call_increase(self, of: tree.Reference, length: tree.Text) -> Value:
        moment = moved(NOW, -1, length.value)
        then = self._at(of.name, moment)
        if then is None:
            later = (_read(of.name, values[1]) for at, _, values in self._entries(of.name) if at > moment)
            then = next((value for value in later if value is not None), None)
        present = self.record.values[of.name]
        return None if then is None or present is None else present - then

    def _call_changed(self, of: tree.Reference, *rest: Node) -> Value:
        values, since = rest[:2] if len(rest) > 1 else (), rest[len(rest) // 2 * 2 :]
        return self._changed(of, [canonical(self.value(each)) for each in values], since)

    def _call_pushed(self, of: tree.Reference) -> Value:
        return Decimal(sum(self._pushes(of.name)))

    def _call_times_pushed(self, of: tree.Reference) -> Value:
        return Decimal(len(self._pushes(of.name)))

    def _pushes(self, name: str) -> list[int]:
        moves = [values for _, kind, values in self._entries(name) if kind == "updated" and all(values)]
        days = [
            (date.fromisoformat(str(new)[:10]) - date.fromisoformat(str(old)[:10])).days for old, new in moves
        ]
        return [each for each in days if each > 0]

    def _call_changed_to(self, of: tree.Reference, new: Node, *since: Node) -> Value:
        return self._changed(of, [canonical(self.value(new))], since)

    def _changed(self, of: tree.Reference, wanted: list[str | None], since: tuple[Node, ...]) -> bool:
        start = moved(NOW, -1, self.value(since[0])) if since else datetime.min.replace(tzinfo=UTC)
        return any(
            kind == "updated" and at > start and values[2 - len(wanted) :] == wanted
            for at, kind, values in self._entries(of.name)
        )


def _read(name: str, text: str | None) -> Value:
    kind = CATALOG.object_types["company"].properties[name].type
    if text is None:
        return None
    return {
        "number": Decimal, "currency": Decimal, "owner": Decimal, "date": date.fromisoformat, "datetime": as_date,
        "boolean": lambda value: value == "true", "multi_enumeration": lambda value: tuple(value.split(";")),
    }.get(kind, str)(text)  # type: ignore[operator]  # fmt: skip


def _rounded(value: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP)


_PLAIN: dict[str, Callable[..., Value]] = {
    "lower": str.lower,
    "upper": str.upper,
    "trim": lambda text: text.strip(" "),
    "length": lambda text: Decimal(len(text)),
    "left": lambda text, size: text[: int(size)],
    "replace": lambda text, old, new: text.replace(old, new) if old else text,
    "contains": lambda text, part: part.lower() in text.lower(),
    "starts_with": lambda text, part: text.lower().startswith(part.lower()),
    "round": _rounded,
    "abs": abs,
    "year": lambda day: Decimal(day_there(day).year),
    "month": lambda day: Decimal(day_there(day).month),
    "day": lambda day: Decimal(day_there(day).day),
    "days_until": lambda day: Decimal((day_there(day) - TODAY).days),
    "days_since": lambda day: Decimal((TODAY - day_there(day)).days),
    "has": lambda chosen, *wanted: bool(set(chosen) & set(wanted)),
    "contains_token": lambda text, words: all(has_word(text, word) for word in words.split()),
    "equals_ignoring_case": lambda text, *others: text.lower() in [each.lower() for each in others],
}
