"""Importing a file, step by step: choosing it, matching its columns, looking, running, undoing."""

import itertools
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from wonward.errors import Missing, Refusal
from wonward.records import filestore, names
from wonward.records.importing import background, errors_file, ledger, undo
from wonward.records.importing.owners import OWNER
from wonward.records.importing.run import kind_of
from wonward.records.importing.table import LARGEST
from wonward.records.models import ExportRun, ImportProblem, ImportRun, kept_until
from wonward.web import import_columns, people, progress
from wonward.web.access import Visit, member
from wonward.web.paging import PAGE, Page, page_number
from wonward.web.receiving import received, receives

SHOWN = 50
"""Past imports, and exports, that are listed."""

FIRST_ROWS = 5
State = ImportRun.State


@member("GET")
def files(visit: Visit) -> HttpResponse:
    """List the imports of the portal and the exports of the person."""
    imports = list(
        ImportRun.objects.filter(portal_id=visit.catalog.portal_id).order_by("-started_at")[:SHOWN]
    )
    if visit.catalog.role is not None:
        imports = [run for run in imports if background.open_to(visit.work, run)]
    exports = ExportRun.objects.filter(portal_id=visit.catalog.portal_id, actor=visit.work.actor)
    actors = people.actor_names(visit.catalog.portal_id, [run.actor for run in imports])
    context = {
        "imports": [
            (
                run,
                kind_label(visit, run.object_type),
                actors.get(run.actor, ""),
                background.open_to(visit.work, run),
            )
            for run in imports
        ],
        "exports": [
            (run, kind_label(visit, run.object_type)) for run in exports.order_by("-started_at")[:SHOWN]
        ],
        "kinds": visit.catalog.object_types.values(),
    }
    return visit.page("imports/files.html", context)


@receives(lambda: LARGEST)
@member("GET", "POST")
def new_import(visit: Visit, plural: str) -> HttpResponse:
    """Ask for a file, and keep it."""
    kind = OWNER if plural == OWNER.plural else visit.kind(plural)
    visit.work.require("people" if kind is OWNER else "import")
    problems: tuple[Any, ...] = ()
    if visit.request.method == "POST":
        try:
            sent = received(visit.request, "file", lambda name: filestore.too_large(name, LARGEST))
            run = background.receive(visit.work, kind.name, sent.name or "", sent.chunks())
        except Refusal as refusal:
            problems = refusal.problems
        else:
            return redirect("import", visit.portal, run.pk)
    context = {
        "kind": kind,
        "problems": problems,
        "largest": LARGEST >> 20,
        "types": ",".join(background.TYPES),
    }
    return visit.page("imports/new.html", context, 422 if problems else 200)


@member("GET")
def import_run(visit: Visit, run_id: int) -> HttpResponse:
    """Show an import as it stands; a page that follows one that runs asks for its progress alone."""
    run = _run(visit, run_id)
    if visit.partial and "progress" in visit.request.GET:
        if run.active:
            return visit.page("imports/progress.html", _context(visit, run))
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    if run.state == State.UPLOADED or (run.state == State.WAITING and "columns" in visit.request.GET):
        return _columns(visit, run)
    return visit.page("imports/run.html", _context(visit, run))


@member("POST")
def match_columns(visit: Visit, run_id: int) -> HttpResponse:
    """Take what was chosen for the columns, and have the file looked through."""
    run = _run(visit, run_id)
    try:
        table = background.table_of(run)
        said = import_columns.chosen(visit.catalog, run, table, visit.request.POST)
        background.look_through(run, said)
    except Refusal as refusal:
        return _columns(visit, run, refusal.problems)
    return redirect("import", visit.portal, run_id)


ACTIONS: Mapping[str, Callable[[ImportRun], None]] = {
    "go": background.go,
    "cancel": background.cancel,
    "undo": background.take_back,
    "again": background.give_again,
}


@member("POST")
def act(visit: Visit, run_id: int, action: str) -> HttpResponse:
    """Start an import, cancel it, undo it, or give its job again."""
    do = ACTIONS.get(action)
    if do is None:
        raise Missing(f"Nothing is called {action}")
    do(_run(visit, run_id))
    return redirect("import", visit.portal, run_id)


@member("GET")
def refused_rows(visit: Visit, run_id: int) -> HttpResponseBase:
    """Send the rows that were refused, with the reasons, as a file that can be mended and imported."""
    run = _run(visit, run_id)
    table = background.table_of(run)
    name = errors_file.path_for(Path(run.file_name)).name
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "errors.csv"
        errors_file.write(table, ledger.problems(run), target)
        return FileResponse(target.open("rb"), as_attachment=True, filename=name, content_type="text/csv")


def kind_label(visit: Visit, object_type: str) -> str:
    """Return what records of a type are called, the type's own name when it is gone."""
    try:
        return kind_of(visit.catalog, object_type).plural_label
    except Missing:
        return object_type


def _run(visit: Visit, run_id: int) -> ImportRun:
    run = ImportRun.objects.filter(portal_id=visit.catalog.portal_id, id=run_id).first()
    if run is None or not background.open_to(visit.work, run):
        raise Missing(f"There is no import {run_id}", code="IMPORT_NOT_FOUND")
    return run


def _columns(visit: Visit, run: ImportRun, problems: tuple[Any, ...] = ()) -> HttpResponse:
    table = background.table_of(run)
    context = {
        "run": run,
        "kind": kind_of(visit.catalog, run.object_type),
        "matching": import_columns.matching(visit.catalog, run, table),
        "modes": import_columns.MODES,
        "encoding": "Windows-1252" if table.encoding == "cp1252" else "UTF-8",
        "table": table,
        "delimiter": {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}.get(
            table.delimiter, table.delimiter
        ),
        "problems": problems or [line for line in run.failure.split("\n") if line],
    }
    return visit.page("imports/columns.html", context, 422 if problems else 200)


def _context(visit: Visit, run: ImportRun) -> dict[str, Any]:
    kind = kind_of(visit.catalog, run.object_type)
    context: dict[str, Any] = {"run": run, "kind": kind, "progress": progress.of_import(run), "states": State}
    if run.active:
        return context
    context |= {"until": kept_until(run), "stored": bool(run.stored), "undoable": _undoable(run)}
    if run.state == State.WAITING:
        table = background.table_of(run)
        rows = itertools.islice(table.rows(), FIRST_ROWS)
        return {**context, "rows": [row.cells for row in rows], "preview": run.preview}
    found = ImportProblem.objects.filter(run=run)
    number = page_number(visit.request.GET)
    page = Page(number, found.count(), visit.request.GET)
    shown = found.order_by("row", "id")[(number - 1) * PAGE : number * PAGE]
    return {**context, "found": shown, "page": page, "kept": _kept(visit, run)}


def _kept(visit: Visit, run: ImportRun) -> list[tuple[int, str, str]]:
    """Return what an undoing left: record, its name, and why."""
    kept = list(run.kept.order_by("id").values_list("record_id", "message")[:PAGE])
    kind = visit.catalog.object_types.get(run.object_type)
    called = names.names(visit.work, kind, [record_id for record_id, _ in kept]) if kind and kept else {}
    return [(record_id, called.get(record_id, str(record_id)), message) for record_id, message in kept]


def _undoable(run: ImportRun) -> bool:
    try:
        undo.refuse_unless_possible(run)
    except Refusal:
        return False
    return True
