"""One transaction and one raw psycopg cursor on Django's own connection, and the locks between processes.

Server-side binding and prepared statements make records fast; Django's models share the same connection,
so a write and a job enqueued beside it commit together.
"""

import itertools
import select
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar
from weakref import WeakSet

import psycopg
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from psycopg import pq, sql

from wonward.db.arrays import Lists

Statement = LiteralString | sql.Composable

_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError)
_ENDS_THE_CONNECTION = ("FATAL", "PANIC")

_held = itertools.count(1)
_sends_lists_in_binary: WeakSet[psycopg.Connection[Any]] = WeakSet()


def cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    """Return a psycopg cursor on this thread's connection; rows are tuples."""
    django = trust_quiet_connection()
    django.close_if_health_check_failed()  # as Django's own cursors do first in each request
    django.ensure_connection()
    kept = django.connection
    if kept not in _sends_lists_in_binary:
        kept.adapters.register_dumper(list, Lists)
        _sends_lists_in_binary.add(kept)
    return psycopg.Cursor(kept)


def trust_quiet_connection() -> Any:
    """Spare a kept connection the question whether it still works when nothing has come from the server meanwhile.

    A server that closes or restarts says so on the socket; asking costs each request a round trip. Return
    Django's wrapper around the connection.
    """
    django: Any = connections[DEFAULT_DB_ALIAS]
    kept = django.connection
    if kept is None or django.health_check_done or kept.closed:
        return django
    waiting = select.poll()
    waiting.register(kept.fileno(), select.POLLIN | select.POLLPRI | select.POLLRDHUP)
    django.health_check_done = not waiting.poll(0)
    return django


def is_away(error: BaseException | None) -> bool:
    """Tell whether an error says that the database can't be reached, was stopped or has no room left: all may pass.

    A server that ends in the middle of an answer is told of without a code, and one that panics by its severity.
    """
    if isinstance(error, _AWAY):
        return True
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    return type(cause) is psycopg.DatabaseError or (
        isinstance(cause, psycopg.Error) and cause.diag.severity_nonlocalized in _ENDS_THE_CONNECTION
    )


def opening(statements: sql.Composable) -> list[tuple[bytes | None, ...]]:
    """Run statements without parameters in one exchange, which begins the transaction where it hasn't begun yet.

    Return the rows of the last one as PostgreSQL spells them. Each statement sees what was committed before
    it, so one that follows a lock sees what was awaited.
    """
    cursor()
    kept = connection.connection
    begun = kept.autocommit or kept.pgconn.transaction_status != pq.TransactionStatus.IDLE
    text = statements.as_bytes(kept)
    result = kept.pgconn.exec_(text if begun else b"begin;" + text)
    if kept.pgconn.status == pq.ConnStatus.BAD:
        raise psycopg.OperationalError(kept.pgconn.get_error_message())
    if result.status != pq.ExecStatus.TUPLES_OK:
        raise psycopg.errors.error_from_result(result, encoding=kept.info.encoding)
    return [
        tuple(result.get_value(row, column) for column in range(result.nfields))
        for row in range(result.ntuples)
    ]


def rows(statement: Statement, params: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
    """Run a statement that answers with rows and return them."""
    return _execute(statement, params).fetchall()


def run(statement: Statement, params: Mapping[str, object] | None = None) -> int:
    """Run a statement and return how many rows it touched."""
    return _execute(statement, params).rowcount


def _execute(statement: Statement, params: Mapping[str, object] | None) -> psycopg.Cursor[tuple[Any, ...]]:
    return cursor().execute(statement if isinstance(statement, str) else sql.Composed([statement]), params)


Result = TypeVar("Result")
_RING = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
ATTEMPTS = 4


def again_after_deadlock(work: Callable[[], Result]) -> Result:
    """Return what `work` returns; do it again when PostgreSQL chose it to give way to others it waited for in a ring.

    `work` opens a transaction of its own, so that what it did is undone before it is tried again.
    """
    for _ in range(1, ATTEMPTS):
        try:
            return work()
        except (psycopg.Error, DatabaseError) as error:
            if not isinstance(error.__cause__ or error, _RING) or connection.in_atomic_block:
                raise
    return work()


@contextmanager
def held(
    statement: Statement, params: Mapping[str, object], size: int
) -> Iterator[Iterator[list[tuple[Any, ...]]]]:
    """Run a query once and give its rows, those of one moment, in batches of `size`.

    PostgreSQL holds what is left of them, so that no transaction has to stay open meanwhile.
    """
    connection.ensure_connection()
    name = f"held_{next(_held)}"
    with psycopg.ServerCursor(connection.connection, name, withhold=True) as opened:
        opened.execute(statement if isinstance(statement, str) else sql.Composed([statement]), params)
        yield iter(lambda: opened.fetchmany(size), [])


@contextmanager
def atomic() -> Iterator[None]:
    """Commit everything in the block together, or nothing of it; nested, it is a savepoint."""
    with transaction.atomic():
        yield


def lock_portal(name: str, *, exclusive: bool) -> None:
    """Hold the portal's lock until the transaction ends: shared to write records, exclusive for definitions.

    So a definition never changes under a write that was validated by the one before.
    """
    run(portal_lock(name, exclusive=exclusive))


def portal_lock(name: str, *, exclusive: bool = False) -> sql.Composable:
    """Return the SQL that takes a portal's lock."""
    function = sql.SQL("pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared")
    return sql.SQL("select {}(7700, hashtext({}))").format(function, sql.Literal(name))


@contextmanager
def time_limit(milliseconds: int) -> Iterator[None]:
    """Cancel a statement inside the block that takes longer: psycopg raises QueryCanceled."""
    with settings(statement_timeout=str(milliseconds)):
        yield


@contextmanager
def settings(**wanted: str) -> Iterator[None]:
    """Have settings of PostgreSQL inside the block, a transaction or savepoint; after it they are as before."""
    with atomic():
        before = rows(
            """
            select name, current_setting(name), set_config(name, value, true)
            from unnest(%(names)s::text[], %(values)s::text[]) as wanted(name, value)""",
            {"names": list(wanted), "values": list(wanted.values())},
        )
        yield
        run(
            "select set_config(name, value, true) from unnest(%(names)s::text[], %(values)s::text[])"
            " as before(name, value)",
            {"names": [name for name, _, _ in before], "values": [value for _, value, _ in before]},
        )
