"""Takes enrolments through their steps: those at the same step of the same version together, in one write.

Effects, places and history belong to one transaction of the caller's, so that each step happens once. What a
guard refuses fails that enrolment alone and leaves the others what they did.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from wonward.automation import sequence
from wonward.automation.actions.action import Batch, Done, Sequences
from wonward.automation.enrol import actor
from wonward.automation.failure import fail
from wonward.automation.models import Enrolment, Status, StepTaken
from wonward.automation.program import Program, of_version
from wonward.db.transaction import is_away
from wonward.errors import Problem, Refusal
from wonward.records import query
from wonward.records.query import Query
from wonward.records.salvage import salvage
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

log = logging.getLogger(__name__)

Row = TypeVar("Row")
Result = TypeVar("Result")

RHYTHM_SECONDS = 24 * 3600
"""A workflow that waited so long sets off others in a rhythm, not in a loop."""


@dataclass
class Advance:
    """One go at enrolments whose time has come; what was done is in `taken`.

    With `rehearsal`, waits are passed over at once.
    """

    work: Work
    rehearsal: bool = False
    taken: list[StepTaken] = field(default_factory=list)
    sequences: Sequences = field(init=False)

    def run(self, enrolments: Sequence[Enrolment]) -> None:
        """Take each enrolment as far as it goes now: to its next wait or its end."""
        self.sequences = Sequences(sequence.enrol_owned, partial(sequence.stop, enrolments))
        moving = list(enrolments)
        while moving:
            moving = [each for group in _together(moving) for each in self._step(group)]

    def _step(self, group: list[Enrolment]) -> list[Enrolment]:
        """Take a group through the step where it stands; return those that go on at once."""
        group = [each for each in group if each.status == Status.ACTIVE]  # another's step may have ended one
        if not group:
            return []
        program = of_version(group[0].definition_id)
        kind = self.work.catalog.object_types.get(program.workflow.object_type)
        if kind is None or program.name not in self.work.catalog.workflows:
            for each in group:
                self._end(each, Status.STOPPED, "the workflow was removed")
            return []
        there, problems = attempt(group, lambda rows: self._outlooks(kind, program, rows))
        self._fail(group, problems)
        ready = [group[row] for row, outlook in there.items() if self._goes_on(group[row], outlook)]
        step = program.steps[group[0].place]
        own = replace(self.work, actor=actor(program.name, group[0].depth))
        done, problems = attempt(
            ready, lambda rows: step.action.do(Batch(own, kind, program.workflow, step, rows, self.sequences))
        )
        self._fail(ready, problems)
        return [ready[row] for row, each in done.items() if self._settle(program, ready[row], each)]

    def _outlooks(self, kind: ObjectType, program: Program, rows: list[Enrolment]) -> list[str | None]:
        """Return why each has come to its goal, "" for those that go on, None when the record isn't there any more."""
        if program.workflow.is_sequence:
            return sequence.ended(self.work, kind, rows)
        goal = program.workflow.goal
        ids = [each.record_id for each in rows]
        found = query.rows(self.work, Query(kind, ids=ids), [goal] if goal else [])
        met = {row[0]: "the goal is reached" if row[1:] == ("true",) else "" for row in found}
        return [met.get(number) for number in ids]

    def _goes_on(self, enrolment: Enrolment, outlook: str | None) -> bool:
        if outlook is None:
            self._end(enrolment, Status.STOPPED, "the record is archived or gone")
        elif outlook:
            self._end(enrolment, Status.GOAL, outlook)
        return outlook == ""

    def _settle(self, program: Program, enrolment: Enrolment, done: Done) -> bool:
        """Note what a step did; return whether the enrolment goes on at once."""
        step = program.steps[enrolment.place]
        if done.said:
            self.taken.append(
                StepTaken(
                    enrolment=enrolment,
                    place=step.place,
                    action=step.action.name,
                    at=self.work.now,
                    said=done.said,
                )
            )
        if done.stop:
            self._end(enrolment, Status.STOPPED, done.said)
            return False
        if done.until is not None and not self.rehearsal:
            if not done.wakes and (done.until - self.work.now).total_seconds() >= RHYTHM_SECONDS:
                enrolment.depth = 0
            enrolment.resume_at, enrolment.due_at = done.until, done.look_at
            ends = program.workflow.goal is not None or program.workflow.is_sequence
            enrolment.wakes = done.wakes or ends
            return False
        enrolment.resume_at, enrolment.wakes = None, False
        enrolment.place = step.branches[done.branch] if done.branch else step.after
        if not enrolment.place:
            self._end(enrolment, Status.FINISHED, "")
        return bool(enrolment.place)

    def _end(self, enrolment: Enrolment, status: Status, said: str) -> None:
        enrolment.status, enrolment.said = status, said
        enrolment.due_at = enrolment.resume_at = None
        enrolment.wakes, enrolment.ended_at = False, self.work.now

    def _fail(self, rows: Sequence[Enrolment], problems: Sequence[Problem]) -> None:
        refused: dict[int, list[Problem]] = {}
        for problem in problems:
            refused.setdefault(problem.row or 0, []).append(problem)
        for row, own in refused.items():
            fail(
                rows[row],
                self.work.now,
                [{"message": each.message, "code": each.code, "property": each.property} for each in own],
            )


def _together(enrolments: Sequence[Enrolment]) -> Iterator[list[Enrolment]]:
    """Yield the enrolments that can take a step in one write: same version, same place, same depth."""
    groups: dict[tuple[int, str, int], list[Enrolment]] = {}
    for each in enrolments:
        groups.setdefault((each.definition_id, each.place, each.depth), []).append(each)
    yield from groups.values()


def attempt(
    rows: Sequence[Row], write: Callable[[list[Row]], Sequence[Result]]
) -> tuple[dict[int, Result], list[Problem]]:
    """Write the rows that can be written; return their results by row, and the problems of the others.

    Where it isn't said which rows are at fault, halves are tried until the ones are found. An error that nobody
    foresaw is logged and is a problem of its row too, so that one record keeps no others waiting.
    """
    if not rows:
        return {}, []
    try:
        return salvage(rows, write)
    except Refusal as refusal:
        if len(rows) == 1:
            return {}, [replace(problem, row=0) for problem in refusal.problems]
    except Exception as error:
        if is_away(error):
            raise
        if len(rows) == 1:
            log.exception("a step of a workflow failed")
            said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:500]
            return {}, [
                Problem(f"The step failed ({said}); replay it when that is mended", "STEP_FAILED", row=0)
            ]
    middle = len(rows) // 2
    done, problems = attempt(rows[:middle], write)
    more, others = attempt(rows[middle:], write)
    done |= {row + middle: result for row, result in more.items()}
    return done, problems + [replace(each, row=(each.row or 0) + middle) for each in others]
