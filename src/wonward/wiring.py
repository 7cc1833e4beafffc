"""The one list of what hangs together: guards on the write path, consumers of the change feed, erasers of people.

Doors open their work here, so that no door can write past a guard.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from wonward.attachments.move import FILE_MERGER
from wonward.attachments.retire import erase as erase_files
from wonward.automation import due
from wonward.automation.enrol import WORKFLOWS
from wonward.automation.leaving import ENROLMENT_MERGER
from wonward.automation.leaving import erase as erase_enrolments
from wonward.mail.leave import erase as erase_mails
from wonward.marketing.leave import SUBMISSION_MERGER
from wonward.marketing.leave import erase as erase_submissions
from wonward.marketing.lifecycle import LIFECYCLE
from wonward.meetings.leave import BOOKING_MERGER
from wonward.meetings.leave import erase as erase_bookings
from wonward.notifications.leave import NOTIFICATION_MERGER
from wonward.notifications.leave import erase as erase_notifications
from wonward.pipelines.copies import copies
from wonward.pipelines.decisions import DECISION_MERGER
from wonward.pipelines.decisions import erase as erase_decisions
from wonward.pipelines.guard import stage_guard
from wonward.pipelines.stage_history import STAGE_HISTORY
from wonward.pipelines.stage_history import erase as erase_visits
from wonward.records import erase as erasing
from wonward.records import lists, quotes, spelling
from wonward.records import purge as purging
from wonward.records import work as works
from wonward.records.changes import Consumer
from wonward.records.duplicates.check import erase as erase_duplicates
from wonward.records.duplicates.follow import DUPLICATES
from wonward.records.duplicates.pairs import PAIR_MERGER
from wonward.records.lists import LIST_MERGER
from wonward.records.merging.erasing import erase as erase_merges
from wonward.records.rollups import ROLLUPS
from wonward.records.spelling import SPELLING
from wonward.records.work import Beside, Eraser, Guard, Merger, Source, Work
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.seen import Rights
from wonward.sharing.leave import SHARING_MERGER
from wonward.sharing.leave import erase as erase_sharing

GUARDS: tuple[Guard, ...] = (stage_guard,)
BESIDE = Beside(fillers=(copies,), keepers=(LIFECYCLE,))
CONSUMERS: tuple[Consumer, ...] = (STAGE_HISTORY, ROLLUPS, SPELLING, DUPLICATES, WORKFLOWS)
LEAVING: tuple[Eraser, ...] = (
    erase_merges,
    lists.erase,
    erase_duplicates,
    erase_visits,
    erase_files,
    erase_mails,
    erase_enrolments,
    erase_bookings,
    erase_notifications,
    erase_decisions,
    erase_sharing,
    erase_submissions,
)
"""What each room removes that keeps something of records beside the log, when they go for good: purged or erased."""
ERASERS: tuple[Eraser, ...] = (quotes.erase, spelling.erase, *LEAVING)
"""What an erasure removes, so that it leaves nothing: also what only tells of the record, or of others with it."""
MERGERS: tuple[Merger, ...] = (
    PAIR_MERGER,
    LIST_MERGER,
    FILE_MERGER,
    ENROLMENT_MERGER,
    BOOKING_MERGER,
    NOTIFICATION_MERGER,
    DECISION_MERGER,
    SHARING_MERGER,
    SUBMISSION_MERGER,
)


def reading(portal: str | Catalog, *, actor: str, source: Source, rights: Rights | None = None) -> Work:
    """Open work that reads a portal, by its name or its catalog where that was just read; `rights` as in `writing`."""
    return works.read(portal, actor=actor, source=source, rights=rights)


@contextmanager
def writing(
    portal: str, *, actor: str, source: Source, rights: Rights | None = None, override: str | None = None
) -> Iterator[Work]:
    """Open work that writes a portal, with every guard, over gates for `override`; leaving the block commits."""
    with works.write(
        portal,
        actor=actor,
        source=source,
        guards=GUARDS,
        mergers=MERGERS,
        beside=BESIDE,
        rights=rights,
    ) as work:
        yield work if override is None else work.overriding(override)


def tend(portal: str) -> int:
    """Do what is due of a portal's workflows, one batch; see `automation/due.py`."""
    return due.tend(partial(writing, portal, actor="workflows", source="worker"))


def erase(work: Work, kind: ObjectType, ids: Sequence[int], reason: str = "") -> None:
    """Erase records for good from every room; see `records/erase.py`."""
    erasing.erase(work, kind, ids, ERASERS, reason)


def purge(work: Work, moment: datetime) -> int:
    """Delete for good what was archived before a moment, out of every room; return how many records."""
    return purging.archived_before(work, moment, LEAVING)
