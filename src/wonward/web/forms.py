"""Creating a record, and editing many properties of one at once; both from its type's definition."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from wonward.errors import Problem, Refusal
from wonward.records import associate, permission, write
from wonward.records.associate import Link
from wonward.schema.catalog import ObjectType, Property
from wonward.web import fields, live, panel, saving
from wonward.web.access import Visit, member
from wonward.web.loading import Record, load

OWNER = "hubspot_owner_id"


@member("GET", "POST")
def create(visit: Visit, plural: str) -> HttpResponse:
    """Create a record; `?with=companies/1001` associates it with that one, `?stage=` starts it there."""
    kind = visit.kind(plural)
    permission.create(visit.work, kind)
    other = _associate_with(visit, kind)
    if visit.request.method != "POST":
        return _create_form(visit, kind, other)
    values = {
        name: value
        for name, value in fields.given(kind, fields.editable(kind), visit.request.POST).items()
        if value
    }
    try:
        with visit.writing() as work:
            [number] = write.create(work, kind, [values])
            if other:
                associate.associate(work, other.kind, kind, [Link(other.record_id, number)])
    except Refusal as refusal:
        return _create_form(visit, kind, other, refusal.problems)
    return redirect("record", visit.portal, plural, number)


@member("GET", "POST")
def edit(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Edit all properties of a record; saving writes those that were changed."""
    watch = live.watch(visit, visit.kind(plural), record_id)
    shown = load(visit, plural, record_id, live=True)
    permission.seen(visit.work, shown.kind, [record_id], "edit")
    settable = fields.editable(shown.kind)
    if visit.request.method != "POST":
        return _edit_form(visit, shown, watch)
    typed = visit.request.POST
    given = fields.given(shown.kind, settable, typed)
    try:
        saving.save(visit, shown.kind, record_id, given, fields.opened_with(shown.kind, settable, typed))
    except Refusal as refusal:
        return _edit_form(visit, load(visit, plural, record_id, live=True), watch, refusal.problems)
    messages.success(visit.request, f"Saved {shown.name}.")
    return redirect("record", visit.portal, plural, record_id)


def _create_form(
    visit: Visit, kind: ObjectType, other: Record | None, problems: tuple[Problem, ...] = ()
) -> HttpResponse:
    values: dict[str, str | None] = {OWNER: str(visit.member_id)} if visit.member.owns_records else {}
    values |= {prop.name: prop.default for prop in kind.properties.values() if prop.default}
    values |= _stage(visit, kind)
    leading = fields.first(kind)
    rest = [prop for prop in fields.editable(kind) if prop not in leading]
    context: dict[str, object] = {
        "kind": kind,
        "record": None,
        "other": other,
        "title": f"New {kind.label.lower()}",
        "submit": "Create",
    }
    return _form(visit, kind, [("", leading), ("More properties", rest)], values, problems, context)


def _edit_form(
    visit: Visit, shown: Record, watch: live.Watch, problems: tuple[Problem, ...] = ()
) -> HttpResponse:
    kind = shown.kind
    groups = panel.grouped(kind, fields.editable(kind))
    context = {
        "live": watch,
        "notes_only": True,
        "kind": kind,
        "record": shown,
        "other": None,
        "title": f"Edit {shown.name}",
        "submit": "Save",
    }
    return _form(visit, kind, groups, shown.values, problems, context)


def _form(
    visit: Visit,
    kind: ObjectType,
    groups: Sequence[tuple[str, list[Property]]],
    values: Mapping[str, str | None],
    problems: tuple[Problem, ...],
    context: dict[str, object],
) -> HttpResponse:
    """Answer with a form of groups of inputs; a group without a heading is always open."""
    typed = visit.request.POST if problems else None
    built = {
        field.prop.name: field
        for field in fields.build(
            visit.catalog,
            kind,
            [prop for _, props in groups for prop in props],
            values,
            typed=typed,
            problems=problems,
        )
    }
    shown = [(label, [built[prop.name] for prop in props]) for label, props in groups if props]
    context |= {"groups": shown, "elsewhere": fields.elsewhere(built.values(), problems)}
    return visit.page("forms/form.html", context, 422 if problems else 200)


def _stage(visit: Visit, kind: ObjectType) -> dict[str, str | None]:
    """Return the stage that a new record starts in: the one asked for, else the first of the first pipeline."""
    pipelines = visit.catalog.pipelines_of(kind.name)
    if not (pipelines and kind.pipeline_property and kind.stage_property):
        return {}
    asked = visit.request.GET
    pipeline = next((each for each in pipelines if each.name == asked.get("pipeline")), pipelines[0])
    stage = pipeline.stage(asked.get("stage", "")) or pipeline.stages[0]
    return {kind.pipeline_property.name: pipeline.name, kind.stage_property.name: stage.name}


def _associate_with(visit: Visit, kind: ObjectType) -> Record | None:
    """Return the record that the new one shall be associated with, as the address names it."""
    plural, _, number = visit.request.GET.get("with", "").partition("/")
    if not plural or not number.isdecimal() or len(number) > 18:
        return None
    other = load(visit, plural, int(number), [], live=True)
    return other if visit.catalog.associations(other.kind.name, kind.name) else None
