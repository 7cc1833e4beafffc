"""How far a record has come: since when it stands in its stage, how its close date slipped, what the next one asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wonward.pipelines import guard, stage_history
from wonward.pipelines.gates import MET, Asked
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.pipelines import Pipeline, Stage


@dataclass(frozen=True, slots=True)
class Check:
    """Something the gate of the next stage asks for, in words, and whether the record has it."""

    label: str
    met: bool


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
    """Return how far a live record has come, in two statements."""
    following = _following(pipeline, stage)
    rules = guard.of_type(work.whole.catalog, work.whole.catalog.object_types[kind.name])
    asked = rules.asked[pipeline.name, following.name] if rules and following else ()
    slipped = kind.close_date
    pushes = [f"times_pushed({slipped.name})", f"pushed({slipped.name})"] if slipped else []
    facts = list(dict.fromkeys(each.fact for each in asked))
    whole = work.whole.catalog.object_types[kind.name]
    found = (
        query.rows(work.whole, Query(whole, ids=[record_id]), [*facts, *pushes]) if facts or pushes else []
    )
    values = dict(zip([*facts, *pushes], found[0][1:], strict=True)) if found else {}
    times, days = (int(values.get(each) or 0) for each in pushes) if pushes else (0, 0)
    return Headway(
        stage_history.entered(work.catalog.portal_id, [record_id]).get(record_id),
        slipped,
        times,
        days,
        following,
        [Check(_label(whole, each), _met(each, values.get(each.fact))) for each in asked],
    )


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
