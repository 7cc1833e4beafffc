"""The way in: which portal someone who has signed in sees, and where in a portal they start."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from wonward.accounts.sessions import SignedIn
from wonward.errors import Forbidden
from wonward.web.access import Visit, member, signed_in

LAST_PORTAL = "last_portal"


@signed_in
def home(request: HttpRequest, asking: SignedIn) -> HttpResponse:
    """Lead to the portal the person was in last, else to their first; say so when they have none."""
    names = [each.portal.name for each in asking.memberships]
    if not names:
        return render(request, "portals/none.html")
    last = request.session.get(LAST_PORTAL)
    return redirect("portal", last if last in names else names[0])


@member("GET")
def portal(visit: Visit) -> HttpResponse:
    """Lead to the first board of the portal, else to its first list, and remember the portal."""
    visit.request.session[LAST_PORTAL] = visit.portal
    kinds = visit.catalog.object_types.values()
    board = next((kind for kind in kinds if visit.catalog.pipelines_of(kind.name)), None)
    if board:
        return redirect("board", visit.portal, board.plural)
    first = next(iter(kinds), None)
    if first is None and visit.catalog.role is not None:
        raise Forbidden(
            f"Your role here ({visit.catalog.role.label}) shows you nothing; ask an admin of the portal for another",
            code="NOT_ALLOWED",
        )
    if first is None:
        return visit.page("portals/empty.html", {})
    return redirect("listing", visit.portal, first.plural)
