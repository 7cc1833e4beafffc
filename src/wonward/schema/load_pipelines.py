"""Builds the catalog's pipelines from their documents."""

from collections.abc import Iterator

from wonward.documents.store import Bodies
from wonward.schema.colours import colour
from wonward.schema.definitions import PipelineBody, StageBody, body_of
from wonward.schema.gate_body import CriterionBody, GateBody
from wonward.schema.pipelines import OPEN, Asking, Criterion, Gate, Pipeline, Stage


def defined(documents: Bodies) -> Iterator[Pipeline]:
    """Yield the pipelines that documents define."""
    for (kind, key), stored in documents.items():
        if kind == "pipeline":
            object_type, _, name = key.partition(".")
            body = body_of(PipelineBody, stored)
            stages = tuple(map(_stage, body.stages))
            yield Pipeline(name, body.label, object_type, stages, body.order, tuple(body.start))


def _stage(body: StageBody) -> Stage:
    return Stage(
        name=body.name,
        label=body.label,
        probability=body.probability,
        closed=body.closed,
        won=body.won,
        colour=colour(body.colour),
        purpose=body.purpose,
        activities=tuple(body.activities),
        gate=_gate(body.gate) if body.gate else OPEN,
        next=None if body.next is None else tuple(body.next),
    )


def _gate(body: GateBody) -> Gate:
    criteria = tuple(
        Criterion(each.condition, each.message, tuple(each.properties))
        for each in body.criteria
        if each.condition
    )
    asks = tuple(filter(None, map(_asking, body.criteria)))
    return Gate(
        tuple(body.requires), tuple(body.optional), criteria, body.copies, body.why, asks, body.one_each
    )


def _asking(body: CriterionBody) -> Asking | None:
    if body.approval:
        said = body.approval
        return Asking(said.name, said.by, said.message, watches=tuple(said.watches))
    return Asking(body.tick.name, body.tick.by, body.tick.label, tick=True) if body.tick else None
