"""Takes away what merges keep of records that go for good, by an erasure or long after they were archived."""

from collections.abc import Mapping, Sequence

from psycopg import sql

from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Forget what undoing merges of records would need, and merges that lead nowhere now; return how many.

    Where a merged record went that is gone itself stays known as long as its survivor is there.
    """
    params = {"ids": list(ids)}
    merges = work.table("_merge")
    forgotten = work.run(
        sql.SQL("""
            update {} set undo = null
            where undo is not null and (kept_id = any(%(ids)s) or merged_id = any(%(ids)s))""").format(
            merges
        ),
        params,
    )
    work.run(
        sql.SQL("""
            with recursive nowhere(id, merged_id, holds) as (
                select id, merged_id, undone_at is null from {merges} m where kept_id = any(%(ids)s)
                and (undone_at is not null
                    or not exists (select from {merges} l where l.merged_id = m.kept_id and l.undone_at is null))
                union select m.id, m.merged_id, true from nowhere n
                join {merges} m on n.holds and m.kept_id = n.merged_id and m.undone_at is null)
            delete from {merges} where id in (select id from nowhere)
            or (undone_at is not null and merged_id = any(%(ids)s))""").format(merges=merges),
        params,
    )
    return {"merges": forgotten}
