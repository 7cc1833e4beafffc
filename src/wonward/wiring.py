"""The one list of what hangs together: guards on the write path, consumers of the change feed.

Doors open their work here, so that no door can write past a guard.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from wonward.pipelines.guard import stage_guard
from wonward.pipelines.stage_history import STAGE_HISTORY
from wonward.records import work as works
from wonward.records.changes import Consumer
from wonward.records.rollups import ROLLUPS
from wonward.records.work import Guard, Source, Work
from wonward.schema.catalog import Catalog

GUARDS: tuple[Guard, ...] = (stage_guard,)
CONSUMERS: tuple[Consumer, ...] = (STAGE_HISTORY, ROLLUPS)


def reading(portal: str | Catalog, *, actor: str, source: Source) -> Work:
    """Open work that reads a portal, by its name or its catalog where that was just read."""
    return works.read(portal, actor=actor, source=source)


@contextmanager
def writing(portal: str, *, actor: str, source: Source) -> Iterator[Work]:
    """Open work that writes a portal, with every guard; leaving the block commits."""
    with works.write(portal, actor=actor, source=source, guards=GUARDS) as work:
        yield work
