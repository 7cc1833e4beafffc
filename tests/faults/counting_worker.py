"""A worker with one consumer more, whose effect would show if it came twice: it counts every change it is given."""

import django

django.setup()

from psycopg import sql  # noqa: E402 - Django must be set up before the product is imported

from wonward import wiring  # noqa: E402
from wonward.db import transaction  # noqa: E402
from wonward.records.changes import Change, Consumer  # noqa: E402
from wonward.records.work import Work  # noqa: E402
from wonward.worker import loop  # noqa: E402

with transaction.atomic():
    transaction.run("select pg_advisory_xact_lock(1)")
    transaction.run("create table if not exists counted (record_id bigint, kind text, diff text)")


def count(work: Work, changes: list[Change]) -> None:
    """Write a row for each change."""
    for change in changes:
        work.run(
            sql.SQL("insert into counted values (%(id)s, %(kind)s, %(diff)s)"),
            {"id": change.record_id, "kind": change.kind, "diff": str(sorted(change.diff.items()))},
        )


wiring.CONSUMERS = (*wiring.CONSUMERS, Consumer("counting", count))  # type: ignore[arg-type]
loop.run()
