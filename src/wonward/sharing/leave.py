"""What becomes of shared documents when records go: what is about erased ones goes too, a merged one's moves."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model, Q

from wonward.records import correspondents
from wonward.records.work import Merger, Work
from wonward.schema.catalog import ObjectType
from wonward.sharing.models import Document, Link, Reader, View

_OF_RECORDS: tuple[tuple[type[Model], str], ...] = (
    (Document, "record_id"),
    (Link, "record_id"),
    (Link, "contact_id"),
    (Reader, "contact_id"),
    (View, "contact_id"),
)


def erase(work: Work, kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete the documents of records that go for good, links for them and what they have read; return how many."""
    numbers, portal_id = list(ids), work.catalog.portal_id
    emails = correspondents.addresses(work, kind, numbers)
    who = Q(contact_id__in=numbers) | Q(email__in=emails)
    counts = [
        View.objects.filter(portal_id=portal_id, contact_id__in=numbers).delete(),
        Reader.objects.filter(who, portal_id=portal_id).delete(),
        Link.objects.filter(
            Q(contact_id__in=numbers) | Q(record_id__in=numbers), portal_id=portal_id
        ).delete(),
        Document.objects.filter(portal_id=portal_id, record_id__in=numbers).delete(),
    ]

    def gone(model: type[Model]) -> int:
        return sum(each.get(model._meta.label, 0) for _, each in counts)

    return {
        "documents": gone(Document),
        "document_links": gone(Link),
        "document_readers": gone(Reader),
        "document_views": gone(View),
    }


def _merge(work: Work, _kind: ObjectType, kept_id: int, merged_id: int) -> Any:
    """Move what is about a merged record to the survivor; return which."""
    moved = []
    for model, column in _OF_RECORDS:
        found = model._default_manager.filter(**{"portal_id": work.catalog.portal_id, column: merged_id})
        numbers = list(found.values_list("pk", flat=True))
        if numbers:
            model._default_manager.filter(pk__in=numbers).update(**{column: kept_id})
        moved.append(numbers)
    return moved


def _unmerge(_work: Work, _kind: ObjectType, _kept_id: int, merged_id: int, moved: Any) -> None:
    """Move it back."""
    for (model, column), numbers in zip(_OF_RECORDS, moved or (), strict=False):
        if numbers:
            model._default_manager.filter(pk__in=numbers).update(**{column: merged_id})


SHARING_MERGER = Merger("documents", _merge, _unmerge)
