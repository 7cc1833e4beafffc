"""The page of one record: its properties, its timeline, what it is associated with; archiving and restoring it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString

from wonward.activities import timeline as timelines
from wonward.automation import approvals
from wonward.errors import Missing
from wonward.marketing import timeline as marketing
from wonward.pipelines import headway
from wonward.pipelines.headway import Headway
from wonward.records import write
from wonward.records.merging import merges
from wonward.records.names import names
from wonward.schema.form import CONTACT
from wonward.schema.pipelines import Pipeline, Stage
from wonward.web import activities, associations, attachments, documents, live, panel, stories, touchpoints
from wonward.web.access import Visit, member
from wonward.web.loading import Record, load
from wonward.web.values import dot


@dataclass(frozen=True, slots=True)
class Step:
    """A stage on the bar over a record."""

    stage: Stage
    dot: SafeString
    current: bool
    passed: bool


@member("GET")
def record(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Show a record; an archived one can only be read and restored, a merged one is its survivor."""
    watch = live.watch(visit, visit.kind(plural), record_id)
    try:
        shown = load(visit, plural, record_id)
    except Missing:
        survivor = merges.survivors(visit.work, [record_id], visit.kind(plural).name).get(record_id)
        if survivor is None:
            raise
        return redirect("record", visit.portal, plural, survivor)
    context = {
        "live": watch,
        "record": shown,
        "kind": shown.kind,
        "sections": panel.sections(visit, shown),
        "pipeline": _pipeline(visit, shown),
        "steps": _steps(shown, _pipeline(visit, shown)),
        "headway": _headway(visit, shown, _pipeline(visit, shown)),
        "approvals": approvals.of_record(visit.work, shown.kind, record_id),
        "groups": associations.groups(visit, shown),
        "files": attachments.card(visit, shown),
        "shared": documents.card(visit, shown),
        "problems": (),
        "touchpoints": touchpoints.card(visit, shown),
        "timelines": touchpoints.tabs(
            visit,
            shown,
            reverse("record", args=[visit.portal, plural, record_id]),
            touchpoints.chosen(visit, shown),
        ),
        "composers": activities.composers(visit, shown),
        "composer": activities.first_composer(visit, shown),
        **_stretch(visit, shown, timelines.Place()),
    }
    return visit.page("record/record.html", context)


@member("GET")
def timeline(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Show the timeline of a record, from the place `from` on."""
    shown = load(visit, plural, record_id, [])
    since = timelines.place(visit.request.GET.get("from", ""))
    context = {"record": shown, "kind": shown.kind, **_stretch(visit, shown, since)}
    return visit.page("record/stretch.html", context)


@member("POST")
def archive(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Archive a record and offer to restore it."""
    shown = load(visit, plural, record_id, [])
    with visit.writing() as work:
        write.archive(work, shown.kind, [record_id])
    undo = reverse("restore", args=[visit.portal, plural, record_id])
    messages.success(visit.request, f"Archived {shown.name}.", extra_tags=undo)
    return redirect("listing", visit.portal, plural)


@member("POST")
def restore(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Bring an archived record back."""
    shown = load(visit, plural, record_id, [])
    with visit.writing() as work:
        write.restore(work, shown.kind, [record_id])
    messages.success(visit.request, f"Restored {shown.name}.")
    return redirect("record", visit.portal, plural, record_id)


def _stretch(visit: Visit, shown: Record, since: timelines.Place) -> dict[str, object]:
    """Return a stretch of the timeline and where the next one is, for the templates."""
    address = reverse("timeline", args=[visit.portal, shown.kind.plural, shown.record_id])
    if touchpoints.chosen(visit, shown):
        kind = visit.catalog.object_types[CONTACT]
        people = marketing.contacts(visit.work, shown.kind, shown.record_id)
        happenings, following = marketing.page(visit.work, people, since)
        about = names(visit.work, kind, people) if shown.kind is not kind else {}
        told = stories.tell(visit, kind, shown.record_id, happenings, about)
        address, joint = f"{address}?timeline={touchpoints.MARKETING}", "&"
    else:
        happenings, following = timelines.page(visit.work, shown.kind, shown.record_id, since)
        told, joint = stories.tell(visit, shown.kind, shown.record_id, happenings), "?"
    more = f"{address}{joint}from={following}" if following else ""
    return {"stories": told, "more": more, "timeline": address}


def _pipeline(visit: Visit, shown: Record) -> Pipeline | None:
    """Return the pipeline that a record is in."""
    prop = shown.kind.pipeline_property
    name = shown.values.get(prop.name) if prop else None
    return next((each for each in visit.catalog.pipelines_of(shown.kind.name) if each.name == name), None)


def _headway(visit: Visit, shown: Record, pipeline: Pipeline | None) -> Headway | None:
    stage = shown.kind.stage_property
    if pipeline is None or stage is None or shown.archived:
        return None
    return headway.of_record(
        visit.work, shown.kind, shown.record_id, pipeline, shown.values.get(stage.name) or ""
    )


def _steps(shown: Record, pipeline: Pipeline | None) -> Sequence[Step]:
    """Return the stages of a pipeline as a record stands in them."""
    prop = shown.kind.stage_property
    if not (pipeline and prop):
        return ()
    names = [stage.name for stage in pipeline.stages]
    stage = shown.values.get(prop.name)
    at = names.index(stage) if stage in names else -1
    return [
        Step(each, dot(each.colour), place == at, place < at and not each.closed)
        for place, each in enumerate(pipeline.stages)
    ]
