"""What members see of links: those they made, those about records they see, and those for nobody in particular."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from wonward.records import correspondents
from wonward.records.names import names
from wonward.records.work import Work
from wonward.sharing.models import Document, Link

MOST = 200
"""Links that are shown, the newest."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A link with the names of its contact and its record, as far as whoever looks sees them."""

    link: Link
    emails: Sequence[str]
    contact: str = ""
    record: str = ""


def of_document(work: Work, document: Document) -> list[Shown]:
    """Return the links to a document, the newest first."""
    return _shown(work, Link.objects.filter(document=document))


def of_record(work: Work, record_id: int) -> list[Shown]:
    """Return the links for a record or contact that whoever looks sees, the newest first."""
    of_portal = Link.objects.filter(portal_id=work.catalog.portal_id).values("pk")
    # Each of the three by its index; an "or" between them reads every link of the portal.
    about = of_portal.filter(contact_id=record_id).union(
        of_portal.filter(record_id=record_id),
        of_portal.filter(document__portal_id=work.catalog.portal_id, document__record_id=record_id),
    )
    return _shown(work, Link.objects.filter(pk__in=about))


def _shown(work: Work, found: QuerySet[Link]) -> list[Shown]:
    joined = found.select_related("document", "maker").prefetch_related("readers")
    links = list(joined.order_by("-made_at", "-pk")[:MOST])
    named = _names(work, links)
    return [
        Shown(
            each,
            [reader.email for reader in each.readers.all()],
            named.get((correspondents.CONTACT, each.contact_id or 0), ""),
            named.get((each.object_type, each.record_id or 0), ""),
        )
        for each in links
        if _sees(work, each, named)
    ]


def _names(work: Work, links: Sequence[Link]) -> Mapping[tuple[str, int], str]:
    """Return the names of the records that links are about, with a query a type."""
    wanted: dict[str, set[int]] = {}
    for each in links:
        for name, number in (
            (correspondents.CONTACT, each.contact_id),
            (each.object_type, each.record_id),
            (each.document.object_type, each.document.record_id),
        ):
            if number and name in work.catalog.object_types:
                wanted.setdefault(name, set()).add(number)
    return {
        (name, number): text
        for name, ids in wanted.items()
        for number, text in names(work, work.catalog.object_types[name], ids).items()
    }


def _sees(work: Work, link: Link, named: Mapping[tuple[str, int], str]) -> bool:
    """Tell whether a link is there for whoever looks; they see its document, or a record it is about."""
    if work.catalog.role is None:
        return True
    if link.maker and link.maker.user_id is not None and link.maker.user_id == work.user_id:
        return True
    about = [(correspondents.CONTACT, link.contact_id), (link.object_type, link.record_id)]
    there = [(name, number) for name, number in about if number]
    if there:
        return any(each in named for each in there)
    return not link.private
