"""What the definition of a sequence may say: mails to a contact, each some working days after the one before.

A sequence is a workflow by hand, so that it runs as one does; what it stops at belongs to `automation/`.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from wonward.schema.property_body import Name
from wonward.schema.workflow import SEQUENCE, Trigger, Workflow
from wonward.schema.workflow_body import Time

CONTACT = "contact"


class SequenceStepBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A mail, so many working days after the one before and at a time of day."""

    template: Name
    working_days: Annotated[int, Meta(ge=0, le=250)] = 0
    at: Time | None = None


class SequenceBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A sequence."""

    label: str
    steps: Annotated[list[SequenceStepBody], Meta(min_length=1, max_length=20)]
    description: str = ""


def sequence_of(name: str, stored: Mapping[str, Any]) -> Workflow:
    """Return a sequence as the workflow that it is, from the body of its document."""
    body = msgspec.convert(stored, SequenceBody)
    return Workflow(
        name=f"{SEQUENCE}{name}",
        label=body.label,
        object_type=CONTACT,
        trigger=Trigger(),
        steps=tuple(step for each in body.steps for step in _steps(each)),
        again=True,
        description=body.description,
    )


def _steps(said: SequenceStepBody) -> Iterator[Mapping[str, Any]]:
    if said.working_days or said.at:
        wait: dict[str, Any] = {"working_days": said.working_days}
        yield {"wait": wait | ({"at": said.at} if said.at else {})}
    yield {"mail": {"template": said.template, "to": "{{email}}", "sender": "enroller"}}
