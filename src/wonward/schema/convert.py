"""What becomes of stored values when a property takes another field type: SQL from canonical text to canonical text.

NULL stands for a value that doesn't convert. What is written here only reads; `ddl.py` carries it out.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from wonward.accounts.models import Member
from wonward.db import transaction
from wonward.schema import ddl
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

EXAMPLES = 5
_DAY = "[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_ZONE = "(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])"
_NUMBER = r"[-+]?[0-9]{1,30}(\.[0-9]{1,30})?"
_FORMS: Mapping[str, str] = {
    "email": r"""[^@\s,;<>"]+@[^@\s,;<>"]+\.[^@\s,;<>".]{2,}""",
    "phone": r"[+()\d][\d\s()./+-]{2,38}(\s*(x|ext\.?|lok\.?)\s*\d{1,6})?",
    "url": r"(https?://)?[^\s/]+\.[^\s/]+(/\S*)?",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a change of type does to the values there are: `lost` are those that don't convert, with examples."""

    total: int
    lost: int
    examples: tuple[tuple[int, str], ...]


def survey(before: Catalog, kind: ObjectType, old: Property, new: Property) -> Conversion:
    """Return what changing `old` to `new` would do to the records of a type, archived ones too."""
    if not alters(old, new):
        return Conversion(0, 0, ())
    column = sql.Identifier("r", old.column)
    text = FIELD_TYPES[old.type].to_text(column)
    given = sql.SQL("(select r._id, {} as old, {} as new from {} r where {} is not null) c").format(
        text, converted(old, new, text, _owners(before, new)), ddl.table(before, kind.table), column
    )
    [(total, lost)] = transaction.rows(
        sql.SQL("select count(*), count(*) filter (where new is null) from {}").format(given)
    )
    shown = sql.SQL("select _id, left(old, 80) from {} where new is null order by _id limit {}").format(
        given, sql.Literal(EXAMPLES)
    )
    examples = transaction.rows(shown) if lost else []
    return Conversion(total, lost, tuple((number, value) for number, value in examples))


def alters(old: Property, new: Property) -> bool:
    """Tell whether values have to be converted: not those of the system, nor numbers that become money."""
    numbers = {old.type, new.type} <= {"number", "currency"}
    return old.type != new.type and not (numbers or old.column.startswith("_"))


def steps(
    catalog: Catalog, kind: ObjectType, old: Property, new: Property, actor: str, at: datetime
) -> Iterator[sql.Composable]:
    """Yield what gives a property another field type: its values converted, each change of one in the log.

    A calculated property's values are left out; they are calculated anew afterwards.
    """
    if not alters(old, new):
        return
    owners = _owners(catalog, new)
    if new.expression:
        yield from ddl.retype_column(catalog, kind, old, new, lambda _: sql.SQL("null::text"))
        return
    text = FIELD_TYPES[old.type].to_text(sql.Identifier("r", old.column))
    yield _logged(catalog, kind, old, converted(old, new, text, owners), actor, at)
    yield from ddl.retype_column(catalog, kind, old, new, lambda given: converted(old, new, given, owners))


def converted(old: Property, new: Property, text: sql.Composable, owners: Sequence[int]) -> sql.Composable:
    """Return SQL of the canonical text that `text`, a value of `old`, becomes as a value of `new`.

    It has a subquery only where one of the two is of several options.
    """
    if new.type in ("text", "long_text"):
        return _label(old, text)
    if new.type == "owner":
        known = sql.Literal(list(map(str, owners)))
        return sql.SQL("case when {0} = any({1}::text[]) then {0} end").format(text, known)
    if new.type == "multi_enumeration":
        return _options(new, text)
    if new.type == "enumeration":
        return _option(new, text)
    return _READERS[new.type](text) if new.type in _READERS else _form(new.type, text)


def _logged(
    catalog: Catalog, kind: ObjectType, old: Property, new: sql.Composable, actor: str, at: datetime
) -> sql.Composable:
    """Return the statement that logs every value that becomes another text, or none."""
    column = sql.Identifier("r", old.column)
    return sql.SQL("""
        insert into {log} (at, kind, object_type, record_id, actor, source, diff)
        select {at}, 'updated', {kind}, _id, {actor}, 'definitions',
            jsonb_build_object({name}, jsonb_build_array(old, new))
        from (select r._id, {old} as old, {new} as new from {table} r where {column} is not null) c
        where new is distinct from old""").format(
        log=ddl.table(catalog, "_change"),
        at=sql.Literal(at),
        kind=sql.Literal(kind.name),
        actor=sql.Literal(actor),
        name=sql.Literal(old.name),
        old=FIELD_TYPES[old.type].to_text(column),
        new=new,
        table=ddl.table(catalog, kind.table),
        column=column,
    )


def _owners(catalog: Catalog, new: Property) -> list[int]:
    if new.type != "owner":
        return []
    return list(Member.objects.filter(portal_id=catalog.portal_id).values_list("id", flat=True))


def _label(old: Property, text: sql.Composable) -> sql.Composable:
    """Return what people saw: the labels of options, else the value itself."""
    if not old.options or FIELD_TYPES[old.type].family not in ("text", "set"):
        return text
    labels = _json({option.value: option.label for option in old.options})
    if old.type != "multi_enumeration":
        return sql.SQL("coalesce({0} ->> {1}, {1})").format(labels, text)
    return sql.SQL("""(
        select string_agg(coalesce({} ->> part, part), '; ' order by place)
        from unnest(string_to_array({}, ';')) with ordinality as parts(part, place))""").format(labels, text)


def _option(new: Property, text: sql.Composable) -> sql.Composable:
    """Return the option whose value or label a text is."""
    values = _json({option.value: option.value for option in new.options})
    labels = _json({option.label.strip().lower(): option.value for option in reversed(new.options)})
    return sql.SQL(
        "coalesce({values} ->> {text}, {values} ->> trim({text}), {labels} ->> lower(trim({text})))"
    ).format(values=values, labels=labels, text=text)


def _options(new: Property, text: sql.Composable) -> sql.Composable:
    order = sql.Literal([option.value for option in new.options])
    return sql.SQL("""(
        select case when bool_and(value is not null) then
            string_agg(distinct_value, ';' order by array_position({order}::text[], distinct_value)) end
        from (
            select value, case when row_number() over (partition by value) = 1 then value end as distinct_value
            from (select {option} as value from unnest(string_to_array({text}, ';')) as parts(part)
                  where trim(part) <> '') chosen) found)""").format(
        order=order, option=_option(new, sql.SQL("part")), text=text
    )


def _json(said: Mapping[str, str]) -> sql.Composable:
    return sql.SQL("{}::jsonb").format(sql.Literal(json.dumps(said)))


def _matches(text: sql.Composable, pattern: str) -> sql.Composable:
    return sql.SQL("trim({}) ~ {}").format(text, sql.Literal(f"^{pattern}$"))


def _form(name: str, text: sql.Composable) -> sql.Composable:
    matches = sql.SQL("trim({}) ~* {}").format(text, sql.Literal(f"^{_FORMS[name]}$"))
    value = sql.SQL("lower(trim({}))" if name == "email" else "trim({})").format(text)
    return sql.SQL("case when {} then {} end").format(matches, value)


def _number(text: sql.Composable) -> sql.Composable:
    return sql.SQL("case when {} then trim_scale(trim({})::numeric)::text end").format(
        _matches(text, _NUMBER), text
    )


def _boolean(text: sql.Composable) -> sql.Composable:
    return sql.SQL("""
        case when lower(trim({0})) in ('true', 'yes', '1') then 'true'
             when lower(trim({0})) in ('false', 'no', '0') then 'false' end""").format(text)


def _date(text: sql.Composable) -> sql.Composable:
    form = f"{_DAY}({_CLOCK}{_ZONE}?)?"
    moment = _in_utc(text)
    return sql.SQL("""
        case when not {matches} then null when not {there} then null
             when length(trim({text})) = 10 then trim({text}) else left({moment}, 10) end""").format(
        matches=_matches(text, form), there=_day_is_there(text), text=text, moment=moment
    )


def _datetime(text: sql.Composable) -> sql.Composable:
    form = f"{_DAY}({_CLOCK}{_ZONE}?)?"
    return sql.SQL("case when not {} then null when not {} then null else {} end").format(
        _matches(text, form), _day_is_there(text), _in_utc(text)
    )


def _day_is_there(text: sql.Composable) -> sql.Composable:
    """Return SQL that tells whether the month has that day; only for texts of the form of a date."""
    return sql.SQL("""(left(trim({0}), 4) < '9999' and substr(trim({0}), 9, 2)::int <= extract(
        day from (left(trim({0}), 7) || '-01')::date + interval '1 month' - interval '1 day'))""").format(
        text
    )


def _in_utc(text: sql.Composable) -> sql.Composable:
    """Return SQL of a moment as canonical text; without a zone it is meant in UTC."""
    zoned = sql.SQL("case when trim({0}) ~ {1} then trim({0}) else trim({0}) || {2} end").format(
        text,
        sql.Literal(f":[0-9.]+{_ZONE}$"),
        sql.SQL("case when length(trim({})) = 10 then ' 00:00Z' else 'Z' end").format(text),
    )
    return FIELD_TYPES["datetime"].to_text(sql.SQL("({})::timestamptz(3)").format(zoned))


_READERS: Mapping[str, Callable[[sql.Composable], sql.Composable]] = {
    "number": _number,
    "currency": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
