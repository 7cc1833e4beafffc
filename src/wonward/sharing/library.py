"""Documents of a portal: its library, and the files of records that are shared; each with its versions.

A document of a record is there for those who see the record. Whoever changes one must see it and have the right to
share.
"""

from collections.abc import Sequence
from typing import Any

from django.core.files import File
from django.db.models import QuerySet

from wonward.attachments import attach, file_name, retire
from wonward.attachments.attach import Writing
from wonward.attachments.models import Attachment
from wonward.errors import Invalid, Missing
from wonward.records import hold
from wonward.records.names import names
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.sharing.models import Document, Version

LONGEST_TITLE = 200
MOST = 500
"""Documents of the library that are shown, the newest."""


def add(writing: Writing, portal_id: int, title: str, name: str, content: "File[Any]") -> Document:
    """Put a file into the library under a title, else under its name; raise a refusal as attaching does."""
    made: list[Document] = []

    def hold_it(work: Work, kept: Attachment) -> None:
        work.require("share")
        made.append(_document(work, titled(title) or kept.name.rpartition(".")[0], kept))

    attach.keep(writing, portal_id, name, content, hold_it)
    return made[0]


def of_file(work: Work, kind: ObjectType, record_id: int, number: int) -> Document:
    """Return the document of a record's file, made when there is none; whoever may edit the record may share it."""
    work.require("share")
    hold.hold(work, kind, record_id)
    kept = attach.one(work, record_id, number)
    found = Version.objects.select_related("document").filter(file=kept).first()
    return found.document if found else _document(work, titled(kept.name.rpartition(".")[0]), kept)


def replace(
    writing: Writing, document: Document, kind: ObjectType | None, name: str, content: "File[Any]"
) -> None:
    """Make a file the newest version of a document; links to it stay as they are.

    A record's document has it attached to the record, whose type is `kind`. Raise refusals as attaching does.
    """
    if file_name.ending(name) == "":
        raise Invalid("Give the file a name with its ending", code="FILE_TYPE_REFUSED")
    if kind is None or document.record_id is None:
        attach.keep(
            writing,
            document.portal_id,
            name,
            content,
            lambda work, kept: _add_version(work, document, kept),
        )
        return
    kept = attach.attach(writing, document.portal_id, (kind, document.record_id), name, content)
    with writing() as work:
        _add_version(work, document, kept)


def remove(work: Work, document: Document) -> None:
    """Delete a document with its links and what is known of its views; a record keeps its files."""
    work.require("share")
    files = list(Version.objects.filter(document=document).values_list("file_id", flat=True))
    Document.objects.filter(pk=document.pk).delete()
    retire.delete(Attachment.objects.filter(pk__in=files, record_id=None))


def seen(work: Work, number: int) -> Document:
    """Return a document; raise Missing for one that isn't there for whoever asks."""
    found = _of_portal(work).filter(pk=number).first()
    if found is None or not visible(work, found):
        raise Missing("There is no such document", code="DOCUMENT_NOT_FOUND")
    return found


def visible(work: Work, document: Document) -> bool:
    """Tell whether a document is there for whoever asks: of the library, or of a record that they see."""
    if document.record_id is None:
        return True
    kind = work.catalog.object_types.get(document.object_type)
    return kind is not None and bool(names(work, kind, [document.record_id]))


def library(work: Work) -> Sequence[Document]:
    """Return the documents of the library, the newest first."""
    return list(_of_portal(work).filter(record_id=None).order_by("-made_at", "-pk")[:MOST])


def versions(document: Document) -> Sequence[Version]:
    """Return the versions of a document whose files are there, the newest first."""
    found = Version.objects.select_related("file").filter(document=document, file__archived_at=None)
    return list(found.order_by("-number"))


def newest(documents: Sequence[Document]) -> dict[int, Version]:
    """Return the newest version of each document, by the document's number."""
    found = Version.objects.select_related("file").filter(document__in=documents, file__archived_at=None)
    return {each.document_id: each for each in found.order_by("number")}


def titled(text: str) -> str:
    """Return a title as one line of what can be seen."""
    spaced = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return spaced[:LONGEST_TITLE]


def _of_portal(work: Work) -> QuerySet[Document]:
    return Document.objects.filter(portal_id=work.catalog.portal_id)


def _document(work: Work, title: str, kept: Attachment) -> Document:
    made = Document.objects.create(
        portal_id=work.catalog.portal_id,
        title=title or kept.name,
        object_type=kept.object_type,
        record_id=kept.record_id,
        made_by=work.actor,
        made_at=work.now,
    )
    Version.objects.create(document=made, number=1, file=kept)
    return made


def _add_version(work: Work, document: Document, kept: Attachment) -> None:
    """Enter a version; two who replace a file at once wait for each other at the document's row."""
    work.require("share")
    if not Document.objects.select_for_update().filter(pk=document.pk).exists():
        raise Missing("There is no such document", code="DOCUMENT_NOT_FOUND")
    last = Version.objects.filter(document=document).order_by("-number").first()
    if last is None or last.file_id != kept.pk:
        Version.objects.create(document=document, number=last.number + 1 if last else 1, file=kept)
