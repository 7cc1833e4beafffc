"""The end of files: deleted for good with their record or long after they were removed, erased with a person.

The rows go in the caller's transaction; what lies in the storage follows once that has committed, or with
the next collection.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.db.transaction import on_commit

from wonward.attachments import storage
from wonward.attachments.models import Attachment
from wonward.records import existence
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

BATCH = 1000


def archived_before(work: Work, moment: datetime) -> int:
    """Delete the files that were removed before `moment`, and those whose record is gone; return how many."""
    of_portal = Attachment.objects.filter(portal_id=work.catalog.portal_id)
    return delete(of_portal.filter(archived_at__lt=moment)) + _delete_abandoned(work)


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete every file of records that go for good; return how many."""
    return {"files": of_records(work, ids)}


def of_records(work: Work, record_ids: Sequence[int]) -> int:
    """Delete every file of records, removed ones too; return how many."""
    return delete(Attachment.objects.filter(portal_id=work.catalog.portal_id, record_id__in=list(record_ids)))


def delete(attachments: QuerySet[Attachment]) -> int:
    """Delete attachments and, once the transaction has committed, their files; return how many."""
    keys = list(attachments.select_for_update().values_list("key", flat=True))
    Attachment.objects.filter(key__in=keys).delete()
    storage.let_go(keys)
    on_commit(lambda: storage.discard(keys))
    return len(keys)


def _delete_abandoned(work: Work) -> int:
    of_portal = Attachment.objects.filter(portal_id=work.catalog.portal_id)
    deleted, last = 0, 0
    while ids := [
        number
        for number in of_portal.filter(record_id__gt=last)
        .order_by("record_id")
        .values_list("record_id", flat=True)
        .distinct()[:BATCH]
        if number is not None
    ]:
        deleted += of_records(work, existence.gone(work, ids))
        last = ids[-1]
    return deleted
