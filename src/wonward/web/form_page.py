"""What people outside see of a form: its questions, what is wrong with their answers, and thanks.

No sign-in and no cookie, so nothing that another site could send in somebody's name; what stands in for a form's
token is a signed note of the page that was shown, without which nothing is taken in. Works without scripts.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.db.transaction import again_after_deadlock
from wonward.errors import Missing, Problem, Refusal
from wonward.marketing.source import UTM
from wonward.marketing.submit import Answers, submit
from wonward.records.work import NOBODYS, Work
from wonward.schema.catalog import Property
from wonward.schema.form import Consent, Form, FormField
from wonward.schema.seen import Rights
from wonward.web import amounts, fields
from wonward.web.outside import outside
from wonward.web.values import NUMERIC

MOST_BYTES = 200_000
OPEN_FOR = 24 * 3600
"""Seconds that a page may have been open when it is sent."""

TRAP = "t-homepage"
"""The name of an input that nobody sees: only programs fill it in."""

_SALT = "wonward.form"
_LONGEST = 1_000
_AUTOCOMPLETE = {
    "email": "email",
    "firstname": "given-name",
    "lastname": "family-name",
    "phone": "tel",
    "mobilephone": "tel",
    "company": "organization",
    "company.name": "organization",
    "jobtitle": "organization-title",
    "address": "street-address",
    "zip": "postal-code",
    "city": "address-level2",
    "country": "country-name",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One field as it is asked: how it is filled in, what was said, and what is wrong with that."""

    field: FormField
    prop: Property
    label: str
    input: str
    values: Sequence[str]
    problem: str

    @property
    def value(self) -> str:
        """What was said, where that is one text."""
        return self.values[0] if self.values else ""

    @property
    def autocomplete(self) -> str:
        """What browsers know the answer as."""
        return _AUTOCOMPLETE.get(self.field.name, "off")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One consent as it is asked."""

    consent: Consent
    ticked: bool
    problem: str


@csrf_exempt
@outside("GET", "POST", looks="form_look", tries="form_send")
def form(request: HttpRequest, portal: str, name: str) -> HttpResponse:
    """Show a form, or take in what was sent."""
    if request.method == "POST" and _length(request) > MOST_BYTES:
        return render(request, "fill/too_long.html", status=413)
    note = _note(request, portal, name)
    with translation.override(_language(request, note)):
        work, found = _opened(portal, name)
        if request.method != "POST":
            return _page(request, work, found, {})
        if request.POST.get(TRAP):
            return _thanked(portal, name)
        if note is None:
            late = _("This page had been open for long. Your answers are still here; please send them again.")
            return _page(request, work, found, {}, late, 422)
        try:
            again_after_deadlock(lambda: _take(request, work, found, note))
        except Missing:
            raise
        except Refusal as refusal:
            return _page(request, work, found, _told(refusal.problems), status=422)
        return _thanked(portal, name)


@outside("GET", looks="form_look", tries="form_send")
def thanks(request: HttpRequest, portal: str, name: str) -> HttpResponse:
    """Thank whoever has sent a form, and lead them on."""
    with translation.override(_language(request, None)):
        _work, found = _opened(portal, name)
        return render(
            request,
            "fill/thanks.html",
            {"form": found, "portal": _label(portal), "language": translation.get_language()},
        )


def _opened(portal: str, name: str) -> tuple[Work, Form]:
    """Open a form for somebody from outside, in the language they read."""
    work = wiring.reading(portal, actor=f"form:{name}", source="form", rights=_rights())
    found = work.catalog.forms.get(name)
    if found is None:
        raise Missing(f"There is no form '{name}'", code="FORM_NOT_FOUND")
    return work, found


def _rights() -> Rights:
    return replace(NOBODYS, language=translation.get_language() or settings.LANGUAGE_CODE)


def _language(request: HttpRequest, note: Mapping[str, object] | None) -> str:
    """Return the language to speak: the one that the address asks for, else that of the browser."""
    asked = str((note or {}).get("language", "")) or request.GET.get("language", "")
    known = dict(settings.LANGUAGES)
    return asked if asked in known else translation.get_language() or settings.LANGUAGE_CODE


def _take(request: HttpRequest, work: Work, found: Form, note: Mapping[str, object]) -> None:
    query, utm = note["query"], note["utm"]
    answers = Answers(
        texts={field.name: _said(request, work, field) for field in found.asked},
        consents={each.name for each in found.consents if request.POST.get(f"c-{each.name}")},
        nonce=str(note["nonce"]),
        query=query if isinstance(query, dict) else {},
        utm=utm if isinstance(utm, dict) else {},
        page=str(note["page"]),
        referrer=str(note["referrer"]),
        own_host=request.get_host().partition(":")[0],
        language=translation.get_language() or "",
    )
    with wiring.writing(work.catalog.portal, actor=work.actor, source="form", rights=_rights()) as writing:
        submit(writing, found, answers)


def _prop(work: Work, field: FormField) -> Property:
    return work.catalog.object_type(field.object_type).property_named(field.own_name)


def _said(request: HttpRequest, work: Work, field: FormField) -> str:
    """Return an answer as text, several values between semicolons; no signs that nothing can hold."""
    said = request.POST.getlist(f"f-{field.name}")
    if _prop(work, field).type in NUMERIC:
        return amounts.typed_number("".join(said[:1]))
    return fields.lines(_plain(";".join(filter(None, said))))


def _plain(text: str) -> str:
    """Return text without the sign that PostgreSQL can't hold."""
    return text.replace("\x00", "")


def _page(
    request: HttpRequest,
    work: Work,
    found: Form,
    problems: Mapping[str, str],
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the form, with what was said and what is wrong with it."""
    if problems:
        shown = {each.name for each in found.asked} | {each.name for each in found.consents}
        left = "; ".join(text for name, text in problems.items() if name not in shown)
        notice = left or _("Some answers need another look.")
    context = {
        "form": found,
        "portal": _label(work.catalog.portal),
        "questions": [_question(request, work, each, problems) for each in found.asked],
        "agreements": [
            Agreement(each, bool(request.POST.get(f"c-{each.name}")), problems.get(each.name, ""))
            for each in found.consents
        ],
        "note": _new_note(request, work.catalog.portal, found),
        "trap": TRAP,
        "notice": notice,
        "language": translation.get_language(),
    }
    response = render(request, "fill/form.html", context, status=status)
    # Who goes back gets the page that was sent, with its note; what was typed is kept by nobody.
    answers = {"no_store": True} if request.method == "POST" else {"no_cache": True}
    patch_cache_control(response, private=True, **answers)
    response["Content-Language"] = str(translation.get_language())
    return response


def _question(request: HttpRequest, work: Work, field: FormField, problems: Mapping[str, str]) -> Question:
    prop = _prop(work, field)
    values = request.POST.getlist(f"f-{field.name}")
    given = fields.INPUTS[prop.type]
    return Question(field, prop, field.label or prop.label, given, values, problems.get(field.name, ""))


def _told(problems: Sequence[Problem]) -> dict[str, str]:
    """Return what to tell at each field, the first thing that is wrong with it, in words for people outside."""
    words = {
        "REQUIRED_PROPERTY": _("Please answer this"),
        "CONSENT_MISSING": _("We need your consent to go on"),
        "INVALID_EMAIL": _("Please give an email address, such as name@example.com"),
        "INVALID_PHONE_NUMBER": _("Please give a telephone number, such as +45 12 34 56 78"),
        "INVALID_URL": _("Please give a web address, such as https://example.com"),
        "INVALID_OPTION": _("Please choose one of these"),
        "INVALID_NUMBER": _("Please give a number"),
        "INVALID_DATE": _("Please give a date"),
        "INVALID_STRING": _("Please leave out signs that can't be seen"),
        "PROPERTY_VALUE_TOO_LONG": _("Please shorten this"),
    }
    said: dict[str, str] = {}
    for each in problems:
        said.setdefault(each.property or "", words.get(each.code, each.message))
    return said


def _new_note(request: HttpRequest, portal: str, found: Form) -> str:
    """Sign what the page was shown with; what is sent again after a refusal keeps what came with the first."""
    old = _note(request, portal, found.name, 30) or {}
    given = request.GET
    note = {
        "portal": portal,
        "form": found.name,
        "nonce": old.get("nonce") or secrets.token_urlsafe(12),
        "query": old.get("query")
        or {name: _plain(given[name])[:_LONGEST] for name in _parameters(found) if name in given},
        "utm": old.get("utm") or {name: _plain(given[name])[:200] for name in UTM if given.get(name)},
        "page": old.get("page") or request.build_absolute_uri()[:_LONGEST],
        "referrer": old.get("referrer") or request.headers.get("Referer", "")[:_LONGEST],
        "language": old.get("language") or translation.get_language(),
    }
    return signing.dumps(note, salt=_SALT, compress=True)


def _note(request: HttpRequest, portal: str, name: str, times: int = 1) -> dict[str, object] | None:
    """Return what a page was shown with that is being sent; None for one of another form, or too old.

    `times` as old as it may be to be sent is fine for who only shows it again.
    """
    try:
        note = signing.loads(request.POST.get("note", ""), salt=_SALT, max_age=OPEN_FOR * times)
    except signing.BadSignature:
        return None
    own: dict[str, object] = note
    return own if (own["portal"], own["form"]) == (portal, name) else None


def _parameters(found: Form) -> Sequence[str]:
    """Return the parameters of the page's address that hidden fields read."""
    return [each.query for each in found.hidden if each.query]


def _thanked(portal: str, name: str) -> HttpResponse:
    address = redirect("form_thanks", portal=portal, name=name)
    address["Location"] += f"?language={translation.get_language()}"
    return address


def _label(portal: str) -> str:
    return Portal.objects.values_list("label", flat=True).get(name=portal)


def _length(request: HttpRequest) -> int:
    said = request.headers.get("Content-Length", "0")
    return int(said) if said.isdecimal() else MOST_BYTES + 1
