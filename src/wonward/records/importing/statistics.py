"""Has PostgreSQL look at a table that an import is filling, so that its plans fit what is in it by now.

A table it knows nothing of it reads whole for every chunk; its own look at it comes a minute later.
"""

from psycopg import sql

from wonward.records.work import Work
from wonward.schema import ddl
from wonward.schema.catalog import ObjectType

_GROWN = 10
"""How many times as large a table must have become since the last look."""


def refresh(work: Work, kind: ObjectType, created: int) -> None:
    """Look at a type's table when the `created` records of this import are most of it and weren't seen yet."""
    table = ddl.table(work.catalog, kind.table)
    known = work.rows(
        sql.SQL("select reltuples from pg_class where oid = {}::regclass").format(
            sql.Literal(table.as_string(None))
        )
    )[0][0]
    if created > known * _GROWN:
        work.run(sql.SQL("analyze {}").format(table))
