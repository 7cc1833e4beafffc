"""Choosing properties and their order: columns of a list, what cards show, what stands first on a record's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.blueprints import first
from wonward.schema.catalog import ObjectType, Property
from wonward.views import key_properties
from wonward.web import panel, viewing
from wonward.web.access import Visit, member
from wonward.web.addresses import url

CARRIED = ("view", "where", "sort", "layout", "pipeline")
"""What the page of columns carries on of the list that it was asked from."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The properties that are chosen, in their order, and those that may be besides."""

    chosen: Sequence[Property]
    rest: Sequence[Property]


def choice(kind: ObjectType, names: Sequence[str], *, without: Sequence[str] = ()) -> Choice:
    """Return the choice that `names` are, of the properties that people see; those of `without` are never part."""
    there = {prop.name: prop for prop in panel.visible(kind) if prop.name not in without}
    chosen = [there.pop(name) for name in dict.fromkeys(names) if name in there]
    return Choice(chosen, sorted(there.values(), key=lambda prop: prop.label.casefold()))


@member("GET", "POST")
def columns(visit: Visit, plural: str) -> HttpResponse:
    """Choose the columns of a list, or what the cards of a board show, and go back to it."""
    kind = visit.kind(plural)
    asked = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    carried = {name: asked[name] for name in CARRIED if name in asked}
    if visit.request.method != "POST":
        return _columns(visit, kind, carried, viewing.given(kind, asked.get("columns", "")))
    names, do = _arranged(visit)
    if do not in ("show", "default"):
        return _columns(visit, kind, carried, names)
    said = {name: value for name, value in carried.items() if name not in ("layout", "pipeline")}
    if do == "show":
        said["columns"] = viewing.column_text(viewing.beside_name(kind, names))
    root = url("listing", visit.portal, plural)
    if carried.get("layout") == "board" and carried.get("pipeline"):
        root = url("pipeline", visit.portal, plural, carried["pipeline"])
    return redirect(f"{root}?{urlencode(said)}")


@member("GET", "POST")
def first_properties(visit: Visit, plural: str) -> HttpResponse:
    """Choose which properties stand first on a record's page: for oneself, or by an admin for everyone."""
    kind = visit.kind(plural)
    own = key_properties.chosen(visit.member, kind)
    if visit.request.method != "POST":
        names = key_properties.default(kind) if own is None else own
        return _first(visit, kind, names, own=own is not None)
    names, do = _arranged(visit)
    if do == "show":
        key_properties.choose(visit.member, kind, names)
        messages.success(visit.request, _("These properties stand first for you now."))
    elif do == "default":
        key_properties.choose(visit.member, kind, None)
        messages.success(visit.request, _("The default stands first again."))
    elif do == "everyone":
        visit.work.require("views")
        first.set_default(visit.work, kind, names)
        key_properties.choose(visit.member, kind, None)
        messages.success(
            visit.request, _("These properties stand first for everyone who hasn't chosen others.")
        )
    else:
        return _first(visit, kind, names, own=own is not None)
    return redirect(_back(visit, kind))


def _arranged(visit: Visit) -> tuple[list[str], str]:
    """Return the names that a form has chosen, moved as a button says, and what else it asks for."""
    names = visit.request.POST.getlist("chosen")
    do, _colon, name = visit.request.POST.get("do", "show").partition(":")
    return (viewing.moved(names, name, do) if name in names else names), do


def _columns(visit: Visit, kind: ObjectType, carried: dict[str, str], names: Sequence[str]) -> HttpResponse:
    board = carried.get("layout") == "board"
    context = {
        "kind": kind,
        "title": _("On the cards") if board else _("Columns"),
        "about": _("The name always stands first."),
        "choice": choice(kind, names, without=kind.display),
        "carried": carried,
        "action": url("columns", visit.portal, kind.plural),
        "done": _("Show"),
        "back": url("listing", visit.portal, kind.plural),
        "resets": _("As usual"),
        "for_everyone": False,
    }
    return _page(visit, context)


def _first(visit: Visit, kind: ObjectType, names: Sequence[str], *, own: bool) -> HttpResponse:
    number = _record(visit)
    context = {
        "kind": kind,
        "title": _("What stands first on the page of a %s") % kind.label.lower(),
        "about": _("It is so for you alone. The other properties stand below, in their groups."),
        "choice": choice(kind, names),
        "carried": {"record": number} if number else {},
        "action": url("key_properties", visit.portal, kind.plural),
        "done": _("Save"),
        "back": _back(visit, kind),
        "resets": _("Back to the default") if own else "",
        "for_everyone": visit.may("views"),
    }
    return _page(visit, context)


def _page(visit: Visit, context: dict[str, object]) -> HttpResponse:
    return visit.page("choosing/choose.html" if visit.partial else "choosing/choose_page.html", context)


def _record(visit: Visit) -> str:
    """Return the number of the record whose page it was asked from, empty when it wasn't."""
    asked = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    number = asked.get("record", "")
    return number if number.isascii() and number.isdecimal() and len(number) < 19 else ""


def _back(visit: Visit, kind: ObjectType) -> str:
    number = _record(visit)
    root = url("listing", visit.portal, kind.plural)
    return f"{root}/{number}" if number else root
