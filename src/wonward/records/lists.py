"""Who is in a list: puts records into those kept by hand and takes them out, reads both kinds alike.

A list with a filter has the records that meet it at the moment of asking; nobody can be put into it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import sql

from wonward.errors import Invalid, Missing
from wonward.records import log, permission, query
from wonward.records.query import Query
from wonward.records.work import ChangeKind, Merger, Work
from wonward.schema.catalog import ObjectType, RecordList


def add(work: Work, name: str, ids: Sequence[int]) -> list[int]:
    """Put records into a list kept by hand; return those that weren't in it before.

    Raise Missing when there is no such list or live record, Invalid when a filter decides who is in it.
    """
    found, kind = _by_hand(work, name)
    permission.there(work, kind, ids, "edit")
    work = work.whole
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
    ids = permission.seen(work, kind, ids, "edit")
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
                "select _id from {} where _id = any(%(ids)s) and _archived_at is null order by _id for key share"
            ).format(work.table(kind.table)),
            {"ids": list(ids)},
        )
    }
    permission.refuse_absent(kind, ids, present)


def _logged(work: Work, kind: ObjectType, found: RecordList, what: ChangeKind, ids: list[int]) -> list[int]:
    changed = sorted(ids)
    log.append(work, [(what, kind.name, number, {"list": found.name}) for number in changed])
    return changed


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Take records that go for good out of every list; return of how many."""
    statement = sql.SQL("delete from {} where record_id = any(%(ids)s)").format(work.table("_list_member"))
    return {"lists": work.run(statement, {"ids": list(ids)})}


def _merge(work: Work, kind: ObjectType, kept_id: int, merged_id: int) -> Any:
    """Put a survivor into the lists that the other is in; return those it wasn't in before.

    The other stays in them too: it lies archived with all it had, and nobody sees it there.
    """
    by_hand = [each.name for each in work.catalog.lists.values() if each.filter is None]
    gained = work.rows(
        sql.SQL("""
            insert into {members} (list, record_id, added_at, actor)
            select list, %(kept)s, %(now)s, %(actor)s from {members}
            where record_id = %(merged)s and list = any(%(lists)s)
            on conflict do nothing returning list""").format(members=work.table("_list_member")),
        {"kept": kept_id, "merged": merged_id, "actor": work.actor, "lists": by_hand},
    )
    return _told(work, kind, "listed", kept_id, gained)


def _unmerge(work: Work, kind: ObjectType, kept_id: int, _merged_id: int, gained: Any) -> None:
    """Take a survivor out of the lists that it came into by a merge, as far as it is in them still."""
    left = work.rows(
        sql.SQL(
            "delete from {} where record_id = %(kept)s and list = any(%(lists)s::text[]) returning list"
        ).format(work.table("_list_member")),
        {"kept": kept_id, "lists": gained},
    )
    _told(work, kind, "unlisted", kept_id, left)


def _told(
    work: Work, kind: ObjectType, what: ChangeKind, record_id: int, found: Sequence[tuple[str]]
) -> list[str]:
    names = sorted(name for (name,) in found)
    log.append(work, [(what, kind.name, record_id, {"list": name}) for name in names])
    return names


LIST_MERGER = Merger("lists", _merge, _unmerge)
