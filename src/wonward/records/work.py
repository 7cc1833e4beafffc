"""One actor's work in one portal: the catalog it sees, the moment it happens at, the guards that hold.

Doors open it through `wiring.py`, which knows the guards; everything in `records` takes it first.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from wonward import clock
from wonward.db import transaction
from wonward.errors import Forbidden, Invalid, Problem
from wonward.schema import load, seen
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.roles import RIGHTS, Right
from wonward.schema.seen import Rights
from wonward.schema.translate import spoken

Source = Literal["web", "api", "import", "cli", "worker", "form", "definitions"]
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
    "overridden",
    "decided",
    "shared",
    "viewed",
    "submitted",
]
HANDS: tuple[Source, ...] = ("web", "api", "import", "cli", "form")
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


NOBODYS = Rights(lambda _: False)
"""The rights of work that says nothing of them."""

Guard = Callable[["Work", ObjectType, Sequence[RecordChange]], list[Problem]]
"""A rule that must always hold. Called after the SQL, on the new rows; a problem undoes the write."""


Filler = Callable[
    ["Work", ObjectType, Sequence[tuple[int, Mapping[str, str | None]]]], Mapping[int, Mapping[str, str]]
]
"""Says what records that are about to be changed get besides, where they have nothing: by id, text a property."""


Texts = Mapping[str, str | None]
"""Property -> canonical text, or None for nothing."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """A rule of what a record's new values come to; pure.

    `adds` names the properties that it may add to those of a change, which nobody need be able to set. `values`
    takes what the record has of all these, and its new values, and returns those that it gets.
    """

    adds: Callable[[ObjectType, Collection[str]], Collection[str]]
    values: Callable[["Work", ObjectType, Texts, Texts], Texts]


@dataclass(frozen=True, slots=True)
class Beside:
    """What the rooms have to say of the values that records are written with."""

    fillers: tuple[Filler, ...] = ()
    keepers: tuple[Keeper, ...] = ()


NOTHING_BESIDE = Beside()


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
    """What reading and writing records needs to know.

    `override` is the reason why what it moves may pass over gates, None where these hold.
    """

    catalog: Catalog
    actor: str
    source: Source
    now: datetime
    guards: tuple[Guard, ...]
    cursor: psycopg.Cursor[tuple[Any, ...]]
    mergers: tuple[Merger, ...] = ()
    beside: Beside = NOTHING_BESIDE
    rights: Rights = NOBODYS
    override: str | None = None

    @property
    def whole(self) -> "Work":
        """This work with the whole catalog, for guards and calculations, whoever it is done for."""
        return self if self.catalog.whole is None else replace(self, catalog=self.catalog.whole)

    @property
    def defined(self) -> "Work":
        """This work with all texts as they were defined, for what leaves the portal: others know no other."""
        return self if self.catalog.defined is None else replace(self, catalog=self.catalog.defined)

    @property
    def today(self) -> date:
        """The date where the portal is."""
        return self.now.astimezone(ZoneInfo(self.catalog.time_zone)).date()

    @property
    def user_id(self) -> int | None:
        """The id of the user whose work it is, None when it is a token's, the worker's or the command line's."""
        kind, _, number = self.actor.partition(":")
        return int(number) if kind == "user" and number.isdecimal() else None

    def table(self, name: str) -> sql.Composable:
        """Return a table of the portal, as whoever's work it is sees it: see `schema/seen.py`."""
        return seen.relation(self.catalog, name)

    def may(self, right: Right) -> bool:
        """Tell whether whoever's work it is has a right beside those over records."""
        return self.catalog.role is None or right in self.catalog.role.may

    def require(self, right: Right) -> None:
        """Raise Forbidden unless whoever's work it is has a right."""
        if self.catalog.role is not None and not self.may(right):
            raise Forbidden(
                f"Your role ({self.catalog.role.label}) may not {RIGHTS[right]}; ask an admin of the portal for it",
                code="RIGHT_MISSING",
            )

    def overriding(self, reason: str) -> "Work":
        """Return this work with gates passed over; raise Forbidden without the right, Invalid without a reason."""
        self.require("override_gates")
        said = " ".join(reason.split())
        if not said:
            raise Invalid("Say why it is moved all the same", code="REASON_MISSING")
        return replace(self, override=said)

    def rows(
        self, statement: sql.Composable, params: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows; what `bound` says is always bound."""
        return self._execute(statement, params).fetchall()

    def run(self, statement: sql.Composable, params: Mapping[str, object] | None = None) -> int:
        """Run a statement and return how many rows it touched; what `bound` says is always bound."""
        return self._execute(statement, params).rowcount

    @property
    def bound(self) -> dict[str, object]:
        """What every expression may ask for."""
        return {
            "now": self.now,
            "today": self.today,
            "_user": self.user_id,
            "_own": self.rights.own,
            "_team": self.rights.team,
        }

    def _execute(
        self, statement: sql.Composable, params: Mapping[str, object] | None
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        whole = sql.Composed([statement])
        return self.cursor.execute(whole, {**self.bound, **(params or {})})


def read(portal: str | Catalog, *, actor: str, source: Source, rights: Rights | None = None) -> Work:
    """Return work that only reads a portal, by its name or its catalog where that was just read.

    There is no transaction: each statement sees what is committed. `rights` as in `write`.
    """
    catalog = load.current(portal) if isinstance(portal, str) else portal
    rights = rights or _usual(source)
    return Work(_seen(catalog, rights), actor, source, _moment(), (), transaction.cursor(), rights=rights)


@contextmanager
def write(
    portal: str,
    *,
    actor: str,
    source: Source,
    guards: tuple[Guard, ...],
    mergers: tuple[Merger, ...] = (),
    beside: Beside = NOTHING_BESIDE,
    rights: Rights | None = None,
) -> Iterator[Work]:
    """Open a transaction in which records can be written; leaving the block commits it.

    It holds the portal's lock shared, so that definitions stay as they are until it ends. `rights` say what may
    be read and written; without them everything may, but that pages, the API and imports see nothing sensitive.
    """
    rights = rights or _usual(source)
    with transaction.atomic():
        catalog = _seen(load.locked(portal), rights)
        yield Work(catalog, actor, source, _moment(), guards, transaction.cursor(), mergers, beside, rights)


_TRUSTED = Rights(lambda _: True)


def _usual(source: Source) -> Rights:
    return NOBODYS if source in ("web", "api", "import", "form") else _TRUSTED


def _seen(catalog: Catalog, rights: Rights) -> Catalog:
    """Return a catalog as whoever has these rights may see it."""
    masked = frozenset(kind.name for kind in catalog.sensitive if not rights.sees(kind))
    return seen.cut(spoken(catalog, rights.language), rights.role, masked)


def within(catalog: Catalog, *, actor: str, source: Source) -> Work:
    """Return work inside the caller's transaction, under a catalog that isn't committed yet; no guards."""
    return Work(catalog, actor, source, _moment(), (), transaction.cursor())


def _moment() -> datetime:
    """Return the present to the millisecond, as records keep it."""
    moment = clock.now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
