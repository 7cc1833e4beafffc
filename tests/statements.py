"""A pytest plugin that looks at every statement of records' SQL: none may cross portals, and tests can count them.

This is what the step to Citus rests on: a portal is one schema that can live on a node of its own.
"""

import re
from functools import lru_cache
from typing import Any

import psycopg
import pytest

SHARED = frozenset({"accounts_portal", "accounts_member"})
"""Tables of the house that statements over a portal's tables may name: they would be Citus's reference tables."""

_PORTAL = re.compile(r"\bportal_[a-z0-9_]+(?=\"?\.)")
_TABLE = re.compile(
    r"\b(?:from|join|update|into)\s+\"?((?:accounts|documents|records|pipelines|attachments)_[a-z_]+)", re.I
)


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


@pytest.fixture(autouse=True)
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that this process runs in the test, in order; one that crosses portals fails the test."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def looked_at(cursor: Any, query: Any, *rest: Any, **named: Any) -> Any:
        text = query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else None
        seen.append(query.as_string(cursor) if text is None else text)
        wrong = crossing(seen[-1])
        assert not wrong, f"{wrong}\n{seen[-1]}"
        return execute(cursor, query, *rest, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", looked_at)
    return seen
