"""What a record is associated with, by type; adding an association by a name typed, and taking one away."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from wonward.errors import Invalid, Problem, Refusal
from wonward.records import associate, related, search
from wonward.records.associate import Link
from wonward.schema.catalog import ObjectType
from wonward.web import people
from wonward.web.access import Visit, member
from wonward.web.loading import Record, load
from wonward.web.properties import CHANGED
from wonward.web.values import Values

SHOWN = 10
"""Associated records of a type that stand on the page; the list shows the others."""
FOUND = 8


@dataclass(frozen=True, slots=True)
class Item:
    """One associated record."""

    record_id: int
    name: str
    address: str
    labels: Sequence[str]
    details: Sequence[str]


@dataclass(frozen=True, slots=True)
class Group:
    """The associated records of one type, and where to add one, create one, and see those that don't stand here."""

    kind: ObjectType
    total: int
    items: Sequence[Item]
    address: str
    create: str
    rest: str


@member("GET", "POST")
def associations(visit: Visit, plural: str, record_id: int, other: str) -> HttpResponse:
    """Show the associations with one type of record; by POST, add the one with `to` under the label `label`."""
    shown = load(visit, plural, record_id, [], live=True)
    kind = visit.kind(other)
    problems: Sequence[Problem] = ()
    if visit.request.method == "POST":
        try:
            with visit.writing() as work:
                associate.associate(work, shown.kind, kind, [_link(visit, shown, kind)])
        except Refusal as refusal:
            problems = refusal.problems
    return _answer(visit, shown, kind, problems)


@member("POST")
def dissociate(visit: Visit, plural: str, record_id: int, other: str, other_id: int) -> HttpResponse:
    """Take an association away with all its labels."""
    shown = load(visit, plural, record_id, [], live=True)
    kind = visit.kind(other)
    with visit.writing() as work:
        associate.dissociate(work, shown.kind, kind, [Link(record_id, other_id)])
    return _answer(visit, shown, kind)


@member("GET")
def candidates(visit: Visit, plural: str, record_id: int, other: str) -> HttpResponse:
    """Show records of a type whose name holds the text `q`, to choose one from."""
    shown = load(visit, plural, record_id, [], live=True)
    kind = visit.kind(other)
    text = visit.request.GET.get("q", "")
    hits = [
        hit
        for hit in search.find(visit.work, text, [kind], limit=FOUND)
        if (hit.kind, hit.record_id) != (shown.kind, record_id)
    ]
    context = {
        "record": shown,
        "other": kind,
        "hits": hits,
        "text": text.strip(),
        "labels": [each for each in visit.catalog.associations(shown.kind.name, kind.name) if each.label],
    }
    return visit.page("record/candidates.html", context)


def groups(visit: Visit, shown: Record) -> list[Group]:
    """Return what a record is associated with, apart from activities, which the timeline tells."""
    others = [
        visit.catalog.object_types[name]
        for name in visit.catalog.associated_types(shown.kind.name)
        if not visit.catalog.object_types[name].activity
    ]
    return _groups(visit, shown, others)


def _groups(visit: Visit, shown: Record, others: Sequence[ObjectType]) -> list[Group]:
    columns = {other.name: _details(other) for other in others}
    found = related.groups(
        visit.work,
        shown.kind,
        shown.record_id,
        [(other, columns[other.name]) for other in others],
        limit=SHOWN,
    )
    owners: set[str | None] = set()
    for group in found:
        for place, name in enumerate(columns[group.kind.name]):
            if group.kind.properties[name].type == "owner":
                owners |= {each.values[place] for each in group.records}
    values = Values(visit.catalog, people.owner_names(visit.catalog.portal_id, owners))
    return [_group(visit, shown, group, columns[group.kind.name], values) for group in found]


def _group(
    visit: Visit, shown: Record, group: related.Group, columns: Sequence[str], values: Values
) -> Group:
    kind = group.kind
    root = reverse("listing", args=[visit.portal, kind.plural])
    items = [
        Item(
            each.record_id,
            each.name,
            f"{root}/{each.record_id}",
            each.labels,
            [
                values.text(kind.properties[name], value)
                for name, value in zip(columns, each.values, strict=True)
                if value
            ],
        )
        for each in group.records
    ]
    parts = [visit.portal, shown.kind.plural, shown.record_id, kind.plural]
    create = reverse("create", args=[visit.portal, kind.plural])
    among = f"associated({shown.kind.name}, {shown.record_id})"
    return Group(
        kind,
        group.total,
        items,
        reverse("associations", args=parts),
        f"{create}?{urlencode({'with': f'{shown.kind.plural}/{shown.record_id}'})}",
        f"{root}?{urlencode({'where': among})}" if group.total > len(items) else "",
    )


def _link(visit: Visit, shown: Record, kind: ObjectType) -> Link:
    """Return the association that a form asks for."""
    to, label = visit.request.POST.get("to", ""), visit.request.POST.get("label", "")
    if not _number(to):
        raise Invalid(f"Choose a {kind.label.lower()} to associate", code="INVALID")
    return Link(shown.record_id, int(to), (int(label),) if _number(label) else ())


def _number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _answer(visit: Visit, shown: Record, kind: ObjectType, problems: Sequence[Problem] = ()) -> HttpResponse:
    """Answer with the associations with one type as they are now, or lead to the record."""
    if not visit.partial:
        for problem in problems:
            messages.error(visit.request, problem.message)
        return redirect("record", visit.portal, shown.kind.plural, shown.record_id)
    [group] = _groups(visit, shown, [kind])
    context = {"record": shown, "kind": shown.kind, "group": group, "problems": problems, "open": True}
    response = visit.page("record/group.html", context, 422 if problems else 200)
    if visit.request.method == "POST" and not problems:
        response["HX-Trigger"] = CHANGED
    return response


def _details(kind: ObjectType) -> list[str]:
    """Return the properties that tell associated records apart: the stage, then what cards show."""
    stage = kind.stage_property
    wanted = dict.fromkeys((*([stage.name] if stage else []), *kind.card))
    return [name for name in wanted if name in kind.properties and name not in kind.display][:3]
