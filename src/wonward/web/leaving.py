"""Somebody leaves the portal: who gets what they own, what still names them, how far the hand-over has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.accounts import memberships, roster, tokens
from wonward.accounts.models import Member
from wonward.errors import Missing, Problem, Refusal
from wonward.records.handover import ask, named, owned, run
from wonward.records.handover.owned import Owned
from wonward.web import people as names
from wonward.web.access import Visit, member
from wonward.web.addresses import url


@dataclass(frozen=True, slots=True)
class Kind:
    """What somebody owns of a type: the properties with their counts."""

    name: str
    label: str
    owned: Sequence[Owned]


@member("GET", "POST")
def leave(visit: Visit, number: int) -> HttpResponse:
    """Show what a member owns and what names them; then let them leave, and hand it over."""
    visit.work.require("people")
    person = roster.one(visit.member.portal, number, visit.work.today).member
    if person.archived:
        return redirect("colleague", visit.portal, number)
    if visit.request.method != "POST":
        return _page(visit, person)
    said = visit.request.POST
    by_type = {
        name: said[f"to.{name}"] for name in visit.work.whole.catalog.object_types if said.get(f"to.{name}")
    }
    try:
        ask.leave(visit.work, str(number), said.get("to", ""), by_type)
    except Refusal as refusal:
        return _page(visit, person, refusal.problems)
    messages.success(visit.request, _("%(name)s isn't a member any more.") % {"name": person.full_name})
    return redirect("colleague", visit.portal, number)


@member("POST")
def come_back(visit: Visit, number: int) -> HttpResponse:
    """Make somebody who left a member again."""
    visit.work.require("people")
    back = memberships.come_back(visit.member.portal, number, actor=visit.work.actor)
    messages.success(visit.request, _("%(name)s is a member again.") % {"name": back.full_name})
    return redirect("colleague", visit.portal, number)


@member("GET")
def hand_over(visit: Visit, number: int) -> HttpResponse:
    """Show how far a hand-over has come; a whole page is the member's."""
    visit.work.require("people")
    person = roster.one(visit.member.portal, number, visit.work.today).member
    found = run.latest(number)
    if found is None:
        raise Missing(f"{person.full_name} has handed nothing over")
    if not visit.partial:
        return redirect("colleague", visit.portal, number)
    if found.active:
        return visit.page("people/progress.html", {"person": person, "hand_over": found})
    answer = HttpResponse()
    answer["HX-Redirect"] = url("colleague", visit.portal, number)
    return answer


def _page(visit: Visit, person: Member, problems: Sequence[Problem] = ()) -> HttpResponse:
    said: Mapping[str, str] = visit.request.POST
    kinds: dict[str, list[Owned]] = {}
    for each in owned.count(visit.work, person.pk):
        kinds.setdefault(each.kind.name, []).append(each)
    context = {
        "person": person,
        "said": {name: said.get(name, "") for name in ("to", *(f"to.{name}" for name in kinds))},
        "kinds": [Kind(name, found[0].kind.plural_label, found) for name, found in kinds.items()],
        "others": [each for each in names.choices(person.portal_id) if each[0] != str(person.pk)],
        "naming": named.definitions_naming(visit.catalog, person),
        "tokens": tokens.working(person.portal),
        "problems": problems,
    }
    return visit.page("people/leave.html", context, 422 if problems else 200)
