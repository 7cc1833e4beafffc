"""What an export is asked for: which records, which columns, in which form; checked against the catalog."""

from typing import Literal

from msgspec import Struct

from wonward.errors import Invalid
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

Form = Literal["csv", "xlsx"]
Heads = Literal["labels", "names"]


class Asked(Struct, forbid_unknown_fields=True, frozen=True):
    """An export as a door was asked for it.

    where: a text filter. columns: names of properties. order: names, with a minus before those that descend.
    heads: whether columns, options and owners are called by their labels or by their internal names.
    associated: object types whose associated records stand in two more columns, their ids and their names.
    """

    object_type: str
    columns: tuple[str, ...]
    where: str = ""
    order: tuple[str, ...] = ()
    form: Form = "csv"
    heads: Heads = "labels"
    associated: tuple[str, ...] = ()


def kind_of(work: Work, asked: Asked) -> ObjectType:
    """Return the object type that is exported."""
    return work.catalog.object_type(asked.object_type)


def query_of(work: Work, asked: Asked) -> Query:
    """Return which records are exported; raise Invalid or Missing for what isn't right in the filter or order."""
    kind = kind_of(work, asked)
    order = tuple((kind.property_named(name.lstrip("-")).name, name.startswith("-")) for name in asked.order)
    return Query(kind, query.condition(work, kind, asked.where), order=order)


def associated_of(work: Work, asked: Asked) -> list[ObjectType]:
    """Return the object types whose associated records are told; raise Invalid when there can be none."""
    kind = kind_of(work, asked)
    others = [work.catalog.object_type(name) for name in asked.associated]
    for other in others:
        if not work.catalog.associations(kind.name, other.name):
            raise Invalid(
                f"{kind.plural_label} can't be associated with {other.plural_label} in this portal",
                code="INVALID_ASSOCIATION",
            )
    return others
