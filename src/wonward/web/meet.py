"""What people outside see of scheduling: free times, the form for one, their meeting, to move or to cancel.

No sign-in: whoever has a page's address may look, and whoever has a meeting's may change it. Works without scripts.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import formats
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from wonward import clock, wiring
from wonward.accounts import teams
from wonward.accounts.models import Member
from wonward.db.transaction import again_after_deadlock
from wonward.errors import Missing, Refusal
from wonward.mail.address import address
from wonward.mail.send import sender_of
from wonward.meetings import agenda as agendas
from wonward.meetings import book, busy, invitation
from wonward.meetings.book import Visitor
from wonward.meetings.models import Booking
from wonward.records.work import NOBODYS, Work
from wonward.schema.field_types.time import iso
from wonward.schema.scheduling import SchedulingPage
from wonward.schema.seen import rights_of
from wonward.web.outside import outside

DAYS = 7
"""Days with free times that are shown at once."""

LONGEST = {"name": 200, "email": 320, "phone": 50}
_REGIONS = {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


@dataclass(frozen=True)
class Guest:
    """One look at a scheduling page: what it is, and in which time zone and for which length it is looked at."""

    request: HttpRequest
    work: Work
    page: SchedulingPage
    hosts: Sequence[Member]
    zone: ZoneInfo
    length: int

    def show(self, template: str, context: Mapping[str, object], status: int = 200) -> HttpResponse:
        """Answer with a template."""
        known = {"guest": self, "page": self.page, "hosts": self.hosts, "problems": {}, "notice": ""}
        response = render(self.request, template, {**known, **context}, status=status)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def address(self, **given: object) -> str:
        """Return the address of this page, in this time zone and for this length."""
        query = {"length": self.length, "zone": self.zone.key, **given}
        return f"{self.request.path}?{urlencode(query)}"

    def when(self, start: datetime, end: datetime | None = None) -> str:
        """Write when a meeting is, where the guest is."""
        here = start.astimezone(self.zone)
        to = f"–{end.astimezone(self.zone):%H:%M}" if end else ""
        return f"{formats.date_format(here.date(), 'l j F Y')}, {here:%H:%M}{to}"


@dataclass(frozen=True, slots=True)
class Day:
    """A day with free times: each with the text of its moment and what a clock shows."""

    date: date
    times: Sequence[tuple[str, str]]

    @property
    def label(self) -> str:
        """The day in words."""
        return str(formats.date_format(self.date, "l j F"))


_guarded = partial(outside, looks="meet_look", tries="meet_book")


@_guarded("GET", "POST")
def times(request: HttpRequest, portal: str, name: str) -> HttpResponse:
    """Show the free times of a page, or the form for one of them; book it."""
    guest = _guest(request, portal, name)
    given = request.POST if request.method == "POST" else request.GET
    start = _moment(given.get("start", ""))
    if start is None:
        return _times(guest)
    if request.method != "POST":
        return guest.show("meet/ask.html", {"start": start, "said": {}})
    visitor, problems = _visitor(guest, request.POST)
    if visitor is None:
        context = {"start": start, "said": request.POST, "problems": problems}
        return guest.show("meet/ask.html", context, 422)
    try:
        made = again_after_deadlock(lambda: _book(guest, visitor, start))
    except Missing:
        raise
    except Refusal as refusal:
        return _refused(guest, refusal, {"start": start, "said": request.POST})
    return redirect("booking", portal=portal, name=name, token=invitation.token(made))


@_guarded("GET", "POST")
def booking(request: HttpRequest, portal: str, name: str, token: str) -> HttpResponse:
    """Show a meeting to whoever has its address; let them choose another time, or cancel it."""
    guest = _guest(request, portal, name)
    found = _booking(guest, token)
    guest = _guest(request, portal, name, found)
    given = request.POST if request.method == "POST" else request.GET
    start = _moment(given.get("start", ""))
    context = {
        "booking": found,
        "token": token,
        "mails": _mails(guest.work),
        "ahead": found.starts_at > clock.now(),
    }
    if request.method != "POST":
        if "move" in request.GET and not found.cancelled_at:
            return _times(guest, found)
        return guest.show("meet/booking.html", {**context, "start": start})
    try:
        again_after_deadlock(lambda: _change(guest, found, start))
    except Missing:
        raise
    except Refusal as refusal:
        return _refused(guest, refusal, {**context, "start": start}, found)
    return redirect("booking", portal=portal, name=name, token=token)


@_guarded("GET")
def file(request: HttpRequest, portal: str, name: str, token: str) -> HttpResponse:
    """Answer with a meeting as a file for calendars."""
    guest = _guest(request, portal, name)
    found = _booking(guest, token)
    origin = sender_of(guest.work.catalog) if _mails(guest.work) else None
    text = invitation.calendar(
        guest.work.catalog, guest.page, found, origin, [], clock.now(), method="PUBLISH"
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    patch_cache_control(response, private=True, no_store=True)
    return response


@_guarded("GET")
def agenda(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer a calendar program with the tasks and meetings of the member whose secret it has."""
    member = agendas.member_with(secret)
    if member is None:
        raise Http404
    actor = f"user:{member.user_id}" if member.user_id else "agenda"
    rights = rights_of(member, teams.mates(member))
    work = wiring.reading(member.portal.name, actor=actor, source="web", rights=rights)
    body = agendas.calendar(work, member)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _guest(request: HttpRequest, portal: str, name: str, found: Booking | None = None) -> Guest:
    """Open a scheduling page for somebody from outside; a booked meeting keeps its own length and time zone."""
    work = wiring.reading(portal, actor=f"meet:{name}", source="web", rights=NOBODYS)
    page = busy.page_named(work.catalog, name)
    given = request.POST if request.method == "POST" else request.GET
    zone = given.get("zone", "")
    if zone not in zones():
        zone = found.time_zone if found and found.time_zone in zones() else page.time_zone
    asked = given.get("length", "")
    length = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < 5 else 0
    if found:
        length = int((found.ends_at - found.starts_at).total_seconds()) // 60
    elif length not in page.lengths:
        length = page.lengths[0]
    return Guest(request, work, page, busy.hosts_of(work.catalog, page), ZoneInfo(zone), length)


@cache
def zones() -> Sequence[str]:
    """Return the time zones that people live in, by name."""
    lived_in = {each for each in available_timezones() if each.partition("/")[0] in _REGIONS}
    return sorted({*lived_in, "UTC"})


def _times(guest: Guest, moved: Booking | None = None, notice: str = "", status: int = 200) -> HttpResponse:
    free = busy.free(guest.work, guest.page, guest.hosts, guest.length, but=moved)
    here = ((at, at.astimezone(guest.zone)) for at in free)
    days = [(day, list(found)) for day, found in groupby(here, lambda each: each[1].date())]
    asked = guest.request.GET.get("from", "")
    first = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < 4 else 0
    context = {
        "days": [
            Day(day, [(iso(at), f"{local:%H:%M}") for at, local in found])
            for day, found in days[first : first + DAYS]
        ],
        "choose": guest.address(),
        "earlier": max(first - DAYS, 0) if first else None,
        "later": first + DAYS if first + DAYS < len(days) else None,
        "zones": zones(),
        "moved": moved,
        "notice": notice,
    }
    return guest.show("meet/times.html", context, status)


def _refused(
    guest: Guest, refusal: Refusal, context: Mapping[str, object], moved: Booking | None = None
) -> HttpResponse:
    """Show what was refused: the times anew when one was taken, else the page it was asked on."""
    if any(problem.code == "TIME_TAKEN" for problem in refusal.problems):
        return _times(guest, moved, _("That time was just taken. Please choose another one."), 409)
    if moved:
        return guest.show("meet/booking.html", {**context, "notice": str(refusal)}, 422)
    at_fields = {str(each.property): each.message for each in refusal.problems if each.property in LONGEST}
    notice = "; ".join(each.message for each in refusal.problems if each.property not in LONGEST)
    return guest.show("meet/ask.html", {**context, "notice": notice, "problems": at_fields}, 422)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _visitor(guest: Guest, said: QueryDict) -> tuple[Visitor | None, dict[str, str]]:
    """Return who books by what they have filled in, or what is wrong with it by field."""
    problems: dict[str, str] = {}
    values = {name: _line(said.get(name, ""))[:most] for name, most in LONGEST.items()}
    to = address(values["email"])
    if not values["name"]:
        problems["name"] = _("Please tell your name")
    if to is None or to.name:
        problems["email"] = _("Please give an email address, such as name@example.com")
    answers = []
    for question in guest.page.questions:
        answer = said.get(f"q-{question.name}", "").strip()[:2_000].replace("\x00", "")
        if question.required and not answer:
            problems[question.name] = _("Please answer this")
        answers.append((question.label, answer))
    if problems or to is None:
        return None, problems
    return Visitor(values["name"], to, values["phone"], guest.zone.key, answers), {}


def _line(text: str) -> str:
    """Return a text as one line of signs that can be seen."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _writing(guest: Guest) -> AbstractContextManager[Work]:
    work = guest.work
    return wiring.writing(work.catalog.portal, actor=work.actor, source="web", rights=NOBODYS)


def _book(guest: Guest, visitor: Visitor, start: datetime) -> Booking:
    with _writing(guest) as work:
        return book.book(work, guest.page, visitor, start, guest.length)


def _change(guest: Guest, found: Booking, start: datetime | None) -> None:
    with _writing(guest) as work:
        if start:
            book.move(work, guest.page, found, start)
        else:
            book.cancel(work, guest.page, found)


def _booking(guest: Guest, token: str) -> Booking:
    number = invitation.signed(token)
    of_page = Booking.objects.filter(portal_id=guest.work.catalog.portal_id, page=guest.page.name)
    found = of_page.filter(pk=number).first() if number is not None else None
    if found is None:
        raise Missing("This meeting isn't known", code="BOOKING_NOT_FOUND")
    return found


def _mails(work: Work) -> bool:
    """Tell whether the portal can send mail, so that the page promises none in vain."""
    try:
        return bool(sender_of(work.catalog))
    except Refusal:
        return False
