"""The worker's share of automation: the timers whose time has come, then the enrolments that are due, in batches.

A batch is one transaction with everything its steps do. Killed anywhere, it is done anew from where it was.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from wonward.automation import timers
from wonward.automation.advance import Advance
from wonward.automation.models import Enrolment, Status, StepTaken
from wonward.records.work import Work

Opened = Callable[[], AbstractContextManager[Work]]
"""Opens work that writes, with every guard; leaving it commits."""

BATCH = 500

_MOVED = ["status", "place", "due_at", "resume_at", "wakes", "depth", "ended_at", "said", "problems"]


def tend(opened: Opened, *, limit: int = BATCH) -> int:
    """Take a page of a timer and a batch of due enrolments; return how many records that were, 0 when all wait."""
    with opened() as work:
        return timers.look(work) + _run_due(work, limit)


def _run_due(work: Work, limit: int) -> int:
    due = Enrolment.objects.filter(
        portal_id=work.catalog.portal_id, status=Status.ACTIVE, due_at__lte=work.now
    )
    found = list(due.select_for_update(skip_locked=True).order_by("due_at", "id")[:limit])
    if found:
        advance = Advance(work)
        advance.run(found)
        save(found, advance.taken)
    return len(found)


def save(enrolments: list[Enrolment], taken: list[StepTaken]) -> None:
    """Store where enrolments stand now, a statement for all that stand alike, and what they did."""
    alike: dict[str, list[Enrolment]] = {}
    for each in enrolments:
        alike.setdefault(repr([getattr(each, name) for name in _MOVED]), []).append(each)
    for found in alike.values():
        state = {name: getattr(found[0], name) for name in _MOVED}
        Enrolment.objects.filter(pk__in=[each.pk for each in found]).update(**state)
    StepTaken.objects.bulk_create(taken)
