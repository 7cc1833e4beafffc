"""Takes back what an import did, entry by entry of the change log from its newest to its first.

Records it made are archived, values it changed become what they were, associations it made go and those it
replaced come back. What someone has changed since stays as it is, and is listed.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from wonward import clock
from wonward.db.transaction import again_after_deadlock
from wonward.errors import Conflict, Problem
from wonward.records import query, write
from wonward.records.importing import ledger, undo_links
from wonward.records.importing.owners import OWNER
from wonward.records.importing.run import OpenWork, Progress
from wonward.records.models import ImportKept, ImportRun, kept_until
from wonward.records.query import Query
from wonward.records.salvage import salvage
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property

State = ImportRun.State

CHUNK = 1000
"""Entries of the change log that are taken back in one transaction."""


@dataclass
class Taken:
    """What taking back some entries did: counts, and what was left with the reason by record."""

    counts: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[int, str]] = field(default_factory=list)


def refuse_unless_possible(run: ImportRun) -> None:
    """Raise Conflict when a run can't be undone, saying why."""
    if run.object_type == OWNER.name:
        reason = "Owners are people of the portal, so their import can't be undone; archive them one by one"
    elif run.active:
        reason = "It is still under way; cancel it first"
    elif not run.position or run.first_change is None:
        reason = "It wrote nothing"
    elif run.state == State.UNDONE:
        reason = "It was undone already"
    elif clock.now() > kept_until(run):
        reason = "It was too long ago; what to undo is kept for 14 days"
    else:
        return
    raise Conflict(f"{run.file_name} can't be undone: {reason}", code="CANT_UNDO")


def carry_out(open_work: OpenWork, run: ImportRun, progress: Progress | None = None) -> None:
    """Undo a run from where an earlier undoing of it stopped; raise Stopped when someone asks for that."""
    first, last = run.first_change or 0, run.last_change or 0
    while (run.undo_from if run.undo_from is not None else last) > first:
        ledger.heed(run)
        again_after_deadlock(lambda: _take_back(open_work, run))
        if progress:
            progress(last - (run.undo_from or 0), last - first)


def _take_back(open_work: OpenWork, run: ImportRun) -> None:
    run.refresh_from_db()
    with open_work() as work:
        start = run.undo_from if run.undo_from is not None else run.last_change or 0
        entries = _entries(work, run, start)
        taken = Taken()
        for object_type in dict.fromkeys(each.object_type for each in entries):
            _of_type(
                work, run, object_type, [each for each in entries if each.object_type == object_type], taken
            )
        ImportKept.objects.bulk_create(
            ImportKept(run=run, record_id=record_id, message=message) for record_id, message in taken.kept
        )
        run.undone = dict(Counter(run.undone) + taken.counts + Counter(kept=len(taken.kept)))
        run.undo_from = entries[-1].seq - 1 if entries else run.first_change
        run.moved_at = clock.now()
        run.save(update_fields=["undone", "undo_from", "moved_at"])


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that an import left in the change log."""

    seq: int
    kind: str
    object_type: str
    record_id: int
    diff: dict[str, Any]


def _entries(work: Work, run: ImportRun, start: int) -> list[Entry]:
    """Return the newest entries of a run up to a place of the log."""
    found = work.rows(
        sql.SQL("""
            select seq, kind, object_type, record_id, diff::text from {}
            where seq <= %(start)s and seq > %(first)s and actor = %(actor)s
            order by seq desc limit %(limit)s""").format(work.table("_change")),
        {"start": start, "first": run.first_change, "actor": run.label, "limit": CHUNK},
    )
    return [
        Entry(seq, what, object_type, record_id, json.loads(diff))
        for seq, what, object_type, record_id, diff in found
    ]


def _of_type(work: Work, run: ImportRun, object_type: str, entries: Sequence[Entry], taken: Taken) -> None:
    work = work.whole
    kind = work.catalog.object_types.get(object_type)
    if kind is None:
        taken.kept += [
            (each.record_id, f"There is no object type {object_type} any more") for each in entries
        ]
        return
    if kind.name == run.object_type:
        pairs = [
            (each.record_id, str(each.diff["to_type"]), int(to))
            for each in entries
            if each.kind == "associated"
            for to in each.diff["to_ids"]
        ]
        records = {each.record_id for each in entries if each.kind in ("associated", "dissociated")}
        taken.counts["associations"] += undo_links.take_back(work, run, kind, records, pairs)
    _restore(work, kind, [each for each in entries if each.kind == "updated"], taken)
    _archive(work, kind, [each for each in entries if each.kind == "created"], taken)


def _settable(kind: ObjectType) -> dict[str, Property]:
    """Return the properties whose values people and imports set; the others follow from them."""
    return {
        name: prop
        for name, prop in kind.properties.items()
        if not (prop.read_only or prop.expression or prop.column.startswith("_"))
    }


def _present(
    work: Work, kind: ObjectType, ids: Sequence[int], names: Sequence[str]
) -> dict[int, dict[str, str | None]]:
    found = query.rows(work, Query(kind, ids=ids), names)
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def _restore(work: Work, kind: ObjectType, entries: Sequence[Entry], taken: Taken) -> None:
    """Give records the values they had before, but for those that were changed since."""
    settable = _settable(kind)
    diffs: dict[int, dict[str, tuple[str | None, str | None]]] = {}
    for entry in entries:  # newest first: what came of it is the first one's, what was before the last one's
        diff = diffs.setdefault(entry.record_id, {})
        for name, (before, after) in entry.diff.items():
            if name in settable:
                diff[name] = (before, diff[name][1] if name in diff else after)
    names = sorted({name for diff in diffs.values() for name in diff})
    present = _present(work, kind, list(diffs), names)
    changes: list[tuple[int, dict[str, str | None]]] = []
    for record_id, diff in diffs.items():
        now = present.get(record_id)
        if now is None:
            taken.kept.append((record_id, "It was archived since"))
            continue
        back = {name: before for name, (before, after) in diff.items() if now[name] == after}
        stays = [
            settable[name].label for name, (before, after) in diff.items() if now[name] not in (before, after)
        ]
        if stays:
            taken.kept.append((record_id, f"Changed since, so it stays: {', '.join(stays)}"))
        if back:
            changes.append((record_id, back))
    changed, problems = salvage(changes, lambda some: write.update(work, kind, some))
    taken.counts["restored"] += sum(changed.values())
    taken.kept += [(changes[row][0], message) for row, message in _told(problems)]


def _archive(work: Work, kind: ObjectType, entries: Sequence[Entry], taken: Taken) -> None:
    """Archive records that are as the import made them; those that someone works with stay."""
    settable = _settable(kind)
    present = _present(work, kind, [each.record_id for each in entries], list(settable))
    ids = []
    for entry in entries:
        now = present.get(entry.record_id)
        if now is None:
            continue  # archived since, as it should be
        differs = [
            settable[name].label
            for name, value in now.items()
            if value != entry.diff.get(name, (None, None))[1]
        ]
        if differs:
            taken.kept.append((entry.record_id, f"Changed since, so the record stays: {', '.join(differs)}"))
        else:
            ids.append(entry.record_id)
    archived, problems = salvage(ids, _archiving(work, kind))
    taken.counts["archived"] += len(archived)
    taken.kept += [(ids[row], message) for row, message in _told(problems)]


def _archiving(work: Work, kind: ObjectType) -> Callable[[list[int]], list[int]]:
    def archive(ids: list[int]) -> list[int]:
        write.archive(work, kind, ids)
        return ids

    return archive


def _told(problems: Sequence[Problem]) -> list[tuple[int, str]]:
    return [(problem.row or 0, f"Can't be as it was: {problem.message}") for problem in problems]
