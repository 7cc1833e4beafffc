"""Takes back the associations that an import made, and brings back those it changed or replaced."""

import json
from collections.abc import Iterable, Sequence

from psycopg import sql

from wonward.records import associate
from wonward.records.associate import Link
from wonward.records.importing import trace
from wonward.records.models import ImportLink, ImportRun
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


def take_back(
    work: Work, run: ImportRun, kind: ObjectType, records: set[int], pairs: Sequence[tuple[int, str, int]]
) -> int:
    """Undo what a run did to associations of some records; return how many it took away or changed.

    pairs: (record, object type, record) that the run associated. Records that the run made itself keep
    theirs, since they are archived with them. An association that someone took away since stays away.
    """
    if not records:
        return 0
    made, removed = _own_doing(work, run, records)
    before: dict[str, dict[trace.Pair, list[int]]] = {}
    for link in ImportLink.objects.filter(run=run, from_id__in=records - made):
        before.setdefault(link.to_type, {})[link.from_id, link.to_id] = link.labels
    changed = 0
    for to_type in dict.fromkeys([*(each for _, each, _ in pairs), *before]):
        other = work.catalog.object_types.get(to_type)
        if other is None:
            continue
        were = before.get(to_type, {})
        new = {
            (start, to) for start, each, to in pairs if each == to_type and start not in made
        } - were.keys()
        changed += _reset(work, kind, other, new, were, removed)
    return changed


def _own_doing(work: Work, run: ImportRun, records: Iterable[int]) -> tuple[set[int], set[trace.Pair]]:
    """Return those of some records that a run made, and the pairs of them that it took apart."""
    found = work.rows(
        sql.SQL("""
            select record_id, kind, diff::text from {}
            where record_id = any(%(ids)s) and actor = %(actor)s and kind in ('created', 'dissociated')""").format(
            work.table("_change")
        ),
        {"ids": list(records), "actor": run.label},
    )
    made = {record_id for record_id, what, _ in found if what == "created"}
    apart = {
        (record_id, int(to))
        for record_id, what, diff in found
        if what == "dissociated"
        for to in json.loads(diff)["to_ids"]
    }
    return made, apart


def _reset(
    work: Work,
    kind: ObjectType,
    other: ObjectType,
    new: set[trace.Pair],
    were: dict[trace.Pair, list[int]],
    removed: set[trace.Pair],
) -> int:
    """Take `new` associations away and give the others the labels they had; return how many differed."""
    now = trace.associations(work, [start for start, _ in (*new, *were)], other)
    gone = [Link(start, to) for start, to in sorted(new & now.keys())]
    back: list[Link] = []
    for (start, to), labels in sorted(were.items()):
        present = now.get((start, to))
        if present is None and (start, to) not in removed:
            continue
        surplus = set(present or ()) - set(labels)
        lost = set(labels) - set(present or ())
        gone += [Link(start, to, tuple(sorted(surplus)))] if surplus else []
        back += [Link(start, to, tuple(sorted(lost)))] if lost or present is None else []
    if gone:
        associate.dissociate(work, kind, other, gone)
    live = _live(work, other, [link.to_id for link in back])
    back = [link for link in back if link.to_id in live]
    if back:
        associate.associate(work, kind, other, back)
    return len({(link.from_id, link.to_id) for link in (*gone, *back)})


def _live(work: Work, kind: ObjectType, ids: Sequence[int]) -> set[int]:
    found = work.rows(
        sql.SQL("select _id from {} where _id = any(%(ids)s) and _archived_at is null").format(
            work.table(kind.table)
        ),
        {"ids": list(ids)},
    )
    return {number for (number,) in found}
