"""Who is in a list: puts records into those kept by hand and takes them out, reads both kinds alike.

A list with a filter has the records that meet it at the moment of asking; nobody can be put into it.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from wonward.errors import Invalid, Missing, Problem
from wonward.records import log, query
from wonward.records.query import Query
from wonward.records.work import ChangeKind, Merger, Work
from wonward.schema.catalog import ObjectType, RecordList


def add(work: Work, name: str, ids: Sequence[int]) -> list[int]:
    """Put records into a list kept by hand; return those that weren't in it before.

    Raise Missing when there is no such list or live record, Invalid when a filter decides who is in it.
    """
    found, kind = _by_hand(work, name)
    wanted = sorted(set(ids))
    _require_live(work, kind, ids)
    added = work.rows(
        sql.SQL("""
            insert into {} (list, record_id, added_at, actor)
            select %(list)s, id, %(now)s, %(actor)s from unnest(%(ids)s::bigint[]) id
            on conflict do nothing returning record_id""").format(work.table("_list_member")),
        {"list": found.name, "ids": wanted, "actor": work.actor},
    )
    return _logged(work, kind, found, "listed", [number for (number,) in added])


def remove(work: Work, name: str, ids: Sequence[int]) -> list[int]:
    """Take records out of a list kept by hand; return those that were in it. Raise as `add`."""
    found, kind = _by_hand(work, name)
    removed = work.rows(
        sql.SQL(
            "delete from {} where list = %(list)s and record_id = any(%(ids)s::bigint[]) returning record_id"
        ).format(work.table("_list_member")),
        {"list": found.name, "ids": sorted(set(ids))},
    )
    return _logged(work, kind, found, "unlisted", [number for (number,) in removed])


def members(work: Work, name: str) -> Query:
    """Return the query of the live records in a list of either kind; raise Missing when there is none."""
    found, kind = _named(work, name)
    return Query(kind, query.condition(work, kind, f"in_list('{found.name}')"))


def of_record(work: Work, kind: ObjectType, record_id: int) -> list[RecordList]:
    """Return the lists that a live record is in, in the order they were defined."""
    asked = [each for each in work.catalog.lists.values() if each.object_type == kind.name]
    texts = [f"in_list('{each.name}')" for each in asked]
    (row,) = query.rows(work, Query(kind, ids=[record_id]), texts) or [(record_id, *("false" for _ in asked))]
    return [each for each, held in zip(asked, row[1:], strict=True) if held == "true"]


def forget(work: Work, _: ObjectType, ids: Sequence[int]) -> dict[str, int]:
    """Take records that are erased for good out of every list; return how many places they had."""
    statement = sql.SQL("delete from {} where record_id = any(%(ids)s)").format(work.table("_list_member"))
    return {"list_places": work.run(statement, {"ids": list(ids)})}


def _merged(work: Work, kind: ObjectType, kept_id: int, merged_id: int) -> list[str]:
    """Put the survivor of a merge into the lists that the other is in; return those it wasn't in before."""
    gained = work.rows(
        sql.SQL("""
            insert into {members} (list, record_id, added_at, actor)
            select list, %(kept)s, %(now)s, %(actor)s from {members} where record_id = %(merged)s
            on conflict do nothing returning list""").format(members=work.table("_list_member")),
        {"kept": kept_id, "merged": merged_id, "actor": work.actor},
    )
    return _told(work, "listed", kind, kept_id, gained)


def _unmerged(work: Work, kind: ObjectType, kept_id: int, _: int, gained: Any) -> None:
    """Take the survivor out of the lists that it came into with the other, which never left them."""
    left = work.rows(
        sql.SQL(
            "delete from {} where record_id = %(kept)s and list = any(%(gained)s::text[]) returning list"
        ).format(work.table("_list_member")),
        {"kept": kept_id, "gained": gained},
    )
    _told(work, "unlisted", kind, kept_id, left)


LIST_MERGER = Merger("lists", _merged, _unmerged)


def _told(
    work: Work, what: ChangeKind, kind: ObjectType, record_id: int, lists: list[tuple[Any, ...]]
) -> list[str]:
    names = sorted(name for (name,) in lists)
    log.append(work, [(what, kind.name, record_id, {"list": name}) for name in names])
    return names


def _named(work: Work, name: str) -> tuple[RecordList, ObjectType]:
    found = work.catalog.lists.get(name)
    if found is None:
        raise Missing(f"There is no list '{name}'", code="LIST_NOT_FOUND")
    return found, work.catalog.object_types[found.object_type]


def _by_hand(work: Work, name: str) -> tuple[RecordList, ObjectType]:
    found, kind = _named(work, name)
    if found.filter is not None:
        raise Invalid(
            f"The filter of '{found.label}' decides who is in it; change the records or the filter",
            code="LIST_HAS_FILTER",
        )
    return found, kind


def _require_live(work: Work, kind: ObjectType, ids: Sequence[int]) -> None:
    """Raise Missing naming each id that is no live record, and keep the others from being archived meanwhile."""
    present = {
        number
        for (number,) in work.rows(
            sql.SQL(
                "select _id from {} where _id = any(%(ids)s) and _archived_at is null order by _id for share"
            ).format(work.table(kind.table)),
            {"ids": list(ids)},
        )
    }
    absent = [
        Problem(
            f"There is no {kind.label.lower()} {number}", "OBJECT_NOT_FOUND", row=row, context={"id": number}
        )
        for row, number in enumerate(ids)
        if number not in present
    ]
    if absent:
        raise Missing(absent)


def _logged(work: Work, kind: ObjectType, found: RecordList, what: ChangeKind, ids: list[int]) -> list[int]:
    changed = sorted(ids)
    log.append(work, [(what, kind.name, number, {"list": found.name}) for number in changed])
    return changed
