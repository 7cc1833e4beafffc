"""Writes a tree as HubSpot's filterGroups where these can say it; what they can't is named and refused.

The other way round is `filter_groups.py`; reading what is written here gives a tree of the same meaning.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby, product
from typing import Any

from wonward.errors import Invalid
from wonward.expressions import tree
from wonward.expressions.check import check_condition
from wonward.expressions.filter_groups import MOST_FILTERS, MOST_GROUPS, MOST_IN_ALL, is_free_text
from wonward.expressions.place import Place, refusal
from wonward.expressions.scope import Scope, family_of
from wonward.expressions.tree import Node
from wonward.expressions.unparse import unparse
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

Filter = dict[str, Any]
_ORDERS = {"<": "LT", "<=": "LTE", ">": "GT", ">=": "GTE"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_OPPOSITES = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
_OF_SEVERAL = {True: ("EQ", "IN"), False: ("NEQ", "NOT_IN")}
_LITERALS = (tree.Text, tree.Number, tree.Truth)


def to_filter_groups(catalog: Catalog, object_type: ObjectType, node: Node) -> list[dict[str, list[Filter]]]:
    """Return the `filterGroups` of a search that finds what meets the condition; none when everything does.

    Raise Invalid when it isn't a condition, has no spelling in HubSpot's filters, or more than a search may have.
    """
    check_condition(node, Scope(catalog, object_type))
    if node == tree.Truth(True):
        return []
    groups = [[*_merged(group)] for group in _alternatives(node, node.place)]
    found = [{"filters": [_Writer(object_type, each).written() for each in group]} for group in groups]
    _refuse_large(groups)
    return found


def _alternatives(node: Node, place: Place | None) -> list[list[Node]]:
    """Return the condition as alternatives of conditions that all hold, with `not` only over single tests."""
    match node:
        case tree.Or(parts):
            found = [group for part in parts for group in _alternatives(part, place)]
        case tree.And(parts):
            choices = product(*(_alternatives(part, place) for part in parts))
            found = []
            for groups in choices:
                found.append([test for group in groups for test in group])
                if len(found) > MOST_GROUPS:
                    break
        case tree.Not(inner) if not _is_choice_of_all(inner):
            opposite = _opposite(inner)
            return [[node]] if opposite is None else _alternatives(opposite, place)
        case _:
            return [[node]]
    if len(found) > MOST_GROUPS:
        raise refusal(f"HubSpot's filters have at most {MOST_GROUPS} groups; this needs more", place)
    return found


def _opposite(node: Node) -> Node | None:
    """Return the opposite without a `not`, None where only a `not` says it."""
    found: Node | None = None
    match node:
        case tree.Not(inner):
            found = inner
        case tree.And(parts):
            found = tree.any_of(tree.Not(part) for part in parts)
        case tree.Or(parts):
            found = tree.all_of(tree.Not(part) for part in parts)
        case tree.Comparison(operator, left, right):
            found = tree.Comparison(_OPPOSITES[operator], left, right)
        case tree.Range(of, low, high):
            found = tree.any_of((tree.Comparison("<", of, low), tree.Comparison(">", of, high)))
        case tree.Truth(value):
            found = tree.Truth(not value)
        case tree.Reference():
            found = tree.Comparison("=", node, tree.Truth(False))
    return found


def _is_choice_of_all(node: Node) -> bool:
    """Tell whether this is `has(p, 'a') and has(p, 'b')`, which one filter says."""
    parts = node.parts if isinstance(node, tree.And) else ()
    return len({_single_choice(part) for part in parts}) == 1 and None not in map(_single_choice, parts)


def _single_choice(node: Node) -> Node | None:
    match node:
        case tree.Call("has", (tree.Reference() as of, _)):
            return of
    return None


def _merged(group: Sequence[Node]) -> Iterator[Node]:
    """Put choices of one property that stand beside each other together again."""
    for of, parts in groupby(group, _single_choice):
        if of is None:
            yield from parts
        else:
            yield tree.all_of(parts)


def _refuse_large(groups: list[list[Node]]) -> None:
    longest, total = max(map(len, groups)), sum(map(len, groups))
    if longest > MOST_FILTERS:
        raise Invalid(f"HubSpot's filters have at most {MOST_FILTERS} in a group; this needs {longest}")
    if total > MOST_IN_ALL:
        raise Invalid(f"HubSpot's filters are at most {MOST_IN_ALL}; this needs {total}")


class _Writer:
    """Writes one test as a filter."""

    def __init__(self, object_type: ObjectType, node: Node) -> None:
        self._object_type = object_type
        self._whole = node
        self._holds = not isinstance(node, tree.Not)
        self._node = node.operand if isinstance(node, tree.Not) else node

    def written(self) -> Filter:
        """Return the filter; raise Invalid when there is none that says it."""
        found: Filter | None = None
        match self._node:
            case tree.NullTest(tree.Reference(name, None)):
                found = self._filter(name, "NOT_HAS_PROPERTY" if self._holds else "HAS_PROPERTY")
            case tree.Associated(of, ids, None, None):
                found = self._association(of, ids)
            case tree.Reference(name, None):
                found = self._filter(name, "EQ", value="true")
            case tree.Comparison() | tree.Range():
                found = self._compared(self._node)
            case tree.Membership(tree.Reference(name, None), choices):
                found = self._one_of(name, choices, exact=True)
            case tree.Call(function, (tree.Reference(name, None), *values)):
                found = self._call(function, name, values)
            case tree.And((tree.Call(_, (tree.Reference(name, None), _)), *_) as parts):
                found = self._all_of(name, parts)
        if found is None:
            raise self._refused()
        return found

    def _compared(self, node: tree.Comparison | tree.Range) -> Filter | None:
        match node:
            case tree.Comparison(operator, tree.Reference(name, None), right) if isinstance(right, _LITERALS):
                return self._comparison(operator, name, right)
            case tree.Comparison(operator, left, tree.Reference(name, None)) if isinstance(left, _LITERALS):
                return self._comparison(_MIRRORED[operator], name, left)
            case tree.Range(tree.Reference(name, None), low, high) if self._holds:
                prop = self._object_type.properties[name]
                low_text, high_text = self._value(prop, low), self._value(prop, high)
                return self._filter(name, "BETWEEN", value=low_text, highValue=high_text)
        return None

    def _association(self, of: str, ids: tuple[int, ...]) -> Filter:
        name = f"associations.{of}"
        if not ids:
            return self._filter(name, "HAS_PROPERTY" if self._holds else "NOT_HAS_PROPERTY")
        return self._several(name, [str(each) for each in ids])

    def _comparison(self, operator: str, name: str, literal: Node) -> Filter:
        prop = self._object_type.properties[name]
        if operator in _ORDERS:
            return self._filter(name, _ORDERS[operator], value=self._value(prop, literal))
        self._require_exact(prop)
        return self._filter(name, "EQ" if operator == "=" else "NEQ", value=self._value(prop, literal))

    def _call(self, function: str, name: str, values: Sequence[Node]) -> Filter:
        prop = self._object_type.properties[name]
        if function == "contains_token":
            operator = "CONTAINS_TOKEN" if self._holds else "NOT_CONTAINS_TOKEN"
            return self._filter(name, operator, value=self._value(prop, values[0]))
        if function == "has" or (function == "equals_ignoring_case" and is_free_text(prop)):
            return self._one_of(name, values, exact=False)
        raise self._refused()

    def _one_of(self, name: str, values: Sequence[Node], *, exact: bool) -> Filter:
        prop = self._object_type.properties[name]
        if exact:
            self._require_exact(prop)
        return self._several(name, [self._value(prop, each) for each in values])

    def _all_of(self, name: str, parts: Sequence[Node]) -> Filter:
        prop = self._object_type.properties[name]
        chosen = [self._value(prop, part.arguments[1]) for part in parts if isinstance(part, tree.Call)]
        return self._filter(name, "EQ" if self._holds else "NEQ", value=";".join(chosen))

    def _several(self, name: str, values: list[str]) -> Filter:
        one, several = _OF_SEVERAL[self._holds]
        if len(values) == 1:
            return self._filter(name, one, value=values[0])
        return self._filter(name, several, values=values)

    def _filter(self, name: str, operator: str, **values: Any) -> Filter:
        return {"propertyName": name, "operator": operator, **values}

    def _value(self, prop: Property, literal: Node) -> str:
        match literal:
            case tree.Truth(truth):
                return "true" if truth else "false"
            case tree.Number(number):
                return f"{number:f}"
            case tree.Text(text) if family_of(prop) in ("date", "datetime"):
                exact = FIELD_TYPES["datetime"].canonical(text, prop)
                return str(round(datetime.fromisoformat(exact).astimezone(UTC).timestamp() * 1000))
            case tree.Text(text) if text and text == text.strip():
                if prop.type != "email" or text == text.lower():
                    return text
        raise self._refused()

    def _require_exact(self, prop: Property) -> None:
        """HubSpot compares free text whatever the case, so it can't say `=`."""
        if is_free_text(prop):
            raise self._refused(f"; there = ignores case, so write equals_ignoring_case({prop.name}, …)")

    def _refused(self, hint: str = "") -> Invalid:
        message = f"HubSpot's filters can't say '{unparse(self._whole)}'{hint}"
        return refusal(message, self._node.place)
