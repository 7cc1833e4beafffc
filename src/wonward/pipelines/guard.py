"""The guard of pipelines: collects the facts of every record that was moved and asks the gates."""

from collections.abc import Sequence

from wonward.errors import Problem
from wonward.pipelines.gates import Move, refusals
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import RecordChange, Work
from wonward.schema.catalog import ObjectType


def stage_guard(work: Work, kind: ObjectType, changes: Sequence[RecordChange]) -> list[Problem]:
    """Refuse records put into a stage that isn't one of their pipeline."""
    pipelines = work.catalog.pipelines_of(kind.name)
    pipeline_property, stage_property = kind.pipeline_property, kind.stage_property
    if not (pipelines and pipeline_property and stage_property):
        return []
    names = {pipeline_property.name, stage_property.name}
    moved = [change for change in changes if names & change.diff.keys()]
    moves = [
        Move(change.row, change.diff[pipeline_property.name][1], change.diff[stage_property.name][1])
        for change in moved
        if names <= change.diff.keys()
    ]
    rows = {change.record_id: change.row for change in moved if not names <= change.diff.keys()}
    if rows:
        facts = query.rows(work, Query(kind, ids=list(rows)), [pipeline_property.name, stage_property.name])
        moves += [Move(rows[record_id], pipeline, stage) for record_id, pipeline, stage in facts]
    return refusals(pipelines, moves, pipeline_property.name, stage_property.name)
