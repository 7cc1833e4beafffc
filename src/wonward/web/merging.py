"""Merging from a record's page: choose the other, compare, choose whose values stand; and undoing it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from wonward.errors import Invalid, Problem, Refusal
from wonward.records import search
from wonward.records.merging import merge as merges
from wonward.records.merging.undo import Unmerged, unmerge
from wonward.records.names import names
from wonward.web.access import Visit, member
from wonward.web.comparison import chosen, compare
from wonward.web.loading import load

FOUND = 8


@member("GET", "POST")
def merge(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Ask which record to merge into this one, show both side by side; by POST, merge them."""
    visit.work.require("merge")
    shown = load(visit, plural, record_id, [], live=True)
    given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    other_id = _number(given.get("with", ""))
    context = {"record": shown, "kind": shown.kind}
    if other_id is None or other_id == record_id:
        return visit.page("merging/choose.html", context)
    problems: tuple[Problem, ...] = ()
    if visit.request.method == "POST":
        try:
            merge_pair(visit, plural, record_id, other_id)
            return redirect("record", visit.portal, plural, record_id)
        except Refusal as refusal:
            problems = refusal.problems
    context |= {"pair": compare(visit, plural, record_id, other_id), "problems": problems}
    return visit.page("merging/merge.html", context, 422 if problems else 200)


@member("GET")
def candidates(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Show records of the type whose name holds the text `q`, to choose the other from."""
    shown = load(visit, plural, record_id, [], live=True)
    visit.work.require("merge")
    text = visit.request.GET.get("q", "")
    hits = search.find(visit.work, text, [shown.kind], limit=FOUND + 1)
    context = {
        "record": shown,
        "kind": shown.kind,
        "hits": [hit for hit in hits if hit.record_id != record_id][:FOUND],
        "text": text.strip(),
    }
    return visit.page("merging/candidates.html", context)


@member("POST")
def undo(visit: Visit, merge_id: int) -> HttpResponse:
    """Undo a merge and lead to the record that gave the other back."""
    with visit.writing() as work:
        undone = unmerge(work, merge_id)
    messages.success(visit.request, _told(visit, undone))
    return redirect("record", visit.portal, undone.kind.plural, undone.kept_id)


def merge_pair(visit: Visit, plural: str, kept_id: int, other_id: int) -> None:
    """Merge two records as a form asks, and leave a notice with the way to undo it."""
    kept, other = (load(visit, plural, each, [], live=True) for each in (kept_id, other_id))
    with visit.writing() as work:
        [done] = merges.merge(work, kept.kind, kept_id, [other_id], chosen(visit.request.POST.dict()))
    way_back = reverse("unmerge", args=[visit.portal, done.merge_id])
    messages.success(visit.request, f"Merged {other.name} into {kept.name}.", extra_tags=way_back)


def _told(visit: Visit, undone: Unmerged) -> str:
    told = names(visit.work, undone.kind, [undone.kept_id, undone.merged_id])
    said = f"{told[undone.merged_id]} is a {undone.kind.label.lower()} of its own again."
    labels = [undone.kind.properties[name].label for name in undone.stayed]
    if labels:
        said += f" Changed since the merge, and so left as it is: {', '.join(labels)}."
    return said


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isdecimal() and len(text) < 19):
        raise Invalid("Choose a record to merge", code="INVALID")
    return int(text)
