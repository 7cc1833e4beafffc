"""Writes a checked expression as SQL with bound values, for a record table that goes by an alias.

Names come from the catalog through `sql.Identifier`, literals become parameters; no text of the expression
gets into the SQL. Whoever runs it adds the parameters `today` (a date), `now` (an aware datetime),
`_user` (the id of the user it is for, or None), and `_own` and `_team` where their catalog is cut by a role.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, singledispatchmethod
from types import MappingProxyType
from typing import LiteralString

from psycopg import sql

from wonward.expressions import forms, typed
from wonward.expressions.check import check, check_condition
from wonward.expressions.parse import parse
from wonward.expressions.scope import Scope
from wonward.expressions.tree import Node
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES
from wonward.schema.seen import relation


@dataclass(frozen=True)
class Compiled:
    """SQL of an expression, the values it binds besides `today`, `now` and `_user`, and what it gives.

    `looks` is true when every record it is asked for costs a look-up elsewhere.
    """

    sql: sql.Composable
    params: Mapping[str, object]
    family: str
    looks: bool = False


def compile_condition(
    catalog: Catalog, object_type: ObjectType, tree: Node, *, alias: str = "r", prefix: str = "e"
) -> Compiled:
    """Compile a tree that must give true or false (or null, which a `where` takes for false).

    `alias` names the record table in the query; parameters are called `prefix` and a number. Raises Invalid.
    """
    scope = Scope(catalog, object_type)
    return _written(check_condition(tree, scope), scope, alias, prefix)


def compile_value(
    catalog: Catalog, object_type: ObjectType, tree: Node, *, alias: str = "r", prefix: str = "e"
) -> Compiled:
    """Compile a tree that may give anything; otherwise as compile_condition."""
    scope = Scope(catalog, object_type)
    return _written(check(tree, scope), scope, alias, prefix)


def condition(
    catalog: Catalog, object_type: ObjectType, text: str, *, alias: str = "r", prefix: str = "e"
) -> Compiled:
    """Compile the text of a condition; what was compiled lately is remembered."""
    return _answer(_Question(catalog, id(catalog), object_type.name, text, alias, prefix, condition=True))


def value(
    catalog: Catalog, object_type: ObjectType, text: str, *, alias: str = "r", prefix: str = "e"
) -> Compiled:
    """Compile the text of any expression; what was compiled lately is remembered."""
    return _answer(_Question(catalog, id(catalog), object_type.name, text, alias, prefix, condition=False))


def both(one: Compiled | None, other: Compiled | None) -> Compiled | None:
    """Return the condition that two hold, which bind nothing under the same name; None stands for no condition."""
    if one is None or other is None:
        return one or other
    return Compiled(
        sql.SQL("({} and {})").format(one.sql, other.sql),
        {**one.params, **other.params},
        "boolean",
        looks=one.looks or other.looks,
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """Keeps its catalog, so that the identity stays this catalog's: a plan's has the version of today's."""

    catalog: Catalog = field(compare=False)
    identity: int
    object_type: str
    text: str
    alias: str
    prefix: str
    condition: bool


@lru_cache(maxsize=1024)
def _answer(question: _Question) -> Compiled:
    compiled = compile_condition if question.condition else compile_value
    return compiled(
        question.catalog,
        question.catalog.object_types[question.object_type],
        parse(question.text),
        alias=question.alias,
        prefix=question.prefix,
    )


def _written(tree: typed.Typed, scope: Scope, alias: str, prefix: str) -> Compiled:
    writer = _Writer(scope.catalog, alias, prefix, {})
    written = writer.write(tree)
    return Compiled(written, MappingProxyType(writer.params), tree.family, looks=bool(scope.cost.spent))


class _Writer:
    """Writes one expression, gathering its parameters."""

    def __init__(self, catalog: Catalog, alias: str, prefix: str, params: dict[str, object]) -> None:
        self._catalog, self._schema = catalog, catalog.schema
        self._alias = alias
        self._to = f"{alias}_to"
        self._prefix = prefix
        self.params = params

    def _bound(self, value: object) -> sql.Placeholder:
        name = f"{self._prefix}{len(self.params)}"
        self.params[name] = value
        return sql.Placeholder(name)

    @singledispatchmethod
    def write(self, node: typed.Typed) -> sql.Composable:
        """Return the SQL of a typed node."""
        raise TypeError(f"{type(node).__name__} can't be compiled")

    @write.register
    def _(self, node: typed.Fixed) -> sql.Composable:
        return sql.SQL(node.value)

    @write.register
    def _(self, node: typed.Clock) -> sql.Composable:
        cast: LiteralString = "{}::date" if node.name == "today" else "{}::timestamptz"
        return sql.SQL(cast).format(sql.Placeholder(node.name))

    @write.register
    def _(self, node: typed.Person) -> sql.Composable:
        form = forms.ME if node.name == "me" else forms.MY_TEAMS
        return sql.SQL(form).format(portal=self._bound(node.portal_id), user=sql.Placeholder("_user"))

    @write.register
    def _(self, node: typed.Bound) -> sql.Composable:
        return sql.SQL("{}::{}").format(self._bound(node.value), sql.SQL(node.cast))

    @write.register
    def _(self, node: typed.Operation) -> sql.Composable:
        return forms.operation(node.operator, node.family, [self.write(operand) for operand in node.operands])

    @write.register
    def _(self, node: typed.Column) -> sql.Composable:
        if node.route is None:
            return sql.Identifier(self._alias, node.property.column)
        primary: sql.Composable = sql.SQL("")
        if node.route.primary is not None:
            label = self._bound(node.route.primary)
            primary = sql.SQL("({}::int = any({}.labels)) is true desc, ").format(label, self._link)
        return sql.SQL("(select {} {} order by {}{}.to_id limit 1)").format(
            self._there(node.property), self._associated(node.route), primary, self._link
        )

    @write.register
    def _(self, node: typed.Reduced) -> sql.Composable:
        column = [self._there(node.property)] if node.property else []
        if node.function == "latest":
            by = self._there(node.by) if node.by else sql.Identifier(self._to, "_created_at")
            return sql.SQL("(select {} {} order by {} desc nulls last, {}._id desc limit 1)").format(
                *column, self._associated(node.route), by, sql.Identifier(self._to)
            )
        return sql.SQL("(select {} {})").format(
            sql.SQL(forms.AGGREGATES[node.function]).format(*column), self._associated(node.route)
        )

    @write.register
    def _(self, node: typed.Linked) -> sql.Composable:
        among: sql.Composable = sql.SQL("")
        if node.ids:
            ids = self._bound(list(node.ids))
            among = sql.SQL(" and {}.to_id = any({}::bigint[])").format(self._link, ids)
        return sql.SQL("exists (select {}{})").format(self._associated(node.route), among)

    @write.register
    def _(self, node: typed.Former) -> sql.Composable:
        prop = node.property
        kind = FIELD_TYPES[prop.type]
        parts = {
            "log": sql.Identifier(self._schema, "_change"),
            "record": sql.Identifier(self._alias),
            "name": sql.SQL("{}::text").format(self._bound(prop.name)),
            "moment": self.write(node.moment),
            "pattern": sql.SQL("{}::text").format(self._bound(forms.PATTERNS.get(prop.type, "^.*$"))),
        }
        present = kind.to_text(sql.Identifier(self._alias, prop.column))
        found = kind.from_text(sql.SQL(forms.FORMER).format(present=present, **parts))
        if node.else_first:
            first = kind.from_text(sql.SQL(forms.FIRST_AFTER).format(**parts))
            found = sql.SQL("coalesce({}, {})").format(found, first)
        dropped = sql.Identifier(self._schema, "_dropped_month")
        return sql.SQL(forms.KNOWN).format(dropped=dropped, moment=parts["moment"], found=found)

    @write.register
    def _(self, node: typed.Change) -> sql.Composable:
        name = sql.SQL("{}::text").format(self._bound(node.property.name))
        which: list[sql.Composable] = []
        if node.since is not None:
            which.append(sql.SQL(" and at > {}").format(self.write(node.since)))
        for value, place in zip(reversed(node.values), (1, 0), strict=False):
            which.append(
                sql.SQL(" and diff -> {} ->> {} is not distinct from {}::text").format(
                    name, sql.Literal(place), self._bound(value)
                )
            )
        return sql.SQL(forms.CHANGED).format(
            log=sql.Identifier(self._schema, "_change"),
            record=sql.Identifier(self._alias),
            name=name,
            which=sql.Composed(which),
        )

    @write.register
    def _(self, node: typed.Pushes) -> sql.Composable:
        return sql.SQL(forms.PUSHES).format(
            what=sql.SQL("coalesce(sum(days), 0)" if node.days else "count(*)"),
            log=sql.Identifier(self._schema, "_change"),
            record=sql.Identifier(self._alias),
            name=sql.SQL("{}::text").format(self._bound(node.property.name)),
            pattern=sql.SQL("{}::text").format(self._bound(forms.PATTERNS[node.property.type])),
        )

    @write.register
    def _(self, node: typed.Listed) -> sql.Composable:
        return sql.SQL("exists (select from {} where list = {}::text and record_id = {}._id)").format(
            sql.Identifier(self._schema, "_list_member"),
            self._bound(node.name),
            sql.Identifier(self._alias),
        )

    def _there(self, prop: Property) -> sql.Identifier:
        return sql.Identifier(self._to, prop.column)

    @property
    def _link(self) -> sql.Identifier:
        return sql.Identifier(f"{self._alias}_link")

    def _associated(self, route: typed.Route) -> sql.Composable:
        """Return the `from` and `where` of the live records associated with this one that the route is for."""
        which: list[sql.Composable] = []
        if route.label is not None:
            which.append(
                sql.SQL(" and {}::int = any({}.labels)").format(self._bound(route.label), self._link)
            )
        if route.where is not None:
            there = _Writer(self._catalog, self._to, self._prefix, self.params)
            which.append(sql.SQL(" and {}").format(there.write(route.where)))
        return sql.SQL(
            "from {links} as {link} join {table} as {to} on {to}._id = {link}.to_id"
            " where {link}.from_id = {record}._id and {link}.to_type = {type}::text"
            " and {to}._archived_at is null{which}"
        ).format(
            links=sql.Identifier(self._schema, "_association"),
            link=self._link,
            table=relation(self._catalog, route.to.table),
            to=sql.Identifier(self._to),
            which=sql.Composed(which),
            record=sql.Identifier(self._alias),
            type=self._bound(route.to.name),
        )
