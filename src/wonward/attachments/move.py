"""Moving files from one record to another, as a merge does, and back, as undoing it does."""

from collections.abc import Sequence
from typing import Any

from wonward.attachments.models import Attachment
from wonward.records.work import Merger, Work
from wonward.schema.catalog import ObjectType


def move(work: Work, record_ids: Sequence[int], kind: ObjectType, to: int) -> list[int]:
    """Give all files of records to another one of the type, removed ones too; return the files' numbers.

    The limit of files per record doesn't hold here: a merge loses nothing.
    """
    found = Attachment.objects.filter(portal_id=work.catalog.portal_id, record_id__in=list(record_ids))
    numbers = sorted(found.select_for_update().values_list("id", flat=True))
    give(work, numbers, kind, to)
    return numbers


def give(work: Work, numbers: Sequence[int], kind: ObjectType, to: int) -> None:
    """Give the files with these numbers to a record, as far as they are still there."""
    found = Attachment.objects.filter(portal_id=work.catalog.portal_id, id__in=list(numbers))
    found.update(object_type=kind.name, record_id=to)


def _merged(work: Work, kind: ObjectType, kept_id: int, merged_id: int) -> list[int]:
    return move(work, [merged_id], kind, kept_id)


def _unmerged(work: Work, kind: ObjectType, _: int, merged_id: int, numbers: Any) -> None:
    give(work, numbers, kind, merged_id)


FILE_MERGER = Merger("files", _merged, _unmerged)
