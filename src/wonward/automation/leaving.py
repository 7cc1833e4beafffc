"""What becomes of enrolments when records go: those erased take theirs along, a merged one's move to the survivor."""

from collections.abc import Mapping, Sequence
from typing import Any

from wonward.automation.models import Enrolment, Status
from wonward.records.work import Merger, Work
from wonward.schema.catalog import ObjectType


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete the enrolments of records that go for good, with their history; return how many."""
    found = Enrolment.objects.filter(portal_id=work.catalog.portal_id, record_id__in=list(ids))
    _, gone = found.delete()
    return {"enrolments": gone.get(Enrolment._meta.label, 0)}


def _merge(work: Work, _kind: ObjectType, kept_id: int, merged_id: int) -> Any:
    """Move a merged record's enrolments to the survivor; return which.

    Where the survivor is in the same workflow itself, the other one ends.
    """
    of_portal = Enrolment.objects.filter(portal_id=work.catalog.portal_id)
    moved = list(of_portal.filter(record_id=merged_id).values_list("pk", flat=True))
    if not moved:
        return moved
    running = of_portal.filter(record_id=kept_id, status=Status.ACTIVE).values_list("workflow", flat=True)
    of_portal.filter(pk__in=moved, status=Status.ACTIVE, workflow__in=list(running)).update(
        status=Status.STOPPED,
        said=f"merged into {kept_id}, which is in the workflow itself",
        due_at=None,
        resume_at=None,
        wakes=False,
        ended_at=work.now,
    )
    of_portal.filter(pk__in=moved).update(record_id=kept_id)
    return moved


def _unmerge(work: Work, _kind: ObjectType, kept_id: int, merged_id: int, moved: Any) -> None:
    """Move enrolments back; what ended by the merge stays ended."""
    if moved:
        of_portal = Enrolment.objects.filter(portal_id=work.catalog.portal_id)
        of_portal.filter(record_id=kept_id, pk__in=moved).update(record_id=merged_id)


ENROLMENT_MERGER = Merger("enrolments", _merge, _unmerge)
