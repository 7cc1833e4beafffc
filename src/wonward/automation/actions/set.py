"""Sets properties of the record."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from wonward.automation import values
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.records import write
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.property_body import Name

Values = Annotated[dict[Name, str | int | float | bool | None], Meta(min_length=1)]


class SetStep(Struct, forbid_unknown_fields=True):
    """Properties of the record, each with its value, `=expression`, or text with `{{expressions}}`."""

    set: Values


def _parts(_catalog: Catalog, kind: ObjectType, said: SetStep) -> Iterator[Part]:
    return values.parts(kind, kind, said.set)


def _do(batch: Batch) -> list[Done]:
    rows = values.for_records(batch, batch.kind, batch.step.said.set)
    changed = write.update(batch.work, batch.kind, list(zip(batch.ids, rows, strict=True)))
    names = ", ".join(batch.step.said.set)
    return [Done(f"set {names}" if each else f"{names} as it should be already") for each in changed]


SET = Action("set", SetStep, _parts, _do)
