"""The people of a portal, for those who look after them: members, seats, and invitations that nobody has accepted."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward import clock
from wonward.accounts import invitations, letters, roster
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.roster import Wanted
from wonward.errors import Missing
from wonward.schema import seating
from wonward.web.access import Visit, member


@member("GET")
def people(visit: Visit) -> HttpResponse:
    """List the members that are looked for, and who is invited."""
    visit.work.require("people")
    asked = visit.request.GET
    state = asked.get("state", "here")
    wanted = Wanted(
        asked.get("q", "")[:200],
        asked.get("role", ""),
        asked.get("team", ""),
        asked.get("seat", ""),
        state if state in roster.STATES else "here",
    )
    portal = visit.member.portal
    found = roster.look(portal, wanted, visit.work.today)
    now = clock.now()
    context = {
        "wanted": wanted,
        "found": found[: roster.MOST],
        "more": len(found) > roster.MOST,
        "filtered": wanted != Wanted(),
        "roles": roles(visit),
        "seats": visit.catalog.seats,
        "taken": seating.taken(portal.pk),
        "teams": roster.teams(portal),
        "invited": [
            (each, invitations.ends(each), invitations.ends(each) <= now)
            for each in invitations.waiting(portal.pk)
        ],
    }
    return visit.page("people/people.html", context)


@member("POST")
def renew_invitation(visit: Visit, number: int) -> HttpResponse:
    """Send an invitation again, with a new link; the earlier one stops working."""
    visit.work.require("people")
    try:
        renewed = invitations.renew(visit.member.portal_id, number)
    except Missing as missing:
        messages.error(visit.request, str(missing))
    else:
        letters.invite(renewed)
        messages.success(visit.request, _("%(email)s is invited again.") % {"email": renewed.email})
    return redirect("people", visit.portal)


@member("POST")
def withdraw_invitation(visit: Visit, number: int) -> HttpResponse:
    """Take an invitation back."""
    visit.work.require("people")
    try:
        gone = invitations.withdraw(visit.member.portal_id, number)
    except Missing as missing:
        messages.error(visit.request, str(missing))
    else:
        messages.success(
            visit.request, _("The invitation of %(email)s is withdrawn.") % {"email": gone.email}
        )
    return redirect("people", visit.portal)


def roles(visit: Visit) -> Mapping[str, str]:
    """Return the roles that a member of the portal can have, by name, with what they are called."""
    return {SUPER_ADMIN: _("Super admin")} | {role.name: role.label for role in visit.catalog.roles.values()}
