"""Deletes for good what was archived long ago, out of every room; the change log stays."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import sql

from wonward.records import associate, spelling
from wonward.records.merging import merges
from wonward.records.work import Eraser, Work
from wonward.schema.catalog import ObjectType


def archived_before(work: Work, moment: datetime, rooms: Sequence[Eraser]) -> int:
    """Delete the records of every type that were archived before `moment`; return how many.

    `rooms` remove what they keep of them. The words that only they had are forgotten with them. Merged records
    are among them, so their merges can't be undone any longer.
    """
    merges.forget_before(work, moment)
    gone = sum(_delete(work, kind, moment, rooms) for kind in work.catalog.object_types.values())
    if gone:
        spelling.forget(work)
    return gone


def _delete(work: Work, kind: ObjectType, moment: datetime, rooms: Sequence[Eraser]) -> int:
    old = sql.SQL("select _id from {} where _archived_at < %(moment)s order by _id for update")
    ids = [number for (number,) in work.rows(old.format(work.table(kind.table)), {"moment": moment})]
    if not ids:
        return 0
    for room in rooms:
        room(work, kind, ids)
    associate.forget(work, kind, ids)
    return work.run(
        sql.SQL("delete from {} where _id = any(%(ids)s)").format(work.table(kind.table)), {"ids": ids}
    )
