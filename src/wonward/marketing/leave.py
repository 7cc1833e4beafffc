"""What becomes of submissions when contacts go: erased with them, moved with a merged one."""

from collections.abc import Mapping, Sequence
from typing import Any

from wonward.marketing.models import Submission
from wonward.records.work import Merger, Work
from wonward.schema.catalog import ObjectType


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete what contacts sent who go for good; return how many."""
    found = Submission.objects.filter(portal_id=work.catalog.portal_id, contact_id__in=list(ids))
    gone, _ = found.delete()
    return {"submissions": gone}


def _merge(work: Work, _kind: ObjectType, kept_id: int, merged_id: int) -> Any:
    """Move what a merged contact sent to the survivor; return which."""
    found = Submission.objects.filter(portal_id=work.catalog.portal_id, contact_id=merged_id)
    moved = list(found.values_list("pk", flat=True))
    if moved:
        Submission.objects.filter(pk__in=moved).update(contact_id=kept_id)
    return moved


def _unmerge(_work: Work, _kind: ObjectType, kept_id: int, merged_id: int, moved: Any) -> None:
    """Move submissions back."""
    if moved:
        Submission.objects.filter(pk__in=moved, contact_id=kept_id).update(contact_id=merged_id)


SUBMISSION_MERGER = Merger("submissions", _merge, _unmerge)
