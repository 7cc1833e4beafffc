"""How far a record has come: since when it stands in its stage, how its close date slipped, what the next one asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wonward.pipelines import decisions, guard, stage_history
from wonward.pipelines.gates import MET, Asked
from wonward.pipelines.models import Answer, Decision
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.pipelines import Asking, Pipeline, Stage


@dataclass(frozen=True, slots=True)
class Check:
    """Something the gate of the next stage asks for, in words, and whether the record has it.

    Where people decide it, `decision` is how that stands, and `decides` whether whoever looks may do so.
    """

    label: str
    met: bool
    asking: Asking | None = None
    decision: Decision | None = None
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Headway:
    """Where a record stands. `days_pushed` is how much later the date `slipped` became in all, in `times_pushed` steps.

    `checks` are those of the stage `following`, None in the last one and in closed ones.
    """

    since: datetime | None
    slipped: Property | None
    times_pushed: int
    days_pushed: int
    following: Stage | None
    checks: Sequence[Check]

    @property
    def ready(self) -> bool:
        """Whether the record has all that the next stage asks for."""
        return all(check.met for check in self.checks)


def of_record(work: Work, kind: ObjectType, record_id: int, pipeline: Pipeline, stage: str) -> Headway:
    """Return how far a live record has come, in two statements, and a third where people decide about it."""
    following = _following(pipeline, stage)
    rules = guard.of_type(work.whole.catalog, work.whole.catalog.object_types[kind.name])
    asked = rules.asked[pipeline.name, following.name] if rules and following else ()
    slipped = kind.close_date
    pushes = [f"times_pushed({slipped.name})", f"pushed({slipped.name})"] if slipped else []
    facts = list(dict.fromkeys(each.fact for each in asked if each.asking is None))
    whole = work.whole.catalog.object_types[kind.name]
    found = (
        query.rows(work.whole, Query(whole, ids=[record_id]), [*facts, *pushes]) if facts or pushes else []
    )
    values = dict(zip([*facts, *pushes], found[0][1:], strict=True)) if found else {}
    asks = following is not None and any(each.asking for each in asked)
    made = {
        name: row
        for (_, _, name), row in (
            decisions.of_records(work, [record_id], [following.name]) if following and asks else {}
        ).items()
    }
    times, days = (int(values.get(each) or 0) for each in pushes) if pushes else (0, 0)
    return Headway(
        stage_history.entered(work.catalog.portal_id, [record_id]).get(record_id),
        slipped,
        times,
        days,
        following,
        [_check(work, whole, each, values, made) for each in asked],
    )


def _check(
    work: Work,
    kind: ObjectType,
    asked: Asked,
    values: Mapping[str, str | None],
    made: Mapping[str, Decision],
) -> Check:
    if asked.asking is None:
        return Check(_label(kind, asked), _met(asked, values.get(asked.fact)))
    decision = made.get(asked.asking.name)
    met = decision is not None and decision.state == Answer.APPROVED
    decides = decisions.may_decide(work, asked.asking)
    return Check(asked.asking.message, met, asked.asking, decision, decides)


def _following(pipeline: Pipeline, name: str) -> Stage | None:
    """Return the stage after this one among those that a record may go on to, the losing ones left out."""
    stage = pipeline.stage(name)
    if stage is None:
        return None
    later = pipeline.stages[pipeline.stages.index(stage) + 1 :]
    open_to = [each for each in later if stage.next is None or each.name in stage.next]
    return next((each for each in open_to if each.won or not each.closed), None)


def _label(kind: ObjectType, asked: Asked) -> str:
    return asked.problem.message if asked.condition else kind.properties[asked.fact].label


def _met(asked: Asked, value: str | None) -> bool:
    return value == MET if asked.condition else bool(value)
