"""The page on which somebody adapts a dashboard of their own: its tiles, whom it is shared with, its first filters.

Every step is a form that comes back: nothing is kept before it is saved, and a tile that can't be shown says why.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.errors import Conflict, Forbidden, Invalid
from wonward.metrics import dashboard as dashboards
from wonward.metrics import period
from wonward.metrics.dashboard import Kept
from wonward.metrics.filters import GROUPABLE
from wonward.web.access import Visit, member
from wonward.web.tile_views import chosen_period

MOST = 24
NEW = {"kind": "number", "metrics": [""], "size": "small"}
FIELDS = ("kind", "by", "bucket", "size", "label", "goal")
Body = dict[str, Any]


@member("GET", "POST")
def edit_dashboard(visit: Visit, name: str) -> HttpResponse:
    """Show the form of a dashboard; change the form by a step, or save it."""
    kept = dashboards.named(dashboards.seen(visit.work, visit.member), name)
    if not kept.mine:
        raise Forbidden(_("This dashboard belongs to someone else; clone it, and change your own"))
    if visit.request.method != "POST":
        body = dashboards.body_of(kept.dashboard)
        return _form(visit, kept, body, {"sharing": kept.sharing, "version": str(kept.version)})
    said = visit.request.POST
    body = _said(said)
    step, _colon, place = said.get("do", "save").partition(":")
    if step != "save":
        body["tiles"] = _stepped(body["tiles"], step, int(place) if place.isdecimal() else 0)
        return _form(visit, kept, body, said)
    return _save(visit, kept, body, said)


@member("POST")
def remove_dashboard(visit: Visit, name: str) -> HttpResponse:
    """Remove a dashboard of one's own."""
    kept = dashboards.named(dashboards.seen(visit.work, visit.member), name)
    dashboards.remove(kept)
    messages.success(visit.request, _("%(dashboard)s is gone.") % {"dashboard": kept.dashboard.label})
    return redirect("dashboards", visit.portal)


def _save(visit: Visit, kept: Kept, body: Body, said: QueryDict) -> HttpResponse:
    version = said.get("version", "")
    try:
        number = int(version) if version.isdecimal() and len(version) < 9 else 0
        dashboards.change(visit.work, kept, _without_gaps(body), said.get("sharing", ""), number)
    except (Invalid, Conflict) as refused:
        problems = {each.row: each.message for each in refused.problems}
        return _form(visit, kept, body, said, problems)
    messages.success(visit.request, _("Saved."))
    return redirect("dashboard", visit.portal, kept.name)


def _said(said: QueryDict) -> Body:
    """Return the body that a form says, gaps and all."""
    count = said.get("tiles", "0")
    tiles = range(min(int(count), MOST) if count.isdecimal() and len(count) < 4 else 0)
    return {
        **{
            name: said.get(name, "").strip() for name in ("label", "description", "period", "owner", "choice")
        },
        "tiles": [
            {
                **{field: said.get(f"tile.{place}.{field}", "").strip() for field in FIELDS},
                "metrics": said.getlist(f"tile.{place}.metrics"),
            }
            for place in tiles
        ],
    }


def _without_gaps(body: Body) -> Body:
    """Return a body without what was left empty, and without what a kind of tile doesn't ask for."""
    tiles = []
    for tile in body["tiles"]:
        grouped, timed = tile["kind"] in ("breakdown", "table"), tile["kind"] in ("bars", "line")
        metrics = [name for name in tile["metrics"] if name]
        kept = {field: tile[field] for field in ("kind", "size", "label", "goal")}
        kept |= {"by": tile["by"] if grouped else "", "bucket": tile["bucket"] if timed else ""}
        kept["metrics"] = list(dict.fromkeys(metrics)) if tile["kind"] == "table" else metrics[:1]
        tiles.append({field: value for field, value in kept.items() if value or field == "metrics"})
    found = {**body, "tiles": tiles}
    return {name: value for name, value in found.items() if value or name in ("label", "tiles")}


def _stepped(tiles: Sequence[Body], step: str, place: int) -> list[Body]:
    """Return tiles after one was added, removed, or changed places with its neighbour."""
    found = list(tiles)
    if step == "add" and len(found) < MOST:
        return [*found, dict(NEW)]
    if step == "remove" and place < len(found):
        del found[place]
    other = place + {"up": -1, "down": 1}.get(step, 0)
    if step in ("up", "down") and 0 <= other < len(found) and place < len(found):
        found[place], found[other] = found[other], found[place]
    return found


def _form(
    visit: Visit,
    kept: Kept,
    body: Body,
    said: Mapping[str, Any],
    problems: Mapping[int | None, str] | None = None,
) -> HttpResponse:
    metrics = list(visit.catalog.metrics.values())
    kinds = dict.fromkeys(
        each.object_type for each in metrics if each.object_type in visit.catalog.object_types
    )
    shown = [
        (prop.name, f"{prop.label} ({kind.plural_label.lower()})", prop.type)
        for kind in map(visit.catalog.object_types.__getitem__, kinds)
        for prop in kind.properties.values()
        if prop.type in GROUPABLE and not prop.masked and not prop.hidden
    ]
    by_name = dict(reversed([(name, label) for name, label, _type in shown]))
    choices = {name: label for name, label, sort in shown if sort == "enumeration"}
    context = {
        "kept": kept,
        "body": {**dict.fromkeys(("choice", "description"), ""), **body},
        "tiles": [{**dict.fromkeys(FIELDS, ""), **tile} for tile in body["tiles"]],
        "said": said,
        "problems": problems or {},
        "metrics": metrics,
        "groups": [
            ("owner", _("Person")),
            ("team", _("Team")),
            ("stage", _("Stage")),
            *reversed(by_name.items()),
        ],
        "choices": choices.items(),
        "periods": [(text, chosen_period(text, visit.work.today)) for text in period.CHOICES],
        "kinds": _kinds(),
        "most": MOST,
    }
    return visit.page("dashboards/edit.html", context, 422 if problems else 200)


def _kinds() -> list[tuple[str, str]]:
    return [
        ("number", _("Number")),
        ("bars", _("Bars over time")),
        ("line", _("Line over time")),
        ("breakdown", _("Breakdown")),
        ("table", _("Table")),
        ("funnel", _("Funnel")),
        ("forecast", _("Forecast")),
    ]
