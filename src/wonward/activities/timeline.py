"""The timeline of a record: what was changed and what people did, merged by time, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wonward.records import history, related
from wonward.records.history import Entry
from wonward.records.merging import merges
from wonward.records.related import Activity
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType

MOMENT = "hs_timestamp"
"""The property of activities that says when they stand on the timeline."""

PAGE = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DIGITS = 18
"""The longest number of a place: any of as many digits is one that the database can hold."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing on the timeline: a change of the record, or an activity about it."""

    at: datetime
    entry: Entry | None = None
    activity: Activity | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """How far a timeline has been read, in the change log and in the activities; neither, at its start."""

    seq: int | None = None
    activity: tuple[datetime, int] | None = None

    def __str__(self) -> str:
        at, number = self.activity or (None, "")
        return f"{self.seq or ''}.{'' if at is None else (at - _EPOCH) // _MILLISECOND}.{number}"


def place(text: str) -> Place:
    """Read a place back from its text; what is none is the start of the timeline."""
    parts = text.split(".")
    if len(parts) != 3 or not all(_is_number(part) for part in parts if part):
        return Place()
    seq, at, number = (int(part) if part else None for part in parts)
    if at is None or number is None:
        return Place(seq)
    try:
        return Place(seq, (_EPOCH + at * _MILLISECOND, number))
    except OverflowError:
        return Place()


def page(
    work: Work, kind: ObjectType, record_id: int, since: Place, *, limit: int = PAGE
) -> tuple[list[Happening], Place | None]:
    """Return the next stretch of a record's timeline, and the place it goes on at, None at its end.

    Activities to come stand first. That an activity was associated isn't told: the activity itself is;
    nor is what was associated of a type that whoever looks doesn't see.
    """
    told_otherwise = [
        other.name
        for other in work.whole.catalog.object_types.values()
        if other.activity or other.name not in work.catalog.object_types
    ]
    entries = [
        Happening(entry.at, entry=entry)
        for entry in history.of_record(
            work,
            record_id,
            before=since.seq,
            limit=limit + 1,
            unless_with=told_otherwise,
            merged=merges.absorbed(work, record_id),
        )
    ]
    done = _activities(work, kind, record_id, since, limit + 1)
    return stretch(entries, done, since, limit)


def stretch(
    entries: Sequence[Happening], done: Sequence[Happening], since: Place, limit: int
) -> tuple[list[Happening], Place | None]:
    """Return the next stretch out of changes and activities, one more of each than `limit` where there are more."""
    merged = sorted(
        [*done, *entries], key=lambda each: (each.at, each.entry.seq if each.entry else 0), reverse=True
    )
    told = merged[:limit]
    return told, _last(told, since) if len(merged) > limit else None


def activity_types(catalog: Catalog, kind: ObjectType) -> list[ObjectType]:
    """Return the types of activity that records of a type can have."""
    return [
        catalog.object_types[name]
        for name in catalog.associated_types(kind.name)
        if catalog.object_types[name].activity and MOMENT in catalog.object_types[name].properties
    ]


def shown(kind: ObjectType) -> list[str]:
    """Return the properties of an activity that a timeline tells: its title, its text, its facts."""
    named = dict.fromkeys((*kind.display, *kind.search, *kind.columns))
    return [name for name in named if name in kind.properties]


def _activities(
    work: Work, kind: ObjectType, record_id: int, since: Place, limit: int
) -> Sequence[Happening]:
    found = [
        activity
        for other in activity_types(work.catalog, kind)
        for activity in related.activities(
            work, record_id, other, shown(other), moment=MOMENT, before=since.activity, limit=limit
        )
    ]
    found.sort(key=lambda activity: (activity.at, activity.record_id), reverse=True)
    return [Happening(activity.at, activity=activity) for activity in found[:limit]]


def _last(merged: Sequence[Happening], since: Place) -> Place:
    entries = [each.entry.seq for each in merged if each.entry]
    acts = [(each.activity.at, each.activity.record_id) for each in merged if each.activity]
    return Place(entries[-1] if entries else since.seq, acts[-1] if acts else since.activity)


def _is_number(part: str) -> bool:
    digits = part.removeprefix("-")
    return digits.isdecimal() and len(digits) <= _DIGITS
