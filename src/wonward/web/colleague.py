"""One member's page, for those who look after people: their role, teams, seat, days away, and who changed what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.accounts import memberships, rights, roster
from wonward.accounts.models import Member
from wonward.accounts.roster import Seen
from wonward.errors import Conflict, Invalid, Problem, Refusal
from wonward.records.handover import named, run
from wonward.schema import seating
from wonward.web import people as names
from wonward.web.access import Visit, member
from wonward.web.moments import typed_day
from wonward.web.roster import roles

Values = Mapping[str, str]

FIELDS = (
    "role",
    "team",
    "extra_team",
    "seat",
    "sees_sensitive",
    "away_from",
    "away_until",
    "title",
    "phone",
)


@dataclass(frozen=True, slots=True)
class Part:
    """Fields that are changed together, how, and the one their problems stand at."""

    fields: Sequence[str]
    change: Callable[[Visit, str, Values], None]


@member("GET", "POST")
def colleague(visit: Visit, number: int) -> HttpResponse:
    """Show a member, and change what was typed differently from what stood there: all of it, or nothing."""
    visit.work.require("people")
    seen = roster.one(visit.member.portal, number, visit.work.today)
    if visit.request.method != "POST":
        return _page(visit, seen, _held(seen.member), {})
    said = {name: visit.request.POST.get(name, "").strip() for name in FIELDS}
    try:
        _save(visit, seen.member, said)
    except Invalid as refused:
        problems = {each.property or "": each.message for each in refused.problems}
        return _page(visit, seen, said, problems, 422)
    messages.success(visit.request, _("%(name)s is up to date.") % {"name": seen.member.full_name})
    return redirect("colleague", visit.portal, number)


def _save(visit: Visit, person: Member, said: Values) -> None:
    """Change what differs; raise Invalid with a problem at each field that won't do, and nothing is changed."""
    problems: list[Problem] = []
    was = {name: visit.request.POST.get(f"{name}.was", "") for name in FIELDS}
    with transaction.atomic():
        held = _held(Member.objects.select_for_update(of=("self",)).get(pk=person.pk))
        for part in PARTS:
            if all(said[name] in (was[name], held[name]) for name in part.fields):
                continue
            try:
                with transaction.atomic():
                    _refuse_stale(part, was, held)
                    part.change(visit, str(person.pk), said)
            except Refusal as refusal:
                problems.append(Problem(str(refusal), property=part.fields[-1]))
        if problems:
            raise Invalid(problems)


def _refuse_stale(part: Part, was: Values, held: Values) -> None:
    other = [held[name] or "–" for name in part.fields if held[name] != was[name]]
    if other:
        raise Conflict(_("Meanwhile somebody else set this to %(value)s.") % {"value": ", ".join(other)})


def _held(person: Member) -> dict[str, str]:
    return {
        "role": person.role,
        "team": person.team.name if person.team else "",
        "extra_team": person.extra_team.name if person.extra_team else "",
        "seat": person.seat,
        "sees_sensitive": "yes" if person.sees_sensitive else "",
        "away_from": person.away_from.isoformat() if person.away_from else "",
        "away_until": person.away_until.isoformat() if person.away_until else "",
        "title": person.title,
        "phone": person.phone,
    }


def _page(
    visit: Visit, seen: Seen, said: Values, problems: Mapping[str, str], status: int = 200
) -> HttpResponse:
    changes = rights.changes(visit.member.portal, seen.member)
    context = {
        "seen": seen,
        "person": seen.member,
        "said": said,
        "held": _held(seen.member),
        "problems": problems,
        "roles": roles(visit),
        "seats": visit.catalog.seats,
        "taken": seating.taken(seen.member.portal_id),
        "teams": roster.teams(visit.member.portal),
        "changes": changes,
        "who": names.actor_names(seen.member.portal_id, {each.actor for each in changes}),
        "called": _called(visit),
        "hand_over": run.latest(seen.member.pk) if seen.member.archived else None,
        "naming": named.definitions_naming(visit.catalog, seen.member) if seen.member.archived else (),
    }
    return visit.page("people/member.html", context, status)


def _called(visit: Visit) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Return what each right is called that changes, and what its values are."""
    seats = {kind.name: kind.label for kind in visit.catalog.seats.values()}
    yes = {"yes": _("Yes"), "": _("No")}
    return {
        "role": (_("Role"), roles(visit)),
        "team": (_("Primary team"), {}),
        "extra_team": (_("Secondary team"), {}),
        "seat": (_("Seat"), seats),
        "sees_sensitive": (_("Sees sensitive properties"), yes),
        "member": (_("Member"), yes),
    }


# -- What each part of the form changes ---------------------------------------------------------------


def _role(visit: Visit, who: str, said: Values) -> None:
    memberships.give_role(visit.member.portal, who, said["role"], visit.catalog.roles, actor=visit.work.actor)


def _teams(visit: Visit, who: str, said: Values) -> None:
    memberships.give_teams(visit.member.portal, who, said["team"], said["extra_team"], actor=visit.work.actor)


def _seat(visit: Visit, who: str, said: Values) -> None:
    if not said["seat"]:
        seating.free(visit.member.portal, who, actor=visit.work.actor)
        return
    kind = seating.kind_named(visit.catalog.seats, said["seat"])
    seating.assign(visit.member.portal, who, kind, actor=visit.work.actor)


def _sensitive(visit: Visit, who: str, said: Values) -> None:
    allowed = said["sees_sensitive"] == "yes"
    memberships.let_see_sensitive(visit.member.portal, who, allowed, actor=visit.work.actor)


def _away(visit: Visit, who: str, said: Values) -> None:
    days = typed_day(said["away_from"]), typed_day(said["away_until"])
    memberships.send_away(visit.member.portal, who, *days, actor=visit.work.actor)


def _signature(visit: Visit, who: str, said: Values) -> None:
    memberships.describe(
        visit.member.portal, who, title=said["title"], phone=said["phone"], actor=visit.work.actor
    )


PARTS = (
    Part(("role",), _role),
    Part(("team", "extra_team"), _teams),
    Part(("seat",), _seat),
    Part(("sees_sensitive",), _sensitive),
    Part(("away_from", "away_until"), _away),
    Part(("title", "phone"), _signature),
)
