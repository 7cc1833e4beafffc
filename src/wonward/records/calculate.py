"""Keeps calculated properties up: after each write for the records written, after an apply for all.

What reads associated records is calculated here too, when `rollups.py` or an apply says for which records.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from wonward.expressions import compile as expressions
from wonward.records import derivation, log
from wonward.records.derivation import Derivation
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

Fresh = dict[int, tuple[str | None, str | None]]
"""Record id -> canonical text of a calculated property before and after."""

PART = 10_000
"""Records that are calculated at a time when all are."""


def refresh(
    work: Work, kind: ObjectType, prop: Property, ids: Sequence[int], *, touch: bool = False
) -> Fresh:
    """Calculate a property of the records `ids` anew; return those for which it changed.

    `touch` makes the records changed now, for those that nothing else was written to.
    """
    compiled = expressions.value(work.catalog, kind, prop.expression or "")
    statement = sql.SQL("""
        with stale as (
            select r._id, {old} as old, fresh.value from {table} r
            cross join lateral (select {value} as value offset 0) fresh
            where r._id = any(%(ids)s) and r.{column} is distinct from fresh.value)
        update {table} set {column} = stale.value {touched} from stale where {table}._id = stale._id
        returning stale._id, stale.old, {new}""").format(
        old=FIELD_TYPES[prop.type].to_text(sql.Identifier("r", prop.column)),
        value=compiled.sql,
        table=work.table(kind.table),
        column=sql.Identifier(prop.column),
        touched=sql.SQL(", _updated_at = %(now)s") if touch else sql.SQL(""),
        new=FIELD_TYPES[prop.type].to_text(sql.SQL("stale.value")),
    )
    return {row: (old, new) for row, old, new in work.rows(statement, {"ids": list(ids), **compiled.params})}


def refresh_all(work: Work, kind: ObjectType, prop: Property) -> None:
    """Calculate a property of every record, after its expression was written or changed, and log it."""
    for ids in parts(work, kind):
        changed = refresh(work, kind, prop, ids)
        log.append(work, [("updated", kind.name, row, {prop.name: each}) for row, each in changed.items()])


def recalculate(work: Work, kind: ObjectType, wanted: Iterable[tuple[Derivation, Iterable[int]]]) -> int:
    """Calculate rollups of one type, each for the records given, in that order; log and count what changed.

    The records are locked first, in the order of their ids, and read after: what is written is never older
    than what another wrote meanwhile, and what comes later is in the feed still.
    """
    each = [(derived, sorted(set(ids))) for derived, ids in wanted]
    _lock(work, kind, sorted({number for _, ids in each for number in ids}))
    diffs: dict[int, dict[str, tuple[str | None, str | None]]] = {}
    for derived, ids in each:
        for record_id, change in refresh(work, kind, derived.prop, ids, touch=True).items():
            diffs.setdefault(record_id, {})[derived.prop.name] = change
    for derived in derivation.written(
        work.catalog, kind
    ):  # such as the days from its making to its last change
        if diffs and derivation.reads_every_change(kind, derived.own):
            for record_id, change in refresh(work, kind, derived.prop, list(diffs)).items():
                diffs[record_id][derived.prop.name] = change
    log.append(work, [("updated", kind.name, record_id, diff) for record_id, diff in diffs.items()])
    return len(diffs)


def parts(work: Work, kind: ObjectType) -> Iterator[list[int]]:
    """Yield the ids of all records of a type, archived ones too, some at a time."""
    last = 0
    while ids := part_after(work, kind, last):
        yield ids
        last = ids[-1]


def part_after(work: Work, kind: ObjectType, last: int) -> list[int]:
    """Return the next ids of a type above `last`, empty after the end."""
    statement = sql.SQL("select _id from {} where _id > %(last)s order by _id limit %(part)s")
    found = work.rows(statement.format(work.table(kind.table)), {"last": last, "part": PART})
    return [number for (number,) in found]


def _lock(work: Work, kind: ObjectType, ids: Sequence[int]) -> None:
    statement = sql.SQL("select from {} where _id = any(%(ids)s) order by _id for no key update")
    work.run(statement.format(work.table(kind.table)), {"ids": list(ids)})


@dataclass(frozen=True, slots=True)
class _Held:
    """Keeps its catalog, so that the identity stays this catalog's."""

    catalog: Catalog = field(compare=False)
    identity: int
    kind: str


_MOST_HELD = 256
_beginnings: dict[_Held, Mapping[str, str]] = {}


def beginnings(work: Work, kind: ObjectType) -> Mapping[str, str]:
    """Return the canonical text of the rollups of a record that isn't associated with any other yet.

    A new record is given them, so that nobody waits for the feed to learn that there is nothing. Rollups
    that read their own record too are left to the feed.
    """
    held = _Held(work.catalog, id(work.catalog), kind.name)
    if held not in _beginnings:
        if len(_beginnings) >= _MOST_HELD:
            _beginnings.clear()
        _beginnings[held] = _begin(work, kind)
    return _beginnings[held]


def _begin(work: Work, kind: ObjectType) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for each in derivation.rollups(work.catalog, kind):
        if each.own:
            continue
        compiled = expressions.value(work.catalog, kind, each.prop.expression or "")
        statement = sql.SQL(
            "select {} from (select {} as value from (select null::bigint as _id) r) fresh"
        ).format(FIELD_TYPES[each.prop.type].to_text(sql.SQL("fresh.value")), compiled.sql)
        ((text,),) = work.rows(statement, compiled.params)
        if text is not None:
            texts[each.prop.name] = text
    return texts
