"""Takes values of single properties out of the change log and of merges, where what was once written may not stay."""

from collections.abc import Sequence

from psycopg import sql

from wonward.records import log, spelling
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


def redact(work: Work, kind: ObjectType, ids: Sequence[int], properties: Sequence[str]) -> int:
    """Take every value that properties of records have had out of the log; return how many entries were changed.

    That they changed, when and by whom stays, with no value before and after; `history.as_of` gives none for the
    time that was redacted. What undoing a merge would bring back of them goes too. The record's present value
    isn't touched: clear it first when it shall go as well.
    """
    names = [kind.property_named(name).seen().name for name in properties]
    texts = spelling.said(work, kind, ids, names)
    found = work.rows(
        sql.SQL("""
            update {} set diff = diff || (
                select jsonb_object_agg(name, '[null, null]'::jsonb)
                from unnest(%(names)s::text[]) as p(name) where diff ? name)
            where record_id = any(%(ids)s) and object_type = %(type)s and kind in ('created', 'updated')
            and diff ?| %(names)s::text[] returning record_id""").format(work.table("_change")),
        {"ids": list(ids), "type": kind.name, "names": names},
    )
    work.run(  # undoing a merge leaves such a property as it is then
        sql.SQL("""
            update {} set undo = jsonb_set(undo, '{{values}}', (undo -> 'values') - %(names)s::text[])
            where kept_id = any(%(ids)s) and object_type = %(type)s and undo -> 'values' ?| %(names)s::text[]
            """).format(work.table("_merge")),
        {"ids": list(ids), "type": kind.name, "names": names},
    )
    touched = sorted({number for (number,) in found})
    log.append(
        work, [("redacted", kind.name, number, dict.fromkeys(names, (None, None))) for number in touched]
    )
    spelling.forget_said(work, texts)
    return len(found)
