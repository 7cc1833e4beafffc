"""Keeps which record was merged into which, and what undoing it needs; says where a merged record went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from psycopg import sql

from wonward.records.merging.links import Gain
from wonward.records.work import Work

Told = Literal["merged", "unmerged"]
"""How the change log tells a merge and its undoing."""


class Undo(msgspec.Struct, frozen=True):
    """What a merge did to the survivor: values before and after, associations gained, what each merger noted."""

    values: dict[str, tuple[str | None, str | None]]
    gains: list[Gain]
    notes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge: `undo` is None once it is too late to undo it, `undone_at` is set when it was undone."""

    merge_id: int
    at: datetime
    actor: str
    object_type: str
    kept_id: int
    merged_id: int
    undo: Undo | None
    undone_at: datetime | None


def keep(work: Work, object_type: str, kept_id: int, merged_id: int) -> int:
    """Note that a record went into another, and return the number of the merge."""
    statement = sql.SQL("""
        insert into {} (at, actor, source, object_type, kept_id, merged_id)
        values (%(now)s, %(actor)s, %(source)s, %(type)s, %(kept)s, %(merged)s) returning id""")
    params = {
        "actor": work.actor,
        "source": work.source,
        "type": object_type,
        "kept": kept_id,
        "merged": merged_id,
    }
    number: int = work.rows(statement.format(work.table("_merge")), params)[0][0]
    return number


def note(work: Work, merge_id: int, undo: Undo) -> None:
    """Keep what undoing a merge needs."""
    work.run(
        sql.SQL("update {} set undo = %(undo)s::text::jsonb where id = %(id)s").format(work.table("_merge")),
        {"id": merge_id, "undo": msgspec.json.encode(undo).decode()},
    )


def locked(work: Work, merge_id: int) -> Merge | None:
    """Return a merge, held so that one at a time undoes it."""
    found = work.rows(
        sql.SQL("""
            select id, at, actor, object_type, kept_id, merged_id, undo::text, undone_at from {}
            where id = %(id)s for update""").format(work.table("_merge")),
        {"id": merge_id},
    )
    if not found:
        return None
    number, at, actor, object_type, kept_id, merged_id, text, undone_at = found[0]
    undo = msgspec.json.decode(text, type=Undo) if text else None
    return Merge(number, at, actor, object_type, kept_id, merged_id, undo, undone_at)


def mark_undone(work: Work, merge_id: int) -> None:
    """Note that a merge was undone; its values aren't needed any more."""
    work.run(
        sql.SQL(
            "update {} set undone_at = %(now)s, undone_by = %(actor)s, undo = null where id = %(id)s"
        ).format(work.table("_merge")),
        {"id": merge_id, "actor": work.actor},
    )


def survivors(work: Work, ids: Iterable[int], object_type: str | None = None) -> dict[int, int]:
    """Return where each merged one among `ids` went in the end; those that weren't merged are left out.

    With `object_type`, records of other types are left out too.
    """
    found = work.rows(
        sql.SQL("""
            with recursive way(start, id) as (
                select m.merged_id, m.kept_id from {merge} m
                where m.merged_id = any(%(ids)s) and m.undone_at is null
                and (%(type)s::text is null or m.object_type = %(type)s)
                union select way.start, m.kept_id from way
                join {merge} m on m.merged_id = way.id and m.undone_at is null)
            select start, id from way
            where not exists (select from {merge} m where m.merged_id = way.id and m.undone_at is null)""").format(
            merge=work.table("_merge")
        ),
        {"ids": list(ids), "type": object_type},
    )
    return dict(found)


def absorbed(work: Work, record_id: int) -> list[int]:
    """Return the records that were merged into a record, and those that had been merged into them."""
    found = work.rows(
        sql.SQL("""
            with recursive gone(id) as (
                select merged_id from {merge} where kept_id = %(id)s and undone_at is null
                union select m.merged_id from gone join {merge} m on m.kept_id = gone.id and m.undone_at is null)
            select id from gone order by id""").format(merge=work.table("_merge")),
        {"id": record_id},
    )
    return [number for (number,) in found]


def of_merged(work: Work, merged_id: int, object_type: str) -> int | None:
    """Return the number of the merge that took a record away, None when there is none that holds."""
    statement = sql.SQL("""
        select id from {} where merged_id = %(merged)s and undone_at is null and object_type = %(type)s""")
    found = work.rows(statement.format(work.table("_merge")), {"merged": merged_id, "type": object_type})
    return found[0][0] if found else None


def later(work: Work, merge: Merge) -> tuple[int, int] | None:
    """Return the merge that has to be undone before this one, its number and the record it took away.

    It is the last that went into the same survivor, or the one by which the survivor went itself.
    """
    found = work.rows(
        sql.SQL("""
            select id, merged_id from {} where undone_at is null
            and (merged_id = %(kept)s or (kept_id = %(kept)s and id > %(id)s))
            order by id desc limit 1""").format(work.table("_merge")),
        {"kept": merge.kept_id, "id": merge.merge_id},
    )
    return (found[0][0], found[0][1]) if found else None


def undoable(work: Work, merge_ids: Iterable[int]) -> set[int]:
    """Return those among merges that can be undone now: neither undone, nor too late, nor others first."""
    found = work.rows(
        sql.SQL("""
            select id from {merge} m where id = any(%(ids)s) and undone_at is null and undo is not null
            and not exists (select from {merge} l where l.undone_at is null
                and (l.merged_id = m.kept_id or (l.kept_id = m.kept_id and l.id > m.id)))""").format(
            merge=work.table("_merge")
        ),
        {"ids": list(merge_ids)},
    )
    return {number for (number,) in found}


def forget_before(work: Work, moment: datetime) -> None:
    """Forget what undoing merges before `moment` would need; where the records went stays known."""
    work.run(
        sql.SQL("update {} set undo = null where at < %(moment)s and undo is not null").format(
            work.table("_merge")
        ),
        {"moment": moment},
    )
