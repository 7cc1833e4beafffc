"""Keeps rollups up: a consumer of the change feed that finds whose associated records changed, and calculates anew.

All changes of a batch together cost a statement or two a rollup. What it writes is logged like any change, so
that rollups over rollups follow in the next batch. Done twice it does no harm.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg import sql

from wonward.errors import Missing
from wonward.records import calculate, derivation
from wonward.records.changes import Change, Consumer
from wonward.records.derivation import Derivation
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

BATCH = 10_000
"""Changes that are looked at together: a company whose 10,000 contacts change at once is calculated once."""

Ids = set[int]


def rebuild(work: Work, derived: Derivation, after: int) -> tuple[int | None, int]:
    """Calculate a rollup of the next records above the id `after`.

    Return the last id, None when there were none left, and how many values were wrong.
    """
    ids = calculate.part_after(work, derived.kind, after)
    if not ids:
        return None, 0
    return ids[-1], calculate.recalculate(work, derived.kind, [(derived, ids)])


def named(work: Work, name: str) -> list[Derivation]:
    """Return the rollup called `type.property`, or all for empty text; raise Missing when it is none."""
    found = [each for each in derivation.of(work.catalog) if each.rollup]
    if name:
        found = [each for each in found if ".".join(each.place) == name]
        if not found:
            raise Missing(
                f"There is no rollup '{name}'; give one as company.num_associated_deals",
                code="PROPERTY_DOESNT_EXIST",
            )
    return found


@dataclass(frozen=True, slots=True)
class _News:
    """What a batch of changes says, by object type: which records changed what, and who was associated."""

    changed: dict[tuple[str, str], Ids] = field(default_factory=lambda: defaultdict(set))
    updated: dict[str, Ids] = field(default_factory=lambda: defaultdict(set))
    created: dict[str, Ids] = field(default_factory=lambda: defaultdict(set))
    other: dict[str, Ids] = field(default_factory=lambda: defaultdict(set))
    linked: dict[tuple[str, str], Ids] = field(default_factory=lambda: defaultdict(set))

    def hear(self, change: Change) -> None:
        """Take note of a change; archived, restored and whatever else may concern every property."""
        match change.kind:
            case "associated" | "dissociated":
                self.linked[change.object_type, change.diff["to_type"]].add(change.record_id)
            case "created":
                self.created[change.object_type].add(change.record_id)
            case "updated":
                self.updated[change.object_type].add(change.record_id)
                for name in change.diff:
                    self.changed[change.object_type, name].add(change.record_id)
            case _:
                self.other[change.object_type].add(change.record_id)

    def of(self, kind: ObjectType, names: frozenset[str]) -> Ids:
        """Return the records of a type that changed one of the named properties."""
        found = set[int]().union(*(self.changed[kind.name, name] for name in names))
        return found | self.updated[kind.name] if derivation.reads_every_change(kind, names) else found


def _follow(work: Work, changes: Sequence[Change]) -> None:
    """Calculate what the changes concern, type by type in the order of their names, as all locks are taken."""
    news = _News()
    for change in changes:
        news.hear(change)
    for name in sorted(work.catalog.object_types):
        kind = work.catalog.object_types[name]
        stale = [(each, _concerned(work, each, news)) for each in derivation.rollups(work.catalog, kind)]
        if any(ids for _, ids in stale):
            calculate.recalculate(work, kind, stale)


def _concerned(work: Work, derived: Derivation, news: _News) -> Ids:
    """Return the records for which a rollup may have another value now."""
    kind = derived.kind
    ids = news.of(kind, derived.own) | news.other[kind.name]
    if derived.own:  # what else a new record has is given to it when it is written
        ids |= news.created[kind.name]
    for name, properties in derived.others.items():
        other = work.catalog.object_types[name]
        ids |= news.linked[kind.name, name]
        sources = news.of(other, properties) | news.other[name]
        if any(each.primary for each in work.catalog.associations(name, kind.name)):
            sources |= news.linked[name, kind.name]  # another may have lost the primary label to a new one
        ids |= _associated(work, sources, kind)
    return ids


def _associated(work: Work, sources: Ids, kind: ObjectType) -> Ids:
    """Return the records of a type that records are associated with."""
    if not sources:
        return set()
    statement = sql.SQL("select distinct to_id from {} where from_id = any(%(ids)s) and to_type = %(type)s")
    found = work.rows(statement.format(work.table("_association")), {"ids": list(sources), "type": kind.name})
    return {number for (number,) in found}


ROLLUPS = Consumer("rollups", _follow, BATCH)
