"""The approvals of a record that workflows wait for."""

from collections.abc import Sequence
from dataclasses import dataclass

from wonward.automation.models import Enrolment, Status
from wonward.pipelines import decisions
from wonward.pipelines.models import Answer, Decision
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.pipelines import Asking
from wonward.schema.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Waiting:
    """An approval that a workflow waits for, and whether whoever looks decides it."""

    workflow: Workflow
    asking: Asking
    decision: Decision
    decides: bool


def of_record(work: Work, kind: ObjectType, record_id: int) -> Sequence[Waiting]:
    """Return the approvals that a record's workflows wait for; without a statement where none asks for any."""
    asking = {each.name: each for each in work.catalog.workflows_of(kind.name) if each.asks}
    if not asking:
        return ()
    active = Enrolment.objects.filter(
        portal_id=work.catalog.portal_id, record_id=record_id, status=Status.ACTIVE, workflow__in=asking
    )
    made = decisions.of_records(work, [record_id], list(active.values_list("workflow", flat=True)))
    return [
        Waiting(asking[place], each, decision, decisions.may_decide(work, each))
        for (_, place, name), decision in made.items()
        for each in asking[place].asks
        if each.name == name and decision.state == Answer.ASKED
    ]
