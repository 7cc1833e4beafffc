"""What must hold for a record to stand in a stage. Pure: facts in, problems out."""

from collections.abc import Sequence
from dataclasses import dataclass

from wonward.errors import Problem
from wonward.schema.catalog import Pipeline


@dataclass(frozen=True, slots=True)
class Move:
    """A record that was put into a pipeline and a stage; `row` is its place in the batch."""

    row: int
    pipeline: str | None
    stage: str | None


def refusals(
    pipelines: Sequence[Pipeline], moves: Sequence[Move], pipeline_property: str, stage_property: str
) -> list[Problem]:
    """Return a problem for each record whose stage is none of its pipeline's."""
    by_name = {pipeline.name: pipeline for pipeline in pipelines}
    problems = []
    for move in moves:
        pipeline = by_name.get(move.pipeline or "")
        if pipeline is None:
            message = f"There is no pipeline '{move.pipeline or ''}'; choose from {', '.join(by_name)}"
            problems.append(Problem(message, "INVALID_OPTION", pipeline_property, move.row))
        elif pipeline.stage(move.stage or "") is None:
            stages = ", ".join(stage.name for stage in pipeline.stages)
            message = f"The pipeline {pipeline.label} has no stage '{move.stage or ''}'; choose from {stages}"
            problems.append(Problem(message, "INVALID_OPTION", stage_property, move.row))
    return problems
