"""What must hold for a record to stand in a stage. Pure: facts in, problems out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wonward.errors import Problem
from wonward.schema.pipelines import Asking, Gate, Pipeline, Stage

MET = "true"

PASSABLE = frozenset({"GATE_PROPERTY_MISSING", "GATE_NOT_MET", "GATE_NOT_APPROVED", "GATE_NOT_TICKED"})
"""The codes of what an override passes over: what a gate asks for. The ways between stages hold for everyone."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A record that was written, and where it stands now; `row` is its place in the batch.

    `moved` when it came into its stage by this write, `came_from` then being pipeline and stage before, None for
    a new record. `changed` are the properties that were written, `facts` the canonical text of properties and the
    values of conditions, by their text.
    """

    row: int
    pipeline: str | None
    stage: str | None
    moved: bool
    came_from: tuple[str | None, str | None] | None
    changed: frozenset[str] = frozenset()
    facts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """Something a gate asks: a fact that must be there, or true; what it reads, and how to say that it lacks.

    `asking` is what people decide; its fact stands in no record but in their decision.
    """

    fact: str
    condition: bool
    reads: frozenset[str]
    problem: Problem
    asking: Asking | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The pipelines of an object type, the properties that say where a record stands, and what each gate asks."""

    pipelines: Mapping[str, Pipeline]
    pipeline_property: str
    stage_property: str
    asked: Mapping[tuple[str, str], Sequence[Asked]] = field(default_factory=dict)


def refusals(rules: Rules, standings: Sequence[Standing]) -> list[Problem]:
    """Return a problem for each thing that keeps a record from standing where it does."""
    return [problem for standing in standings for problem in _refusals(rules, standing)]


def _refusals(rules: Rules, standing: Standing) -> Iterator[Problem]:
    pipeline = rules.pipelines.get(standing.pipeline or "")
    if pipeline is None:
        names = ", ".join(rules.pipelines)
        message = f"There is no pipeline '{standing.pipeline or ''}'; choose from {names}"
        yield Problem(message, "INVALID_OPTION", rules.pipeline_property, standing.row)
        return
    stage = pipeline.stage(standing.stage or "")
    if stage is None:
        names = ", ".join(each.name for each in pipeline.stages)
        message = f"The pipeline {pipeline.label} has no stage '{standing.stage or ''}'; choose from {names}"
        yield Problem(message, "INVALID_OPTION", rules.stage_property, standing.row)
        return
    if standing.moved:
        refused = _way(pipeline, stage, standing.came_from)
        if refused:
            yield Problem(refused, "STAGE_NOT_REACHABLE", rules.stage_property, standing.row)
            return
    for asked in rules.asked.get((pipeline.name, stage.name), ()):
        lacks = (
            standing.facts.get(asked.fact) != MET if asked.condition else not standing.facts.get(asked.fact)
        )
        if lacks and (standing.moved or asked.reads & standing.changed):
            yield _placed(asked.problem, pipeline, stage, standing.row)


def _way(pipeline: Pipeline, stage: Stage, came_from: tuple[str | None, str | None] | None) -> str:
    """Return why a record may not come into a stage from where it was; empty when it may."""
    before = pipeline.stage(came_from[1] or "") if came_from and came_from[0] == pipeline.name else None
    if before is None:
        if pipeline.start and stage.name not in pipeline.start:
            return f"{pipeline.label} begins in {_labels(pipeline, pipeline.start)}; put it there first"
        return ""
    if before.next is None or stage.name in before.next or stage == before:
        return ""
    if not before.next:
        return f"From {before.label} nothing goes on to another stage"
    return f"From {before.label} it goes on to {_labels(pipeline, before.next)}, not to {stage.label}"


def _labels(pipeline: Pipeline, names: Sequence[str]) -> str:
    labels = [stage.label for stage in pipeline.stages if stage.name in names]
    return " or ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)


def _placed(problem: Problem, pipeline: Pipeline, stage: Stage, row: int) -> Problem:
    context = {**problem.context, "pipeline": pipeline.name, "stage": stage.name}
    return Problem(problem.message, problem.code, problem.property, row, context)


def asks_for(gate: Gate) -> tuple[str, ...]:
    """Return the properties that a person is asked for at a gate, each once: required, of criteria, optional."""
    of_criteria = (name for criterion in gate.criteria for name in criterion.properties)
    return tuple(dict.fromkeys((*gate.requires, *of_criteria, *gate.optional)))
