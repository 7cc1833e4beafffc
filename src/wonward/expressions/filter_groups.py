"""Reads the filters of HubSpot's search into the tree, so that both languages mean the same.

As in HubSpot: groups are alternatives, the filters of a group all hold, free text ignores case, options
don't. No operator but NOT_HAS_PROPERTY matches a record without the value, NEQ and NOT_IN neither.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wonward.errors import Invalid, Missing, Problem
from wonward.expressions import tree
from wonward.expressions.scope import family_of
from wonward.expressions.suggest import suggestion
from wonward.expressions.tree import Node
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES

MOST_GROUPS = 5
MOST_FILTERS = 6
MOST_IN_ALL = 18
LONGEST_BODY = 3_000

_LINKS = "associations."
_COMPARISONS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_PRESENCE = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
_EQUALITY = ("EQ", "NEQ", "IN", "NOT_IN", *_PRESENCE)
_ORDER = (*_COMPARISONS, "BETWEEN")
_TOKENS = ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
_NEGATIVE = ("NEQ", "NOT_IN", "NOT_HAS_PROPERTY", "NOT_CONTAINS_TOKEN")
OPERATORS = (*_EQUALITY, *_ORDER, *_TOKENS)


def check_size(body: bytes | str) -> None:
    """Raise Invalid when the body of a search is longer than HubSpot allows."""
    length = len(body if isinstance(body, str) else body.decode("utf-8", errors="replace"))
    if length > LONGEST_BODY:
        raise _refusal(f"The search body has {length:,} characters; at most {LONGEST_BODY:,} are allowed")


def parse_filters(catalog: Catalog, object_type: ObjectType, body: Mapping[str, Any]) -> Node:
    """Return the tree of a search body's `filterGroups` or top-level `filters`; true when it has none.

    Raises Invalid with HubSpot's codes and the numbers of the group and filter in the problem's context.
    """
    groups = _groups(body)
    if not groups:
        return tree.Truth(True)
    alternatives = []
    for group_number, filters in enumerate(groups):
        conditions = []
        for number, given in enumerate(filters):
            found = _Filter(catalog, object_type, given, {"filterGroup": group_number, "filter": number})
            conditions.append(found.condition())
        alternatives.append(tree.all_of(conditions))
    return tree.any_of(alternatives)


def _groups(body: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    groups = [_filters(group) for group in _list(body, "filterGroups")]
    loose = _filters(body)
    if loose and any(groups):
        raise _refusal("Give either filterGroups or filters, not both")
    groups = [loose] if loose else groups
    if len(groups) > MOST_GROUPS:
        raise _refusal(f"There are {len(groups)} filterGroups; at most {MOST_GROUPS} are allowed")
    longest = max(map(len, groups), default=0)
    if longest > MOST_FILTERS:
        raise _refusal(f"A filterGroup has {longest} filters; at most {MOST_FILTERS} are allowed")
    total = sum(map(len, groups))
    if total > MOST_IN_ALL:
        raise _refusal(f"There are {total} filters in all; at most {MOST_IN_ALL} are allowed")
    return groups


def _filters(group: object) -> list[Mapping[str, Any]]:
    if not isinstance(group, Mapping):
        raise _refusal("Each of filterGroups is an object with a list of filters")
    filters = _list(group, "filters")
    if not all(isinstance(each, Mapping) for each in filters):
        raise _refusal("Each of filters is an object with propertyName and operator")
    return filters


def _list(body: Mapping[str, Any], key: str) -> list[Any]:
    found = body.get(key)
    if found is not None and not isinstance(found, list):
        raise _refusal(f"{key} is a list")
    return found or []


def _refusal(message: str, code: str = "VALIDATION_ERROR", **details: Any) -> Invalid:
    return Invalid([Problem(message, code, **details)])


@dataclass(frozen=True, slots=True)
class _Filter:
    """One filter of a search and what it is about."""

    catalog: Catalog
    object_type: ObjectType
    given: Mapping[str, Any]
    place: Mapping[str, int]

    def condition(self) -> Node:
        """Return the filter's tree."""
        if self._operator not in OPERATORS:
            raise self._refused(f"operator {self._operator} is none of {', '.join(OPERATORS)}")
        if self._name.startswith(_LINKS):
            return self._association()
        prop = self.object_type.properties.get(self._name)
        if prop is None:
            near = suggestion(self._name, self.object_type.properties)
            raise self._refused(
                f"Property '{self._name}' does not exist on {self.object_type.label}{near}",
                "PROPERTY_DOESNT_EXIST",
            )
        allowed = _allowed(prop)
        if self._operator not in allowed:
            raise self._refused(
                f"operator {self._operator} doesn't apply to {self._name}, which is {prop.type}; "
                f"use {', '.join(allowed)}"
            )
        return self._about(prop)

    def _about(self, prop: Property) -> Node:
        of = tree.Reference(prop.name)
        match self._operator:
            case "HAS_PROPERTY":
                return tree.Not(tree.NullTest(of))
            case "NOT_HAS_PROPERTY":
                return tree.NullTest(of)
            case "BETWEEN":
                return tree.Range(of, self._value(prop, "value"), self._value(prop, "highValue"))
            case "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN" if family_of(prop) == "text":
                found: Node = tree.Call("contains_token", (of, tree.Text(self._text("value"))))
            case "IN" | "NOT_IN":
                found = _any_of(prop, of, [self._literal(prop, each) for each in self._list()])
            case "EQ" | "NEQ" | "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN":
                found = self._equal(prop, of)
            case operator:
                return tree.Comparison(_COMPARISONS[operator], of, self._value(prop, "value"))
        return _opposite(found) if self._operator in _NEGATIVE else found

    def _equal(self, prop: Property, of: tree.Reference) -> Node:
        if family_of(prop) == "set":
            chosen = [part.strip() for part in self._text("value").split(";")]
            return tree.all_of(tree.Call("has", (of, self._literal(prop, each))) for each in chosen)
        return _any_of(prop, of, [self._value(prop, "value")])

    def _association(self) -> Node:
        try:
            to = self.catalog.object_type(self._name.removeprefix(_LINKS)).name
        except Missing:
            raise self._refused(f"Property '{self._name}' does not exist", "PROPERTY_DOESNT_EXIST") from None
        if self._operator not in _EQUALITY:
            raise self._refused(f"operator {self._operator} doesn't apply to associations")
        if self._operator in _PRESENCE:
            ids: tuple[int, ...] = ()
        elif self._operator in ("IN", "NOT_IN"):
            ids = tuple(map(self._id, self._list()))
        else:
            ids = (self._id(self._text("value")),)
        found = tree.Associated(to, ids)
        return tree.Not(found) if self._operator in _NEGATIVE else found

    @property
    def _name(self) -> str:
        name = self.given.get("propertyName")
        if not isinstance(name, str) or not name:
            raise self._refused("propertyName is missing")
        return name

    @property
    def _operator(self) -> str:
        return str(self.given.get("operator"))

    def _value(self, prop: Property, key: str) -> Node:
        return self._literal(prop, self._text(key))

    def _text(self, key: str) -> str:
        found = _plain(self.given.get(key))
        if not found:
            raise self._refused(f"{key} is missing; operator {self._operator} needs it")
        return found

    def _list(self) -> list[str]:
        given = self.given.get("values")
        values = [_plain(each) for each in given] if isinstance(given, list) else []
        if not values or not all(values):
            raise self._refused(f"values is missing; operator {self._operator} needs a list of values")
        return values

    def _id(self, given: str) -> int:
        if not given.isdecimal() or len(given) > 18:
            raise self._refused(f"{given} is not a record id")
        return int(given)

    def _literal(self, prop: Property, given: str) -> Node:
        """Return one value as the literal that the property is compared with."""
        try:
            return _LITERALS[family_of(prop)](given, prop)
        except FieldError as error:
            raise self._refused(str(error), error.code) from None

    def _refused(self, message: str, code: str = "VALIDATION_ERROR") -> Invalid:
        name = self.given.get("propertyName")
        return _refusal(
            message, code, property=name if isinstance(name, str) else None, context=dict(self.place)
        )


def _plain(given: object) -> str:
    """Return a JSON value as the text HubSpot would have sent; empty when there is none."""
    if isinstance(given, bool):
        return str(given).lower()
    return str(given).strip() if isinstance(given, str | int | float | Decimal) else ""


def _allowed(prop: Property) -> tuple[str, ...]:
    match family_of(prop):
        case "boolean":
            return _EQUALITY
        case "set":
            return (*_EQUALITY, *_TOKENS)
        case "text":
            return (*_EQUALITY, *_TOKENS) if prop.options else OPERATORS
    return (*_EQUALITY, *_ORDER)


def is_free_text(prop: Property) -> bool:
    """Tell whether HubSpot compares the property's values whatever the case."""
    return family_of(prop) == "text" and prop.type not in ("enumeration", "email")


def _any_of(prop: Property, of: tree.Reference, values: list[Node]) -> Node:
    """Return that the property is one of `values`, in the form its type is looked up by."""
    family = family_of(prop)
    if family == "set":
        return tree.Call("has", (of, *values))
    if is_free_text(prop):
        return tree.Call("equals_ignoring_case", (of, *values))
    return tree.Comparison("=", of, values[0]) if len(values) == 1 else tree.Membership(of, tuple(values))


def _opposite(node: Node) -> Node:
    match node:
        case tree.Comparison("=", left, right):
            return tree.Comparison("!=", left, right)
    return tree.Not(node)


def _number(given: str, prop: Property) -> Node:
    return tree.Number(Decimal(FIELD_TYPES[prop.type].canonical(given, prop)))


def _moment(given: str, prop: Property) -> Node:
    """HubSpot's dates are midnights in UTC; another time of day compares as the moment it is."""
    exact = FIELD_TYPES["datetime"].canonical(given, prop)
    return tree.Text(exact.removesuffix("T00:00:00.000Z"))


def _truth(given: str, prop: Property) -> Node:
    return tree.Truth(FIELD_TYPES["boolean"].canonical(given, prop) == "true")


def _words(given: str, prop: Property) -> Node:
    """Options must exist; addresses are stored in lower case."""
    if prop.options:
        return tree.Text(FIELD_TYPES["enumeration"].canonical(given, prop))
    return tree.Text(given.lower() if prop.type == "email" else given)


_LITERALS: Mapping[str, Callable[[str, Property], Node]] = {
    "text": _words,
    "set": _words,
    "number": _number,
    "date": _moment,
    "datetime": _moment,
    "boolean": _truth,
}
