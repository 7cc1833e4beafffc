"""The associations of merged records: the survivor gains those of the other, as far as its limits allow.

The merged record's own lie archived with it, untouched; so undoing only takes away what the survivor gained.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from wonward.records import associate, hierarchy
from wonward.records.associate import Link
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

Labels = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """Labels that the survivor gained towards a record of a type; `fresh` when they weren't associated before."""

    to_type: str
    to_id: int
    labels: Labels
    fresh: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """What the survivor gains, and how many associations of each type its limits leave behind."""

    gains: list[Gain]
    left: dict[str, int]


def ends(work: Work, ids: Sequence[int]) -> dict[str, set[int]]:
    """Return which records of which types the records are associated with, archived ones too."""
    statement = sql.SQL("select to_type, to_id from {} where from_id = any(%(ids)s)")
    found: dict[str, set[int]] = {}
    for name, number in work.rows(statement.format(work.table("_association")), {"ids": list(ids)}):
        if name in work.catalog.object_types:
            found.setdefault(name, set()).add(number)
    return found


def planned(work: Work, kind: ObjectType, kept_id: int, other_id: int) -> Carried:
    """Return what the survivor `kept_id` gains from `other_id`; its own labels come first where there is a limit.

    A place in a hierarchy that would go round is left behind too.
    """
    found = work.rows(
        sql.SQL("""
            select from_id, to_type, to_id, labels from {} where from_id = any(%(ids)s)
            order by created_at, to_id""").format(work.table("_association")),
        {"ids": [kept_id, other_id]},
    )
    mine: dict[str, dict[int, Labels]] = {}
    theirs: dict[str, dict[int, Labels]] = {}
    for start, name, to, labels in found:
        if to not in (kept_id, other_id) and name in work.catalog.object_types:
            (mine if start == kept_id else theirs).setdefault(name, {})[to] = tuple(labels)
    barred = hierarchy.would_ring(work, kind, kept_id)
    gains: list[Gain] = []
    left: dict[str, int] = {}
    for name in sorted(theirs):
        other = work.catalog.object_types[name]
        live = _live(work, other, [*mine.get(name, {}), *theirs[name]])
        sides = _Sides(mine.get(name, {}), theirs[name], live, barred if name == kind.name else {})
        fitting, behind = _fitting(work, kind, other, sides)
        gains += fitting
        left |= {name: behind} if behind else {}
    return Carried(gains, left)


def carry(work: Work, kind: ObjectType, kept_id: int, gains: Sequence[Gain]) -> None:
    """Give the survivor what it gains."""
    for other, part in _by_type(work, gains):
        associate.carry(work, kind, other, [(kept_id, gain.to_id, gain.labels) for gain in part])


def give_back(work: Work, kind: ObjectType, kept_id: int, gains: Sequence[Gain]) -> None:
    """Take from the survivor what it gained and still has; an association that got labels since stays under those."""
    now = {
        (name, to): set(labels)
        for name, to, labels in work.rows(
            sql.SQL("select to_type, to_id, labels from {} where from_id = %(id)s").format(
                work.table("_association")
            ),
            {"id": kept_id},
        )
    }
    for other, part in _by_type(work, gains):
        plain = {
            each.type_id for each in work.catalog.associations(kind.name, other.name) if each.label is None
        }
        links = []
        for gain in part:
            has = now.get((gain.to_type, gain.to_id), set())
            gone = has & set(gain.labels)
            if has - gone:
                gone -= plain
            if gone:
                links.append(Link(kept_id, gain.to_id, tuple(sorted(gone))))
        associate.dissociate(work, kind, other, links)


@dataclass(frozen=True, slots=True)
class _Sides:
    """What the survivor and the other are associated with of one type, by id: the labels, and which ones are live.

    `barred` are the records that a label can't lead to, since a hierarchy would go round.
    """

    mine: Mapping[int, Labels]
    theirs: Mapping[int, Labels]
    live: set[int]
    barred: Mapping[int, set[int]]


def _fitting(work: Work, kind: ObjectType, other: ObjectType, sides: _Sides) -> tuple[list[Gain], int]:
    types = work.catalog.associations(kind.name, other.name)
    plain = {each.type_id for each in types if each.label is None}
    known = {each.type_id for each in types}
    room = {
        each.type_id: each.limit
        - sum(each.type_id in labels for to, labels in sides.mine.items() if to in sides.live)
        for each in types
        if each.limit is not None
    }
    gains, behind = [], 0
    # Those that are live come first, and of them the earliest associated.
    for to in sorted(sides.theirs, key=lambda to: to not in sides.live):
        had = sides.mine.get(to)
        wanted = known & set(sides.theirs[to]) - set(had or ())
        full = {label for label in wanted if room.get(label, 1) <= 0 or to in sides.barred.get(label, ())}
        behind += bool(full and to in sides.live)
        if full & plain:
            continue
        gained = wanted - full
        for label in gained & room.keys():
            room[label] -= 1
        if gained:
            gains.append(Gain(other.name, to, tuple(sorted(gained)), had is None))
    return gains, behind


def _live(work: Work, kind: ObjectType, ids: Sequence[int]) -> set[int]:
    statement = sql.SQL("select _id from {} where _id = any(%(ids)s) and _archived_at is null")
    return {number for (number,) in work.rows(statement.format(work.table(kind.table)), {"ids": list(ids)})}


def _by_type(work: Work, gains: Sequence[Gain]) -> Iterator[tuple[ObjectType, list[Gain]]]:
    for name in sorted({gain.to_type for gain in gains}):
        if name in work.catalog.object_types:
            yield work.catalog.object_types[name], [gain for gain in gains if gain.to_type == name]
