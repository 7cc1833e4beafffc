"""Carries a plan out: the only place that runs DDL. Everything of one apply commits together or not at all."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

import psycopg
from psycopg import sql

from wonward import clock
from wonward.accounts.models import Portal
from wonward.db import transaction
from wonward.documents import store
from wonward.errors import Invalid
from wonward.schema import convert, ddl, held, layout, load, months, search_index, seen, tally
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.plan import Change, Key, Plan

LOCK_TIMEOUT = "2s"
"""How long an ALTER waits for readers of its table before everybody behind it would notice."""

ATTEMPTS = 15

Done = TypeVar("Done")

_UNFIT = (
    psycopg.errors.DataError,
    psycopg.errors.UniqueViolation,
    psycopg.errors.ProgramLimitExceeded,  # a text too long for the index that keeps it unique
)


def create_portal(portal: Portal) -> None:
    """Save a new portal and make its PostgreSQL schema."""
    with transaction.atomic():
        portal.save()
        _take_steps(portal)
        make_months(portal.name)


def upgrade_portal(name: str) -> None:
    """Take the steps of `layout.py` that a portal lacks; they commit together or not at all."""
    with transaction.atomic():
        transaction.lock_portal(name, exclusive=True)
        portal = Portal.objects.get(name=name)
        if portal.layout < len(layout.STEPS):
            _take_steps(portal)
    make_months(name)


def make_months(name: str) -> list[date]:
    """Make the partitions that a portal's change log lacks, and return their months, the latest first.

    There is one for this month and for those soon to come, and for each that was written without having one.
    Each commits by itself, so that writers wait for one at most. Raise LockNotAvailable when a long reader
    of the log doesn't end; what is missing then is made the next time, and is written to the rest until it is.
    """
    catalog = load.of_portal(Portal.objects.get(name=name))
    present = months.month_of(clock.now())
    soon = {months.later(present, ahead) for ahead in range(months.AHEAD + 1)}
    wanted = (soon | months.in_rest(catalog)) - months.made(catalog)
    return [month for month in sorted(wanted, reverse=True) if patiently(partial(_make, catalog, month))]


def drop_month(name: str, month: date, may_go: Callable[[], bool]) -> bool:
    """Drop a month of a portal's change log if `may_go` says so while nobody writes to it; return whether it went.

    Raise LockNotAvailable when a long reader of it doesn't end.
    """
    catalog = load.current(name)

    def work() -> bool:
        with _log_alone(name):
            if month not in months.made(catalog):
                return True
            _run(months.lock(catalog, month))
            if not may_go():
                return False
            _run(months.drop(catalog, month, clock.now()))
            return True

    return patiently(work)


def _make(catalog: Catalog, month: date) -> bool:
    """Make a month's partition, unless another process just did; return whether it had to be made."""
    with _log_alone(catalog.portal):
        missing = month not in months.made(catalog)
        if missing:
            _run(months.make(catalog, month))
    return missing


@contextmanager
def _log_alone(name: str) -> Iterator[None]:
    """Open a transaction in which this process alone changes a log's partitions, waiting briefly for each lock."""
    with transaction.atomic():
        transaction.run(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
        transaction.run("select pg_advisory_xact_lock(7701, hashtext(%(name)s))", {"name": name})
        yield
        transaction.run("set local lock_timeout = 0")


def _take_steps(portal: Portal) -> None:
    catalog = load.of_portal(portal)
    for step in layout.STEPS[portal.layout :]:
        _run(step(catalog))
    portal.layout = len(layout.STEPS)
    portal.save(update_fields=["layout"])


def patiently(work: Callable[[], Done]) -> Done:
    """Run `work`, again when a lock wasn't to be had: a long reader delays an apply, never the other way round."""
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except psycopg.errors.LockNotAvailable:
            time.sleep(0.2 * attempt)
    return work()


def apply(
    portal: Portal, planned: Plan, documents: Mapping[Key, Mapping[str, Any]], *, actor: str, at: datetime
) -> Catalog:
    """Carry a plan out inside the caller's transaction, which holds the portal's exclusive lock.

    `documents` are the definitions as they will stand. Returns the new catalog. Raises Invalid when
    stored values don't fit a new definition.
    """
    before = load.of_portal(portal)
    portal.catalog_version += 1
    now = load.build(portal, documents, keep=True)
    held.refuse_lost_stages(before, now)
    transaction.run(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
    found_anew = _found_otherwise(before, now)
    for name in before.object_types.keys() & found_anew:
        _run(search_index.drop_indexes(before, before.object_types[name]))
    _run(_end_tallies(before, now))
    for change in sorted(planned.changes, key=_tables_first):
        try:
            _run(_statements(change, before, now, actor, at))
        except _UNFIT as error:
            raise Invalid(
                f"{change.kind} {change.name}: what is stored doesn't fit it: {_why(error, change, now)}",
                code="VALUES_DONT_FIT",
            ) from error
        except psycopg.errors.TooManyColumns as error:
            raise Invalid(
                f"{change.kind} {change.name}: the table has no room for another property; PostgreSQL gives it "
                "1,600 columns, and those of removed properties count for ever",
                code="TOO_MANY_PROPERTIES",
            ) from error
    for name in now.object_types.keys() & found_anew:
        _run(search_index.indexes(now, now.object_types[name]))
        _run(search_index.learn_all(now, now.object_types[name]))
    _run(_begin_tallies(before, now))
    if before.roles != now.roles:
        _run(_index_owners(before, now))
    transaction.run("set local lock_timeout = 0")
    removals = frozenset(change.key for change in planned.changes if change.action == "remove")
    written = {change.key: documents[change.key] for change in planned.changes if change.key in documents}
    store.write(portal.id, written, removals, actor, at)
    portal.save()
    return now


def _found_otherwise(before: Catalog, now: Catalog) -> set[str]:
    """Return the object types that would be searched by other indexes than before."""
    had, has = (
        {name: list(search_index.indexes(catalog, kind)) for name, kind in catalog.object_types.items()}
        for catalog in (before, now)
    )
    return {name for name in had.keys() | has.keys() if had.get(name) != has.get(name)}


def _tables_first(change: Change) -> bool:
    """Return what puts new object types before the properties that stand in their tables."""
    return (change.kind, change.action) != ("object_type", "create")


def _why(error: psycopg.Error, change: Change, now: Catalog) -> str:
    """Return PostgreSQL's reason, with the values at fault unless they are sensitive."""
    type_name, _, name = change.name.partition(".")
    kind = now.object_types.get(type_name)
    prop = kind.properties.get(name) if kind and change.kind == "property" else None
    detail = None if prop and prop.sensitive else error.diag.message_detail
    return detail or error.diag.message_primary or str(error)


def _run(statements: Iterator[sql.Composable]) -> None:
    for statement in statements:
        transaction.run(statement)


def _end_tallies(before: Catalog, now: Catalog) -> Iterator[sql.Composable]:
    """Yield what frees the columns of tallies that will be made otherwise, or not at all."""
    for name, kind in before.object_types.items():
        if tally.shape(kind) != tally.shape(now.object_types.get(name)):
            yield from tally.drop(before, kind)


def _begin_tallies(before: Catalog, now: Catalog) -> Iterator[sql.Composable]:
    for name, kind in now.object_types.items():
        if tally.shape(kind) != tally.shape(before.object_types.get(name)):
            yield from tally.create(now, kind)


def _statements(
    change: Change, before: Catalog, now: Catalog, actor: str, at: datetime
) -> Iterator[sql.Composable]:
    kind = change.kind
    if kind == "object_type":
        yield from _object_type(change, before, now)
    elif kind == "property":
        yield from _property(change, before, now, actor, at)
    elif kind == "workflow":
        yield from _index_dates(change, before, now)
    elif kind == "list" and change.action != "create":
        yield from held.forget_members(change, now)
    elif kind == "association" and change.action != "create":
        yield from held.forget_labels(change.name, before, now)


def _object_type(change: Change, before: Catalog, now: Catalog) -> Iterator[sql.Composable]:
    if change.action == "create":
        yield from ddl.create_table(now, now.object_types[change.name])
    elif change.action == "remove":
        yield from ddl.drop_table(before, before.object_types[change.name])
    else:
        old, new = before.object_types[change.name], now.object_types[change.name]
        for name in old.properties.keys() & new.properties.keys():
            yield from _reindex(before, old, old.properties[name], now, new, new.properties[name])


def _property(
    change: Change, before: Catalog, now: Catalog, actor: str, at: datetime
) -> Iterator[sql.Composable]:
    type_name, _, name = change.name.partition(".")
    if change.action == "create":
        kind = now.object_types[type_name]
        yield from ddl.add_column(now, kind, kind.properties[name])
    elif change.action == "remove":
        if type_name in now.object_types:
            kind = before.object_types[type_name]
            yield from ddl.drop_column(before, kind, kind.properties[name])
    else:
        old, new = before.object_types[type_name], now.object_types[type_name]
        was, will = old.properties[name], new.properties[name]
        if was.type != will.type:
            yield from ddl.drop_indexes(before, old, was)
            yield from convert.steps(now, new, was, will, actor, at)
            yield from ddl.indexes(now, new, will)
        else:
            yield from _reindex(before, old, was, now, new, will)


def _index_dates(change: Change, before: Catalog, now: Catalog) -> Iterator[sql.Composable]:
    """Yield what indexes the dates that a workflow looks for, or no longer looks for."""
    type_name = change.name.partition(".")[0]
    old, new = before.object_types.get(type_name), now.object_types.get(type_name)
    if old is None or new is None:
        return
    found = (catalog.workflows.get(change.name) for catalog in (before, now))
    for name in sorted({each.trigger.date for each in found if each and each.trigger.date}):
        if name in old.properties and name in new.properties:
            yield from _reindex(before, old, old.properties[name], now, new, new.properties[name])


def _index_owners(before: Catalog, now: Catalog) -> Iterator[sql.Composable]:
    """Yield what indexes whose records are where a role asks for it, or none does any longer."""
    for name, new in now.object_types.items():
        old = before.object_types.get(name)
        for prop in seen.owners(new):
            if old and prop.name in old.properties:
                yield from _reindex(before, old, old.properties[prop.name], now, new, prop)


def _reindex(
    before: Catalog, old: ObjectType, was: Property, now: Catalog, new: ObjectType, will: Property
) -> Iterator[sql.Composable]:
    if list(ddl.indexes(before, old, was)) != list(ddl.indexes(now, new, will)):
        yield from ddl.drop_indexes(before, old, was)
        yield from ddl.indexes(now, new, will)
