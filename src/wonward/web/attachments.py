"""The files of a record: attached by drag and drop or a button, given out, removed and put back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from wonward.attachments import attach, file_name
from wonward.attachments.file_type import KINDS, PICTURES
from wonward.attachments.models import Attachment
from wonward.errors import Missing, Problem, Refusal
from wonward.web import people
from wonward.web.access import Visit, member
from wonward.web.loading import Record, load
from wonward.web.properties import CHANGED
from wonward.web.receiving import received, receives

PREVIEWED = 3 * 1024 * 1024
"""Bytes up to which a picture is shown in the list."""

SEALED = "default-src 'none'; sandbox"
"""The content security policy of a file: nothing in it may run or load anything, whatever it is."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file in the list. `address` is empty while it waits for the virus scanner."""

    number: int
    name: str
    ending: str
    size: str
    at: datetime
    who: str
    address: str
    picture: bool


@dataclass(frozen=True, slots=True)
class Card:
    """The files of a record; `removed` is the one that was removed just now, for undoing it."""

    items: Sequence[Item]
    address: str
    accepted: str
    largest: int
    removed: Attachment | None = None


@receives(attach.largest)
@member("GET", "POST")
def files(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Show the files of a record; by POST, attach the one in the field `file`."""
    posted = visit.request.method == "POST"
    shown = load(visit, plural, record_id, [], live=posted)
    if not posted:
        return _answer(visit, shown)
    try:
        file = received(visit.request, "file", attach.too_large)
        about = (shown.kind, record_id)
        attach.attach(visit.writing, visit.catalog.portal_id, about, file.name or "", file)
    except Missing:
        raise
    except Refusal as refusal:
        return _answer(visit, shown, refusal.problems)
    return _answer(visit, shown)


@member("GET")
def file(visit: Visit, plural: str, record_id: int, number: int) -> HttpResponseBase:
    """Give a file out, for saving; with `?show`, a picture for looking at."""
    load(visit, plural, record_id, [])
    attachment = attach.one(visit.work, record_id, number)
    tag = f'"{attachment.digest}"'
    if visit.request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    picture = attachment.media_type in PICTURES and "show" in visit.request.GET
    return FileResponse(
        attach.opened(attachment),
        as_attachment=not picture,
        filename=attachment.name,
        content_type=attachment.media_type,
        headers={"ETag": tag, "Content-Length": attachment.size, "Content-Security-Policy": SEALED},
    )


@member("POST")
def remove_file(visit: Visit, plural: str, record_id: int, number: int) -> HttpResponse:
    """Take a file off a record and offer to put it back."""
    shown = load(visit, plural, record_id, [], live=True)
    with visit.writing() as work:
        removed = attach.remove(work, shown.kind, record_id, number)
    return _answer(visit, shown, removed=removed)


@member("POST")
def restore_file(visit: Visit, plural: str, record_id: int, number: int) -> HttpResponse:
    """Put a removed file back."""
    shown = load(visit, plural, record_id, [], live=True)
    try:
        with visit.writing() as work:
            attach.restore(work, shown.kind, record_id, number)
    except Missing:
        raise
    except Refusal as refusal:
        return _answer(visit, shown, refusal.problems)
    return _answer(visit, shown)


def card(visit: Visit, shown: Record, removed: Attachment | None = None) -> Card:
    """Return the files of a record for its page."""
    address = reverse("files", args=[visit.portal, shown.kind.plural, shown.record_id])
    found = attach.of_record(visit.work, shown.record_id)
    names = people.actor_names(visit.catalog.portal_id, (each.uploaded_by for each in found))
    items = [
        Item(
            each.pk,
            each.name,
            file_name.ending(each.name),
            filesizeformat(each.size),
            each.uploaded_at,
            names[each.uploaded_by],
            f"{address}/{each.pk}" if each.ready else "",
            each.media_type in PICTURES and each.size <= PREVIEWED,
        )
        for each in found
    ]
    return Card(items, address, ",".join(f".{name}" for name in KINDS), attach.largest(), removed)


def _answer(
    visit: Visit, shown: Record, problems: Sequence[Problem] = (), removed: Attachment | None = None
) -> HttpResponse:
    """Answer with the files as they are now, or lead to the record."""
    if not visit.partial and visit.request.method == "POST":
        for problem in problems:
            messages.error(visit.request, problem.message)
        if removed:
            undo = reverse(
                "restore_file", args=[visit.portal, shown.kind.plural, shown.record_id, removed.pk]
            )
            messages.success(visit.request, f"Removed {removed.name}.", extra_tags=undo)
        return redirect("record", visit.portal, shown.kind.plural, shown.record_id)
    context = {
        "record": shown,
        "kind": shown.kind,
        "files": card(visit, shown, removed),
        "problems": problems,
    }
    response = visit.page("record/files.html", context, 422 if problems else 200)
    if visit.request.method == "POST" and not problems:
        response["HX-Trigger"] = CHANGED
    return response
