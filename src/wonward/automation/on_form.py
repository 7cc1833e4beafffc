"""Reads from the change feed which forms were sent, for the workflows that these set off."""

from collections.abc import Sequence

from wonward.automation.program import Program
from wonward.records import query
from wonward.records.changes import Change
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


def sent_to(
    work: Work, kind: ObjectType, programs: Sequence[Program], changes: Sequence[Change]
) -> dict[Program, list[Change]]:
    """Return the submissions of each workflow's form, by those who are what its `where` asks for now."""
    sent = [each for each in changes if each.kind == "submitted" and each.object_type == kind.name]
    if not sent:
        return {}
    conditions = [each.workflow.trigger.where or "true" for each in programs]
    found = query.rows(work, Query(kind, ids=list({each.record_id for each in sent})), conditions)
    fits = {row[0]: [text == "true" for text in row[1:]] for row in found}
    return {
        program: [
            each
            for each in sent
            if each.diff.get("form") == program.workflow.trigger.form
            and fits.get(each.record_id, [False] * len(programs))[place]
        ]
        for place, program in enumerate(programs)
    }
