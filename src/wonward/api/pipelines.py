"""Pipelines and their stages, as they are defined."""

from datetime import datetime

from django.http import HttpResponse

from wonward.api import answers
from wonward.api.calls import Call
from wonward.documents import store
from wonward.errors import Missing
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.time import iso
from wonward.schema.pipelines import Pipeline, Stage

Dates = dict[str, str]


def list_all(call: Call) -> HttpResponse:
    """Answer with the pipelines of an object type."""
    written = store.dates(call.work.catalog.portal_id, "pipeline")
    found = call.work.catalog.pipelines_of(call.kind.name)
    return answers.built({"results": [_shape(call.kind, each, written) for each in found]})


def read(call: Call) -> HttpResponse:
    """Answer with one pipeline."""
    written = store.dates(call.work.catalog.portal_id, "pipeline")
    return answers.built(_shape(call.kind, _pipeline(call), written))


def list_stages(call: Call) -> HttpResponse:
    """Answer with the stages of a pipeline."""
    written = store.dates(call.work.catalog.portal_id, "pipeline")
    return answers.built({"results": _shape(call.kind, _pipeline(call), written)["stages"]})


def read_stage(call: Call) -> HttpResponse:
    """Answer with one stage."""
    pipeline = _pipeline(call)
    written = store.dates(call.work.catalog.portal_id, "pipeline")
    for place, stage in enumerate(pipeline.stages):
        if stage.name == call.names["stage"]:
            return answers.built(_stage(call.kind, stage, place, _dates(pipeline, written)))
    raise Missing(
        f"The pipeline {pipeline.label} has no stage '{call.names['stage']}'",
        code="OBJECT_NOT_FOUND",
        context={"stageId": call.names["stage"]},
    )


def _pipeline(call: Call) -> Pipeline:
    name = call.names["pipeline"]
    for pipeline in call.work.catalog.pipelines_of(call.kind.name):
        if pipeline.name == name:
            return pipeline
    raise Missing(
        f"{call.kind.plural_label} have no pipeline '{name}'",
        code="OBJECT_NOT_FOUND",
        context={"pipelineId": name},
    )


def _shape(
    kind: ObjectType, pipeline: Pipeline, written: dict[str, tuple[datetime, datetime]]
) -> dict[str, object]:
    dates = _dates(pipeline, written)
    return {
        "id": pipeline.name,
        "label": pipeline.label,
        "displayOrder": pipeline.order,
        "stages": [_stage(kind, stage, place, dates) for place, stage in enumerate(pipeline.stages)],
        "archived": False,
        **dates,
    }


def _stage(kind: ObjectType, stage: Stage, place: int, dates: Dates) -> dict[str, object]:
    metadata = {"isClosed": "true" if stage.closed else "false"}
    if stage.probability is not None:
        metadata["probability"] = stage.probability
    if kind.name == "ticket":
        metadata["ticketState"] = "CLOSED" if stage.closed else "OPEN"
    return {
        "id": stage.name,
        "label": stage.label,
        "displayOrder": place,
        "metadata": metadata,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "archived": False,
        **dates,
    }


def _dates(pipeline: Pipeline, written: dict[str, tuple[datetime, datetime]]) -> Dates:
    created, updated = written[f"{pipeline.object_type}.{pipeline.name}"]
    return {"createdAt": iso(created), "updatedAt": iso(updated)}
