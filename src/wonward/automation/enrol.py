"""Enrols records in workflows: a consumer of the change feed for conditions, and the one rule of who may be.

A batch of changes costs a few statements an object type, however many workflows watch it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wonward.automation import on_form
from wonward.automation.failure import fail
from wonward.automation.models import Enrolment, Status
from wonward.automation.program import Program, current
from wonward.records import query, transition
from wonward.records.changes import Change, Consumer
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

MOST_DEPTH = 10
"""Workflows that may set each other off in a row before it is taken for a loop."""

MOST_A_DAY = 100
"""Times that a workflow takes in one record within a day before that is taken for a loop too, whoever changed it."""

_ACTOR = "workflow:"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a workflow would enrol, and why.

    `change` is the entry of the log that made it one, `seen` the newest of the record's, `once` that it is
    enrolled a single time whatever the workflow says.
    """

    record_id: int
    by: str
    depth: int = 0
    change: int | None = None
    seen: int = 0
    occasion: date | None = None
    once: bool = False


def actor(name: str, depth: int) -> str:
    """Return whose a workflow's changes are: its name, and how deep in a row when others set it off."""
    return f"{_ACTOR}{name}/{depth}" if depth else f"{_ACTOR}{name}"


def depth_after(changer: str) -> int:
    """Return the depth of what a change by `changer` sets off: 0 unless it is a workflow."""
    if not changer.startswith(_ACTOR):
        return 0
    return int(changer.partition("/")[2] or 0) + 1


def enrol(work: Work, wanted: Mapping[Program, Sequence[Candidate]]) -> list[Enrolment]:
    """Enrol those candidates that may be, and return their enrolments; three statements for all of them.

    A record is in a workflow once at a time; again only where the workflow says so, and once for each change
    and occasion. One too deep in a row of workflows goes to the failures at once.
    """
    ids = {each.record_id for found in wanted.values() for each in found}
    if not ids:
        return []
    earlier = _earlier(work, wanted, ids)
    fresh = []
    for program, found in wanted.items():
        for each in _once_each(found):
            before = earlier.get((program.name, each.record_id), [])
            if _may(program, each, before):
                fresh.append(_enrolment(work, program, each, before))
    return Enrolment.objects.bulk_create(fresh)


_Earlier = tuple[str, int, date | None, datetime]


def _earlier(
    work: Work, wanted: Iterable[Program], ids: Iterable[int]
) -> dict[tuple[str, int], list[_Earlier]]:
    """Return the enrolments that there are of records in workflows: status, what was seen, the occasion and when."""
    rows = Enrolment.objects.filter(
        portal_id=work.catalog.portal_id,
        record_id__in=list(ids),
        workflow__in=[program.name for program in wanted],
    ).values_list("workflow", "record_id", "status", "seen", "occasion", "enrolled_at")
    found: dict[tuple[str, int], list[_Earlier]] = {}
    for name, record_id, status, seen, occasion, at in rows:
        found.setdefault((name, record_id), []).append((status, seen, occasion, at))
    return found


def _once_each(found: Iterable[Candidate]) -> Iterable[Candidate]:
    """Return one candidate a record, one who came to meet the condition rather than one who was associated."""
    return {each.record_id: each for each in sorted(found, key=_rank)}.values()


def _rank(candidate: Candidate) -> tuple[bool, int]:
    return not candidate.once, candidate.change or 0


def _may(program: Program, candidate: Candidate, earlier: Sequence[_Earlier]) -> bool:
    if not program.workflow.again or candidate.once:
        return not earlier
    return not any(
        status == Status.ACTIVE
        or (candidate.change is not None and seen >= candidate.change)
        or (candidate.occasion is not None and occasion == candidate.occasion)
        for status, seen, occasion, _ in earlier
    )


def _enrolment(work: Work, program: Program, candidate: Candidate, earlier: Sequence[_Earlier]) -> Enrolment:
    made = Enrolment(
        portal_id=work.catalog.portal_id,
        workflow=program.name,
        definition_id=program.definition,
        object_type=program.workflow.object_type,
        record_id=candidate.record_id,
        place=program.first,
        due_at=work.now,
        depth=candidate.depth,
        seen=candidate.seen,
        occasion=candidate.occasion,
        enrolled_by=candidate.by,
        enrolled_at=work.now,
    )
    today = sum(at > work.now - timedelta(days=1) for *_, at in earlier)
    if candidate.depth >= MOST_DEPTH:
        cause = candidate.by.removeprefix(_ACTOR).partition("/")[0]
        row = f"{candidate.depth} workflows in a row have set each other off"
        fail(made, work.now, [_loop(f"a change by the workflow {cause} enrolled it, and {row}")])
    elif today >= MOST_A_DAY:
        fail(made, work.now, [_loop(f"the record was enrolled {today} times within a day")])
    return made


def _loop(why: str) -> dict[str, str | None]:
    return {
        "message": f"Stopped as a loop: {why}. Let the condition of one workflow become false by what they do, or "
        "enrol once (again: never); then replay",
        "code": "WORKFLOW_LOOP",
        "property": None,
    }


def follow(work: Work, changes: Sequence[Change]) -> None:
    """Enrol the records that came to meet a condition, and look again at enrolments that wait for a change."""
    if not work.catalog.workflows:
        return
    ids = {change.record_id for change in changes}
    Enrolment.objects.filter(
        portal_id=work.catalog.portal_id,
        record_id__in=ids,
        status=Status.ACTIVE,
        wakes=True,
        due_at__gt=work.now,
    ).update(due_at=work.now)
    watching: dict[str, list[Program]] = {}
    programs = current(work)
    for program in programs:
        if program.condition is not None:
            watching.setdefault(program.workflow.object_type, []).append(program)
    wanted = _senders(work, programs, changes)
    for name, own_programs in watching.items():
        kind = work.catalog.object_types[name]
        own = [change for change in changes if change.object_type == name]
        wanted |= _candidates(work, kind, own_programs, own) if own else {}
    enrol(work, wanted)


def _senders(
    work: Work, programs: Iterable[Program], changes: Sequence[Change]
) -> dict[Program, list[Candidate]]:
    """Return who has sent the forms that set workflows off, once for each time."""
    by_form = [each for each in programs if each.workflow.trigger.form is not None]
    if not by_form:
        return {}
    kind = work.catalog.object_types[by_form[0].workflow.object_type]
    return {
        program: [Candidate(each.record_id, each.actor, change=each.seq, seen=each.seq) for each in sent]
        for program, sent in on_form.sent_to(work, kind, by_form, changes).items()
    }


def _candidates(
    work: Work, kind: ObjectType, programs: Sequence[Program], changes: Sequence[Change]
) -> dict[Program, list[Candidate]]:
    """Return who meets each workflow's condition now and didn't before one of the changes."""
    conditions = [program.condition or "true" for program in programs]
    days = [f"days_until({p.workflow.trigger.date})" if p.workflow.trigger.date else "0" for p in programs]
    ids = list({change.record_id for change in changes})
    found = query.rows(work, Query(kind, ids=ids), [*conditions, *days])
    meets = {row[0]: [text == "true" for text in row[1 : len(programs) + 1]] for row in found}
    ahead = {row[0]: row[len(programs) + 1 :] for row in found}
    turning = [change for change in changes if any(meets.get(change.record_id, ()))]
    if not turning:
        return {}
    held = _held_before(work, kind, conditions, turning)
    newest = transition.newest(work, [change.record_id for change in turning])
    return {
        program: [
            Candidate(
                change.record_id,
                change.actor,
                depth_after(change.actor),
                change.seq,
                newest.get(change.record_id) or change.seq,
                _day(work, ahead[change.record_id][place]) if program.workflow.trigger.date else None,
                once=change.kind not in ("created", "updated"),
            )
            for change, before in zip(turning, held, strict=True)
            if meets[change.record_id][place] and _turned(program, change, before[place])
        ]
        for place, program in enumerate(programs)
    }


def _day(work: Work, ahead: str | None) -> date:
    """Return the day that is so many days ahead."""
    return work.today + timedelta(days=int(ahead or 0))


def _turned(program: Program, change: Change, before: bool) -> bool:
    """Tell whether a change can have made a condition true that holds now."""
    if change.kind in ("created", "updated"):
        return not before
    return change.kind in ("associated", "dissociated", "listed", "unlisted") and program.looks_elsewhere


def _held_before(
    work: Work, kind: ObjectType, conditions: Sequence[str], changes: Sequence[Change]
) -> list[Sequence[bool]]:
    """Return for each change whether each condition held before it; nothing held before a record was created."""
    was: dict[int, dict[str, str | None]] = {}
    undone: dict[int, transition.Undone] = {}
    for change in sorted(changes, key=lambda each: -each.seq):
        if change.kind == "updated":
            values = was.setdefault(change.record_id, {})
            values |= {name: old for name, (old, _) in change.diff.items() if name in kind.properties}
            undone[change.seq] = change.record_id, dict(values)
    held = transition.held_before(work, kind, list(undone.values()), conditions) if undone else []
    by_change = dict(zip(undone, held, strict=True))
    nothing = [False] * len(conditions)
    return [by_change.get(change.seq, nothing) for change in changes]


WORKFLOWS = Consumer("workflows", follow)
