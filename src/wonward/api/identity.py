"""Finds the records callers mean: by id, or by the value of a property that identifies them."""

from collections.abc import Sequence

from wonward.api.calls import number
from wonward.errors import Invalid, Missing, Problem
from wonward.records import unique
from wonward.records.merging import merges
from wonward.records.validate import canonical
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.field_type import FieldError


def key(kind: ObjectType, id_property: str | None) -> Property | None:
    """Return the property that ids are values of, None for record ids; raise Invalid for one that can't be."""
    if id_property in (None, "", "hs_object_id"):
        return None
    prop = kind.property_named(id_property)
    if not prop.unique:
        raise Invalid(
            f"{prop.name} doesn't identify a {kind.label.lower()}; give a property with unique values as idProperty",
            code="PROPERTY_NOT_UNIQUE",
        )
    return prop


def record_ids(
    work: Work, kind: ObjectType, given: Sequence[str | int], id_property: str | None
) -> list[int | None]:
    """Return the record each id means; None for what can't be an id or what no record has."""
    prop = key(kind, id_property)
    if prop is None:
        return [number(text) for text in given]
    values = [_canonical(prop, str(text)) for text in given]
    holders = unique.holder_ids(work, kind, prop, [value for value in values if value is not None])
    return [holders.get(value) if value is not None else None for value in values]


def record_id(work: Work, kind: ObjectType, given: str, id_property: str | None) -> int:
    """Return the record that one id means; raise Missing."""
    found = record_ids(work, kind, [given], id_property)[0]
    if found is None:
        raise absent(kind, given)
    return found


def survivors(work: Work, kind: ObjectType, ids: Sequence[int]) -> dict[int, int]:
    """Return which live record each merged one among `ids` went into."""
    return merges.survivors(work, ids, kind.name) if ids else {}


def absent(kind: ObjectType, given: str | int) -> Missing:
    """Return the refusal for an id that no record has."""
    return Missing([problem(kind, given)])


def problem(kind: ObjectType, given: str | int, row: int | None = None) -> Problem:
    """Return the problem with an id that no record has."""
    return Problem(
        f"There is no {kind.label.lower()} {given}", "OBJECT_NOT_FOUND", row=row, context={"id": given}
    )


def _canonical(prop: Property, text: str) -> str | None:
    try:
        return canonical(prop, text) if text.strip() else None
    except FieldError:
        return None
