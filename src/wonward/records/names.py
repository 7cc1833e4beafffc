"""What records are called: by their type's display properties, else by their number."""

from collections.abc import Collection, Iterable

from psycopg import sql

from wonward.db import transaction
from wonward.records.shown import text_of
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


def name_of(kind: ObjectType) -> sql.Composable:
    """Return SQL of the name of a record under the alias `r`; NULL when its display properties are empty."""
    parts = [text_of(kind.properties[name]) for name in kind.display if name in kind.properties]
    return sql.SQL("nullif(trim(concat_ws(' ', {})), '')").format(
        sql.SQL(", ").join(parts) if parts else sql.SQL("null")
    )


def of_owners(portal_id: int, ids: Collection[str]) -> dict[str, str]:
    """Return the names of owners by their ids; through Django's models it takes four times the CPU."""
    if not ids:
        return {}
    found = transaction.rows(
        """
        select id::text, trim(concat(first_name, ' ', last_name)) from accounts_member
        where portal_id = %(portal)s and id = any(%(ids)s::bigint[])""",
        {"portal": portal_id, "ids": list(ids)},
    )
    return dict(found)


def unnamed(kind: ObjectType, record_id: int) -> str:
    """Return what a record without a name is called."""
    return f"{kind.label} {record_id}"


def names(work: Work, kind: ObjectType, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of records of one type, archived ones too."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    found = work.rows(
        sql.SQL("select r._id, {} from {} r where r._id = any(%(ids)s)").format(
            name_of(kind), work.table(kind.table)
        ),
        {"ids": wanted},
    )
    return {record_id: name or unnamed(kind, record_id) for record_id, name in found}
