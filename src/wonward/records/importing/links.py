"""Associates imported records, leaving alone what is there and replacing where a record may have only one."""

from collections.abc import Mapping, Sequence

from wonward.errors import placed
from wonward.records import associate
from wonward.records.associate import Link
from wonward.records.importing import trace
from wonward.records.importing.headings import Reference
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

Wanted = tuple[int, int, int]
"""Row of the batch, record, and the record to associate it with."""


def missing(work: Work, reference: Reference, wanted: Sequence[Wanted]) -> tuple[list[Wanted], list[Link]]:
    """Return the associations that aren't there yet, and those that they take the place of."""
    known = trace.associations(work, [record_id for _, record_id, _ in wanted], reference.kind)
    return _missing(reference, wanted, known)


def _missing(
    reference: Reference, wanted: Sequence[Wanted], known: Mapping[trace.Pair, list[int]]
) -> tuple[list[Wanted], list[Link]]:
    present: dict[int, dict[int, list[int]]] = {}
    for (start, to), labels in known.items():
        present.setdefault(start, {})[to] = labels
    label = reference.label.type_id
    new = [each for each in wanted if label not in present.get(each[1], {}).get(each[2], ())]
    if not reference.single or reference.label.primary:
        return new, []
    given_way = [
        Link(record_id, to, reference.type_ids)
        for _, record_id, _ in new
        for to, labels in present.get(record_id, {}).items()
        if label in labels
    ]
    return new, given_way


def connect(
    work: Work, kind: ObjectType, reference: Reference, wanted: Sequence[Wanted], fresh: frozenset[int]
) -> set[int]:
    """Associate records and return the rows for which something was new; `fresh` records have nothing yet.

    Raise what `associate` raises, with the row of the batch.
    """
    known = [each for each in wanted if each[1] not in fresh]
    before = trace.associations(work, [each[1] for each in known], reference.kind) if known else {}
    new, given_way = _missing(reference, known, before)
    new = [*new, *(each for each in wanted if each[1] in fresh)]
    if given_way:
        associate.dissociate(work, kind, reference.kind, given_way)
    if new:
        with placed([row for row, _, _ in new]):
            links = [Link(record_id, to, reference.type_ids) for _, record_id, to in new]
            associate.associate(work, kind, reference.kind, links)
        touched = {record_id for _, record_id, _ in new}
        trace.note(work, reference.kind, {pair: each for pair, each in before.items() if pair[0] in touched})
    return {row for row, _, _ in new}
