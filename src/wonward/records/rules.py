"""The validation rules of properties, asked in SQL on the new rows: regex, range, length, check digits, expression.

Only a write that touches a rule's property, or one that its expression reads, is held against it, so values
that were stored before the rule can stay. Where nothing is stored, or an expression gives null, a rule holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import psycopg
from psycopg import sql

from wonward.db import transaction
from wonward.errors import Invalid, Problem
from wonward.expressions import compile as expressions
from wonward.expressions.parse import parse
from wonward.expressions.tree import dependencies
from wonward.records.validate import Clean
from wonward.records.work import RecordChange, Work
from wonward.schema.catalog import Catalog, ObjectType, Property, Rule
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES
from wonward.schema.regex import whole


@dataclass(frozen=True, slots=True)
class Held:
    """A rule ready to be asked: SQL over the alias `r` that is true where it is broken, and when to ask it."""

    prop: Property
    rule: Rule
    broken: sql.Composable
    params: Mapping[str, object]
    reads: frozenset[str]

    def problem(self, row: int | None = None) -> Problem:
        """Return what a value that breaks the rule is refused with."""
        return Problem(_message(self.prop, self.rule), _code(self.rule), self.prop.name, row)


@dataclass(frozen=True, slots=True)
class _Question:
    """Keeps its catalog, so that the identity stays this catalog's."""

    catalog: Catalog = field(compare=False)
    identity: int
    kind: str


def broken(work: Work, kind: ObjectType, changes: Sequence[RecordChange]) -> list[Problem]:
    """Return a problem for each rule that a changed record breaks, from one statement for all of them."""
    asked = [
        each for each in of_type(work.catalog, kind) if any(each.reads & one.diff.keys() for one in changes)
    ]
    if not asked:
        return []
    marks = sql.SQL(", ").join(
        sql.SQL("case when {} then {} end").format(each.broken, place) for place, each in enumerate(asked)
    )
    statement = sql.SQL("""
        select _id, broken from (
            select r._id, array_remove(array[{}]::int[], null) as broken from {} r where r._id = any(%(ids)s)) asked
        where broken <> '{{}}'""").format(marks, work.table(kind.table))
    by_id = {change.record_id: change for change in changes}
    found = work.rows(statement, {"ids": list(by_id), **_params(asked)})
    return [
        asked[place].problem(by_id[record_id].row)
        for record_id, places in sorted(found, key=lambda each: by_id[each[0]].row)
        for place in places
        if asked[place].reads & by_id[record_id].diff.keys()
    ]


def broken_by(work: Work, kind: ObjectType, values: Clean) -> list[Problem]:
    """Return a problem for each rule that values break by themselves, as a record that has nothing else would."""
    asked = [each for each in of_type(work.catalog, kind) if each.reads & values.keys()]
    if not asked:
        return []
    names = {name for each in asked for name in each.reads if name in kind.properties}
    columns: dict[str, sql.Composable] = {
        prop.column: sql.SQL("{} as {}").format(
            FIELD_TYPES[prop.type].from_text(sql.SQL("{}::text").format(sql.Literal(values.get(prop.name)))),
            sql.Identifier(prop.column),
        )
        for prop in map(kind.properties.__getitem__, sorted(names))
    }
    columns["_id"] = sql.SQL("null::bigint as _id")
    statement = sql.SQL("select array_remove(array[{}]::int[], null) from (select {}) r").format(
        sql.SQL(", ").join(
            sql.SQL("case when {} then {} end").format(each.broken, place) for place, each in enumerate(asked)
        ),
        sql.SQL(", ").join(columns.values()),
    )
    return [asked[place].problem() for place in work.rows(statement, _params(asked))[0][0]]


def breaking(work: Work, kind: ObjectType, held: Held) -> int:
    """Return how many live records break a rule as they are stored."""
    statement = sql.SQL("select count(*) from {} r where r._archived_at is null and {}").format(
        work.table(kind.table), held.broken
    )
    count: int = work.rows(statement, held.params)[0][0]
    return count


def of_type(catalog: Catalog, kind: ObjectType) -> tuple[Held, ...]:
    """Return the rules of a type's properties; what was compiled lately is remembered."""
    return _of_type(_Question(catalog, id(catalog), kind.name))


@lru_cache(maxsize=256)
def _of_type(question: _Question) -> tuple[Held, ...]:
    kind = question.catalog.object_types[question.kind]
    rules = [(prop, rule) for prop in kind.properties.values() for rule in prop.validation]
    return tuple(
        _held(question.catalog, kind, prop, rule, f"rule{place}_") for place, (prop, rule) in enumerate(rules)
    )


def unsound(work: Work, kind: ObjectType, prop: Property) -> list[str]:
    """Return what is wrong with a property's rules and its default, as far as PostgreSQL has to say it."""
    reasons = []
    for place, rule in enumerate(prop.validation, start=1):
        try:
            held = _held(work.catalog, kind, prop, rule, "rule_")
            if rule.regex is not None:
                _tried(work, sql.SQL("select '' ~ {}").format(sql.Literal(whole(rule.regex))), {})
        except Invalid as error:
            reasons += [f"validation rule {place}: {problem.message}" for problem in error.problems]
        except FieldError as error:
            reasons.append(f"validation rule {place}: {error}")
        except psycopg.Error as error:
            reasons.append(f"validation rule {place}: the regex isn't right: {error.diag.message_primary}")
        else:
            if prop.default is not None and rule.expression is None and _default_breaks(work, prop, held):
                reasons.append(
                    f"its default '{prop.default}' breaks validation rule {place}: {_message(prop, rule)}"
                )
    return reasons


def _default_breaks(work: Work, prop: Property, held: Held) -> bool:
    statement = sql.SQL("select ({}) is true from (select {} as {}) r").format(
        held.broken,
        FIELD_TYPES[prop.type].from_text(sql.SQL("%(default)s::text")),
        sql.Identifier(prop.column),
    )
    default = FIELD_TYPES[prop.type].canonical(prop.default or "", prop)
    return bool(_tried(work, statement, {**held.params, "default": default}))


def _tried(work: Work, statement: sql.Composable, params: Mapping[str, object]) -> object:
    with transaction.atomic():
        return work.rows(statement, params)[0][0]


def _held(catalog: Catalog, kind: ObjectType, prop: Property, rule: Rule, prefix: str) -> Held:
    column = sql.Identifier("r", prop.column)
    if rule.expression is not None:
        compiled = expressions.condition(catalog, kind, rule.expression, prefix=prefix)
        own = {
            name
            for each in dependencies(parse(rule.expression))
            if each.of is None
            for name in each.properties
        }
        refused = sql.SQL("({}) is false").format(compiled.sql)
        return Held(prop, rule, refused, compiled.params, frozenset({prop.name, *own}))
    params: dict[str, object] = {}

    def bound(name: str, value: object) -> sql.Composable:
        params[prefix + name] = value
        return sql.Placeholder(prefix + name)

    parts: list[sql.Composable] = []
    if rule.regex is not None:
        parts.append(sql.SQL("{} !~ {}").format(column, bound("regex", whole(rule.regex))))
    for sign, name, limit in (("<", "min", rule.min), (">", "max", rule.max)):
        if limit is not None:
            read = FIELD_TYPES[prop.type].from_text(
                sql.SQL("{}::text").format(bound(name, FIELD_TYPES[prop.type].canonical(limit, prop)))
            )
            parts.append(sql.SQL("{} {} {}").format(column, sql.SQL(sign), read))
    for sign, name, length in (("<", "shortest", rule.min_length), (">", "longest", rule.max_length)):
        if length is not None:
            parts.append(sql.SQL("char_length({}) {} {}").format(column, sql.SQL(sign), bound(name, length)))
    if rule.weights:
        parts.append(_wrong_digits(column, rule))
    refused = sql.SQL("({})").format(sql.SQL(" or ").join(parts))
    return Held(prop, rule, refused, params, frozenset({prop.name}))


def _wrong_digits(column: sql.Composable, rule: Rule) -> sql.Composable:
    """Return SQL that holds where a text hasn't one digit a weight, or their sum is no multiple of the modulus."""
    weighed = (
        sql.SQL("{} * substr({}, {}, 1)::int").format(sql.Literal(weight), column, sql.Literal(place))
        for place, weight in enumerate(rule.weights, start=1)
    )
    return sql.SQL("""
        case when {column} ~ {digits} then mod({sum}, {modulus}) <> 0 when {column} <> '' then true end""").format(
        column=column,
        digits=sql.Literal(f"^[0-9]{{{len(rule.weights)}}}$"),
        sum=sql.SQL(" + ").join(weighed),
        modulus=sql.Literal(rule.modulus),
    )


def _params(asked: Iterable[Held]) -> dict[str, object]:
    return {name: value for each in asked for name, value in each.params.items()}


def _code(rule: Rule) -> str:
    if rule.regex is not None or rule.weights:
        return "INVALID_FORMAT"
    if rule.expression is not None:
        return "RULE_BROKEN"
    return "OUT_OF_RANGE" if rule.min is not None or rule.max is not None else "INVALID_LENGTH"


def _message(prop: Property, rule: Rule) -> str:
    """Return the rule's own message, or one that says what it asks for."""
    if rule.message:
        return rule.message
    if rule.regex is not None:
        return f"{prop.label} isn't of the form {rule.regex}"
    if rule.weights:
        return (
            f"{prop.label} has a wrong digit; it has {len(rule.weights)}, and they must agree with each other"
        )
    if rule.min is not None or rule.max is not None:
        return f"{prop.label} must be {_between(rule.min, rule.max)}"
    return f"{prop.label} must have {_between(rule.min_length, rule.max_length)} characters"


def _between(low: object, high: object) -> str:
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if high is None else f"from {low} to {high}"
