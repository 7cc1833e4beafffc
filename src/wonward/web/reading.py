"""What people outside see of a document that was shared with them: who they are, the document, its file.

No sign-in: a link's secret opens it, and where its maker wanted that, a code mailed to the reader or a password.
Works without scripts; then a download is what counts as a view.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar, cast

from allauth.core.internal.ratelimit import get_ip
from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from wonward import clock, wiring
from wonward.attachments import attach
from wonward.attachments.file_type import PICTURES
from wonward.db.transaction import again_after_deadlock
from wonward.errors import Missing
from wonward.records.work import NOBODYS
from wonward.sharing import library, links, proof, views
from wonward.sharing.models import Link, Version
from wonward.sharing.proof import Proof
from wonward.web.access import PLAIN, person
from wonward.web.attachments import SEALED
from wonward.web.outside import outside, within

PDF = "application/pdf"
PDF_SEALED = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""The content security policy of a PDF: browsers don't show one in a sandbox, and run nothing of it in ours."""

Response = TypeVar("Response", bound=HttpResponseBase)
Framing = Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]
_framing = cast("Framing", csp_update({"frame-src": [SELF]}))
"""Lets the page show a PDF of our own in a frame; its types know only views without parts of the address."""

_outside = partial(outside, looks="document_look", tries="document_try")


@dataclass(frozen=True)
class Reading:
    """One look at a shared document: by which link, what was proven, and which file is shown."""

    request: HttpRequest
    link: Link
    proof: Proof
    version: Version | None

    @property
    def inline(self) -> str:
        """How a browser shows the file within the page: as `picture` or `pdf`, "" when it is for saving only."""
        kind = self.version.file.media_type if self.version else ""
        return "picture" if kind in PICTURES else "pdf" if kind == PDF else ""

    @property
    def own(self) -> bool:
        """Whether a member of the portal looks, which doesn't count."""
        if settings.SESSION_COOKIE_NAME not in self.request.COOKIES:
            return False
        found = person(self.request)
        return found is not None and found.of(self.link.portal.name) is not None

    def show(self, template: str, status: int = 200, **context: object) -> HttpResponse:
        """Answer with a template."""
        known = {"reading": self, "portal": self.link.portal, "notice": "", "email": "", "problem": ""}
        return _private(render(self.request, template, {**known, **context}, status=status))


@_outside("GET", "POST")
@_framing
def document(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show a document to whoever may read it; ask the others for what proves that they may."""
    reading = _reading(request, token)
    if links.ended(reading.link, clock.now()):
        return reading.show("document/ended.html", 410)
    if request.method == "POST":
        return _prove(reading)
    lacking = reading.proof.lacks(reading.link)
    if lacking:
        return reading.show(f"document/{lacking}.html")
    own = reading.own
    visit = "" if own or reading.version is None else views.fresh_visit(reading.link)
    return reading.show("document/document.html", own=own, visit=visit, beat=views.BEAT.seconds)


@_outside("GET", "POST")
def document_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """Give the file out: by GET to be shown in the page, by POST to be saved, which counts."""
    reading = _reading(request, token)
    version = reading.version
    if _closed(reading) or version is None or (request.method != "POST" and not reading.inline):
        return redirect("document", token)
    try:
        content = attach.opened(version.file)
    except Missing:
        return redirect("document", token)
    saved = request.method == "POST"
    if saved and not reading.own:
        _count(reading, request.POST.get("visit") or views.fresh_visit(reading.link), saved=True)
    sealed = PDF_SEALED if reading.inline == "pdf" and not saved else SEALED
    return _private(
        FileResponse(
            content,
            as_attachment=saved,
            filename=version.file.name,
            content_type=version.file.media_type,
            headers={
                "Content-Length": version.file.size,
                "Content-Security-Policy": sealed,
                "Cross-Origin-Resource-Policy": "same-origin",
                "X-Frame-Options": "SAMEORIGIN",
            },
        )
    )


@partial(outside, looks="document_look", tries="document_view")("POST")
def document_view(request: HttpRequest, token: str) -> HttpResponse:
    """Count that an open page is being read; the page says so itself, every few seconds."""
    reading = _reading(request, token)
    if _closed(reading) or not (reading.own or _count(reading, request.POST.get("visit", ""))):
        return _private(HttpResponse(status=410, content_type=PLAIN))
    return _private(HttpResponse(status=204))


def _reading(request: HttpRequest, token: str) -> Reading:
    link = links.opened(token)
    kept = request.COOKIES.get(_cookie(link), "")
    proven = proof.unpacked(link, kept) if kept else Proof()
    return Reading(request, link, proven, library.newest([link.document]).get(link.document_id))


def _closed(reading: Reading) -> bool:
    return links.ended(reading.link, clock.now()) or bool(reading.proof.lacks(reading.link))


def _count(reading: Reading, visit: str, *, saved: bool = False) -> bool:
    """Count a view; return whether the page's key was good."""
    link = reading.link

    def count() -> bool:
        with wiring.writing(
            link.portal.name, actor=f"document:{link.pk}", source="web", rights=NOBODYS
        ) as work:
            seen = views.count(work, link, visit, reading.proof.reader, get_ip(reading.request), saved=saved)
            return seen is not None

    return again_after_deadlock(count)


def _prove(reading: Reading) -> HttpResponse:
    """Do what was posted: mail a code, or look at the code or the password that was given."""
    steps: dict[str, Callable[[Reading], HttpResponse]] = {
        "email": _mail_code,
        "code": _by_code,
        "password": _by_password,
    }
    step = steps.get(reading.request.POST.get("do", ""))
    return step(reading) if step else redirect(reading.request.path)


def _mail_code(reading: Reading) -> HttpResponse:
    email = reading.request.POST.get("email", "").strip().lower()[:320]
    if "@" not in email or "\0" in email:
        wrong = _("Please give an email address, such as name@example.com")
        return reading.show("document/reader.html", 422, email=email, problem=wrong)
    if not within(reading.request, "document_code", f"{reading.link.pk}:{email}"):
        return reading.show("meet/slowly.html", 429)
    proof.ask_code(reading.link, email)
    return reading.show("document/code.html", email=email)


def _by_code(reading: Reading) -> HttpResponse:
    email = reading.request.POST.get("email", "").replace("\0", "")[:320]
    found = proof.by_code(reading.link, email, reading.request.POST.get("code", "")[:50])
    if found is None:
        wrong = _("That isn't the code, or it is good no more. Look again, or ask for a new one.")
        return reading.show("document/code.html", 422, email=email, problem=wrong)
    return _proven(reading, Proof(found, reading.proof.password))


def _by_password(reading: Reading) -> HttpResponse:
    if not within(reading.request, "document_password", str(reading.link.pk)):
        return reading.show("meet/slowly.html", 429)
    if reading.proof.lacks(reading.link) == "reader":
        return redirect(reading.request.path)
    if not proof.by_password(reading.link, reading.request.POST.get("password", "")[:200]):
        wrong = _("That isn't the password of this document")
        return reading.show("document/password.html", 422, problem=wrong)
    return _proven(reading, Proof(reading.proof.reader, True))


def _proven(reading: Reading, proven: Proof) -> HttpResponse:
    """Have the browser remember what was proven, for this link alone."""
    response = redirect(reading.request.path)
    response.set_cookie(
        _cookie(reading.link),
        proof.packed(reading.link, proven),
        max_age=proof.REMEMBERED,
        path=reading.request.path,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return _private(response)


def _cookie(link: Link) -> str:
    return f"document-{link.pk}"


def _private(response: Response) -> Response:
    """Keep an answer, whose address is a key, out of caches and search engines."""
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
