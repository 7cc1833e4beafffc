"""Goes one way or the other by a condition."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from wonward.automation import values
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.schema.catalog import Catalog, ObjectType


class IfStep(Struct, forbid_unknown_fields=True, rename={"condition": "if", "otherwise": "else"}):
    """A condition, the steps to take when it holds, and those when it doesn't."""

    condition: str
    then: list[dict[str, Any]] = []
    otherwise: list[dict[str, Any]] = []


def _parts(_catalog: Catalog, kind: ObjectType, said: IfStep) -> Iterator[Part]:
    yield Part("if", kind, expression=said.condition, condition=True)


def _branches(said: IfStep) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return {"then": said.then, "else": said.otherwise}


def _do(batch: Batch) -> list[Done]:
    found = values.answers(batch, [batch.step.said.condition])
    held = [found[record_id] == ("true",) for record_id in batch.ids]
    return [
        Done("the condition holds", branch="then")
        if each
        else Done("the condition doesn't hold", branch="else")
        for each in held
    ]


IF = Action("if", IfStep, _parts, _do, _branches)
