"""Deletes for good what was archived long ago, out of associations and lists too; the change log stays."""

from datetime import datetime

from psycopg import sql

from wonward.records import spelling
from wonward.records.merging import merges
from wonward.records.work import Work


def archived_before(work: Work, moment: datetime) -> int:
    """Delete the records of every type that were archived before `moment`; return how many.

    The words that only they had are forgotten with them. Merged records are among them, so their merges
    can't be undone any longer.
    """
    merges.forget_before(work, moment)
    gone = sum(
        work.run(
            sql.SQL("""
                with old as (select _id from {table} where _archived_at < %(moment)s order by _id for update),
                gone as (delete from {table} r using old where r._id = old._id returning r._id),
                there as (delete from {links} where from_id in (select _id from gone)),
                listed as (delete from {members} where record_id in (select _id from gone)),
                back as (delete from {links} where to_type = %(type)s and to_id in (select _id from gone))
                select _id from gone""").format(
                table=work.table(kind.table),
                links=work.table("_association"),
                members=work.table("_list_member"),
            ),
            {"moment": moment, "type": kind.name},
        )
        for kind in work.catalog.object_types.values()
    )
    if gone:
        spelling.forget(work)
    return gone
