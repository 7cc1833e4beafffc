"""Holds a record still for work on what belongs to it, such as its files, without changing it."""

from psycopg import sql

from wonward.errors import Missing
from wonward.records import permission
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


def hold(work: Work, kind: ObjectType, record_id: int) -> None:
    """Lock a live record until the transaction ends; raise Missing when there is none, Forbidden as for editing."""
    permission.there(work, kind, [record_id], "edit")
    found = work.rows(
        sql.SQL("select from {} where _id = %(id)s and _archived_at is null for no key update").format(
            work.whole.table(kind.table)
        ),
        {"id": record_id},
    )
    if not found:
        raise Missing(f"There is no {kind.label.lower()} {record_id}", code="OBJECT_NOT_FOUND")
