"""Gives a record that comes into a stage what its gate copies there: the values of expressions, where it has none."""

from collections.abc import Mapping, Sequence

from wonward.pipelines.guard import of_type
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

Clean = Mapping[str, str | None]


def copies(
    work: Work, kind: ObjectType, changes: Sequence[tuple[int, Clean]]
) -> Mapping[int, Mapping[str, str]]:
    """Return what is to be filled in, by record id: for those that are put into a stage whose gate copies."""
    rules = of_type(work.catalog, kind)
    if rules is None:
        return {}
    copying = {
        stage.name: stage.gate.copies
        for pipeline in rules.pipelines.values()
        for stage in pipeline.stages
        if stage.gate.copies
    }
    going = {
        record_id: stage
        for record_id, clean in changes
        if (stage := clean.get(rules.stage_property)) and stage in copying
    }
    if not going:
        return {}
    wanted = list(dict.fromkeys(text for stage in going.values() for text in copying[stage].values()))
    found = query.rows(work, Query(kind, ids=list(going)), wanted)
    values = {row[0]: dict(zip(wanted, row[1:], strict=True)) for row in found}
    return {
        record_id: {
            name: text
            for name, expression in copying[stage].items()
            if (text := values.get(record_id, {}).get(expression))
        }
        for record_id, stage in going.items()
    }
