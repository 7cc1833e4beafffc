"""The workflows and sequences of a record: where it is in them, starting and stopping one, trying one out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wonward.automation import run
from wonward.automation.models import Enrolment, Status
from wonward.automation.run import Rehearsal, Told
from wonward.errors import Missing, Problem, Refusal
from wonward.records import permission
from wonward.schema.catalog import ObjectType
from wonward.web import people
from wonward.web.access import Visit, member
from wonward.web.loading import load


@dataclass(frozen=True, slots=True)
class Shown:
    """An enrolment as the page shows it: what its workflow is called, who started it, what it has done."""

    enrolment: Enrolment
    label: str
    who: str
    steps: Sequence[Told]

    @property
    def active(self) -> bool:
        """Whether it is under way."""
        return self.enrolment.status == Status.ACTIVE

    @property
    def failed(self) -> bool:
        """Whether it waits at a step that failed."""
        return self.enrolment.status == Status.FAILED


@member("GET", "POST")
def enrolments(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Show a record's enrolments; start, stop, replay or try out as `do` says."""
    kind = visit.kind(plural)
    if visit.request.method != "POST":
        return _page(visit, plural, record_id)
    permission.there(visit.work, kind, [record_id], "edit")
    said = visit.request.POST
    do, name, number = said.get("do", ""), said.get("workflow", ""), said.get("number", "")
    try:
        if do == "try":
            with visit.writing() as work:
                rehearsal = run.rehearse(work, _startable(visit, kind, name), record_id)
            return _page(visit, plural, record_id, tried=(name, rehearsal))
        _act(visit, kind, record_id, do, name, int(number) if number.isdecimal() else 0)
    except Refusal as refusal:
        return _page(visit, plural, record_id, problems=refusal.problems, chosen=name)
    return redirect("enrolments", visit.portal, plural, record_id)


def _act(visit: Visit, kind: ObjectType, record_id: int, do: str, name: str, number: int) -> None:
    with visit.writing() as work:
        if do == "start":
            run.enrol_by_hand(work, _startable(visit, kind, name), [record_id])
            told = _("It begins within a few seconds.")
        elif do == "stop":
            run.stop(work, record_id, number)
            told = _("Stopped.")
        elif do == "replay":
            if number not in {each.pk for each in run.of_record(work.catalog.portal_id, record_id)}:
                raise Missing(f"There is no failed enrolment {number}", code="ENROLMENT_NOT_FOUND")
            run.replay(work, [number])
            told = _("It is tried again within a few seconds.")
        else:
            raise Missing(f"A workflow can be started, stopped, replayed and tried out, but not '{do[:40]}'")
    messages.success(visit.request, told)


def _startable(visit: Visit, kind: ObjectType, name: str) -> str:
    if name not in {each.name for each in run.startable(visit.catalog, kind)}:
        raise Missing(_("Choose what to start."), code="WORKFLOW_NOT_FOUND")
    return name


def _page(
    visit: Visit,
    plural: str,
    record_id: int,
    *,
    problems: Sequence[Problem] = (),
    chosen: str = "",
    tried: tuple[str, Rehearsal] | None = None,
) -> HttpResponse:
    record = load(visit, plural, record_id, [])
    found = run.told_of_record(visit.catalog.portal_id, record_id)
    who = people.actor_names(visit.catalog.portal_id, {each.enrolled_by for each, _steps in found})
    labels = {each.name: each.label for each in visit.catalog.workflows.values()}
    context = {
        "record": record,
        "kind": record.kind,
        "shown": [
            Shown(each, labels.get(each.workflow, each.workflow), who[each.enrolled_by], steps)
            for each, steps in found
        ],
        "startable": run.startable(visit.catalog, record.kind),
        "problems": problems,
        "chosen": tried[0] if tried else chosen,
        "tried": tried[1] if tried else None,
        "stati": {
            Status.ACTIVE: _("under way"),
            Status.FINISHED: _("finished"),
            Status.GOAL: _("ended: the goal is reached"),
            Status.STOPPED: _("stopped"),
            Status.FAILED: _("failed"),
        },
    }
    return visit.page("record/enrolments.html", context, 422 if problems else 200)
