"""Associates imported records, leaving alone what is there and replacing where a record may have only one."""

from collections.abc import Sequence

from psycopg import sql

from wonward.errors import placed
from wonward.records import associate
from wonward.records.associate import Link
from wonward.records.importing.columns import Reference
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

Wanted = tuple[int, int, int]
"""Row of the batch, record, and the record to associate it with."""


def missing(work: Work, reference: Reference, wanted: Sequence[Wanted]) -> tuple[list[Wanted], list[Link]]:
    """Return the associations that aren't there yet, and those that they take the place of."""
    present: dict[int, dict[int, list[int]]] = {}
    statement = sql.SQL(
        "select from_id, to_id, labels from {} where from_id = any(%(ids)s) and to_type = %(type)s"
    ).format(work.table("_association"))
    ids = [record_id for _, record_id, _ in wanted]
    for start, to, labels in work.rows(statement, {"ids": ids, "type": reference.kind.name}):
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
    new, given_way = missing(work, reference, known) if known else ([], [])
    new = [*new, *(each for each in wanted if each[1] in fresh)]
    if given_way:
        associate.dissociate(work, kind, reference.kind, given_way)
    if new:
        with placed([row for row, _, _ in new]):
            links = [Link(record_id, to, reference.type_ids) for _, record_id, to in new]
            associate.associate(work, kind, reference.kind, links)
    return {row for row, _, _ in new}
