"""Asks those with a role for their approval of each record, waits for it, and goes the way that they decide.

What is asked and decided are the rows of `pipelines/decisions.py`, as for gates. Deciding is an entry in the
record's change log, and that wakes the enrolment.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member
from wonward.automation import values
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.automation.models import Enrolment
from wonward.errors import Invalid
from wonward.pipelines import decisions
from wonward.pipelines.models import Answer, Decision
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.workflow import length
from wonward.schema.workflow_body import AskedBody

LOOK_AGAIN = timedelta(days=1)
"""How long an enrolment waits before it looks by itself; a decision wakes it at once."""


class ApprovalStep(Struct, forbid_unknown_fields=True):
    """What to ask of whom, and the steps to take when it is approved, declined, or not answered in time."""

    approval: AskedBody
    approved: list[dict[str, Any]] = []
    declined: list[dict[str, Any]] = []
    unanswered: list[dict[str, Any]] = []


def _parts(catalog: Catalog, kind: ObjectType, said: ApprovalStep) -> Iterator[Part]:
    asked = said.approval
    if asked.by != SUPER_ADMIN:
        if asked.by not in catalog.roles:
            choices = ", ".join((SUPER_ADMIN, *sorted(catalog.roles)))
            raise Invalid(f"there is no role '{asked.by}'; choose from {choices}")
        yield Part("by", kind, uses=("role", asked.by))
    for name in asked.watches:
        yield Part("watches", kind, expression=kind.property_named(name).name)
    if asked.at_most:
        if length(asked.at_most) is None:
            raise Invalid(f"'{asked.at_most}' is no length of time; write it as 2 hours or 3 days")
        yield Part("at_most", kind, expression=_end(asked))
    elif said.unanswered:
        raise Invalid("say with at_most how long an answer may take, or leave unanswered out")


def _branches(said: ApprovalStep) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return {"approved": said.approved, "declined": said.declined, "unanswered": said.unanswered}


def _end(asked: AskedBody) -> str:
    return f"now() + '{asked.at_most}'"


def _do(batch: Batch) -> list[Done]:
    asked: AskedBody = batch.step.said.approval
    found = decisions.of_records(batch.work, batch.ids, [batch.workflow.name])
    rows = [found.get((number, batch.workflow.name, asked.name)) for number in batch.ids]
    ends = values.answers(batch, [_end(asked)] if asked.at_most else [])
    told = _deciders(batch, rows)
    done = [
        _one(batch, each, row, ends[each.record_id], told)
        for each, row in zip(batch.enrolments, rows, strict=True)
    ]
    fresh = [
        each.record_id
        for each, row in zip(batch.enrolments, rows, strict=True)
        if not each._state.adding and _is_new(each, row)
    ]
    late = [number for number, each in zip(batch.ids, done, strict=True) if each.branch == "unanswered"]
    decisions.ask_anew(batch.work, batch.kind, fresh, batch.workflow.name, asked.name)
    decisions.withdraw(batch.work, batch.kind, late, batch.workflow.name, asked.name)
    return done


def _is_new(enrolment: Enrolment, row: Decision | None) -> bool:
    """Tell whether this enrolment hasn't asked yet, or what it asked was made void by a new value."""
    return (
        row is None
        or row.asked_at is None
        or row.asked_at < enrolment.enrolled_at
        or row.state == Answer.VOID
    )


def _one(
    batch: Batch,
    enrolment: Enrolment,
    row: Decision | None,
    ends: tuple[str | None, ...],
    told: Mapping[str, str],
) -> Done:
    asked: AskedBody = batch.step.said.approval
    if enrolment._state.adding:  # a rehearsal
        return Done(f"would ask {asked.by} for approval: {asked.message}", branch="approved")
    if row is None or _is_new(enrolment, row):
        return _waits(batch, enrolment, ends, f"asks {asked.by} for approval: {asked.message}")
    if row.state == Answer.ASKED:
        if asked.at_most and enrolment.resume_at and enrolment.resume_at <= batch.work.now:
            return Done("nobody decided in time", branch="unanswered")
        return _waits(batch, enrolment, ends, "")
    who = told.get(row.decided_by, row.decided_by)
    if row.state == Answer.APPROVED:
        return Done(f"approved by {who}", branch="approved")
    return Done(f"declined by {who}: {row.reason}", branch="declined")


def _waits(batch: Batch, enrolment: Enrolment, ends: tuple[str | None, ...], said: str) -> Done:
    look_at = batch.work.now + LOOK_AGAIN
    until = enrolment.resume_at or (datetime.fromisoformat(ends[0]) if ends and ends[0] else look_at)
    return Done(said, until=until, look_at=min(until, look_at) if ends else look_at, wakes=True)


def _deciders(batch: Batch, rows: Sequence[Decision | None]) -> Mapping[str, str]:
    """Return the names of those who decided, by actor, in one statement at most."""
    actors = {row.decided_by.partition(":")[2] for row in rows if row and row.decided_by.startswith("user:")}
    if not actors:
        return {}
    of_portal = Member.objects.filter(portal_id=batch.work.catalog.portal_id, user_id__in=actors)
    return {f"user:{each.user_id}": each.full_name for each in of_portal}


APPROVAL = Action("approval", ApprovalStep, _parts, _do, _branches)
