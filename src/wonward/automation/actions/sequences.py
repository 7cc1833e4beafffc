"""Enrols contacts in a sequence for their owners, and ends sequences."""

from collections.abc import Iterator

from msgspec import Struct

from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.errors import Invalid
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.property_body import Name
from wonward.schema.sequence_body import CONTACT
from wonward.schema.workflow import SEQUENCE


class EnrolStep(Struct, forbid_unknown_fields=True):
    """The sequence to enrol in."""

    enrol_in_sequence: Name


class StopStep(Struct, forbid_unknown_fields=True):
    """The sequence to end, or `all`."""

    stop_sequence: Name


def _part(catalog: Catalog, kind: ObjectType, name: str) -> Iterator[Part]:
    if kind.name != CONTACT:
        raise Invalid("sequences are for contacts; write a workflow of contacts")
    if f"{SEQUENCE}{name}" not in catalog.workflows:
        raise Invalid(f"there is no sequence '{name}'")
    yield Part("sequence", kind, uses=("sequence", name))


def _enrol_parts(catalog: Catalog, kind: ObjectType, said: EnrolStep) -> Iterator[Part]:
    yield from _part(catalog, kind, said.enrol_in_sequence)


def _stop_parts(catalog: Catalog, kind: ObjectType, said: StopStep) -> Iterator[Part]:
    if said.stop_sequence != "all" or kind.name != CONTACT:
        yield from _part(catalog, kind, said.stop_sequence)


def _enrol(batch: Batch) -> list[Done]:
    return [Done(said) for said in batch.sequences.enrol(batch, batch.step.said.enrol_in_sequence)]


def _stop(batch: Batch) -> list[Done]:
    return [Done(said) for said in batch.sequences.stop(batch, batch.step.said.stop_sequence)]


ENROL_IN_SEQUENCE = Action("enrol_in_sequence", EnrolStep, _enrol_parts, _enrol)
STOP_SEQUENCE = Action("stop_sequence", StopStep, _stop_parts, _stop)
