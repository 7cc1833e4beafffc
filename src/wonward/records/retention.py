"""Drops the months of the change log that a portal keeps no longer, whole, once every consumer has handled them.

Nothing of them has to be kept: how records were since is found from what they are now (`history.as_of`).
"""

from collections.abc import Iterable
from datetime import date
from functools import partial

from wonward import clock
from wonward.records import changes
from wonward.records import work as works
from wonward.records.changes import Consumer
from wonward.schema import apply, load, months


def drop_old(portal: str, consumers: Iterable[Consumer]) -> list[date]:
    """Drop what is older than the portal's `history_months`, and return the months that went, oldest first.

    It ends at a month that a consumer hasn't handled. Raise LockNotAvailable when a long reader doesn't end.
    """
    catalog = load.current(portal)
    if catalog.history_months is None:
        return []
    first_kept = months.later(months.month_of(clock.now()), -catalog.history_months)
    names = [consumer.name for consumer in consumers]
    work = works.within(catalog, actor="job:keep_logs", source="worker")
    dropped = []
    for month in sorted(each for each in months.made(catalog) if each < first_kept):
        if not apply.drop_month(portal, month, partial(changes.handled, work, month, names)):
            break
        dropped.append(month)
    return dropped
