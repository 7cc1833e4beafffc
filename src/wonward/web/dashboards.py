"""Dashboards: tabs of those somebody sees, the tiles of one under its filters, cloning one and keeping it in front."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.metrics import dashboard as dashboards
from wonward.metrics import filters, period, staff, tiles
from wonward.metrics.dashboard import Kept
from wonward.metrics.filters import ME, Filters
from wonward.web import tile_views
from wonward.web.access import Visit, member
from wonward.web.addresses import url
from wonward.web.figures import Writer, span_name


@member("GET")
def first_dashboard(visit: Visit) -> HttpResponse:
    """Show the first dashboard that somebody sees; where there is none, what belongs there."""
    return _page(visit, "")


@member("GET")
def dashboard(visit: Visit, name: str) -> HttpResponse:
    """Show a dashboard."""
    return _page(visit, name)


@member("POST")
def clone_dashboard(visit: Visit, name: str) -> HttpResponse:
    """Make a copy of a dashboard that is one's own, and lead to where it is adapted."""
    kept = dashboards.named(dashboards.seen(visit.work, visit.member), name)
    label = _("My %(dashboard)s") % {"dashboard": kept.dashboard.label}
    made = dashboards.clone(visit.work, visit.member, kept, label[:200])
    messages.success(visit.request, _("This copy is your own; change whatever you like."))
    return redirect("edit_dashboard", visit.portal, made)


@member("POST")
def pin_dashboard(visit: Visit, name: str) -> HttpResponse:
    """Keep a dashboard in front, or no longer."""
    kept = dashboards.named(dashboards.seen(visit.work, visit.member), name)
    dashboards.pin(visit.member, kept, pinned="remove" not in visit.request.POST)
    return redirect("dashboard", visit.portal, name)


def _page(visit: Visit, name: str) -> HttpResponse:
    found = dashboards.seen(visit.work, visit.member)
    if not found and not name:
        return visit.page("dashboards/none.html", {})
    kept = dashboards.named(found, name)
    people = staff.of_portal(visit.catalog.portal_id)
    asked = visit.request.GET.dict()
    chosen = filters.read(visit.work, visit.member, people, kept.dashboard, asked)
    writer = Writer(visit, people)
    context = {
        "tabs": found,
        "kept": kept,
        "tiles": tile_views.views(writer, tiles.show(chosen, kept.dashboard.tiles)),
        "filters": chosen,
        "span": span_name(chosen.span),
        "periods": _periods(chosen),
        "people": [(ME, _("Me")), *((str(each.pk), each.full_name) for each in people.here)],
        "teams": [(str(each.pk), each.name) for each in people.teams.values()],
        "choice": filters.choosable(visit.catalog, kept.dashboard),
        **_steps(visit, kept, chosen, asked),
    }
    return visit.page("dashboards/dashboard.html", context)


def _periods(chosen: Filters) -> list[tuple[str, str]]:
    """Return the periods to choose from, and the one that stands in the address if it is another."""
    texts = dict.fromkeys((*period.CHOICES, chosen.period))
    return [(text, tile_views.chosen_period(text, chosen.work.today)) for text in texts]


def _steps(visit: Visit, kept: Kept, chosen: Filters, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the ways to the period before and after, where the period is one of the calendar's."""
    if not chosen.span.length:
        return {"earlier": "", "later": ""}
    address = url("dashboard", visit.portal, kept.name)
    return {
        which: f"{address}?{_query({**asked, 'period': period.step(chosen.span, number).written})}"
        for which, number in (("earlier", -1), ("later", 1))
    }


def _query(asked: Mapping[str, str]) -> str:
    return urlencode(asked)
