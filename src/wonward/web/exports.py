"""Exporting a list: what stands in the file is chosen, small ones come at once, large ones by a job."""

from typing import Any

import msgspec
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from wonward.errors import Invalid, Missing, Refusal
from wonward.records import filestore
from wonward.records.exporting import background, write
from wonward.records.exporting.asked import Asked
from wonward.records.models import ExportRun, kept_until
from wonward.schema.catalog import ObjectType
from wonward.web import progress
from wonward.web.access import Visit, member
from wonward.web.imports import kind_label

AT_ONCE = 1000
"""Records of a list that is sent in the request itself."""

FORMS = (("csv", "CSV, for any program"), ("xlsx", "Excel workbook"))
HEADS = (("labels", "As on the pages: Deal stage, Won"), ("names", "Internal names: dealstage, closedwon"))
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@member("GET", "POST")
def new_export(visit: Visit, plural: str) -> HttpResponseBase:
    """Ask what the file shall have; then send it, or have it written when it is large."""
    kind = visit.kind(plural)
    visit.work.require("export")
    if visit.request.method != "POST":
        return _form(visit, kind)
    try:
        asked = _asked(visit, kind)
        if write.count(visit.work, asked) > AT_ONCE:
            run = background.ask(visit.work, asked)
            return redirect("export", visit.portal, run.pk)
        return _at_once(visit, asked)
    except Refusal as refusal:
        return _form(visit, kind, refusal.problems)


@member("GET")
def export_run(visit: Visit, run_id: int) -> HttpResponse:
    """Show an export as it stands."""
    run = _run(visit, run_id)
    context = {
        "run": run,
        "label": kind_label(visit, run.object_type),
        "progress": progress.of_export(run),
        "states": ExportRun.State,
        "until": kept_until(run),
    }
    if visit.partial and "progress" in visit.request.GET:
        if run.active:
            return visit.page("exports/progress.html", context)
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    return visit.page("exports/run.html", context)


@member("POST")
def cancel_export(visit: Visit, run_id: int) -> HttpResponse:
    """Stop an export."""
    background.cancel(_run(visit, run_id))
    return redirect("export", visit.portal, run_id)


@member("GET")
def export_file(visit: Visit, run_id: int) -> HttpResponseBase:
    """Send the file to the one who asked for it."""
    run = _run(visit, run_id)
    path = filestore.path_of(run.stored)
    if run.state != ExportRun.State.DONE or not run.stored or not path.is_file():
        raise Missing(f"{run.file_name} is no longer kept; export it again", code="FILE_NOT_KEPT")
    return _sent(path.open("rb"), run.file_name)


def _sent(file: Any, name: str) -> HttpResponseBase:
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[name.rpartition(".")[2]])


def _at_once(visit: Visit, asked: Asked) -> HttpResponseBase:
    path = filestore.path_of(filestore.new_name(f".{asked.form}"))
    work = visit.work.defined
    try:
        write.write(work, asked, path)
        return _sent(path.open("rb"), background.file_name(work, asked))
    finally:
        path.unlink(missing_ok=True)  # what is open can still be read


def _asked(visit: Visit, kind: ObjectType) -> Asked:
    typed = visit.request.POST
    given = {
        "object_type": kind.name,
        "columns": typed.getlist("columns"),
        "associated": typed.getlist("associated"),
        "where": typed.get("where", ""),
        "order": [typed["sort"]] if typed.get("sort") else [],
        "form": typed.get("form", "csv"),
        "heads": typed.get("heads", "labels"),
    }
    try:
        return msgspec.convert(given, Asked)
    except msgspec.ValidationError as error:
        raise Invalid(str(error)) from error


def _form(visit: Visit, kind: ObjectType, problems: tuple[Any, ...] = ()) -> HttpResponse:
    given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    chosen = given.getlist("columns") or [*kind.display, *kind.columns]
    places = {name: place for place, name in enumerate(chosen)}
    shown = sorted(
        (prop for prop in kind.properties.values() if not prop.hidden and prop.column != "_id"),
        key=lambda prop: (places.get(prop.name, len(places)), prop.label.casefold()),
    )
    others = [visit.catalog.object_types[name] for name in visit.catalog.associated_types(kind.name)]
    context = {
        "kind": kind,
        "columns": [(prop, prop.name in chosen) for prop in shown],
        "others": [(other, other.name in given.getlist("associated")) for other in others],
        "where": given.get("where", ""),
        "sort": given.get("sort", ""),
        "forms": [(value, label, value == given.get("form", "csv")) for value, label in FORMS],
        "heads": [(value, label, value == given.get("heads", "labels")) for value, label in HEADS],
        "problems": problems,
        "at_once": AT_ONCE,
    }
    return visit.page("exports/new.html", context, 422 if problems else 200)


def _run(visit: Visit, run_id: int) -> ExportRun:
    found = ExportRun.objects.filter(portal_id=visit.catalog.portal_id, id=run_id, actor=visit.work.actor)
    run = found.first()
    if run is None:
        raise Missing(f"There is no export {run_id}", code="EXPORT_NOT_FOUND")
    return run
