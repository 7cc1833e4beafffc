"""Makes a record for each further value where a gate wants one record for each: such as a deal a product."""

from collections.abc import Sequence
from dataclasses import dataclass

from wonward.records import associate, associated, query, write
from wonward.records.associate import Link
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.pipelines import Pipeline

OWNED_BY = "hubspot_owner_id"

MOST = 100
"""So many records of a type are associated with the new records too."""


@dataclass(frozen=True, slots=True)
class Further:
    """The values that are to have records of their own, of the property of a pipeline that has one each."""

    pipeline: Pipeline
    prop: Property
    values: Sequence[str]


def make(work: Work, kind: ObjectType, record_id: int, further: Further) -> list[int]:
    """Make a record for each value beside the one there is, and return them.

    Each begins where its pipeline begins; it has the owner, the associations but those with activities, and the
    name with the value's label behind it. The value that the record itself has is left out.
    """
    prop, title = further.prop, kind.display[0]
    owned = [OWNED_BY] if OWNED_BY in kind.properties else []
    [(_, own, name, *owner)] = query.rows(work, Query(kind, ids=[record_id]), [prop.name, title, *owned])
    values = [each for each in dict.fromkeys(further.values) if each != own]
    rows = [
        {
            title: f"{name or kind.label} | {prop.option_label(each)}",
            prop.name: each,
            **dict(zip(owned, owner, strict=True)),
            **({kind.pipeline_property.name: further.pipeline.name} if kind.pipeline_property else {}),
        }
        for each in values
    ]
    made = write.create(work, kind, rows) if rows else []
    for other in work.catalog.object_types.values() if made else ():
        if not other.activity and work.catalog.associations(kind.name, other.name):
            there = associated.of_records(work, kind, other, [(record_id, 0)], limit=MOST)[record_id]
            links = [Link(new, each.record_id, each.type_ids) for new in made for each in there]
            associate.associate(work, kind, other, links)
    return made
