"""How each operation of the language is written in PostgreSQL's SQL; `compile.py` puts the operands in.

The texts are fixed: what comes from an expression is in the operands, as identifiers and parameters.
"""

from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg import sql

from wonward.expressions.typed import Family

_JOINED: Mapping[str, LiteralString] = {"and": " and ", "or": " or "}
_CALLS: Mapping[str, LiteralString] = {
    "concat": "concat({})",
    "coalesce": "coalesce({})",
    "greatest": "greatest({})",
    "least": "least({})",
}
_AMONG: Mapping[str, LiteralString] = {"in": "({} in ({}))", "equals ignoring case": "(lower({}) in ({}))"}

_FORMS: Mapping[str, LiteralString] = {
    "=": "({} = {})",
    "!=": "({} <> {})",
    "<": "({} < {})",
    "<=": "({} <= {})",
    ">": "({} > {})",
    ">=": "({} >= {})",
    "not": "(not {})",
    "is null": "({} is null)",
    "between": "({} between {} and {})",
    "like": "({} like {})",
    "ilike": "(lower({}) like lower({}))",
    "matches": "(lower({}) ~ {})",
    "has": "({} && {})",
    "+": "({}::numeric + {}::numeric)",
    "-": "({}::numeric - {}::numeric)",
    "*": "({}::numeric * {}::numeric)",
    "/": "({}::numeric / nullif({}::numeric, 0))",
    "negative": "(- {}::numeric)",
    "moment": "({}::timestamp at time zone 'UTC')",
    "days": "({} - {})",
    "surely": "({} is true)",
    "day begins": "({}::timestamp at time zone {})",
    "day there": "(({} at time zone {})::date)",
    "year": "extract(year from {})",
    "month": "extract(month from {})",
    "day": "extract(day from {})",
    "in teams": "({} = any({}))",
    "contains": "(position(lower({1}) in lower({0})) > 0)",
    "starts_with": "starts_with(lower({}), lower({}))",
    "lower": "lower({})",
    "upper": "upper({})",
    "trim": "trim({})",
    "length": "length({})",
    "left": "left({}, {})",
    "replace": "left(replace({}, {}, {}), 65536)",
    "round": "round({}::numeric, {})",
    "abs": "abs({}::numeric)",
    "days and parts": "(extract(epoch from {} - {}) / 86400)",
}
"""Operators with so many operands as the form has gaps."""

_MOVES: Mapping[tuple[str, str], LiteralString] = {
    ("date", "later"): "({} + {})::date",
    ("date", "earlier"): "({} - {})::date",
    ("datetime", "later"): "(({} at time zone 'UTC' + {}) at time zone 'UTC')",
    ("datetime", "earlier"): "(({} at time zone 'UTC' - {}) at time zone 'UTC')",
}
"""Moving a time, in UTC: a day has 24 hours whatever zone the session is in."""

AGGREGATES: Mapping[str, LiteralString] = {
    "count": "count(*)",
    "sum": "coalesce(sum({}), 0)",
    "min": "min({})",
    "max": "max({})",
    "avg": "avg({})",
}

ME: LiteralString = """(
    select id from accounts_member
    where portal_id = {portal}::bigint and user_id = {user}::bigint and not archived)"""

MY_TEAMS: LiteralString = """array(
    with recursive mine as (
        select unnest(array[team_id, extra_team_id]) as id from accounts_member
        where portal_id = {portal}::bigint and user_id = {user}::bigint and not archived
        union select team.id from accounts_team team join mine on team.parent_id = mine.id)
    select member.id from accounts_member member join mine on mine.id in (member.team_id, member.extra_team_id)
    union all select 0)"""
"""The members of a person's team and of those below it; 0 is nobody, and makes an empty owner neither in nor out."""

FORMER: LiteralString = """substring(coalesce(
    (select diff -> {name} -> 0 from {log} where record_id = {record}._id and diff ? {name}
        and kind in ('created', 'updated') and at > {moment} order by seq limit 1),
    to_jsonb({present})) #>> '{{}}' from {pattern})"""
"""The canonical text a property had: what the first change after replaced, or what it is when none came after."""

KNOWN: LiteralString = (
    """(case when not exists (select from {dropped} where until > {moment}) then {found} end)"""
)
"""What was before is unknown, and null, where months of the log after that moment are kept no more."""

FIRST_AFTER: LiteralString = """substring(
    (select diff -> {name} ->> 1 from {log} where record_id = {record}._id and diff ? {name}
        and kind in ('created', 'updated') and at > {moment} and diff -> {name} ->> 1 is not null
        order by seq limit 1) from {pattern})"""

CHANGED: LiteralString = """exists (
    select from {log} where record_id = {record}._id and diff ? {name} and kind = 'updated'{which})"""

PUSHES: LiteralString = """(select {what} from (
    select case when diff -> {name} ->> 0 ~ {pattern} and diff -> {name} ->> 1 ~ {pattern}
        then left(diff -> {name} ->> 1, 10)::date - left(diff -> {name} ->> 0, 10)::date end as days
    from {log} where record_id = {record}._id and diff ? {name} and kind = 'updated') moved where days > 0)"""
"""Over the changes that moved a date to a later day; a moment's days are those of UTC."""

_NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?$"
_DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:[0-2][0-9]|3[01])"
PATTERNS: Mapping[str, str] = {
    "number": _NUMBER,
    "currency": _NUMBER,
    "owner": "^[0-9]{1,18}$",
    "boolean": "^(?:true|false)$",
    "date": f"^{_DATE}$",
    "datetime": f"^{_DATE}T[0-9:.]+Z$",
}
"""By field type, what a logged text must look like to be read: the property may have had another type then."""


def operation(operator: str, family: Family, operands: Sequence[sql.Composable]) -> sql.Composable:
    """Return the SQL of an operation that gives a `family`, its operands given as SQL."""
    if operator == "case":
        return _case(operands)
    if operator in _JOINED:
        return sql.SQL("({})").format(sql.SQL(_JOINED[operator]).join(operands))
    if operator in _CALLS:
        return sql.SQL(_CALLS[operator]).format(sql.SQL(", ").join(operands))
    if operator in _AMONG:
        return sql.SQL(_AMONG[operator]).format(operands[0], sql.SQL(", ").join(operands[1:]))
    form = _MOVES[family, operator] if operator in ("later", "earlier") else _FORMS[operator]
    return sql.SQL(form).format(*operands)


def _case(operands: Sequence[sql.Composable]) -> sql.Composable:
    """Write `when` and `then` in pairs, and an odd operand at the end as `else`."""
    pairs = zip(operands[::2], operands[1::2], strict=False)
    branches = [sql.SQL(" when {} then {}").format(*pair) for pair in pairs]
    if len(operands) % 2:
        branches.append(sql.SQL(" else {}").format(operands[-1]))
    return sql.SQL("(case{} end)").format(sql.Composed(branches))
