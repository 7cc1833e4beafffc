"""Reads the tallies: how many records of a type stand in each stage, with the sum of their amounts, at any size.

The triggers of `schema/tally.py` add differences to them in the transaction of each write, so they are exact
in every snapshot, uncommitted changes of one's own included. Conditions are nothing for them: see `query.py`.
"""

from decimal import Decimal

from psycopg import sql

from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.tally import TABLE

FEW = 200
"""Differences that are read as fast as none: fewer aren't worth compacting."""

Stages = dict[str | None, tuple[int, Decimal]]


def count(work: Work, kind: ObjectType) -> int:
    """Return how many live records of a type there are."""
    statement = sql.SQL("select coalesce(sum(records), 0)::bigint from {} where object_type = %(type)s")
    total: int = work.rows(statement.format(work.table(TABLE)), {"type": kind.name})[0][0]
    return total


def stages(work: Work, kind: ObjectType, pipeline: str | None = None) -> Stages:
    """Return how many live records stand in each stage and the sum of their amounts, of one pipeline or all."""
    statement = sql.SQL("""
        select stage, sum(records)::bigint, sum(amount) from {}
        where object_type = %(type)s and (%(pipeline)s::text is null or pipeline = %(pipeline)s)
        group by 1 having sum(records) <> 0""").format(work.table(TABLE))
    found = work.rows(statement, {"type": kind.name, "pipeline": pipeline})
    return {stage: (number, amount) for stage, number, amount in found}


def compact(work: Work) -> int:
    """Put differences together into a row for each stage; return how many there were, 0 when they are few.

    One statement, so that every reader sees either the differences or their sums. Of two at once each takes
    the rows that the other doesn't.
    """
    tallies = work.table(TABLE)
    if work.rows(sql.SQL("select count(*) from {}").format(tallies))[0][0] <= FEW:
        return 0
    return int(
        work.rows(
            sql.SQL("""
                with gone as (
                    delete from {tallies} where ctid = any(array(select ctid from {tallies} for update skip locked))
                    returning *),
                sums as (
                    insert into {tallies}
                    select object_type, pipeline, stage, sum(records), sum(amount) from gone group by 1, 2, 3
                    having sum(records) <> 0 or sum(amount) <> 0)
                select count(*) from gone""").format(tallies=tallies)
        )[0][0]
    )
