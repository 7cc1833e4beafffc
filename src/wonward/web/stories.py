"""Tells what happened on a timeline in words: who did what to which record, with every name looked up at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from django.urls import reverse

from wonward.activities.timeline import Happening
from wonward.marketing import submissions
from wonward.records.correspondents import CONTACT
from wonward.records.history import Entry
from wonward.records.merging import merges
from wonward.records.names import names as names_of
from wonward.records.names import unnamed
from wonward.records.related import Activity
from wonward.schema.catalog import Catalog, ObjectType
from wonward.web import events, moments, people
from wonward.web.access import Link, Visit
from wonward.web.story import Difference, Story, anchor, door
from wonward.web.values import Values, without_html

TASK_STATUS, DONE = "hs_task_status", "COMPLETED"
FEW = 3
"""Associations of one change that are told in its line; more are folded."""
MOST_NAMED = 20
"""Records that an entry names when it associated many at once."""


def tell(
    visit: Visit,
    kind: ObjectType,
    record_id: int,
    happenings: Sequence[Happening],
    about: Mapping[int, str] | None = None,
) -> list[Story]:
    """Return the stories of a record's timeline, in the order given; many associations at once are one.

    Where it tells of other records, as a deal's does of its contacts, `kind` is theirs, and `about` names them.
    """
    about = about or {}
    happenings = _together(happenings)
    entries = [each.entry for each in happenings if each.entry]
    activities = [each.activity for each in happenings if each.activity]
    actors = people.actor_names(visit.catalog.portal_id, (entry.actor for entry in entries))
    values = Values(visit.catalog, owners(visit.catalog, kind, entries, activities))
    names = _names(visit, kind, entries)
    undoable = merges.undoable(visit.work, [e.diff["merge"] for e in entries if e.kind == "merged"])
    sent = [e.diff["submission"] for e in entries if e.kind == "submitted" and "submission" in e.diff]
    forms = submissions.by_id(visit.catalog.portal_id, sent)
    stories: list[Story] = []
    before = ""
    for each in happenings:
        heading = moments.heading(each.at)
        first = heading if heading != before else ""
        before = heading
        if each.entry:
            entry, who = each.entry, actors[each.entry.actor]
            if entry.kind in ("merged", "unmerged"):
                story = _of_merge(visit, kind, entry, first, actors, names, undoable)
            elif entry.kind in ("shared", "viewed"):
                story = events.of_document(visit, entry, first, who, names)
            elif entry.kind == "submitted":
                form = forms.get(entry.diff.get("submission", 0))
                story = events.of_submission(visit, entry, first, form)
            else:
                story = _of_event(visit.catalog, kind, entry, first, who) or _of_entry(
                    visit, kind, entry, first, actors, values, names
                )
            if entry.record_id != record_id:
                whose = about.get(entry.record_id) or "before it was merged"
                story = replace(story, via=" · ".join(filter(None, (story.via, whose))))
            stories.append(story)
        elif each.activity:
            stories.append(_of_activity(visit, each.activity, first, values))
    return stories


def _together(happenings: Sequence[Happening]) -> list[Happening]:
    """Make one of each run of associations that an actor made with one type, as an import does in batches."""
    runs: list[Happening] = []
    for each in happenings:
        last = runs[-1].entry if runs else None
        if last and each.entry and _run(last) and _run(last) == _run(each.entry):
            ids = [*last.diff["to_ids"], *each.entry.diff["to_ids"]]
            runs[-1] = replace(runs[-1], entry=replace(last, diff={**last.diff, "to_ids": ids}))
        else:
            runs.append(each)
    return runs


def _run(entry: Entry) -> tuple[object, ...]:
    """Return what associations told together have in common; nothing for other changes."""
    if entry.kind not in ("associated", "dissociated"):
        return ()
    return entry.kind, entry.actor, entry.source, entry.diff["to_type"], entry.at.date()


def _of_event(catalog: Catalog, kind: ObjectType, entry: Entry, heading: str, who: str) -> Story | None:
    """Tell what happened to a record beside its values and associations; None for these."""
    via = door(entry)
    if entry.kind in ("listed", "unlisted"):
        return events.of_listing(catalog, entry, heading, who, via)
    if entry.kind in ("attached", "detached"):
        return events.of_file(entry, heading, who, via)
    if entry.kind == "decided":
        return events.of_decision(entry, heading, who, via)
    return events.of_override(kind, entry, heading, who, via) if entry.kind == "overridden" else None


def _of_entry(
    visit: Visit,
    kind: ObjectType,
    entry: Entry,
    heading: str,
    actors: Mapping[str, str],
    values: Values,
    names: Mapping[tuple[str, int], str],
) -> Story:
    who, via = actors[entry.actor], door(entry)
    label = kind.label.lower()
    if entry.kind in ("associated", "dissociated"):
        links = _links(visit, entry, names)
        what = "associated this with" if entry.kind == "associated" else "took away the association with"
        count = len(entry.diff["to_ids"])
        other = _other(visit.catalog, entry)
        if count > FEW and other:
            what = f"{what} {count} {other.plural_label.lower()}"
        return Story(
            anchor(entry), entry.at, heading, "link", who, what, via, links=links, folded=count > FEW
        )
    what, icon = {
        "created": (f"created this {label}", "plus"),
        "updated": (f"changed this {label}", "edit"),
        "archived": (f"archived this {label}", "archive"),
        "restored": (f"restored this {label}", "restore"),
        "redacted": (f"took former values of this {label} out of its history", "edit"),
        "erased": (f"erased this {label}", "archive"),
    }[entry.kind]
    differences = _differences(kind, entry, values)
    stage = kind.stage_property
    if entry.kind == "updated" and stage and stage.name in entry.diff:
        what, icon = "moved this to another stage", "stage"
    elif entry.kind == "updated" and len(differences) == 1:
        what = f"changed {differences[0].label}"
    folded = entry.kind == "created"
    return Story(
        anchor(entry), entry.at, heading, icon, who, what, via, differences=differences, folded=folded
    )


def _of_merge(
    visit: Visit,
    kind: ObjectType,
    entry: Entry,
    heading: str,
    actors: Mapping[str, str],
    names: Mapping[tuple[str, int], str],
    undoable: Collection[int],
) -> Story:
    """Tell a merge, at either of its records, with the way to undo it where that is possible now."""
    diff = entry.diff
    stays = entry.record_id == diff["kept_id"]
    other = diff["merged_id" if stays else "kept_id"]
    what = {
        ("merged", True): "merged into this",
        ("merged", False): f"merged this {kind.label.lower()} into",
        ("unmerged", True): "undid the merge with",
        ("unmerged", False): "took this out again of",
    }[entry.kind, stays]
    address = reverse("record", args=[visit.portal, kind.plural, other])
    link = Link(names.get((kind.name, other)) or unnamed(kind, other), address, kind.icon)
    undo = reverse("unmerge", args=[visit.portal, diff["merge"]]) if diff["merge"] in undoable else ""
    icon = "merge" if entry.kind == "merged" else "restore"
    return Story(
        anchor(entry),
        entry.at,
        heading,
        icon,
        actors[entry.actor],
        what,
        door(entry),
        links=[link],
        undo=undo if entry.kind == "merged" else "",
    )


def _of_activity(visit: Visit, activity: Activity, heading: str, values: Values) -> Story:
    kind = activity.kind
    told = dict(activity.values)
    title = next((told[name] for name in kind.display if told.get(name)), None) or ""
    long = [name for name in told if kind.properties[name].type == "long_text"]
    text = "\n".join(without_html(told[name] or "") for name in long if told[name])
    if kind.properties[kind.display[0]].type == "long_text":
        title = ""
    owner = next((name for name in told if kind.properties[name].type == "owner"), None)
    facts = [
        f"{kind.properties[name].label}: {values.text(kind.properties[name], value)}"
        for name, value in told.items()
        if value
        and name not in (*kind.display, *long, owner, "hs_timestamp", TASK_STATUS)
        and value != kind.properties[name].default
    ]
    status = told.get(TASK_STATUS)
    task = (
        reverse("property", args=[visit.portal, kind.plural, activity.record_id, TASK_STATUS])
        if status
        else ""
    )
    who = values.text(kind.properties[owner], told[owner]) if owner else ""
    return Story(
        f"activity-{activity.record_id}",
        activity.at,
        heading,
        kind.icon,
        who,
        kind.label,
        title=title,
        text=text,
        address=reverse("record", args=[visit.portal, kind.plural, activity.record_id]),
        facts=facts,
        task=task,
        done=status == DONE,
    )


def _differences(kind: ObjectType, entry: Entry, values: Values) -> list[Difference]:
    return [
        Difference(prop.label, values.text(prop, old), values.text(prop, new))
        for name, (old, new) in entry.diff.items()
        if (prop := kind.properties.get(name)) and prop.options_from != "pipelines" and not prop.hidden
    ]


def owners(
    catalog: Catalog, kind: ObjectType, entries: Iterable[Entry], activities: Iterable[Activity]
) -> dict[str, str]:
    """Return the names of all owners that changes and activities name, by their ids as text."""
    ids = {
        value
        for entry in entries
        if entry.kind in ("created", "updated")
        for name, both in entry.diff.items()
        if name in kind.properties and kind.properties[name].type == "owner"
        for value in both
    }
    ids |= {
        value
        for activity in activities
        for name, value in activity.values.items()
        if activity.kind.properties[name].type == "owner"
    }
    return people.owner_names(catalog.portal_id, ids)


def _names(visit: Visit, kind: ObjectType, entries: Iterable[Entry]) -> dict[tuple[str, int], str]:
    """Return the names of all records that were associated or merged, with a query a type."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        if entry.kind in ("associated", "dissociated") and _other(visit.catalog, entry):
            wanted.setdefault(entry.diff["to_type"], set()).update(entry.diff["to_ids"][:MOST_NAMED])
        elif entry.kind in ("merged", "unmerged"):
            wanted.setdefault(kind.name, set()).update((entry.diff["kept_id"], entry.diff["merged_id"]))
        elif entry.kind in ("shared", "viewed") and entry.diff.get("contact"):
            wanted.setdefault(CONTACT, set()).add(entry.diff["contact"])
    return {
        (name, number): text
        for name, ids in wanted.items()
        if name in visit.catalog.object_types
        for number, text in names_of(visit.work, visit.catalog.object_types[name], ids).items()
    }


def _links(visit: Visit, entry: Entry, names: Mapping[tuple[str, int], str]) -> list[Link]:
    other = _other(visit.catalog, entry)
    if other is None:
        return []
    return [
        Link(
            names.get((other.name, number)) or unnamed(other, number),
            reverse("record", args=[visit.portal, other.plural, number]),
            other.icon,
        )
        for number in entry.diff["to_ids"][:MOST_NAMED]
    ]


def _other(catalog: Catalog, entry: Entry) -> ObjectType | None:
    return catalog.object_types.get(entry.diff["to_type"])
