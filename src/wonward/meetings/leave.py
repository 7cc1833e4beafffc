"""What becomes of bookings when their records go: erased with meeting or contact, moved with a merged contact."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from wonward.meetings.models import Booking
from wonward.records.work import Merger, Work
from wonward.schema.catalog import ObjectType


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete the bookings of records that go for good; return how many."""
    about = Q(meeting_id__in=list(ids)) | Q(contact_id__in=list(ids))
    _, gone = Booking.objects.filter(about, portal_id=work.catalog.portal_id).delete()
    return {"bookings": gone.get(Booking._meta.label, 0)}


def _merge(work: Work, _kind: ObjectType, kept_id: int, merged_id: int) -> Any:
    """Move a merged contact's bookings to the survivor; return which."""
    found = Booking.objects.filter(portal_id=work.catalog.portal_id, contact_id=merged_id)
    moved = list(found.values_list("pk", flat=True))
    if moved:
        Booking.objects.filter(pk__in=moved).update(contact_id=kept_id)
    return moved


def _unmerge(_work: Work, _kind: ObjectType, _kept_id: int, merged_id: int, moved: Any) -> None:
    """Move bookings back."""
    if moved:
        Booking.objects.filter(pk__in=moved).update(contact_id=merged_id)


BOOKING_MERGER = Merger("bookings", _merge, _unmerge)
