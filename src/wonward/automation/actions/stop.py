"""Ends the enrolment before its last step, and says why."""

from collections.abc import Iterator

from msgspec import Struct

from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.schema.catalog import Catalog, ObjectType


class StopStep(Struct, forbid_unknown_fields=True):
    """The reason, for whoever reads the enrolment's history."""

    stop: str


def _parts(_catalog: Catalog, _kind: ObjectType, _said: StopStep) -> Iterator[Part]:
    return iter(())


def _do(batch: Batch) -> list[Done]:
    return [Done(batch.step.said.stop, stop=True) for _ in batch.enrolments]


STOP = Action("stop", StopStep, _parts, _do)
