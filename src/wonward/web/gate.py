"""What a person is asked when a record is to come into a stage: exactly what lacks, and what was filled in to check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import HttpResponse, QueryDict

from wonward.errors import Problem
from wonward.pipelines.copies import copies
from wonward.pipelines.gates import asks_for
from wonward.pipelines.one_each import Further
from wonward.records import permission
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.pipelines import Pipeline, Stage
from wonward.web import board, fields
from wonward.web.access import Visit
from wonward.web.fields import Given
from wonward.web.loading import load

CHECKED = "checked"
"""What the form of a gate says, so that what was filled in is shown once and not again."""


FURTHER = "further"
"""Values of the property that has one record each: those that are to have records of their own."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a record is to go."""

    pipeline: Pipeline
    stage: Stage


REASON = "override_reason"
"""Why a record is moved though the gate refuses; there when the button for that was used, also when empty."""


def override(visit: Visit) -> str | None:
    """Return why somebody moves a record past a gate, None when they don't."""
    asked = visit.request.POST
    return asked.get(REASON, "") if "override" in asked else None


def concerns(problems: Sequence[Problem]) -> bool:
    """Tell whether problems are those of a gate, so that a person can be asked for what lacks."""
    return any("stage" in problem.context for problem in problems)


def properties(kind: ObjectType, stage: Stage) -> list[Property]:
    """Return the properties that a gate's form has inputs for: those it asks for or copies, and people can set."""
    names = dict.fromkeys((*asks_for(stage.gate), *stage.gate.copies))
    found = (kind.properties[name] for name in names if name in kind.properties)
    return [prop for prop in found if fields.settable(prop)]


def ask(
    visit: Visit, plural: str, record_id: int, target: Target, problems: Sequence[Problem] = ()
) -> HttpResponse:
    """Answer with the form of a stage's gate: what lacks first, then what else it reads, copied values filled in."""
    shown = load(visit, plural, record_id, live=True)
    kind, stage = shown.kind, target.stage
    standing = board.standing(kind, target.pipeline, stage)
    copied = copies(visit.work.whole, kind, [(record_id, standing)]).get(record_id, {})
    copied = {name: text for name, text in copied.items() if not shown.values.get(name)}
    values = {**shown.values, **copied}
    typed = visit.request.POST if CHECKED in visit.request.POST else None
    inputs = fields.build(
        visit.catalog, kind, properties(kind, stage), values, typed=typed, problems=tuple(problems)
    )
    inputs = [replace(each, was="") if each.prop.name in copied else each for each in inputs]
    unreasoned = [problem for problem in problems if problem.code == "REASON_MISSING"]
    problems = [problem for problem in problems if problem not in unreasoned]
    needed = {*stage.gate.requires, *(problem.property for problem in problems)}
    context = {
        "record": shown,
        "kind": kind,
        "pipeline": target.pipeline,
        "stage": stage,
        "lacking": [
            each for each in inputs if each.problems or (each.prop.name in needed and not each.value)
        ],
        "filled": [each for each in inputs if not each.problems and each.prop.name in needed and each.value],
        "optional": [each for each in inputs if each.prop.name not in needed],
        "elsewhere": fields.elsewhere(inputs, problems),
        "one_each": _one_each(visit, kind, target),
        "overridable": visit.may("override_gates") and (unreasoned or concerns(problems)),
        "unreasoned": unreasoned,
        "where": visit.request.POST.get("where"),
    }
    template = "gate/form.html" if visit.partial else "gate/page.html"
    return visit.page(template, context, 422)


def further(visit: Visit, kind: ObjectType, target: Target) -> Further | None:
    """Return which values of the property that has one record each are to have records of their own, if any are."""
    prop = kind.properties.get(target.stage.gate.one_each or "")
    asked = visit.request.POST.getlist(FURTHER)
    values = [each.value for each in prop.options if each.value in asked] if prop else []
    return Further(target.pipeline, prop, values) if prop and values else None


def _one_each(visit: Visit, kind: ObjectType, target: Target) -> Mapping[str, object] | None:
    """Return the property that has one record each, and its values, each with whether it is ticked."""
    prop = kind.properties.get(target.stage.gate.one_each or "")
    if prop is None or not permission.may_create(visit.work, kind):
        return None
    asked = visit.request.POST.getlist(FURTHER)
    options = [(each, each.value in asked) for each in prop.options if not each.hidden]
    return {"label": prop.label, "options": options}


def opened_with(kind: ObjectType, stage: Stage, given: Given, typed: QueryDict) -> Given:
    """Return the values that a gate's form was opened with.

    What was copied there and emptied by hand is left out: it is to stay empty, not to be copied again.
    """
    opened = fields.opened_with(kind, properties(kind, stage), typed)
    emptied = {name for name in stage.gate.copies if name in given and given[name] is None}
    return {name: value for name, value in opened.items() if value is not None or name not in emptied}
