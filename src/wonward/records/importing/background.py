"""Imports that others wait for: a file is received, looked through, carried out and undone by jobs.

A run's state says what its job is to do, so that a job can be given again at any time: whatever ended the
one before, it goes on from the last chunk that was written.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from procrastinate.contrib.django import app

from wonward import clock
from wonward.db import transaction
from wonward.errors import Conflict, Invalid, Refusal
from wonward.records import filestore
from wonward.records.importing import ledger, maps, run, trace, undo, workbook
from wonward.records.importing.ledger import Stopped
from wonward.records.importing.mapping import ImportMap, typed
from wonward.records.importing.owners import OWNER
from wonward.records.importing.run import OpenWork
from wonward.records.importing.table import LARGEST, Table, open_table
from wonward.records.models import ImportRun
from wonward.records.work import Work
from wonward.schema.definitions import ImportMapBody, body_of

State = ImportRun.State
JOB = "carry_on_import"

TYPES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
"""What files may be called."""

FIRST = 100
"""Problems that a preview keeps."""

Opener = Callable[[str, str], OpenWork]
"""(portal, actor) -> what opens work that writes it."""


def receive(work: Work, object_type: str, file_name: str, blocks: Iterable[bytes]) -> ImportRun:
    """Store a file that was sent, and return its run, whose columns have yet to be matched.

    Raise Invalid for a file that is too large, of another kind, or has no header.
    """
    kind = run.kind_of(work.catalog, object_type)
    work.require("people" if kind is OWNER else "import")
    suffix = Path(file_name).suffix.lower()
    if suffix not in TYPES:
        raise Invalid(
            f"{file_name} is of a kind that can't be read; save it as .xlsx or .csv", code="FILE_TYPE_UNKNOWN"
        )
    stored = filestore.keep(blocks, suffix, LARGEST)
    try:
        stored = _as_text(stored)
        table = open_table(filestore.path_of(stored), sheet=workbook.is_workbook(Path(file_name)))
        with transaction.atomic():
            return ImportRun.objects.create(
                portal_id=work.catalog.portal_id,
                object_type=kind.name,
                file_name=file_name[-255:],
                digest=table.digest,
                state=State.UPLOADED,
                actor=work.actor,
                stored=stored,
                rows=0,
                started_at=clock.now(),
            )
    except Refusal as refusal:
        filestore.remove(stored)
        raise type(refusal)(
            str(refusal).replace(stored, file_name), code=refusal.problems[0].code
        ) from refusal
    except BaseException:
        filestore.remove(stored)
        raise


def _as_text(stored: str) -> str:
    """Replace a stored workbook by what stands in it; return the name of the file that is read."""
    path = filestore.path_of(stored)
    if not workbook.is_workbook(path):
        return stored
    text = filestore.new_name(".csv")
    try:
        workbook.to_csv(path, filestore.path_of(text))
    finally:
        filestore.remove(stored)
    return text


def table_of(given: ImportRun) -> Table:
    """Open the stored file of a run; raise Conflict when it is no longer kept."""
    path = filestore.path_of(given.stored)
    if not given.stored or not path.is_file():
        raise Conflict(f"{given.file_name} is no longer kept; import it again", code="FILE_NOT_KEPT")
    return open_table(path, sheet=workbook.is_workbook(Path(given.file_name)))


def open_to(work: Work, given: ImportRun) -> bool:
    """Tell whether somebody may look at a run and act on it: what its file holds may be sensitive.

    So it is for the one who gave it, whose rights it is carried out with, and for those who may see everything.
    """
    if work.catalog.role is not None:
        return given.actor == work.actor
    hidden = (prop.masked for kind in work.catalog.sensitive for prop in kind.properties.values())
    return given.actor == work.actor or not any(hidden)


def map_of(given: ImportRun) -> ImportMap:
    """Return the map that a run was given, else the portal's own for files of its name, else an empty one."""
    if given.mapping:
        return typed(body_of(ImportMapBody, given.mapping), given.file_name)
    return maps.for_file(given.portal_id, given.object_type, given.file_name) or ImportMap(given.object_type)


def look_through(given: ImportRun, said: Mapping[str, Any]) -> None:
    """Have a run's file looked through as a map says; raise Invalid for a map that isn't right."""
    try:
        body = msgspec.convert(said, ImportMapBody)
    except msgspec.ValidationError as error:
        raise Invalid(str(error), code="INVALID_IMPORT_MAP") from error
    typed(body, given.file_name)
    with transaction.atomic():
        mapping = msgspec.to_builtins(body)
        _begin(
            given,
            (State.UPLOADED, State.WAITING),
            State.PREVIEWING,
            mapping=mapping,
            position=0,
            preview=None,
        )


def go_at_once(given: ImportRun, said: ImportMap | None) -> None:
    """Have a file that was sent imported without a preview, with a map or the portal's own."""
    with transaction.atomic():
        mapping = dict(said.said) if said else dict(map_of(given).said)
        _begin(given, (State.UPLOADED,), State.RUNNING, mapping=mapping)


def go(given: ImportRun) -> None:
    """Have a run carried out, or carried on that was stopped by a problem or cancelled."""
    with transaction.atomic():
        _begin(given, (State.WAITING, State.FAILED, State.CANCELLED), State.RUNNING, ended_at=None)


def take_back(given: ImportRun) -> None:
    """Have a run undone; raise Conflict when it can't be."""
    undo.refuse_unless_possible(given)
    with transaction.atomic():
        _begin(given, (State.DONE, State.CANCELLED, State.FAILED), State.UNDOING)


def cancel(given: ImportRun) -> None:
    """Have a run stop at its next chunk; one that no job works on ends at once."""
    with transaction.atomic():
        ImportRun.objects.filter(
            id=given.pk, state__in=(State.PREVIEWING, State.RUNNING, State.UNDOING)
        ).update(stopping=True)
        idle = ImportRun.objects.filter(id=given.pk, state__in=(State.UPLOADED, State.WAITING))
        if idle.update(state=State.CANCELLED, ended_at=clock.now()):
            filestore.remove(given.stored)


def give_again(given: ImportRun) -> None:
    """Give a run's job again, should the one before have been lost; carrying on twice does nothing twice."""
    with transaction.atomic():
        _enqueue(given)


def _begin(given: ImportRun, before: Iterable[State], state: State, **changes: object) -> None:
    """Put a run into a state that a job works on, and give the job."""
    found = ImportRun.objects.filter(id=given.pk, state__in=list(before))
    if not found.update(state=state, stopping=False, failure="", active_since=None, **changes):
        raise Conflict(f"{given.file_name} is under way already, or done", code="IMPORT_RUNNING")
    _enqueue(given)


def _enqueue(given: ImportRun) -> None:
    app.configure_task(JOB, lock=f"import:{given.pk}").defer(run_id=given.pk)


def carry_on(run_id: int, opener: Opener) -> None:
    """Do what a run's state asks for. Raise Conflict when another import of the type is under way."""
    given = ImportRun.objects.select_related("portal").filter(id=run_id).first()
    if given is None or not given.active:
        return
    do, stopped, failed = _TO_DO[given.state]
    given.active_since = clock.now()
    given.active_from = given.position
    given.save(update_fields=["active_since", "active_from"])
    try:
        for tried in range(3):
            try:
                do(given, opener)
                break
            except Conflict as conflict:
                if tried == 2 or conflict.problems[0].code != "DEFINITIONS_CHANGED":
                    raise
    except Stopped:
        _stand(given, stopped)
    except Refusal as refusal:
        if refusal.problems[0].code == "IMPORT_RUNNING":
            raise
        _stand(given, failed, failure="\n".join(problem.message for problem in refusal.problems))
    except Exception:
        _stand(
            given,
            failed,
            failure="Something went wrong on the server. What was written is kept; go on or undo it",
        )
        raise


def _stand(given: ImportRun, state: State, failure: str = "") -> None:
    ended = {} if state in (State.UPLOADED, State.DONE) else {"ended_at": clock.now()}
    ImportRun.objects.filter(id=given.pk).update(state=state, stopping=False, failure=failure, **ended)


def _preview(given: ImportRun, opener: Opener) -> None:
    open_work = opener(given.portal.name, given.actor)

    def tell(done: int, total: int) -> None:
        ledger.heed(given)
        ImportRun.objects.filter(id=given.pk).update(
            position=done, steps=total, rows=planned.rows, moved_at=clock.now()
        )

    planned = run.plan_of(open_work, table_of(given), given.object_type, map_of(given), given.file_name)
    found = run.foresee(open_work, planned, tell, FIRST)
    ImportRun.objects.filter(id=given.pk, state=State.PREVIEWING).update(
        state=State.WAITING,
        preview=msgspec.to_builtins(found),
        rows=planned.rows,
        steps=planned.steps,
        position=0,
        stopping=False,
    )


def _import(given: ImportRun, opener: Opener) -> None:
    open_work = opener(given.portal.name, given.actor)
    planned = run.plan_of(open_work, table_of(given), given.object_type, map_of(given), given.file_name)
    with ledger.alone(planned.catalog, planned.kind.name):
        given.refresh_from_db()
        if given.first_change is None:
            ledger.refuse_repeat(planned)
            with open_work() as work:
                given.first_change = trace.newest(work)
                given.rows, given.steps = planned.rows, planned.steps
                given.save(update_fields=["first_change", "rows", "steps"])
        run.carry_out(open_work, planned, given)
        ledger.end(given)


def _undo(given: ImportRun, opener: Opener) -> None:
    open_work = opener(given.portal.name, given.actor)
    with open_work() as work:
        catalog = work.catalog
    with ledger.alone(catalog, given.object_type):
        given.refresh_from_db()
        undo.carry_out(open_work, given)
        ImportRun.objects.filter(id=given.pk).update(state=State.UNDONE, stopping=False, ended_at=clock.now())


_TO_DO: Mapping[str, tuple[Callable[[ImportRun, Opener], None], State, State]] = {
    State.PREVIEWING: (_preview, State.UPLOADED, State.UPLOADED),
    State.RUNNING: (_import, State.CANCELLED, State.FAILED),
    State.UNDOING: (_undo, State.DONE, State.DONE),
}
"""By state: what a job does, and the states after it was stopped and after it failed."""
