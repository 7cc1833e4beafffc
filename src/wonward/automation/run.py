"""What people do with workflows: enrol by hand, rehearse, look at enrolments and their history, replay failures."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from wonward.automation import sequence
from wonward.automation.advance import Advance
from wonward.automation.enrol import Candidate, enrol
from wonward.automation.models import Enrolment, Status, StepTaken
from wonward.automation.program import Program, current
from wonward.db import transaction
from wonward.errors import Conflict, Missing, Problem
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.workflow import Trigger, Workflow

MOST_SHOWN = 50
"""Enrolments of a record that its page shows, the newest."""


def named(work: Work, name: str) -> Program:
    """Return a workflow as it is defined now; raise Missing when there is none."""
    for program in current(work):
        if program.name == name:
            return program
    names = ", ".join(work.catalog.workflows) or "none"
    raise Missing(f"There is no workflow '{name}'; this portal has {names}", code="WORKFLOW_NOT_FOUND")


def enrol_by_hand(work: Work, name: str, ids: Sequence[int]) -> list[Enrolment]:
    """Enrol live records; raise Missing for those there aren't, Conflict for those that can't be enrolled again.

    In a sequence it needs a seat: raise Forbidden without.
    """
    program = named(work, name)
    if program.workflow.is_sequence:
        sequence.require_seat(work)
    _require(work, program, ids)
    made = enrol(work, {program: [Candidate(number, work.actor) for number in ids]})
    left = sorted(set(ids) - {each.record_id for each in made})
    if left:
        why = (
            "is in it now"
            if program.workflow.again
            else "was in it already, and it enrols once (again: never)"
        )
        raise Conflict(
            Problem(f"The record {number} {why}", "ALREADY_ENROLLED", row=list(ids).index(number))
            for number in left
        )
    return made


def _require(work: Work, program: Program, ids: Sequence[int]) -> None:
    kind = work.catalog.object_types[program.workflow.object_type]
    there = {row[0] for row in query.rows(work, Query(kind, ids=ids), [])}
    absent = [
        Problem(f"There is no {kind.label.lower()} {number}", "OBJECT_NOT_FOUND", row=row)
        for row, number in enumerate(ids)
        if number not in there
    ]
    if absent:
        raise Missing(absent)


@dataclass(frozen=True, slots=True)
class Told:
    """One step of a rehearsal, or of an enrolment's history: its place, its action, and what it did."""

    place: str
    action: str
    said: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a workflow would do with a record: whether its trigger's condition is met, its steps, and how it ends."""

    meets: bool | None
    steps: list[Told]
    ends: str


class _Undone(Exception):
    """Takes back what a rehearsal did."""


def rehearse(work: Work, name: str, record_id: int) -> Rehearsal:
    """Do what a workflow does with a record, waits passed over, and take all of it back."""
    program = named(work, name)
    _require(work, program, [record_id])
    enrolment = Enrolment(
        portal_id=work.catalog.portal_id,
        workflow=name,
        definition_id=program.definition,
        object_type=program.workflow.object_type,
        record_id=record_id,
        place=program.first,
    )
    advance = Advance(work, rehearsal=True)
    try:
        with transaction.atomic():
            meets = _meets(work, program, record_id)
            advance.run([enrolment])
            raise _Undone
    except _Undone:
        steps = [Told(each.place, each.action, each.said) for each in advance.taken]
    ends = f"{enrolment.status} at step {enrolment.place}" if enrolment.place else str(enrolment.status)
    return Rehearsal(meets, steps, f"{ends}: {enrolment.said}" if enrolment.said else ends)


def _meets(work: Work, program: Program, record_id: int) -> bool | None:
    condition = program.condition or program.workflow.trigger.where
    if condition is None:
        return None
    kind = work.catalog.object_types[program.workflow.object_type]
    ((_, met),) = query.rows(work, Query(kind, ids=[record_id]), [condition])
    return bool(met == "true")


def history(enrolment: Enrolment) -> list[Told]:
    """Return the steps that an enrolment has taken, in their order."""
    return [Told(each.place, each.action, each.said) for each in enrolment.steps.order_by("id")]


def of_record(portal_id: int, record_id: int) -> list[Enrolment]:
    """Return a record's enrolments, the newest first."""
    return list(Enrolment.objects.filter(portal_id=portal_id, record_id=record_id).order_by("-id"))


def told_of_record(portal_id: int, record_id: int) -> list[tuple[Enrolment, list[Told]]]:
    """Return a record's newest enrolments, each with the steps it has taken, in two statements."""
    found = of_record(portal_id, record_id)[:MOST_SHOWN]
    taken: dict[int, list[Told]] = {}
    for each in StepTaken.objects.filter(enrolment__in=found).order_by("id"):
        taken.setdefault(each.enrolment_id, []).append(Told(each.place, each.action, each.said))
    return [(each, taken.get(each.pk, [])) for each in found]


def startable(catalog: Catalog, kind: ObjectType) -> list[Workflow]:
    """Return the workflows of a type that people start by hand: those that nothing else starts, and sequences."""
    return [each for each in catalog.workflows_of(kind.name) if each.is_sequence or each.trigger == Trigger()]


def stop(work: Work, record_id: int, number: int) -> Enrolment:
    """End an enrolment of a record by hand; raise Missing when it isn't under way."""
    active = Enrolment.objects.filter(
        portal_id=work.catalog.portal_id, record_id=record_id, pk=number, status=Status.ACTIVE
    )
    found = active.select_for_update().first()
    if found is None:
        raise Missing("That has ended already; load the page again", code="ENROLMENT_NOT_FOUND")
    found.status, found.said = Status.STOPPED, "stopped by hand"
    found.due_at = found.resume_at = None
    found.wakes, found.ended_at = False, work.now
    found.save()
    return found


def counts(portal_id: int) -> dict[str, dict[str, int]]:
    """Return how many enrolments each workflow has of every status."""
    rows = Enrolment.objects.filter(portal_id=portal_id).values_list("workflow", "status")
    found: dict[str, dict[str, int]] = {}
    for name, status, number in rows.annotate(number=Count("id")).order_by("workflow", "status"):
        found.setdefault(name, {})[status] = number
    return found


def failures(portal_id: int, name: str | None = None) -> list[Enrolment]:
    """Return the failed enrolments of a portal, or of one workflow, the newest first."""
    found = Enrolment.objects.filter(portal_id=portal_id, status=Status.FAILED).order_by("-id")
    return list(found.filter(workflow=name) if name else found)


def replay(work: Work, numbers: Sequence[int]) -> list[Enrolment]:
    """Let failed enrolments go on from the step that failed, at the version they were enrolled with.

    Raise Missing for a number that no failure has, Conflict when the record is in the workflow again meanwhile.
    """
    of_portal = Enrolment.objects.filter(portal_id=work.catalog.portal_id)
    found = list(of_portal.filter(status=Status.FAILED, pk__in=numbers).select_for_update().order_by("pk"))
    unknown = sorted(set(numbers) - {each.pk for each in found})
    if unknown:
        raise Missing(
            Problem(f"There is no failed enrolment {number}", "ENROLMENT_NOT_FOUND") for number in unknown
        )
    again = {(each.workflow, each.record_id) for each in found}
    active = of_portal.filter(status=Status.ACTIVE, record_id__in=[each.record_id for each in found])
    taken = again & set(active.values_list("workflow", "record_id"))
    if taken or len(again) < len(found):
        raise Conflict(
            "The record is in the workflow again already: "
            + ", ".join(f"{n} {r}" for n, r in sorted(taken or again)),
            code="ALREADY_ENROLLED",
        )
    of_portal.filter(pk__in=[each.pk for each in found]).update(
        status=Status.ACTIVE, due_at=work.now, ended_at=None, said="", problems=[], depth=0
    )
    return found
