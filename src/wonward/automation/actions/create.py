"""Creates a record for each enrolled one, such as a task, and associates the two."""

from collections.abc import Iterator

from msgspec import Struct

from wonward.automation import values
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.automation.actions.set import Values
from wonward.errors import Invalid
from wonward.records import associate, write
from wonward.records.associate import Link
from wonward.schema.catalog import Catalog, ObjectType


class NewRecord(Struct, forbid_unknown_fields=True):
    """The new record's object type and its properties, and whether it is associated with the enrolled one."""

    object: str
    properties: Values
    associate: bool = True


class CreateStep(Struct, forbid_unknown_fields=True):
    """The record to create."""

    create: NewRecord


def _parts(catalog: Catalog, kind: ObjectType, said: CreateStep) -> Iterator[Part]:
    new = said.create
    other = catalog.object_type(new.object)
    if new.associate and not catalog.associations(kind.name, other.name):
        raise Invalid(
            f"{kind.plural_label} can't be associated with {other.plural_label} in this portal; say associate: false"
        )
    missing = [
        prop.name
        for prop in other.properties.values()
        if prop.required and prop.default is None and new.properties.get(prop.name) is None
    ]
    if missing:
        raise Invalid(f"a {other.label.lower()} needs {', '.join(missing)}; give it under properties")
    yield Part("object", other)
    yield from values.parts(kind, other, new.properties)


def _do(batch: Batch) -> list[Done]:
    new: NewRecord = batch.step.said.create
    other = batch.work.catalog.object_type(new.object)
    ids = write.create(batch.work, other, values.for_records(batch, other, new.properties))
    if new.associate:
        links = [Link(record_id, made) for record_id, made in zip(batch.ids, ids, strict=True)]
        associate.associate(batch.work, batch.kind, other, links)
    return [Done(f"created {other.label.lower()} {made}") for made in ids]


CREATE = Action("create", CreateStep, _parts, _do)
