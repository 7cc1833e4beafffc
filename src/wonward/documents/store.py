"""Reading and writing definitions. Callers hold the portal's exclusive lock while they write."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, Min

from wonward.documents.models import Document, DocumentVersion, Number

Key = tuple[str, str]
"""What names a document within a portal: (kind, name)."""

Bodies = Mapping[Key, Mapping[str, Any]]
"""Definitions by their key."""


def read(portal_id: int) -> dict[Key, dict[str, Any]]:
    """Return the bodies of the documents that hold, by (kind, name), in the order they were first written."""
    rows = Document.objects.filter(portal_id=portal_id, removed=False).order_by("id")
    return {(kind, name): body for kind, name, body in rows.values_list("kind", "name", "body")}


def removed(portal_id: int) -> set[Key]:
    """Return the keys of the documents that once held and were removed."""
    return set(Document.objects.filter(portal_id=portal_id, removed=True).values_list("kind", "name"))


def gone(portal_id: int, kind: str) -> dict[str, tuple[dict[str, Any], datetime, datetime]]:
    """Return the definitions of a kind that were removed, by name: their last body, first written and removed when."""
    documents = Document.objects.filter(portal_id=portal_id, kind=kind, removed=True)
    rows = documents.annotate(first=Min("versions__at"), last=Max("versions__at")).order_by("id")
    return {
        name: (body, first, last)
        for name, body, first, last in rows.values_list("name", "body", "first", "last")
    }


def dates(portal_id: int, kind: str) -> dict[str, tuple[datetime, datetime]]:
    """Return when each definition of a kind that holds was first written and last written, by its name."""
    versions = DocumentVersion.objects.filter(
        document__portal_id=portal_id, document__kind=kind, document__removed=False
    )
    written = versions.values("document__name").annotate(first=Min("at"), last=Max("at"))
    return {each["document__name"]: (each["first"], each["last"]) for each in written}


def write(
    portal_id: int,
    bodies: Bodies,
    removals: frozenset[Key],
    actor: str,
    at: datetime,
) -> None:
    """Write new versions of the documents in `bodies` and mark those in `removals` as removed."""
    known = {
        (document.kind, document.name): document for document in Document.objects.filter(portal_id=portal_id)
    }
    fresh = [
        Document(portal_id=portal_id, kind=kind, name=name, body=body, version=1)
        for (kind, name), body in bodies.items()
        if (kind, name) not in known
    ]
    changed = [known[key] for key in (*bodies, *removals) if key in known]
    for document in changed:
        key = (document.kind, document.name)
        document.body = bodies.get(key, document.body)
        document.removed = key in removals
        document.version += 1
    Document.objects.bulk_create(fresh)
    Document.objects.bulk_update(changed, ["body", "removed", "version"])
    DocumentVersion.objects.bulk_create(
        DocumentVersion(
            document=document,
            version=document.version,
            body=document.body,
            removed=document.removed,
            actor=actor,
            at=at,
        )
        for document in (*fresh, *changed)
    )


def numbers(portal_id: int, scope: str, names: Sequence[str], *, keep: bool = False) -> dict[str, int]:
    """Return the number of each name in `scope`; names that have none get the next free ones.

    Only with `keep` are the new numbers remembered: a plan looks, an apply keeps.
    """
    given = dict(Number.objects.filter(portal_id=portal_id, scope=scope).values_list("name", "number"))
    highest = max(given.values(), default=0)
    missing = [name for name in names if name not in given]
    fresh = {name: highest + place for place, name in enumerate(missing, start=1)}
    if keep:
        Number.objects.bulk_create(
            Number(portal_id=portal_id, scope=scope, name=name, number=number)
            for name, number in fresh.items()
        )
    return {name: number for name, number in (given | fresh).items() if name in set(names)}
