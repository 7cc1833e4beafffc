"""Documents that are shared by link, as members see them: the library, one document, its links and who has read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.attachments import attach
from wonward.attachments.file_type import KINDS
from wonward.errors import Forbidden, Invalid, Missing, Problem, Refusal
from wonward.records import correspondents, query
from wonward.records.names import names
from wonward.records.query import Query
from wonward.schema.catalog import ObjectType
from wonward.sharing import library, links, shown, views
from wonward.sharing.links import About, Wanted
from wonward.sharing.models import Document, View
from wonward.sharing.shown import Shown
from wonward.web import people
from wonward.web.access import Visit, member
from wonward.web.addresses import url
from wonward.web.attachments import SEALED
from wonward.web.loading import Record, load
from wonward.web.receiving import received, receives


@dataclass(frozen=True, slots=True)
class Row:
    """A link in a list: for whom, how often it was used and when last, and whether it still works."""

    shown: Shown
    times: int
    last: datetime | None
    ended: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A view in words."""

    view: View
    who: str
    contact: int | None

    @property
    def lasted(self) -> str:
        """How long the page was open."""
        minutes, seconds = divmod(self.view.seconds, 60)
        return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


@receives(attach.largest)
@member("GET", "POST")
def library_page(visit: Visit) -> HttpResponse:
    """Show the library; by POST, put the file in the field `file` into it."""
    problems: Sequence[Problem] = ()
    if visit.request.method == "POST":
        visit.work.require("share")
        try:
            given = received(visit.request, "file", attach.too_large)
            title = visit.request.POST.get("title", "")
            made = library.add(visit.writing, visit.catalog.portal_id, title, given.name or "", given)
            return redirect(_with_about(visit, url("library_document", visit.portal, made.pk)))
        except Refusal as refusal:
            problems = refusal.problems
    found = library.library(visit.work)
    context = {
        "found": found,
        "newest": library.newest(found),
        "makers": people.actor_names(visit.catalog.portal_id, (each.made_by for each in found)),
        "about": _about(visit),
        "for_whom": visit.request.GET.get("for", ""),
        "problems": problems,
        **_uploads(),
    }
    return visit.page("documents/library.html", context, 422 if problems else 200)


@member("GET")
def one(visit: Visit, number: int) -> HttpResponse:
    """Show a document: its versions, its links and its views."""
    return _page(visit, library.seen(visit.work, number))


@member("GET")
def file(visit: Visit, number: int) -> HttpResponseBase:
    """Give out the newest version of a document, for saving, or the one that `version` names."""
    found = library.versions(library.seen(visit.work, number))
    asked = visit.request.GET.get("version", "")
    wanted = [each for each in found if not asked or str(each.number) == asked]
    if not wanted:
        raise Missing("The file isn't there any more", code="FILE_NOT_FOUND")
    kept = wanted[0].file
    return FileResponse(
        attach.opened(kept),
        as_attachment=True,
        filename=kept.name,
        content_type=kept.media_type,
        headers={"Content-Length": kept.size, "Content-Security-Policy": SEALED},
    )


@receives(attach.largest)
@member("POST")
def replace(visit: Visit, number: int) -> HttpResponse:
    """Make the file in the field `file` the newest version; links stay as they are."""
    document = library.seen(visit.work, number)
    visit.work.require("share")
    kind = visit.catalog.object_types.get(document.object_type)
    try:
        given = received(visit.request, "file", attach.too_large)
        library.replace(visit.writing, document, kind, given.name or "", given)
    except (Missing, Forbidden):
        raise
    except Refusal as refusal:
        return _page(visit, document, problems=refusal.problems, status=422)
    messages.success(visit.request, _("The document has a new version; its links lead to it."))
    return redirect("library_document", visit.portal, number)


@member("POST")
def remove(visit: Visit, number: int) -> HttpResponse:
    """Delete a document, its links and what is known of its views."""
    document = library.seen(visit.work, number)
    with visit.writing() as work:
        library.remove(work, document)
    messages.success(visit.request, _("%(title)s is shared no more.") % {"title": document.title})
    return redirect("documents", visit.portal)


@member("POST")
def share(visit: Visit, number: int) -> HttpResponse:
    """Make a link to a document; its address is shown this once."""
    document = library.seen(visit.work, number)
    said = visit.request.POST
    try:
        wanted = Wanted(
            private=said.get("who") == "private",
            emails=said.get("emails", "").replace(",", "\n").replace(";", "\n").split("\n"),
            about=_about_named(visit, said.get("about", "")),
            password=said.get("password", ""),
            until=_day(said.get("until", "")),
        )
        with visit.writing() as work:
            made, secret = links.make(work, document, visit.member, wanted)
    except (Missing, Forbidden):
        raise
    except Refusal as refusal:
        return _page(visit, document, problems=refusal.problems, status=422)
    address = f"{settings.WONWARD_URL.rstrip('/')}{url('document', secret)}"
    return _page(visit, document, address=address, made=made.pk)


@member("POST")
def revoke(visit: Visit, number: int, link: int) -> HttpResponse:
    """Have a link work no longer."""
    document = library.seen(visit.work, number)
    if link not in {each.link.pk for each in shown.of_document(visit.work, document)}:
        raise Missing("There is no such link", code="DOCUMENT_LINK_NOT_FOUND")
    with visit.writing() as work:
        links.revoke(work, document, link)
    messages.success(visit.request, _("The link works no longer."))
    return redirect("library_document", visit.portal, number)


@member("POST")
def share_file(visit: Visit, plural: str, record_id: int, number: int) -> HttpResponse:
    """Make a file of a record shareable, and lead to where its links are made."""
    about = load(visit, plural, record_id, [], live=True)
    with visit.writing() as work:
        made = library.of_file(work, about.kind, record_id, number)
    return redirect(f"{url('library_document', visit.portal, made.pk)}?for={plural}/{record_id}")


def card(visit: Visit, record: Record) -> Sequence[Row]:
    """Return the links that are for a record or of its files, for its page."""
    return _rows(visit, shown.of_record(visit.work, record.record_id))


def _page(visit: Visit, document: Document, *, status: int = 200, **more: object) -> HttpResponse:
    """Show a document; `more` has what was refused, or the address that is shown once."""
    found = shown.of_document(visit.work, document)
    kind = visit.catalog.object_types.get(document.object_type)
    of_record = names(visit.work, kind, [document.record_id]) if kind and document.record_id else {}
    about = _about(visit)
    problems = more.get("problems") or ()
    context: dict[str, object] = {
        "document": document,
        "versions": library.versions(document),
        "rows": _rows(visit, found),
        "views": _seen(visit, found),
        "contacts": visit.catalog.object_types.get(correspondents.CONTACT),
        "kind": kind,
        "record_name": of_record.get(document.record_id or 0, ""),
        "about": about,
        "for_whom": visit.request.POST.get("about", "") or visit.request.GET.get("for", ""),
        "said": visit.request.POST if problems else {"emails": _email(visit, about)},
        "address": "",
        "made": 0,
        "problems": (),
        **_uploads(),
    }
    return visit.page("documents/document.html", {**context, **more}, status)


def _rows(visit: Visit, found: Sequence[Shown]) -> list[Row]:
    counts = views.counts([each.link for each in found]) if found else {}
    rows = []
    for each in found:
        times, last = counts.get(each.link.pk, (0, None))
        rows.append(Row(each, times, last, links.ended(each.link, visit.work.now)))
    return rows


def _seen(visit: Visit, found: Sequence[Shown]) -> list[Seen]:
    """Return the views by links that whoever looks sees, with who read as far as they see them."""
    if not found:
        return []
    looked = views.of_links([each.link for each in found])
    kind = visit.catalog.object_types.get(correspondents.CONTACT)
    ids = [each.contact_id for each in looked if each.contact_id]
    known = names(visit.work, kind, ids) if kind and ids else {}
    return [_said(each, known.get(each.contact_id or 0, "")) for each in looked]


def _said(view: View, contact: str) -> Seen:
    if contact:
        return Seen(view, contact, view.contact_id)
    if view.reader:
        return Seen(view, view.reader.email, None)
    return Seen(view, _("Somebody"), None)


def _about(visit: Visit) -> Record | None:
    """Return the record that a link is to be for, from `for=deals/12`; None without one that is there."""
    plural, _slash, number = (
        visit.request.GET.get("for", "") or visit.request.POST.get("about", "")
    ).partition("/")
    if not (number.isdecimal() and number.isascii() and len(number) < 19):
        return None
    try:
        return load(visit, plural, int(number), [], live=True)
    except Missing:
        return None


def _about_named(visit: Visit, text: str) -> About | None:
    record = _about(visit) if text else None
    return (record.kind, record.record_id) if record else None


def _email(visit: Visit, about: Record | None) -> str:
    """Return the address of the contact that a link is to be for."""
    if about is None or about.kind.name != correspondents.CONTACT:
        return ""
    kind: ObjectType = about.kind
    if correspondents.EMAIL not in kind.properties:
        return ""
    found = query.rows(visit.work, Query(kind, ids=[about.record_id]), [correspondents.EMAIL])
    return found[0][1] or "" if found else ""


def _with_about(visit: Visit, address: str) -> str:
    about = _about(visit)
    return f"{address}?for={about.kind.plural}/{about.record_id}" if about else address


def _day(text: str) -> date | None:
    """Return the day that a field of the browser's says; an empty one is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(_("Write the day as 2026-12-31"), code="INVALID", property="until") from error


def _uploads() -> dict[str, object]:
    return {
        "accepted": ",".join(f".{name}" for name in KINDS),
        "megabytes": settings.WONWARD_FILE_MEGABYTES,
    }
