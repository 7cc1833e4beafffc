"""What the definition of a workflow may say, and what is wrong with one taken for itself."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from wonward.schema.gate_body import ApprovalBody
from wonward.schema.pipelines import Asking
from wonward.schema.property_body import Name
from wonward.schema.workflow import Period, Trigger, Workflow, approvals

Expression = Annotated[str, Meta(min_length=1)]
Time = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class TriggerBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What enrols records: a condition that becomes true, a date of theirs, the clock, a form, or a hand."""

    when: Expression | None = None
    date: Name | None = None
    days: Annotated[int, Meta(ge=-3650, le=3650)] = 0
    every: Period | None = None
    at: Time = "08:00"
    where: Expression | None = None
    form: Name | None = None
    by_hand: bool = False


class AskedBody(ApprovalBody, forbid_unknown_fields=True, omit_defaults=True):
    """An approval that a workflow waits for, `at_most` so long."""

    at_most: str = ""


class WorkflowBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A workflow; the document's name is `<object type>.<workflow>`."""

    label: str
    trigger: TriggerBody
    steps: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    again: Literal["never", "always"] = "never"
    goal: Expression | None = None
    description: str = ""


def workflow_of(name: str, stored: Mapping[str, Any]) -> Workflow:
    """Return a workflow from the body of its document, whichever version that is."""
    body = msgspec.convert(stored, WorkflowBody)
    said = body.trigger
    return Workflow(
        name=name,
        label=body.label,
        object_type=name.partition(".")[0],
        trigger=Trigger(said.when, said.date, said.days, said.every, said.at, said.where, said.form),
        steps=tuple(body.steps),
        again=body.again == "always",
        goal=body.goal,
        description=body.description,
        asks=tuple(_asked(body.steps)),
    )


def _asked(steps: Sequence[Mapping[str, Any]]) -> Iterator[Asking]:
    for said in approvals(steps):
        try:
            body = msgspec.convert(said, AskedBody)
        except msgspec.ValidationError:
            continue  # a step that can't be read is told of where steps are checked, and never stored
        yield Asking(body.name, body.by, body.message, watches=tuple(body.watches))


def wrong_workflow(body: WorkflowBody) -> str:
    """Return what is wrong with a workflow's body taken for itself, or nothing."""
    return next(_wrong(body.trigger), "")


def _wrong(said: TriggerBody) -> Iterator[str]:
    given = [*(each is not None for each in (said.when, said.date, said.every, said.form)), said.by_hand]
    if sum(given) != 1:
        yield "trigger: give one of when, date, every, form or by_hand"
    elif said.days and said.date is None:
        yield "trigger: days count from a date; name its property with date"
    elif said.where and not (said.date or said.every or said.form):
        yield "trigger: where narrows a date, a schedule or a form; put the whole condition into when"
