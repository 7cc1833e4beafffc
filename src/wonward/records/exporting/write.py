"""Writes the records of a query to a file, as they all were at the moment it began.

One statement reads them, held open by PostgreSQL until its rows are fetched, batch by batch: so no change
meanwhile shows, no transaction stays open, and memory doesn't grow with the records.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from psycopg import sql

from wonward.db import transaction
from wonward.records import query
from wonward.records.exporting import files
from wonward.records.exporting.asked import Asked, query_of
from wonward.records.exporting.columns import columns_of
from wonward.records.work import Work

BATCH = 1000
"""Records fetched at a time."""

Progress = Callable[[int], None]
"""Told after each batch how many records are written."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote: how many records, and how many texts were too long for a sheet's cell."""

    rows: int
    cut: int


def count(work: Work, asked: Asked) -> int:
    """Return how many records an export would have; raise Invalid or Missing when it is asked for wrongly."""
    columns_of(work, asked)
    return query.count(work, query_of(work, asked))


def write(work: Work, asked: Asked, path: Path, progress: Progress | None = None) -> Written:
    """Write a file; it appears whole or not at all."""
    work.require("export")
    columns, wanted = columns_of(work, asked), query_of(work, asked)
    selected = sql.SQL(", ").join(column.text for column in columns)
    statement = query.selection(work.catalog, wanted, selected)
    params = {**work.bound, **query.params(wanted)}
    unfinished = path.with_name(f"{path.name}.unfinished")
    rows = 0
    try:
        with (
            files.writer(asked.form, unfinished, columns, ZoneInfo(work.catalog.time_zone)) as file,
            transaction.held(statement, params, BATCH) as batches,
        ):
            for batch in batches:
                for texts in batch:
                    file.row(texts)
                rows += len(batch)
                if progress:
                    progress(rows)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Written(rows, file.cut)
