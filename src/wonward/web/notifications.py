"""A member's notifications: the bell that every page asks for, their list, and what they want to be told how."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from wonward.errors import Missing
from wonward.notifications import inbox
from wonward.notifications.kinds import channels, kinds
from wonward.records.work import Work
from wonward.web.access import Visit, member, watching


@watching
def bell(request: HttpRequest, work: Work) -> HttpResponse:
    """Answer with how many notifications are unread."""
    count = inbox.unread(work.catalog.portal_id, work.user_id or 0)
    return render(request, "notifications/bell.html", {"count": count, "portal": work.catalog.portal})


@member("GET")
def notifications(visit: Visit) -> HttpResponse:
    """Show what the member was told."""
    types = visit.catalog.object_types
    told = [(each, types.get(each.object_type)) for each in inbox.newest(visit.member)]
    return visit.page("notifications/notifications.html", {"told": told})


@member("POST")
def read(visit: Visit) -> HttpResponse:
    """Mark a notification as read and go where it leads, or all of them."""
    number = visit.request.POST.get("number", "")
    if not number:
        inbox.mark_read(visit.member)
        return redirect("notifications", visit.portal)
    found = inbox.mark_read(visit.member, int(number)) if number.isdecimal() and len(number) < 19 else None
    if found is None:
        raise Missing("There is no such notification")
    kind = visit.catalog.object_types.get(found.object_type)
    if kind is None or found.record_id is None:
        return redirect("notifications", visit.portal)
    return redirect("record", visit.portal, kind.plural, found.record_id)


@member("GET", "POST")
def choices(visit: Visit) -> HttpResponse:
    """Show and change what the member is told, and how."""
    if visit.request.method == "POST":
        given = (each.partition(".") for each in visit.request.POST.getlist("wanted"))
        inbox.choose(visit.member, {(kind, channel) for kind, _dot, channel in given})
        messages.success(visit.request, _("Saved."))
        return redirect("notification_choices", visit.portal)
    context = {"kinds": kinds(), "channels": channels(), "silenced": inbox.silenced(visit.member)}
    return visit.page("notifications/choices.html", context)
