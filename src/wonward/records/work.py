"""One actor's work in one portal: the catalog it sees, the moment it happens at, the guards that hold.

Doors open it through `wiring.py`, which knows the guards; everything in `records` takes it first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from wonward import clock
from wonward.db import transaction
from wonward.errors import Problem
from wonward.schema import ddl, load
from wonward.schema.catalog import Catalog, ObjectType

Source = Literal["web", "api", "import", "cli", "worker", "definitions"]
ChangeKind = Literal[
    "created",
    "updated",
    "archived",
    "restored",
    "associated",
    "dissociated",
    "merged",
    "unmerged",
    "listed",
    "unlisted",
    "redacted",
    "erased",
    "attached",
    "detached",
]
Sees = Callable[[ObjectType], bool]
"""Tells whether somebody may see the sensitive properties of a type."""

HANDS: tuple[Source, ...] = ("web", "api", "import", "cli")
"""The sources by which people and programs change values, as against what the house does by itself."""

Diff = Mapping[str, tuple[str | None, str | None]]
"""What a change did: property -> (canonical text before, after)."""


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One record changed by one write: `row` is its place in the batch that was asked for."""

    row: int
    record_id: int
    kind: ChangeKind
    diff: Diff


Guard = Callable[["Work", ObjectType, Sequence[RecordChange]], list[Problem]]
"""A rule that must always hold. Called after the SQL, on the new rows; a problem undoes the write."""


Filler = Callable[
    ["Work", ObjectType, Sequence[tuple[int, Mapping[str, str | None]]]], Mapping[int, Mapping[str, str]]
]
"""Says what records that are about to be changed get besides, where they have nothing: by id, text a property."""


Eraser = Callable[["Work", ObjectType, Sequence[int]], Mapping[str, int]]
"""Removes what a room keeps of records that are erased for good, in the same transaction and before their rows go.

Returns how many things it removed, by what they are called; the proof of the erasure tells them.
"""


@dataclass(frozen=True, slots=True)
class Merger:
    """What another room does when a record is merged into another: both ways, in the same transaction.

    `merge` takes the record that stays and the one that goes, and returns what `unmerge` will need, as JSON.
    """

    name: str
    merge: Callable[["Work", ObjectType, int, int], Any]
    unmerge: Callable[["Work", ObjectType, int, int, Any], None]


@dataclass(frozen=True, slots=True)
class Work:
    """What reading and writing records needs to know."""

    catalog: Catalog
    actor: str
    source: Source
    now: datetime
    guards: tuple[Guard, ...]
    cursor: psycopg.Cursor[tuple[Any, ...]]
    mergers: tuple[Merger, ...] = ()
    fillers: tuple[Filler, ...] = ()

    @property
    def whole(self) -> "Work":
        """This work with the whole catalog, for guards and calculations, whoever it is done for."""
        return self if self.catalog.whole is None else replace(self, catalog=self.catalog.whole)

    @property
    def today(self) -> date:
        """The date where the portal is."""
        return self.now.astimezone(ZoneInfo(self.catalog.time_zone)).date()

    @property
    def user_id(self) -> int | None:
        """The id of the user whose work it is, None when it is a token's, the worker's or the command line's."""
        kind, _, number = self.actor.partition(":")
        return int(number) if kind == "user" and number.isdecimal() else None

    def table(self, name: str) -> sql.Identifier:
        """Return a table of the portal."""
        return ddl.table(self.catalog, name)

    def rows(
        self, statement: sql.Composable, params: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows; `today`, `now` and `_user` are always bound."""
        return self._execute(statement, params).fetchall()

    def run(self, statement: sql.Composable, params: Mapping[str, object] | None = None) -> int:
        """Run a statement and return how many rows it touched; `today`, `now` and `_user` are always bound."""
        return self._execute(statement, params).rowcount

    @property
    def _bound(self) -> dict[str, object]:
        """What every expression may ask for."""
        return {"now": self.now, "today": self.today, "_user": self.user_id}

    def _execute(
        self, statement: sql.Composable, params: Mapping[str, object] | None
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        whole = sql.Composed([statement])
        return self.cursor.execute(whole, {**self._bound, **(params or {})})


def read(portal: str | Catalog, *, actor: str, source: Source, sees: Sees | None = None) -> Work:
    """Return work that only reads a portal, by its name or its catalog where that was just read.

    There is no transaction: each statement sees what is committed. `sees` as in `write`.
    """
    catalog = load.current(portal) if isinstance(portal, str) else portal
    return Work(_seen(catalog, source, sees), actor, source, _moment(), (), transaction.cursor())


@contextmanager
def write(
    portal: str,
    *,
    actor: str,
    source: Source,
    guards: tuple[Guard, ...],
    mergers: tuple[Merger, ...] = (),
    fillers: tuple[Filler, ...] = (),
    sees: Sees | None = None,
) -> Iterator[Work]:
    """Open a transaction in which records can be written; leaving the block commits it.

    It holds the portal's lock shared, so that definitions stay as they are until it ends. `sees` says whose
    sensitive properties may be read and written; without it the command line and the house itself see all, and
    pages, the API and imports none.
    """
    with transaction.atomic():
        catalog = _seen(load.locked(portal), source, sees)
        yield Work(catalog, actor, source, _moment(), guards, transaction.cursor(), mergers, fillers)


def _seen(catalog: Catalog, source: Source, sees: Sees | None) -> Catalog:
    """Return a catalog as whoever asks may see it."""
    if not catalog.sensitive:
        return catalog
    trusted = source not in ("web", "api", "import")
    hidden = (kind.name for kind in catalog.sensitive if not (sees(kind) if sees else trusted))
    return catalog.masked(frozenset(hidden))


def within(catalog: Catalog, *, actor: str, source: Source) -> Work:
    """Return work inside the caller's transaction, under a catalog that isn't committed yet; no guards."""
    return Work(catalog, actor, source, _moment(), (), transaction.cursor())


def _moment() -> datetime:
    """Return the present to the millisecond, as records keep it."""
    moment = clock.now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
