"""Compares records with those they share a key with, and keeps the pairs that are likely the same one."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q, QuerySet
from psycopg import sql

from wonward.records import query
from wonward.records.duplicates import keys
from wonward.records.duplicates.keys import Match, Values
from wonward.records.models import DuplicatePair
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

CROWD = 100
"""A key that more records share tells nothing: a switchboard's number, a word in every name."""

Pair = tuple[int, int]


def check(work: Work, kind: ObjectType, ids: Collection[int]) -> None:
    """Look for the duplicates of records anew; those that aren't live have none."""
    mine = _values(work, kind, ids)
    _keep_keys(work, kind, ids, mine)
    pairs = _candidates(work, list(mine))
    others = {number for pair in pairs for number in pair if number not in mine}
    known = mine | _values(work, kind, others)
    found: dict[Pair, Match] = {}
    for low, high in pairs:
        if low in known and high in known and (agreed := keys.match(kind, known[low], known[high])):
            found[low, high] = agreed
    _keep_pairs(work, kind, ids, found)


def erase(work: Work, kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Forget the keys and pairs of records that go for good; return how many pairs there were."""
    statement = sql.SQL("delete from {} where record_id = any(%(ids)s)").format(work.table("_duplicate_key"))
    work.run(statement, {"ids": list(ids)})
    pairs, _ = _touching(work, kind, ids).delete()
    return {"duplicate_pairs": pairs}


def _touching(work: Work, kind: ObjectType, ids: Collection[int]) -> QuerySet[DuplicatePair]:
    either = Q(low_id__in=ids) | Q(high_id__in=ids)
    return DuplicatePair.objects.filter(either, portal_id=work.catalog.portal_id, object_type=kind.name)


def _values(work: Work, kind: ObjectType, ids: Collection[int]) -> dict[int, Values]:
    if not ids:
        return {}
    names = keys.names(kind)
    found = query.rows(work, Query(kind, ids=sorted(ids)), names)
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def _keep_keys(work: Work, kind: ObjectType, ids: Collection[int], values: dict[int, Values]) -> None:
    table = work.table("_duplicate_key")
    work.run(sql.SQL("delete from {} where record_id = any(%(ids)s)").format(table), {"ids": list(ids)})
    rows = sorted((key, number) for number, each in values.items() for key in keys.keys(kind, each))
    work.run(
        sql.SQL("""
            insert into {} (key, record_id)
            select * from unnest(%(keys)s::bigint[], %(ids)s::bigint[]) on conflict do nothing""").format(
            table
        ),
        {"keys": [key for key, _ in rows], "ids": [number for _, number in rows]},
    )


def _candidates(work: Work, ids: Sequence[int]) -> list[Pair]:
    """Return the pairs of records that share a key, one of `ids` in each, the lower id first."""
    if not ids:
        return []
    return [
        (low, high)
        for low, high in work.rows(
            sql.SQL("""
                with mine as (select distinct key from {keys} where record_id = any(%(ids)s)),
                few as (
                    select mine.key, sharing.ids from mine cross join lateral (
                        select array_agg(record_id) as ids from (
                            select record_id from {keys} k where k.key = mine.key limit %(most)s + 1) k) sharing
                    where cardinality(sharing.ids) between 2 and %(most)s)
                select distinct least(a, b), greatest(a, b)
                from few cross join unnest(few.ids) a cross join unnest(few.ids) b
                where a = any(%(ids)s) and a <> b""").format(keys=work.table("_duplicate_key")),
            {"ids": list(ids), "most": CROWD},
        )
    ]


def _keep_pairs(work: Work, kind: ObjectType, ids: Collection[int], found: dict[Pair, Match]) -> None:
    """Store what was found; open pairs that agree no more go, and what people decided stays."""
    portal_id = work.catalog.portal_id
    known = {(pair.low_id, pair.high_id): pair for pair in _touching(work, kind, ids)}
    stale = []
    changed = []
    for ends, pair in known.items():
        if pair.state != DuplicatePair.State.OPEN:
            continue
        if ends not in found:
            stale.append(pair.pk)
        elif (pair.score, pair.reasons) != found[ends]:
            pair.score, pair.reasons = found[ends]
            changed.append(pair)
    if stale:
        DuplicatePair.objects.filter(pk__in=stale, state=DuplicatePair.State.OPEN).delete()
    DuplicatePair.objects.bulk_update(changed, ["score", "reasons"])
    DuplicatePair.objects.bulk_create(
        (
            DuplicatePair(
                portal_id=portal_id,
                object_type=kind.name,
                low_id=low,
                high_id=high,
                score=score,
                reasons=reasons,
            )
            for (low, high), (score, reasons) in sorted(found.items())
            if (low, high) not in known
        ),
        ignore_conflicts=True,
    )
