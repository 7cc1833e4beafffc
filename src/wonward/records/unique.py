"""Uniqueness: says who has a value already, before the database's own index has to refuse it."""

from collections.abc import Callable, Sequence
from typing import NoReturn

import psycopg
from psycopg import sql

from wonward.db import transaction
from wonward.errors import Conflict, Problem
from wonward.records.validate import Clean
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES


def taken(work: Work, kind: ObjectType, rows: Sequence[Clean], ids: Sequence[int | None]) -> list[Problem]:
    """Return a problem for each value of a unique property that another record has, stored or in the batch.

    `ids` are the records the rows belong to, None for new ones.
    """
    return [
        problem
        for prop in kind.properties.values()
        if prop.unique and any(clean.get(prop.name) is not None for clean in rows)
        for problem in _taken(work, kind, prop, rows, ids)
    ]


def _taken(
    work: Work, kind: ObjectType, prop: Property, rows: Sequence[Clean], ids: Sequence[int | None]
) -> list[Problem]:
    values = [clean.get(prop.name) for clean in rows]
    holders = holder_ids(work, kind, prop, [value for value in values if value is not None])
    problems = []
    first: dict[str, int] = {}
    for row, (value, own) in enumerate(zip(values, ids, strict=True)):
        if value is None:
            continue
        holder = holders.get(value)
        if first.setdefault(value, row) != row:
            told = prop.label if prop.sensitive else f"{prop.label} '{value}'"
            message = f"{told} stands in the batch twice; a {kind.label.lower()} has its own"
            context = {"first_row": first[value]}
        elif holder is not None and holder != own:
            message = f"{kind.label} already exists. Existing ID: {holder}"
            context = {"existing_id": holder}
        else:
            continue
        said = {} if prop.sensitive else {"value": value}
        problems.append(Problem(message, "CONFLICT", prop.name, row, {**context, **said}))
    return problems


def holder_ids(work: Work, kind: ObjectType, prop: Property, values: Sequence[str]) -> dict[str, int]:
    """Return which live record has each of the canonical `values` of a unique property."""
    return {value: ids[0] for value, ids in holders(work, kind, prop, values).items()}


def holders(work: Work, kind: ObjectType, prop: Property, values: Sequence[str]) -> dict[str, list[int]]:
    """Return which live records have each of the canonical `values` of a property, lowest id first."""
    column = sql.Identifier(prop.seen().column)
    from_text = FIELD_TYPES[prop.type].from_text(sql.SQL("given.value"))
    if (
        prop.column == "_id"
    ):  # a number that the primary key finds, where a decimal would read the whole table
        values = [value for value in values if value.isdecimal() and len(value) <= 18]
        from_text = sql.SQL("given.value::bigint")
    return dict(
        work.rows(
            sql.SQL("""
                select given.value, array_agg(r._id order by r._id)
                from unnest(%(values)s::text[]) as given(value)
                join {} r on r.{} = {} and r._archived_at is null group by 1""").format(
                work.table(kind.table), column, from_text
            ),
            {"values": list(dict.fromkeys(values))},
        )
    )


def refuse_taken(work: Work, kind: ObjectType, rows: Sequence[Clean], ids: Sequence[int | None]) -> NoReturn:
    """Raise Conflict for the rows that weren't stored, whose id is None, naming who has their values."""
    problems = taken(work, kind, rows, ids)
    if problems:
        raise Conflict(problems)
    row = ids.index(None)  # whoever had the value has just let it go
    raise Conflict(
        f"Someone else is writing the same {kind.label.lower()}; try again", code="CONFLICT", row=row
    )


def guarded(identifying: bool, statement: Callable[[], None], taken_now: Callable[[], list[Problem]]) -> None:
    """Run a statement; should someone else have taken a unique value meanwhile, raise Conflict naming the holder.

    `identifying` says whether it writes unique values at all; `taken_now` looks again, once it is undone.
    """
    if not identifying:
        statement()
        return
    try:
        with transaction.atomic():
            statement()
    except psycopg.errors.UniqueViolation as error:
        problems = taken_now()
        if not problems:
            raise
        raise Conflict(problems) from error
