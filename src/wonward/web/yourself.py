"""A member's own page: their name, what their signature tells and how it looks, their language, their days away."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import activate
from django.utils.translation import gettext as _

from wonward.accounts import memberships, users
from wonward.accounts.models import Member
from wonward.errors import Invalid, Problem, Refusal
from wonward.mail import render
from wonward.web.access import Visit, member
from wonward.web.moments import typed_day

Values = Mapping[str, str]


@member("GET", "POST")
def yourself(visit: Visit) -> HttpResponse:
    """Show what the portal knows of who looks, and change it: all of what was typed, or nothing."""
    held = _held(visit)
    if visit.request.method != "POST":
        return _page(visit, held, {})
    said = {name: visit.request.POST.get(name, "").strip() for name in held}
    try:
        _save(visit, said)
    except Invalid as refused:
        return _page(visit, said, {each.property or "": each.message for each in refused.problems}, 422)
    activate(said["language"] or visit.request.LANGUAGE_CODE)
    messages.success(visit.request, _("What stands here is up to date."))
    return redirect("yourself", visit.portal)


def _save(visit: Visit, said: Values) -> None:
    """Change what the form says; raise Invalid with the problem at each field that won't do, and nothing is changed."""
    problems: list[Problem] = []
    with transaction.atomic():
        for field, change in CHANGES.items():
            try:
                with transaction.atomic():
                    change(visit, said)
            except Refusal as refusal:
                problems += [
                    Problem(each.message, property=each.property or field) for each in refusal.problems
                ]
        if problems:
            raise Invalid(problems)


def _name(visit: Visit, said: Values) -> None:
    names = said["first_name"], said["last_name"]
    memberships.rename(visit.member.portal, _own(visit), *names, actor=visit.work.actor)


def _signature(visit: Visit, said: Values) -> None:
    told = {"title": said["title"], "phone": said["phone"]}
    memberships.describe(visit.member.portal, _own(visit), **told, actor=visit.work.actor)


def _language(visit: Visit, said: Values) -> None:
    users.speak(visit.member, said["language"])


def _away(visit: Visit, said: Values) -> None:
    days = typed_day(said["away_from"]), typed_day(said["away_until"])
    memberships.send_away(visit.member.portal, _own(visit), *days, actor=visit.work.actor)


CHANGES: Mapping[str, Callable[[Visit, Values], None]] = {
    "first_name": _name,
    "title": _signature,
    "language": _language,
    "away_until": _away,
}
"""What each part of the form changes, by the field that its problems stand at."""


def _own(visit: Visit) -> str:
    return str(visit.member_id)


def _held(visit: Visit) -> dict[str, str]:
    who = visit.member
    return {
        "first_name": who.first_name,
        "last_name": who.last_name,
        "title": who.title,
        "phone": who.phone,
        "language": who.user.language if who.user else "",
        "away_from": who.away_from.isoformat() if who.away_from else "",
        "away_until": who.away_until.isoformat() if who.away_until else "",
    }


def _page(visit: Visit, said: Values, problems: Values, status: int = 200) -> HttpResponse:
    context = {
        "said": said,
        "problems": problems,
        "languages": settings.LANGUAGES,
        "signatures": _signatures(visit, visit.member),
    }
    return visit.page("people/yourself.html", context, status)


def _signatures(visit: Visit, who: Member) -> Values:
    """Return how the mails of a member are signed, by the name of each language the portal signs in."""
    names, catalog = dict(settings.LANGUAGES), visit.catalog
    signed = {each: render.signature(catalog, who, each) for each in catalog.mail_signature}
    return {names.get(language, language): text for language, text in signed.items()}
