"""Updates the record that has a given value of an identifying property, or creates it."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from wonward.errors import Invalid, Problem, placed
from wonward.records import unique, write
from wonward.records.validate import Given, canonical
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.field_type import FieldError


@dataclass(frozen=True, slots=True)
class Upserted:
    """What became of a row: its record, whether it is new, whether anything differed."""

    record_id: int
    new: bool
    changed: bool


def upsert(work: Work, kind: ObjectType, key: Property, rows: Sequence[tuple[str, Given]]) -> list[Upserted]:
    """Create or update a record a row; a row is the value of the unique property `key`, and other values.

    Two writers of one new value don't both create it: a lock on the value makes one wait.
    Raise Invalid when a value can't be one of `key` or stands in the batch twice.
    """
    values = _canonical(kind, key, [value for value, _ in rows])
    hold_values(work, kind, key, values)
    holders = unique.holder_ids(work, kind, key, values)
    fresh = [row for row, value in enumerate(values) if value not in holders]
    known = [row for row, value in enumerate(values) if value in holders]
    done: dict[int, Upserted] = {}
    if fresh:
        new = [{**rows[row][1], key.name: values[row]} for row in fresh]
        with placed(fresh):
            ids = write.create(work, kind, new)
        done |= {row: Upserted(number, True, True) for row, number in zip(fresh, ids, strict=True)}
    if known:
        changes = [(holders[values[row]], rows[row][1]) for row in known]
        with placed(known):
            changed = write.update(work, kind, changes)
        done |= {
            row: Upserted(number, False, differs)
            for row, (number, _), differs in zip(known, changes, changed, strict=True)
        }
    return [done[row] for row in range(len(rows))]


def _canonical(kind: ObjectType, key: Property, values: Sequence[str]) -> list[str]:
    if not key.unique:
        raise Invalid(
            f"{key.label} doesn't identify a {kind.label.lower()}; only unique properties do",
            code="PROPERTY_NOT_UNIQUE",
            property=key.name,
        )
    key.seen()
    problems: list[Problem] = []
    clean: dict[str, None] = {}
    for row, value in enumerate(values):
        try:
            text = canonical(key, value) if value.strip() else None
        except FieldError as error:
            problems.append(Problem(str(error), error.code, key.name, row))
            continue
        if text is None:
            problems.append(
                Problem(f"{key.label} is empty; it says which record is meant", "INVALID", key.name, row)
            )
        elif text in clean:
            problems.append(
                Problem(f"{key.label} '{text}' stands in the batch twice", "DUPLICATE_ID", key.name, row)
            )
        else:
            clean[text] = None
    if problems:
        raise Invalid(problems)
    return list(clean)


def hold_values(work: Work, kind: ObjectType, key: Property, values: Sequence[str]) -> None:
    """Hold a lock on each value until the transaction ends, taken in one order so that none wait in a ring."""
    work.run(
        sql.SQL("""
            select pg_advisory_xact_lock(hashtextextended(%(what)s || value, 0))
            from (select value from unnest(%(values)s::text[]) as v(value) order by 1) ordered"""),
        {"what": f"{work.catalog.schema}.{kind.name}.{key.name}=", "values": list(values)},
    )
