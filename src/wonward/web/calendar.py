"""A member's own calendar matters: when their calendar says they are busy, where theirs reads tasks, their pages."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward import clock
from wonward.blueprints import apply
from wonward.errors import Conflict, Invalid, Refusal
from wonward.meetings import agenda, feeds
from wonward.meetings.models import CalendarFeed, CalendarLink
from wonward.schema.scheduling_body import WEEKDAYS
from wonward.web.access import Visit, member
from wonward.web.addresses import url

STALE_HOURS = 24
"""Hours after which a feed that can't be read is told of as old."""


@member("GET")
def calendar(visit: Visit) -> HttpResponse:
    """Show what is set up."""
    return _page(visit)


@member("POST")
def feed(visit: Visit) -> HttpResponse:
    """Keep or forget the address of the member's calendar."""
    if "remove" in visit.request.POST:
        feeds.remove_feed(visit.member)
        messages.success(visit.request, _("Your calendar isn't read any more."))
        return redirect("calendar", visit.portal)
    try:
        feeds.set_feed(visit.member, visit.request.POST.get("url", ""))
    except Refusal as refusal:
        return _page(visit, feed_problem=str(refusal), status=422)
    messages.success(visit.request, _("Your calendar will be read within five minutes."))
    return redirect("calendar", visit.portal)


@member("POST")
def link(visit: Visit) -> HttpResponse:
    """Make the secret address of the member's tasks and meetings, shown this once, or revoke it."""
    if "revoke" in visit.request.POST:
        agenda.revoke_link(visit.member)
        messages.success(visit.request, _("The address works no longer."))
        return redirect("calendar", visit.portal)
    secret = agenda.make_link(visit.member)
    return _page(visit, link=f"{settings.WONWARD_URL.rstrip('/')}{url('agenda', secret)}")


@member("POST")
def new_page(visit: Visit) -> HttpResponse:
    """Make or change a scheduling page on which the member alone is met, or remove it."""
    said = visit.request.POST
    name = said.get("name", "").strip().lower()
    try:
        _require_own(visit, name)
        if "remove" in said:
            gone = frozenset([("scheduling_page", name)])
            apply.define(visit.portal, {}, gone, actor=visit.work.actor)
        else:
            body = _body(visit, said)
            apply.define(visit.portal, {("scheduling_page", name): body}, actor=visit.work.actor)
    except Refusal as refusal:
        return _page(visit, page_problem=str(refusal), said=said, status=422)
    return redirect("calendar", visit.portal)


def _require_own(visit: Visit, name: str) -> None:
    """Raise Invalid for a member without an address, Conflict when a page of this name isn't theirs alone."""
    if not visit.member.email:
        raise Invalid(_("You have no email address in this portal, so nobody can be invited to meet you"))
    there = visit.catalog.scheduling_pages.get(name)
    if there and there.hosts != (visit.member.email.lower(),):
        raise Conflict(_("There is a page of this name already that isn't yours alone; choose another name"))


def _body(visit: Visit, said: QueryDict) -> Mapping[str, Any]:
    hours = f"{said.get('begins', '')}-{said.get('ends', '')}"
    return {
        "label": said.get("label", "").strip(),
        "hosts": [str(visit.member.email).lower()],
        "lengths": [_number(each, _("Lengths")) for each in said.get("lengths", "").split(",")],
        "hours": {day: [hours] for day in WEEKDAYS if day in said.getlist("days")},
        "buffer": _number(said.get("buffer") or "0", _("Minutes between meetings")),
        "notice": _number(said.get("notice") or "0", _("Hours ahead")),
        "horizon": _number(said.get("horizon") or "30", _("Days ahead")),
        "location": said.get("location", "").strip(),
    }


def _number(text: str, label: str) -> int:
    text = text.strip()
    if not text.isdecimal() or not text.isascii() or len(text) > 6:
        raise Invalid(f"{label}: '{text}' is no whole number")
    return int(text)


def _page(visit: Visit, *, status: int = 200, **shown: object) -> HttpResponse:
    """Show the page; `shown` has what was refused, or the address that is shown once."""
    found = CalendarFeed.objects.filter(member=visit.member).first()
    mine = str(visit.member.email or "").lower()
    old = found and found.error and (found.read_at is None or _hours_since(found) >= STALE_HOURS)
    context: dict[str, object] = {
        "feed": found,
        "old": bool(old),
        "made": CalendarLink.objects.filter(member=visit.member).first(),
        "pages": [page for page in visit.catalog.scheduling_pages.values() if mine in page.hosts],
        "mine": mine,
        "weekdays": WEEKDAYS,
        "root": settings.WONWARD_URL.rstrip("/"),
        "link": "",
        "feed_problem": "",
        "page_problem": "",
        "said": {},
    }
    return visit.page("calendar/calendar.html", {**context, **shown}, status)


def _hours_since(found: CalendarFeed) -> float:
    return (clock.now() - found.read_at).total_seconds() / 3600 if found.read_at else 0.0
