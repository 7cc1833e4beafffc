"""Inviting people to a portal, several at once."""

from collections.abc import Sequence

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.accounts import invitations, letters, memberships, roster
from wonward.errors import Problem, Refusal
from wonward.web.access import Visit, member
from wonward.web.roster import roles


@member("GET", "POST")
def invite(visit: Visit) -> HttpResponse:
    """Ask whom to invite, one a line, and invite all of them or nobody."""
    visit.work.require("people")
    if visit.request.method != "POST":
        return _page(visit)
    said = visit.request.POST
    portal, role = visit.member.portal, said.get("role", "")
    try:
        with transaction.atomic():
            memberships.refuse_unknown(role, visit.catalog.roles)
            text, team = said.get("people", "")[:50_000], said.get("team", "").strip()
            made, joined = invitations.invite_all(portal, text, role, team, actor=visit.work.actor)
            for each in made:
                letters.invite(each)
    except Refusal as refusal:
        return _page(visit, refusal.problems)
    if made:
        messages.success(
            visit.request, _("Invited: %(whom)s") % {"whom": ", ".join(each.email for each in made)}
        )
    if joined:
        messages.success(visit.request, _("Members now: %(whom)s") % {"whom": ", ".join(joined)})
    return redirect("people", visit.portal)


def _page(visit: Visit, problems: Sequence[Problem] = ()) -> HttpResponse:
    said = visit.request.POST
    context = {
        "said": {name: said.get(name, "") for name in ("people", "role", "team")},
        "roles": roles(visit),
        "teams": roster.teams(visit.member.portal),
        "problems": problems,
    }
    return visit.page("people/invite.html", context, 422 if problems else 200)
