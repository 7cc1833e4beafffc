"""Undoes a merge: the merged record comes back as it was, and the survivor gives back what the merge brought.

What was changed of the survivor since stays with it. Of several merges the last is undone first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wonward.errors import Conflict, Missing
from wonward.records import permission, query, write
from wonward.records.merging import links, merges
from wonward.records.merging.merge import hold, tell
from wonward.records.merging.merges import Merge, Undo
from wonward.records.names import names as names_of
from wonward.records.query import Query
from wonward.records.validate import Clean, canonical
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.field_type import FieldError


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What an undo did; `stayed` are the properties whose merged value was changed since, and so was left."""

    kind: ObjectType
    kept_id: int
    merged_id: int
    stayed: Sequence[str] = ()


def unmerge(work: Work, merge_id: int) -> Unmerged:
    """Undo a merge; one that was undone before stays so. Raise Missing, or Conflict saying what stands in the way."""
    work.require("merge")
    seeing, work = work, work.whole
    merge = merges.locked(work, merge_id)
    if merge is None or merge.object_type not in work.catalog.object_types:
        raise Missing(f"There is no merge {merge_id}", code="MERGE_NOT_FOUND")
    kind = work.catalog.object_types[merge.object_type]
    hold(work, kind, [merge.kept_id, merge.merged_id])
    permission.there(seeing, kind, [merge.kept_id], "edit")
    if merge.undone_at is not None:
        return Unmerged(kind, merge.kept_id, merge.merged_id)
    undo = _possible(work, kind, merge)
    merges.mark_undone(work, merge_id)
    back, stayed = _values(work, kind, merge.kept_id, undo)
    write.carry(work, kind, [(merge.kept_id, back)])
    links.give_back(work, kind, merge.kept_id, undo.gains)
    for merger in work.mergers:
        if merger.name in undo.notes:
            merger.unmerge(work, kind, merge.kept_id, merge.merged_id, undo.notes[merger.name])
    write.restore(work, kind, [merge.merged_id])
    tell(work, "unmerged", kind, merge_id, merge.kept_id, merge.merged_id)
    return Unmerged(kind, merge.kept_id, merge.merged_id, stayed)


def _possible(work: Work, kind: ObjectType, merge: Merge) -> Undo:
    """Return what undoing a merge needs; raise Conflict when another comes first or it is too late."""
    names = names_of(work, kind, [merge.kept_id, merge.merged_id])
    if merge.undo is None or merge.merged_id not in names:
        raise Conflict(
            "This merge can't be undone any more: merged records are kept for 90 days", code="MERGE_TOO_OLD"
        )
    first = merges.later(work, merge)
    if first:
        name = names_of(work, kind, [first[1]]).get(first[1], "")
        raise Conflict(
            f"Undo the later merge of {name} first (merge {first[0]})",
            code="MERGE_NOT_LAST",
            context={"merge": first[0]},
        )
    if not query.count(work, Query(kind, ids=[merge.kept_id])):
        raise Conflict(
            f"{names.get(merge.kept_id, kind.label)} is archived; restore it, then undo the merge",
            code="MERGE_SURVIVOR_ARCHIVED",
        )
    return merge.undo


def _values(work: Work, kind: ObjectType, kept_id: int, undo: Undo) -> tuple[Clean, list[str]]:
    """Return the values that go back, and the names of those that were changed since or fit no more."""
    known = [name for name in undo.values if name in kind.properties]
    now = dict(zip(known, query.rows(work, Query(kind, ids=[kept_id]), known)[0][1:], strict=True))
    back: Clean = {}
    stayed = []
    for name in known:
        before, after = undo.values[name]
        if now[name] == after and _fits(kind, name, before):
            back[name] = before
        elif now[name] != before:
            stayed.append(name)
    return back, stayed


def _fits(kind: ObjectType, name: str, value: str | None) -> bool:
    """Tell whether a value is still one of its property, whose definition may have changed since."""
    try:
        return value is None or canonical(kind.properties[name], value) == value
    except FieldError:
        return False
