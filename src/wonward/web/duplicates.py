"""The queue of likely duplicates: one pair after the other, merged, told apart or passed over."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from wonward.errors import Missing, Refusal
from wonward.records.duplicates import pairs
from wonward.records.models import DuplicatePair
from wonward.schema.catalog import ObjectType
from wonward.web.access import Visit, member
from wonward.web.comparison import Comparison, compare
from wonward.web.merging import merge_pair


@dataclass(frozen=True, slots=True)
class Tab:
    """An object type with pairs that wait, and how many."""

    kind: ObjectType
    count: int
    address: str
    current: bool


@member("GET")
def duplicates(visit: Visit) -> HttpResponse:
    """Lead to the queue of the type with the most pairs, or say that there are none."""
    visit.work.require("merge")
    tabs = _tabs(visit, None)
    if tabs:
        return redirect(max(tabs, key=lambda tab: tab.count).address)
    return visit.page("duplicates/duplicates.html", {"tabs": [], "after": ""})


@member("GET", "POST")
def queue(visit: Visit, plural: str) -> HttpResponse:
    """Show the most likely pair that waits; by POST, merge it or tell it apart, and go on to the next.

    `after` is the pair that was passed over, `keep` the record that shall stay.
    """
    kind = visit.kind(plural)
    pairs.require(visit.work, kind)
    asked = visit.request.GET
    if visit.request.method == "POST":
        return _decide(visit, kind, asked.get("after", ""))
    portal_id = visit.catalog.portal_id
    pair = pairs.after(portal_id, kind, _number(asked.get("after", "")))
    context: dict[str, object] = {"kind": kind, "tabs": _tabs(visit, kind), "after": asked.get("after", "")}
    if pair:
        context |= {"found": pair, "reasons": _reasons(kind, pair)}
        compared = _compared(visit, kind, pair, _number(asked.get("keep", "")))
        if compared is None:  # changed a moment ago, and not looked at again yet
            return redirect(f"{reverse('queue', args=[visit.portal, plural])}?after={pair.pk}")
        context |= {"pair": compared, "problems": ()}
    return visit.page("duplicates/duplicates.html", context)


def _decide(visit: Visit, kind: ObjectType, after: str) -> HttpResponse:
    given = visit.request.POST
    pair = pairs.named(visit.catalog.portal_id, _number(given.get("pair", "")) or 0)
    if given.get("do") == "dismiss":
        with visit.writing() as work:
            pairs.dismiss(work, pair.pk)
        messages.success(visit.request, "Told apart: the two won't be shown as duplicates again.")
    else:
        kept_id = pair.high_id if given.get("keep") == str(pair.high_id) else pair.low_id
        other_id = pair.low_id + pair.high_id - kept_id
        try:
            merge_pair(visit, kind.plural, kept_id, other_id)
        except Refusal as refusal:
            for problem in refusal.problems:
                messages.error(visit.request, problem.message)
    address = reverse("queue", args=[visit.portal, kind.plural])
    return redirect(f"{address}?after={after}" if _number(after) else address)


def _compared(visit: Visit, kind: ObjectType, pair: DuplicatePair, keep: int | None) -> Comparison | None:
    ends = (pair.high_id, pair.low_id) if keep == pair.high_id else (pair.low_id, pair.high_id)
    try:
        return compare(visit, kind.plural, *ends)
    except Missing:
        return None


def _tabs(visit: Visit, current: ObjectType | None) -> Sequence[Tab]:
    counts = pairs.counts(visit.work)
    return [
        Tab(kind, counts.get(name, 0), reverse("queue", args=[visit.portal, kind.plural]), kind is current)
        for name, kind in visit.catalog.object_types.items()
        if name in counts or kind is current
    ]


def _reasons(kind: ObjectType, pair: DuplicatePair) -> list[str]:
    """Return in words what agrees."""
    return [
        " and ".join(kind.properties[name].label for name in reason.split("+") if name in kind.properties)
        for reason in pair.reasons
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
