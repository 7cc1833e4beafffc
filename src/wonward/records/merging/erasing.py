"""Takes away what merges and likely duplicates keep of people who are erased, merged records of theirs included."""

from collections.abc import Mapping, Sequence

from django.db.models import Q
from psycopg import sql

from wonward.records.merging import merges
from wonward.records.models import DuplicatePair
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


def erase(work: Work, kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete the records that were merged into `ids`, what undoing would need, keys and pairs; return counts.

    Where merged numbers led stays known, without a value. Nothing of it can be undone any more.
    """
    absorbed = [number for record_id in ids for number in merges.absorbed(work, record_id)]
    params = {"ids": [*ids, *absorbed], "absorbed": absorbed, "type": kind.name}
    undone = work.run(
        sql.SQL("""
            update {} set undo = null
            where undo is not null and (kept_id = any(%(ids)s) or merged_id = any(%(ids)s))""").format(
            work.table("_merge")
        ),
        params,
    )
    work.run(
        sql.SQL("""
            with there as (delete from {links} where from_id = any(%(absorbed)s))
            delete from {links} where to_type = %(type)s and to_id = any(%(absorbed)s)
            and not from_id = any(%(absorbed)s)""").format(links=work.table("_association")),
        params,
    )
    work.run(
        sql.SQL("""
            update {} set diff = '{{}}' where record_id = any(%(absorbed)s)
            and kind not in ('associated', 'dissociated') and diff <> '{{}}'""").format(
            work.table("_change")
        ),
        params,
    )
    work.run(
        sql.SQL("delete from {} where record_id = any(%(ids)s)").format(work.table("_duplicate_key")), params
    )
    gone = work.run(
        sql.SQL("delete from {} where _id = any(%(absorbed)s)").format(work.table(kind.table)), params
    )
    pairs, _ = DuplicatePair.objects.filter(
        Q(low_id__in=params["ids"]) | Q(high_id__in=params["ids"]),
        portal_id=work.catalog.portal_id,
        object_type=kind.name,
    ).delete()
    return {"merged_records": gone, "merges": undone, "duplicate_pairs": pairs}
