"""A pytest plugin that looks at every statement this process sends: none may cross portals, and tests can count them.

This is what the step to Citus rests on: a portal is one schema that can live on a node of its own. Records'
cursors and Django's all end in psycopg's `execute`, `executemany` and `exec_`, which is where it listens.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import psycopg
import pytest

from wonward.db import transaction

SHARED = frozenset({"accounts_portal", "accounts_member"})
"""Tables of the house that statements over a portal's tables may name: they would be Citus's reference tables."""

_PORTAL = re.compile(r"\bportal_[a-z0-9_]+(?=\"?\.)")
_TABLE = re.compile(
    r"\b(?:from|join|update|into)\s+\"?((?:accounts|documents|records|pipelines|attachments|automation)_[a-z_]+)",
    re.I,
)
_AROUND = re.compile(r"\s*(?:begin|commit|rollback|savepoint|release)\b", re.I)


@lru_cache(maxsize=20_000)
def crossing(statement: str) -> str:
    """Return why a statement couldn't run on the node of one portal; nothing when it could."""
    portals = set(_PORTAL.findall(statement))
    if len(portals) > 1:
        return f"it crosses portals: {', '.join(sorted(portals))}"
    foreign = set(_TABLE.findall(statement)) - SHARED
    if portals and foreign:
        return f"it joins a portal's tables with {', '.join(sorted(foreign))}"
    return ""


def counted(seen: list[str]) -> list[str]:
    """Return the statements that ask or change something: all but those around a transaction."""
    return [each for each in seen if not _AROUND.match(each)]


@pytest.fixture(scope="session", autouse=True)
def _sent() -> Iterator[list[str]]:
    """Listen for the whole session; the list is emptied for each test."""
    sent: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for kind in (psycopg.Cursor, psycopg.ServerCursor):
            patch.setattr(kind, "execute", _listening(sent, kind.execute))
        patch.setattr(psycopg.Cursor, "executemany", _listening(sent, psycopg.Cursor.executemany))
        opening = transaction.opening

        def opened(statements: Any) -> Any:
            sent.append(statements.as_string(None))
            return opening(statements)

        patch.setattr(transaction, "opening", opened)
        yield sent


def _listening(sent: list[str], execute: Callable[..., Any]) -> Callable[..., Any]:
    def listened(cursor: Any, query: Any, *rest: Any, **named: Any) -> Any:
        # Written out once, here, so that listening costs next to nothing.
        written = query.as_bytes(cursor) if isinstance(query, psycopg.sql.Composable) else query
        sent.append(written.decode() if isinstance(written, bytes) else written)
        return execute(cursor, written, *rest, **named)

    return listened


@pytest.fixture(autouse=True)
def statements(_sent: list[str]) -> Iterator[list[str]]:
    """Every statement that this process sends in the test, in order; one that crosses portals fails the test.

    It fails at the end: raised where it happens, a door would answer it as any other failure.
    """
    _sent.clear()
    yield _sent
    wrong = {statement: why for statement in _sent if (why := crossing(statement))}
    assert not wrong, "\n\n".join(f"{why}\n{statement}" for statement, why in wrong.items())
