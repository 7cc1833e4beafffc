"""Merges a record into another: values, associations, and what other rooms keep of it, in one transaction.

The merged record lies archived with all it had, and its number leads to the survivor from then on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from wonward.db import transaction
from wonward.errors import Invalid, Missing, Problem
from wonward.records import hierarchy, log, permission, query, write
from wonward.records.merging import links, merges, values
from wonward.records.merging.merges import Undo
from wonward.records.query import Query
from wonward.records.validate import Clean
from wonward.records.work import Diff, Work
from wonward.schema.catalog import ObjectType


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: its number, the survivor, the other, and how many associations limits left behind.

    `merge_id` is that of the merge before when there was nothing left to do.
    """

    merge_id: int
    kept_id: int
    merged_id: int
    left: dict[str, int]


def merge(
    work: Work,
    kind: ObjectType,
    keep_id: int,
    other_ids: Sequence[int],
    choice: Mapping[str, int] | None = None,
) -> list[Merged]:
    """Merge records into the one with `keep_id`, one after the other; numbers of merged ones mean their survivors.

    The survivor's values stand and its empty ones are filled; `choice` names the record whose value of a
    property shall stand instead. Doing it again does nothing. What whoever merges may not see is merged
    all the same, but can't be chosen. Raise Missing for ids without a record.
    """
    if keep_id in other_ids:
        message = f"{kind.label} {keep_id} can't be merged with itself; give two records"
        raise Invalid(message, code="INVALID_MERGE")
    for name in choice or {}:
        kind.property_named(name).seen()
    work.require("merge")
    seeing, asked = work, kind
    work = work.whole
    kind = work.catalog.object_types[kind.name]
    home = _held(work, kind, [keep_id, *other_ids])
    permission.there(seeing, asked, list(home.values()), "edit")
    done: list[Merged] = []
    for other_id in other_ids:
        one_already = {home[keep_id], *(each.merged_id for each in done)}
        if home[other_id] in one_already:
            done.append(_done_before(work, kind, keep_id, other_id))
        else:
            done.append(_merge(work, kind, home[keep_id], home[other_id], choice or {}))
    return done


def preview(
    work: Work, kind: ObjectType, keep_id: int, other_id: int
) -> tuple[Clean, Clean, Diff, links.Carried]:
    """Return both records' values, what would change of the survivor, and what it would gain; write nothing."""
    kept, other = _values(work, kind, keep_id, other_id)
    carried = links.planned(work, kind, keep_id, other_id)
    return kept, other, values.outcome(kind, kept, other, {}, work.now), carried


def _merge(work: Work, kind: ObjectType, kept_id: int, merged_id: int, choice: Mapping[str, int]) -> Merged:
    kept, other = _values(work, kind, kept_id, merged_id)
    theirs = {name: chosen == merged_id for name, chosen in choice.items() if chosen in (kept_id, merged_id)}
    diff = values.outcome(kind, kept, other, theirs, work.now)
    carried = links.planned(work, kind, kept_id, merged_id)
    merge_id = merges.keep(work, kind.name, kept_id, merged_id)
    write.archive(work, kind, [merged_id])
    write.carry(work, kind, [(kept_id, {name: after for name, (_, after) in diff.items()})])
    links.carry(work, kind, kept_id, carried.gains)
    notes = {merger.name: merger.merge(work, kind, kept_id, merged_id) for merger in work.mergers}
    merges.note(work, merge_id, Undo(dict(diff), carried.gains, notes))
    tell(work, "merged", kind, merge_id, kept_id, merged_id)
    return Merged(merge_id, kept_id, merged_id, carried.left)


def tell(
    work: Work, what: merges.Told, kind: ObjectType, merge_id: int, kept_id: int, merged_id: int
) -> None:
    """Log a merge, or its undoing, at both records."""
    facts = {"merge": merge_id, "kept_id": kept_id, "merged_id": merged_id}
    log.append(work, [(what, kind.name, kept_id, facts), (what, kind.name, merged_id, facts)])


def _held(work: Work, kind: ObjectType, ids: Sequence[int]) -> dict[int, int]:
    """Hold records and all they are associated with, type by type in the order that associating has.

    Return which live record each of `ids` means. Who waited for another merge lets go of all and looks again.
    """
    hierarchy.lock(work, kind, {each.type_id for each in hierarchy.labels(work, kind)})
    while True:
        went = merges.survivors(work, ids, kind.name)
        home = {number: went.get(number, number) for number in ids}
        try:
            with transaction.atomic():
                wanted = links.ends(work, list(home.values()))
                wanted.setdefault(kind.name, set()).update(home.values())
                live = {
                    number
                    for name in sorted(wanted)
                    for number in hold(work, work.catalog.object_types[name], wanted[name])
                }
                absent = [number for number in ids if home[number] not in live]
                if absent:
                    raise Missing(_absent(kind, number) for number in absent)
                return home
        except Missing:
            if merges.survivors(work, ids, kind.name) == went:
                raise


def hold(work: Work, kind: ObjectType, ids: Collection[int]) -> list[int]:
    """Lock records in the order of their ids, archived ones too, and return the live ones."""
    statement = sql.SQL(
        "select _id, _archived_at is null from {} where _id = any(%(ids)s) order by _id for no key update"
    )
    found = work.rows(statement.format(work.table(kind.table)), {"ids": sorted(ids)})
    return [number for number, live in found if live]


def _values(work: Work, kind: ObjectType, kept_id: int, other_id: int) -> tuple[Clean, Clean]:
    names = values.needed(kind)
    found = {
        row[0]: dict(zip(names, row[1:], strict=True))
        for row in query.rows(work, Query(kind, ids=[kept_id, other_id]), names)
    }
    absent = [number for number in (kept_id, other_id) if number not in found]
    if absent:
        raise Missing(_absent(kind, number) for number in absent)
    return found[kept_id], found[other_id]


def _done_before(work: Work, kind: ObjectType, keep_id: int, other_id: int) -> Merged:
    """Return the merge by which two records are one already: that of the other, or of the survivor into it."""
    went = merges.survivors(work, [keep_id, other_id])
    survivor = went.get(keep_id, keep_id)
    merged_id = other_id if other_id in went else keep_id
    merge_id = merges.of_merged(work, merged_id, kind.name)
    if merge_id is None:
        raise Missing([_absent(kind, merged_id)])
    return Merged(merge_id, survivor, merged_id, {})


def _absent(kind: ObjectType, record_id: int) -> Problem:
    message = f"There is no {kind.label.lower()} {record_id}"
    return Problem(message, "OBJECT_NOT_FOUND", context={"id": record_id})
