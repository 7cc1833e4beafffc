"""What a list or a board shows: a view, and what its address says over it.

An address names the view and what differs from it: `where`, `columns`, `sort`. So a link shows another person the same,
and what was changed can be saved or taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from wonward.errors import Missing, Refusal
from wonward.expressions.compile import Compiled
from wonward.expressions.place import pointer
from wonward.records import query
from wonward.schema.catalog import ObjectType
from wonward.schema.view import Layout, View
from wonward.schema.view_body import ALL
from wonward.views import keep, tabs
from wonward.views.tabs import Tab
from wonward.web import paging
from wonward.web.access import Visit
from wonward.web.addresses import url

STATE = ("where", "columns", "sort")
"""The parts of an address that go over what a view says."""

NO_COLUMNS = "-"
"""How an address says that there are no columns beside the name."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A text filter as it was typed: compiled, or what is wrong with it and where."""

    text: str
    compiled: Compiled | None = None
    message: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One tab: where it leads, and whether it is the one that is shown."""

    tab: Tab
    address: str
    current: bool


@dataclass(frozen=True)
class Shown:
    """What a page of records shows.

    `asked` is the query of its address with the view in it; `lacking` names the columns of the view that aren't there.
    """

    visit: Visit
    kind: ObjectType
    layout: Layout
    pipeline: str
    found: Sequence[Tab]
    current: Tab | None
    asked: QueryDict
    filter: Filter
    columns: Sequence[str]
    sort: str
    lacking: Sequence[str]

    @property
    def key(self) -> str:
        """What the address calls the view, empty where there is none to name."""
        return self.asked.get("view", "")

    @cached_property
    def places(self) -> list[Place]:
        """The tabs."""
        return [
            Place(each, address(self.visit, self.kind, each.view), each is self.current)
            for each in self.found
        ]

    @cached_property
    def all_address(self) -> str:
        """Where all records of the type are listed."""
        root = url("listing", self.visit.portal, self.kind.plural)
        return f"{root}?view={ALL}" if _opens_with(self.visit, self.kind) else root

    @cached_property
    def back(self) -> str:
        """Where the view is shown as it was saved."""
        return address(self.visit, self.kind, self.current.view) if self.current else self.all_address

    @cached_property
    def changed(self) -> bool:
        """Whether something else is shown than the view says."""
        view = self.current.view if self.current else View(ALL, "", self.kind.name)
        here = (self.filter.text.strip(), list(self.columns), self.sort)
        there = (view.filter.strip(), _columns(self.kind, view, self.layout), _sort(self.kind, view.sort))
        moved = self.current is not None and view.layout != self.layout
        other = bool(view.pipeline) and self.layout == "board" and view.pipeline != self.pipeline
        return here != there or moved or other

    @property
    def changeable(self) -> bool:
        """Whether whoever looks may save the view as it is shown now."""
        return self.current is not None and keep.may_change(self.visit.work, self.current)

    @property
    def state(self) -> dict[str, str]:
        """What is shown, as forms and addresses say it."""
        usual = list(self.columns) == _columns(self.kind, View(ALL, "", self.kind.name), self.layout)
        return {
            "where": self.filter.text,
            "columns": "" if usual else column_text(self.columns),
            "sort": self.sort,
            "layout": self.layout,
            "pipeline": self.pipeline,
        }

    @property
    def saving(self) -> str:
        """Where what is shown is saved as a new view."""
        return f"{url('new_view', self.visit.portal, self.kind.plural)}?{urlencode({**self.state, 'from': self.key})}"

    @property
    def choosing(self) -> str:
        """Where the columns are chosen."""
        said = {name: self.asked[name] for name in ("view", "where", "sort") if name in self.asked}
        said |= {"columns": column_text(self.columns), "layout": self.layout, "pipeline": self.pipeline}
        return f"{url('columns', self.visit.portal, self.kind.plural)}?{urlencode(said)}"

    @property
    def exporting(self) -> str:
        """Where what is shown is exported."""
        said = {"where": self.filter.text, "sort": self.sort, "columns": [*self.kind.display, *self.columns]}
        return f"{url('new_export', self.visit.portal, self.kind.plural)}?{urlencode(said, doseq=True)}"

    @property
    def over(self) -> dict[str, str]:
        """The parts of the address that a form of the page carries on, besides what it asks for itself."""
        return {name: said for name in ("view", "columns", "sort") if (said := self.asked.get(name))}

    def layout_address(self, layout: Layout) -> str:
        """Return where the same is shown as a list or as a board."""
        said = {name: self.asked[name] for name in ("view", *STATE) if name in self.asked}
        if layout == "board":
            first = self.visit.catalog.pipelines_of(self.kind.name)[0].name
            root = url("pipeline", self.visit.portal, self.kind.plural, self._pipeline or first)
        else:
            root = url("listing", self.visit.portal, self.kind.plural)
        return f"{root}?{urlencode(said)}" if said else root

    def clearing(self) -> str:
        """Return the query of the same page without filter."""
        return paging.with_query(self.asked, where="" if self.current else None, q=None, page=None)

    @property
    def _pipeline(self) -> str:
        return self.pipeline or (self.current.view.pipeline if self.current else "")


def shown(visit: Visit, kind: ObjectType, layout: Layout, pipeline: str = "") -> Shown:
    """Return what an address asks to see; raise Missing for a view that isn't there or not theirs to see."""
    found = tabs.tabs(visit.work, visit.member, kind)
    asked = visit.request.GET.copy()
    opens_with = _opens_with(visit, kind)
    if "view" not in asked and opens_with:
        plain = layout == "list" and opens_with.layout == "list" and not asked.keys() - {"page", "shown"}
        asked["view"] = opens_with.name if plain else ALL
    key = asked.get("view", ALL)
    current = next((each for each in found if each.key == key), None)
    if current is None and key != ALL:
        raise Missing(_("There is no such view, or it isn't shared with you"), code="VIEW_NOT_FOUND")
    view = current.view if current else View(ALL, "", kind.name)
    lacking = [name for name in (*view.columns, view.sort.removeprefix("-")) if name and _gone(kind, name)]
    return Shown(
        visit=visit,
        kind=kind,
        layout=layout,
        pipeline=pipeline,
        found=found,
        current=current,
        asked=asked,
        filter=_filter(visit, kind, current, asked),
        columns=given(kind, asked.get("columns", "")) if "columns" in asked else _columns(kind, view, layout),
        sort=asked.get("sort", "") or _sort(kind, view.sort),
        lacking=list(dict.fromkeys(lacking)),
    )


def address(visit: Visit, kind: ObjectType, view: View) -> str:
    """Return where a view is shown."""
    pipelines = visit.catalog.pipelines_of(kind.name)
    if view.layout == "list" or not pipelines:
        root = url("listing", visit.portal, kind.plural)
    else:
        there = [each.name for each in pipelines]
        name = view.pipeline if view.pipeline in there else there[0]
        root = url("pipeline", visit.portal, kind.plural, name)
    return f"{root}?view={view.name}"


def read_filter(visit: Visit, kind: ObjectType, text: str) -> Filter:
    """Compile a text filter, or say what is wrong with it."""
    try:
        return Filter(text, query.condition(visit.work, kind, text))
    except Refusal as refusal:
        problem = refusal.problems[0]
        return Filter(text, None, problem.message, pointer(text, problem))


def _filter(visit: Visit, kind: ObjectType, current: Tab | None, asked: QueryDict) -> Filter:
    """Return the filter that was typed, else the view's."""
    if current is None or "where" in asked:
        return read_filter(visit, kind, asked.get("where", ""))
    return filter_of(visit, kind, current)


def filter_of(visit: Visit, kind: ObjectType, tab: Tab) -> Filter:
    """Return the filter of a view; one that somebody else made and that can't be used here isn't told."""
    found = read_filter(visit, kind, tab.view.filter)
    if not found.message:
        return found
    if tab.mine or visit.catalog.role is None:
        return Filter(
            found.text, None, _("This view's filter doesn't hold any more. %s") % found.message, found.pointer
        )
    return Filter("", None, _("This view's filter names something that is gone, or that you may not see."))


def _opens_with(visit: Visit, kind: ObjectType) -> View | None:
    return tabs.default(visit.catalog, kind, visit.work.rights.role)


def moved(names: Sequence[str], name: str, way: str) -> list[str]:
    """Return names with one of them moved a place: `up` or `down`."""
    ordered = list(names)
    place = ordered.index(name)
    other = place + {"up": -1, "down": 1}.get(way, 0)
    if 0 <= other < len(ordered):
        ordered[place], ordered[other] = ordered[other], ordered[place]
    return ordered


def column_text(names: Sequence[str]) -> str:
    """Return columns as an address says them."""
    return ",".join(names) or NO_COLUMNS


def given(kind: ObjectType, text: str) -> list[str]:
    """Return the columns that an address says."""
    return beside_name(kind, text.split(","))


def beside_name(kind: ObjectType, names: Sequence[str]) -> list[str]:
    """Return the columns there are beside the name of the record, which always stands first."""
    return [name for name in dict.fromkeys(names) if name in kind.properties and name not in kind.display]


def _columns(kind: ObjectType, view: View, layout: Layout) -> list[str]:
    """Return the columns of a view: its own where it is shown as it was made, else the usual ones."""
    own = view.columns if view.layout == layout else ()
    return beside_name(kind, own or (kind.card if layout == "board" else kind.columns))


def _gone(kind: ObjectType, name: str) -> bool:
    return name not in kind.properties


def _sort(kind: ObjectType, sort: str) -> str:
    prop = kind.properties.get(sort.removeprefix("-"))
    return sort if prop and not prop.masked else ""
