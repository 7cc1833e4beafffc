"""Associates each enrolled record with the records of another type that have a value it gives, such as its domain."""

from collections.abc import Iterator

from msgspec import Struct

from wonward.automation import values
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.automation.actions.set import Values
from wonward.errors import Invalid
from wonward.records import associate, unique
from wonward.records.associate import Link
from wonward.records.validate import canonical
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.field_type import FieldError

MOST = 20
"""So many records are associated with one; more have the value by mistake."""


class Match(Struct, forbid_unknown_fields=True):
    """The object type, and one property with the value that its records have to have."""

    object: str
    where: Values


class AssociateStep(Struct, forbid_unknown_fields=True):
    """What to associate with."""

    associate: Match


def _parts(catalog: Catalog, kind: ObjectType, said: AssociateStep) -> Iterator[Part]:
    match = said.associate
    other = catalog.object_type(match.object)
    if not catalog.associations(kind.name, other.name):
        raise Invalid(f"{kind.plural_label} can't be associated with {other.plural_label} in this portal")
    if len(match.where) != 1:
        raise Invalid("where: give one property, and the value that it has to have")
    yield Part("object", other)
    for name, value in match.where.items():
        yield Part("where", other, expression=other.property_named(name).name)
        for hole in values.pieces(kind, value):
            if isinstance(hole, values.Hole):
                yield Part("where", kind, expression=hole.expression)


def _do(batch: Batch) -> list[Done]:
    match: Match = batch.step.said.associate
    other = batch.work.catalog.object_type(match.object)
    [name] = match.where
    prop = other.property_named(name)
    given = [_canonical(prop, row[name]) for row in values.worked_out(batch, match.where)]
    holders = unique.holders(batch.work, other, prop, sorted({each for each in given if each}))
    found = [holders.get(each or "", []) for each in given]
    # A record isn't associated with itself, and not with a crowd that has the value by mistake.
    wanted = [
        [each for each in ids if (other.name, each) != (batch.kind.name, number)] if len(ids) <= MOST else []
        for number, ids in zip(batch.ids, found, strict=True)
    ]
    links = [Link(number, each) for number, ids in zip(batch.ids, wanted, strict=True) for each in ids]
    associate.associate(batch.work, batch.kind, other, links)
    return [_told(other, len(ids), len(own)) for ids, own in zip(found, wanted, strict=True)]


def _canonical(prop: Property, value: str | None) -> str | None:
    """Return a value as the property has it, None when it has no such values."""
    try:
        return canonical(prop, value) if value else None
    except FieldError:
        return None


def _told(other: ObjectType, found: int, associated: int) -> Done:
    if associated:
        return Done(
            f"associated it with {associated} {(other.label if associated == 1 else other.plural_label).lower()}"
        )
    if found > MOST:
        return Done(
            f"{found} {other.plural_label.lower()} have that value; with more than {MOST} it associates none"
        )
    return Done(f"no {other.label.lower()} has that value")


ASSOCIATE = Action("associate", AssociateStep, _parts, _do)
