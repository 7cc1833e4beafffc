"""The one way to write records: validate, find what differs, SQL, calculated properties, guards, change log.

Everything works on batches of one object type and costs a few statements whatever their size. A refusal
is raised with a problem for each row it concerns, and leaves nothing behind: callers that can go on
without the refused rows use `salvage.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from wonward.errors import Conflict, Invalid, Problem
from wonward.records import calculate, derivation, fill, keep, log, permission, query, rules, unique
from wonward.records.query import Query
from wonward.records.validate import Clean, Given, validate
from wonward.records.work import ChangeKind, Diff, RecordChange, Work
from wonward.schema import seen
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

Change = tuple[int, Given]
"""A record's id and the values it shall have."""


def create(work: Work, kind: ObjectType, rows: Sequence[Given], *, own: Clean | None = None) -> list[int]:
    """Create a record a row and return their ids in the same order.

    `own` are canonical values that the house gives each besides, also of properties that nobody sets.
    """
    permission.create(work, kind)
    checked = validate(work, kind, rows, creating=True)
    owning = _owner_of_new(work, kind)
    work, kind = _whole(work, kind)
    _refuse(checked.problems)
    beginnings = calculate.beginnings(work, kind)
    full = [keep.kept(work, kind, {}, {**beginnings, **clean, **(own or {})}) for clean in checked.rows]
    if owning:
        full = [{**clean, owning: clean.get(owning) or work.rights.own.strip("{}")} for clean in full]
    with _fitting(kind):
        ids = _insert(work, kind, full)
    diffs: list[dict[str, tuple[str | None, str | None]]] = [
        {name: (None, value) for name, value in values.items() if value is not None} for values in full
    ]
    _finish(work, kind, "created", ids, diffs)
    return ids


def update(
    work: Work, kind: ObjectType, changes: Sequence[Change], *, own: Clean | None = None
) -> list[bool]:
    """Give records new values; return for each whether anything differed. Nothing differing writes nothing.

    `own` are canonical values that the house gives each besides, also of properties that nobody sets.
    Raise Missing for ids that no live record has, and Invalid when one id stands there twice.
    """
    ids = [record_id for record_id, _ in changes]
    _refuse(_repeated(ids))
    permission.there(work, kind, ids, "edit")
    checked = validate(work, kind, [given for _, given in changes], creating=False)
    work, kind = _whole(work, kind)
    filled = fill.given_besides(work, kind, list(zip(ids, checked.rows, strict=True)))
    names = {name for clean in (*checked.rows, *filled, own or {}) for name in clean}
    present = _locked(work, kind, ids, sorted(names | keep.added(work, kind, names)))
    permission.refuse_absent(kind, ids, present)
    _refuse(checked.problems)
    rows = [
        keep.kept(work, kind, there, {**_where_empty(there, more), **clean, **(own or {})})
        for there, more, clean in zip((present[each] for each in ids), filled, checked.rows, strict=True)
    ]
    return [bool(diff) for diff in _change(work, kind, ids, rows, present)]


def lock(work: Work, kind: ObjectType, ids: Sequence[int]) -> None:
    """Lock live records until the transaction ends, for who reads them to say what to write."""
    _locked(*_whole(work, kind), ids, [])


def _where_empty(present: Mapping[str, str | None], values: Clean) -> Clean:
    return {name: text for name, text in values.items() if present[name] is None}


def carry(work: Work, kind: ObjectType, changes: Sequence[tuple[int, Clean]]) -> list[Diff]:
    """Give records values that the store held already, as merging does; return what differed.

    They were validated when they came in, and may be of properties that people can't set.
    """
    work, kind = _whole(work, kind)
    ids = [record_id for record_id, _ in changes]
    rows = [clean for _, clean in changes]
    present = _locked(work, kind, ids, sorted({name for clean in rows for name in clean}))
    permission.refuse_absent(kind, ids, present)
    return _change(work, kind, ids, rows, present)


def _change(
    work: Work,
    kind: ObjectType,
    ids: list[int],
    cleaned: list[Clean],
    present: Mapping[int, Mapping[str, str | None]],
) -> list[Diff]:
    """Write what differs from what is present, and return it."""
    diffs: list[Diff] = [
        {
            name: (present[record_id][name], value)
            for name, value in clean.items()
            if not FIELD_TYPES[kind.properties[name].type].same(present[record_id][name], value)
        }
        for record_id, clean in zip(ids, cleaned, strict=True)
    ]
    rows = [row for row, diff in enumerate(diffs) if diff]
    if rows:
        changed = sorted({name for row in rows for name in diffs[row]})
        values = [{**present[ids[row]], **cleaned[row]} for row in rows]
        identifying = any(kind.properties[name].unique for name in changed)
        if identifying:
            _refuse(unique.taken(work, kind, cleaned, ids), Conflict)
        with _fitting(kind):
            unique.guarded(
                identifying,
                lambda: _overwrite(work, kind, [ids[row] for row in rows], values, changed),
                lambda: unique.taken(work, kind, cleaned, ids),
            )
        _finish(work, kind, "updated", [ids[row] for row in rows], [diffs[row] for row in rows], rows)
    return diffs


def archive(work: Work, kind: ObjectType, ids: Sequence[int]) -> list[int]:
    """Archive the live ones among `ids` and return them; archived records are kept and can be restored."""
    return _mark(work, kind, ids, "archived", sql.SQL("%(now)s"), sql.SQL("_archived_at is null"))


def restore(work: Work, kind: ObjectType, ids: Sequence[int]) -> list[int]:
    """Bring the archived ones among `ids` back and return them; merged ones come back by undoing the merge."""
    only = sql.SQL("_archived_at is not null and {}").format(
        query.not_merged(work.catalog, sql.Identifier("_id"))
    )
    return _mark(work, kind, ids, "restored", sql.SQL("null"), only)


def _mark(
    work: Work,
    kind: ObjectType,
    ids: Sequence[int],
    what: ChangeKind,
    moment: sql.Composable,
    only: sql.Composable,
) -> list[int]:
    ids = permission.seen(work, kind, ids, "delete")
    work, kind = _whole(work, kind)
    statement = sql.SQL("""
        with locked as (select _id from {table} where _id = any(%(ids)s) and {only} order by _id for no key update)
        update {table} r set _archived_at = {moment} from locked where r._id = locked._id returning r._id
        """).format(table=work.table(kind.table), moment=moment, only=only)
    marked: list[int] = []

    def mark() -> None:
        marked.extend(number for (number,) in work.rows(statement, {"ids": sorted(ids)}))

    identifying = what == "restored" and any(prop.unique for prop in kind.properties.values())
    unique.guarded(identifying, mark, lambda: _taken_by_archived(work, kind, sorted(ids)))
    _finish(work, kind, what, marked, [{} for _ in marked])
    return marked


def _taken_by_archived(work: Work, kind: ObjectType, ids: list[int]) -> list[Problem]:
    """Return a problem for each unique value of archived records that a live one has."""
    names = [prop.name for prop in kind.properties.values() if prop.unique]
    stored = query.rows(work, Query(kind, ids=ids, archived=True), names)
    return unique.taken(
        work, kind, [dict(zip(names, row[1:], strict=True)) for row in stored], [row[0] for row in stored]
    )


def _insert(work: Work, kind: ObjectType, rows: list[Clean]) -> list[int]:
    """Store new records and return their ids; raise Conflict for unique values that others have."""
    properties = [kind.properties[name] for name in sorted({name for clean in rows for name in clean})]
    found = work.rows(
        sql.SQL("""
            with v as materialized (select nextval({sequence}) as _id, v.* from {given}),
            made as (
                insert into {table} (_id, _created_at, _updated_at {columns})
                select _id, %(now)s, %(now)s {values} from v order by {order}
                on conflict do nothing returning _id)
            select v._id, made._id is not null from v left join made using (_id) order by v._place""").format(
            sequence=sql.Literal(work.table("_record_id").as_string(None)),
            table=work.table(kind.table),
            columns=_each(sql.Identifier(prop.column) for prop in properties),
            values=_each(_value(prop) for prop in properties),
            given=_given(properties, "_place"),
            # One order for all, so that two who bring the same values never wait for each other in a ring.
            order=sql.SQL(", ").join(
                [*(sql.Identifier("v", prop.name) for prop in properties if prop.unique), sql.SQL("_id")]
            ),
        ),
        _arrays("_place", list(range(len(rows))), rows, properties),
    )
    if not all(made for _, made in found):
        unique.refuse_taken(work, kind, rows, [number if made else None for number, made in found])
    return [number for number, _ in found]


def _overwrite(work: Work, kind: ObjectType, ids: list[int], rows: list[Clean], names: list[str]) -> None:
    properties = [kind.properties[name] for name in names]
    work.run(
        sql.SQL(
            "update {table} set _updated_at = %(now)s {columns} from {given} where {table}._id = v._id"
        ).format(
            table=work.table(kind.table),
            columns=_each(
                sql.SQL("{} = {}").format(sql.Identifier(prop.column), _value(prop)) for prop in properties
            ),
            given=_given(properties, "_id"),
        ),
        _arrays("_id", ids, rows, properties),
    )


@contextmanager
def _fitting(kind: ObjectType) -> Iterator[None]:
    """Turn PostgreSQL's refusal of a row that is too big into Invalid."""
    try:
        yield
    except psycopg.errors.ProgramLimitExceeded as error:
        message = f"A {kind.label.lower()} has more properties with values than a row holds; leave some empty"
        raise Invalid(message, code="ROW_TOO_WIDE") from error


def _each(parts: Iterable[sql.Composable]) -> sql.Composable:
    return sql.Composed([sql.SQL(", {}").format(part) for part in parts])


def _value(prop: Property) -> sql.Composable:
    return FIELD_TYPES[prop.type].from_text(sql.Identifier("v", prop.name))


def _given(properties: list[Property], key: str) -> sql.Composable:
    """Return SQL of the batch as a table `v`: the number `key`, then canonical text a property."""
    return sql.SQL("unnest({key}::bigint[] {arrays}) as v({column} {names})").format(
        key=sql.Placeholder(key),
        column=sql.Identifier(key),
        arrays=_each(sql.SQL("{}::text[]").format(sql.Placeholder(prop.name)) for prop in properties),
        names=_each(sql.Identifier(prop.name) for prop in properties),
    )


def _arrays(key: str, numbers: list[int], rows: list[Clean], properties: list[Property]) -> dict[str, object]:
    return {key: numbers, **{prop.name: [row.get(prop.name) for row in rows] for prop in properties}}


def _locked(
    work: Work, kind: ObjectType, ids: Sequence[int], names: Sequence[str]
) -> Mapping[int, Mapping[str, str | None]]:
    """Lock live records in the order of their ids and return the canonical text of the named properties."""
    columns = _each(_to_text(kind.properties[name]) for name in names)
    found = work.rows(
        sql.SQL(
            "select _id {} from {} where _id = any(%(ids)s) and _archived_at is null order by _id for no key update"
        ).format(columns, work.table(kind.table)),
        {"ids": list(ids)},
    )
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def _to_text(prop: Property) -> sql.Composable:
    return FIELD_TYPES[prop.type].to_text(sql.Identifier(prop.column))


def _repeated(ids: list[int]) -> list[Problem]:
    first: dict[int, int] = {}
    return [
        Problem(f"The record {number} stands in the batch twice; give it once", "DUPLICATE_ID", row=row)
        for row, number in enumerate(ids)
        if first.setdefault(number, row) != row
    ]


def _finish(
    work: Work,
    kind: ObjectType,
    what: ChangeKind,
    ids: list[int],
    diffs: Sequence[Diff],
    rows: Sequence[int] | None = None,
) -> None:
    """Keep calculated properties up, log what changed, ask rules and guards, who may ask the log too."""
    full = {record_id: dict(diff) for record_id, diff in zip(ids, diffs, strict=True)}
    if ids and what in ("created", "updated"):
        for derived in derivation.written(work.catalog, kind):
            for record_id, change in calculate.refresh(work, kind, derived.prop, ids).items():
                full[record_id][derived.prop.name] = change
    changes = [
        RecordChange(row, record_id, what, full[record_id])
        for row, record_id in zip(rows or range(len(ids)), ids, strict=True)
    ]
    log.append(work, [(what, kind.name, change.record_id, change.diff) for change in changes])
    _refuse(rules.broken(work, kind, changes))
    _refuse([problem for guard in work.guards for problem in guard(work, kind, changes)])


def _whole(work: Work, kind: ObjectType) -> tuple[Work, ObjectType]:
    """Return work and type as the house sees them: what follows validation may need what the writer may not see."""
    work = work.whole
    return work, work.catalog.object_types[kind.name]


def _owner_of_new(work: Work, kind: ObjectType) -> str | None:
    """Return the property that says whose a record is, where its maker wouldn't see one that nobody owns."""
    role = work.catalog.role
    allowed = role.on(kind.name) if role else None
    if allowed is None or allowed.view == "everyone" or allowed.unassigned:
        return None
    return next((prop.name for prop in seen.owners(work.whole.catalog.object_types[kind.name])), None)


def _refuse(problems: list[Problem], error: type[Invalid | Conflict] = Invalid) -> None:
    if problems:
        raise error(problems)
