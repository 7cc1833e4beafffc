"""A person's views of a type of record: all of them on one page, saving one, changing, sharing and removing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.errors import Missing, Problem, Refusal
from wonward.schema.catalog import ObjectType
from wonward.schema.view import Layout
from wonward.schema.view_body import ALL
from wonward.views import keep, tabs
from wonward.views.keep import Wanted
from wonward.views.models import SavedView
from wonward.views.tabs import Tab
from wonward.web import viewing
from wonward.web.access import Visit, member
from wonward.web.addresses import url

STATE = ("where", "columns", "sort", "layout", "pipeline")
"""What forms say of what a view shows."""


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form of a view: as it is, or as it was typed and refused."""

    label: str
    sharing: str
    pin: bool = False
    state: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()


@member("GET", "POST")
def views(visit: Visit, plural: str) -> HttpResponse:
    """Show all views that a person has over lists of a type; pin them and order the pins."""
    kind = visit.kind(plural)
    found = tabs.tabs(visit.work, visit.member, kind)
    if visit.request.method == "POST":
        pinned = [each.key for each in found if each.pinned]
        asked = visit.request.POST
        if not any(each.key == asked.get("view") for each in found):
            raise Missing(_("There is no such view, or it isn't shared with you"), code="VIEW_NOT_FOUND")
        keep.set_pinned(visit.member, kind, _pins(pinned, asked["view"], asked.get("do", "")))
        return redirect("views", visit.portal, plural)
    rows = [
        (each, viewing.address(visit, kind, each.view), keep.may_change(visit.work, each)) for each in found
    ]
    opens_with = tabs.default(visit.catalog, kind, visit.work.rights.role)
    context = {
        "kind": kind,
        "rows": rows,
        "pinned": sum(each.pinned for each in found),
        "opens_with": opens_with,
    }
    return visit.page("views/views.html", context)


@member("GET", "POST")
def new_view(visit: Visit, plural: str) -> HttpResponse:
    """Save what a list shows as a view of one's own, or a copy of another view."""
    kind = visit.kind(plural)
    if visit.request.method != "POST":
        asked = visit.request.GET
        copied = None if "layout" in asked else _tab(visit, kind, asked.get("from", ""))
        label = _("Copy of %s") % copied.view.label if copied else ""
        return _new(
            visit,
            kind,
            Form(label[:100], SavedView.Sharing.PRIVATE, state=_state(visit, kind, copied, asked)),
        )
    typed = visit.request.POST
    label, sharing, pin = typed.get("label", ""), typed.get("sharing", ""), "pin" in typed
    try:
        made = keep.make(visit.work, visit.member, kind, label, sharing, _wanted(kind, typed), pin=pin)
    except Refusal as refusal:
        state = {name: typed.get(name, "") for name in STATE}
        return _new(visit, kind, Form(label, sharing, pin, state, refusal.problems))
    messages.success(visit.request, _("Saved the view %s.") % made.label)
    return _go(visit, viewing.address(visit, kind, tabs.view_of(made)))


@member("GET", "POST")
def view(visit: Visit, plural: str, view_id: int) -> HttpResponse:
    """Show what a saved view is called and who sees it; change that, what it shows, or remove it."""
    kind = visit.kind(plural)
    saved = keep.named(visit.work, visit.member, kind, view_id)
    if visit.request.method != "POST":
        return _change(visit, kind, saved, Form(saved.label, saved.sharing))
    typed = visit.request.POST
    there = viewing.address(visit, kind, tabs.view_of(saved))
    if typed.get("do") == "delete":
        keep.delete(visit.work, visit.member, saved)
        messages.success(visit.request, _("Deleted the view %s.") % saved.label)
        return _go(visit, f"{url('listing', visit.portal, plural)}?view={ALL}")
    if typed.get("do") == "show":
        keep.show(visit.work, visit.member, kind, saved, _wanted(kind, typed))
        there = viewing.address(visit, kind, tabs.view_of(saved))
    else:
        label, sharing = typed.get("label", ""), typed.get("sharing", "")
        try:
            keep.rename(visit.work, visit.member, saved, label, sharing)
        except Refusal as refusal:
            return _change(visit, kind, saved, Form(label, sharing, problems=refusal.problems))
    messages.success(visit.request, _("Saved the view %s.") % saved.label)
    return _go(visit, there)


def _pins(pinned: Sequence[str], key: str, do: str) -> list[str]:
    """Return the pinned views after one was pinned, unpinned, or moved."""
    if do == "pin":
        return [*pinned, key]
    if do == "unpin" or key not in pinned:
        return [each for each in pinned if each != key]
    return viewing.moved(pinned, key, do)


def _tab(visit: Visit, kind: ObjectType, key: str) -> Tab | None:
    found = tabs.tabs(visit.work, visit.member, kind) if key else ()
    return next((each for each in found if each.key == key), None)


def _state(visit: Visit, kind: ObjectType, copied: Tab | None, asked: QueryDict) -> dict[str, str]:
    """Return what a new view is to show: what the address says, or what the copied one shows."""
    if copied is None:
        return {name: asked.get(name, "") for name in STATE}
    view, narrowed = copied.view, viewing.filter_of(visit, kind, copied)
    columns = ",".join(name for name in view.columns if name in kind.properties)
    return dict(zip(STATE, (narrowed.text, columns, view.sort, view.layout, view.pipeline), strict=True))


def _wanted(kind: ObjectType, typed: QueryDict) -> Wanted:
    said = typed.get("columns", "")
    columns = viewing.given(kind, said) if said else []
    layout: Layout = "board" if typed.get("layout") == "board" else "list"
    return Wanted(
        typed.get("where", ""),
        columns or (list(kind.display) if said else []),
        typed.get("sort", ""),
        layout,
        typed.get("pipeline", "") if layout == "board" else "",
    )


def _new(visit: Visit, kind: ObjectType, form: Form) -> HttpResponse:
    return _page(visit, "views/new", {"kind": kind, "form": form, **_sharing(visit, form)}, form)


def _change(visit: Visit, kind: ObjectType, saved: SavedView, form: Form) -> HttpResponse:
    tab = _tab(visit, kind, str(saved.pk))
    address = viewing.address(visit, kind, tabs.view_of(saved))
    context = {
        "kind": kind,
        "form": form,
        "tab": tab,
        "saved": saved,
        "address": address,
        "link": f"{settings.WONWARD_URL.rstrip('/')}{address}",
        "changeable": bool(tab and keep.may_change(visit.work, tab)),
        **_sharing(visit, form),
    }
    return _page(visit, "views/view", context, form)


def _sharing(visit: Visit, form: Form) -> dict[str, object]:
    """Return what a form says of sharing: each way, whether it may be chosen, and which it is."""
    kinds = SavedView.Sharing
    ways = [(kinds.PRIVATE, _("Only me"), True)]
    ways.append((kinds.TEAM, _("Those who share teams with me"), keep.has_team(visit.member)))
    if visit.may("views") or form.sharing == kinds.EVERYONE:
        ways.append((kinds.EVERYONE, _("Everyone"), True))
    return {"ways": [(value.value, label, may, value == form.sharing) for value, label, may in ways]}


def _page(visit: Visit, template: str, context: dict[str, object], form: Form) -> HttpResponse:
    """Show a form by itself, or in the sheet over the page that asked for it."""
    whole = f"{template}.html" if visit.partial else f"{template}_page.html"
    known = [problem for problem in form.problems if problem.property in ("label", "sharing")]
    context["elsewhere"] = [problem for problem in form.problems if problem not in known]
    context["wrong"] = {str(problem.property): problem.message for problem in known}
    return visit.page(whole, context, 422 if form.problems else 200)


def _go(visit: Visit, address: str) -> HttpResponse:
    """Lead to a page, also from the sheet."""
    return HttpResponse(headers={"HX-Redirect": address}) if visit.partial else redirect(address)
