"""What an import left in the change log: where its entries stand, and which associations it changed."""

from collections.abc import Sequence

from psycopg import sql

from wonward.records.models import ImportLink
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

Pair = tuple[int, int]
"""A record and one it is associated with."""


def newest(work: Work) -> int:
    """Return the place of the newest entry of the change log; those to come stand above it."""
    found: int = work.rows(sql.SQL("select coalesce(max(seq), 0) from {}").format(work.table("_change")))[0][
        0
    ]
    return found


def associations(work: Work, ids: Sequence[int], other: ObjectType) -> dict[Pair, list[int]]:
    """Return the labels of all associations of records with those of a type."""
    statement = sql.SQL(
        "select from_id, to_id, labels from {} where from_id = any(%(ids)s) and to_type = %(type)s"
    ).format(work.table("_association"))
    found = work.rows(statement, {"ids": list(set(ids)), "type": other.name})
    return {(start, to): labels for start, to, labels in found}


def note(work: Work, other: ObjectType, before: dict[Pair, list[int]]) -> None:
    """Keep the labels that associations had before an import changed them or took them away.

    Works for an import alone: the actor says which one it is.
    """
    sort, _, number = work.actor.partition(":")
    if sort != "import" or not number or not before:
        return
    after = associations(work, [start for start, _ in before], other)
    ImportLink.objects.bulk_create(
        ImportLink(run_id=int(number), from_id=start, to_type=other.name, to_id=to, labels=labels)
        for (start, to), labels in before.items()
        if after.get((start, to)) != labels
    )
