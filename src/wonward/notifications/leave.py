"""What becomes of notifications when their records go: those of erased ones go too, a merged one's move."""

from collections.abc import Mapping, Sequence
from typing import Any

from wonward.notifications.models import Notification
from wonward.records.work import Merger, Work
from wonward.schema.catalog import ObjectType


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete the notifications about records that go for good; return how many."""
    found = Notification.objects.filter(portal_id=work.catalog.portal_id, record_id__in=list(ids))
    gone, _ = found.delete()
    return {"notifications": gone}


def _merge(work: Work, _kind: ObjectType, kept_id: int, merged_id: int) -> Any:
    """Move a merged record's notifications to the survivor; return which."""
    found = Notification.objects.filter(portal_id=work.catalog.portal_id, record_id=merged_id)
    moved = list(found.values_list("pk", flat=True))
    if moved:
        Notification.objects.filter(pk__in=moved).update(record_id=kept_id)
    return moved


def _unmerge(_work: Work, _kind: ObjectType, _kept_id: int, merged_id: int, moved: Any) -> None:
    """Move notifications back."""
    if moved:
        Notification.objects.filter(pk__in=moved).update(record_id=merged_id)


NOTIFICATION_MERGER = Merger("notifications", _merge, _unmerge)
