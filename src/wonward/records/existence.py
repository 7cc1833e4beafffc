"""Tells which numbers no record has any more: what refers to records from outside asks this and cleans up."""

from collections.abc import Sequence

from psycopg import sql

from wonward.records.work import Work


def gone(work: Work, ids: Sequence[int]) -> list[int]:
    """Return those of `ids` that no record of any type has; archived records are there."""
    work = work.whole
    kinds = work.catalog.object_types.values()
    every = sql.SQL(" union all ").join(
        sql.SQL("select _id from {} where _id = any(%(ids)s)").format(work.table(kind.table))
        for kind in kinds
    )
    there = {number for (number,) in work.rows(every, {"ids": list(ids)})}
    return [number for number in ids if number not in there]
