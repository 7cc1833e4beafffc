"""Copies what associated records have into properties of the record; where there is nothing, it leaves what is."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from wonward.automation import values
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.records import write
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.property_body import Name

Sources = Annotated[dict[Name, str], Meta(min_length=1)]


class CopyStep(Struct, forbid_unknown_fields=True):
    """Properties of the record, each with where its value comes from, such as `company.phone`."""

    copy: Sources


def _parts(_catalog: Catalog, kind: ObjectType, said: CopyStep) -> Iterator[Part]:
    return values.parts(kind, kind, _given(said))


def _given(said: CopyStep) -> dict[str, str | int | float | bool | None]:
    return {name: f"={source}" for name, source in said.copy.items()}


def _do(batch: Batch) -> list[Done]:
    rows = [
        {name: value for name, value in row.items() if value is not None}
        for row in values.for_records(batch, batch.kind, _given(batch.step.said))
    ]
    write.update(batch.work, batch.kind, list(zip(batch.ids, rows, strict=True)))
    return [Done(f"copied {', '.join(row)}" if row else "there was nothing to copy") for row in rows]


COPY = Action("copy", CopyStep, _parts, _do)
