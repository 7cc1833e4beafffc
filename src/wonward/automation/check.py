"""Checks workflows against the catalog: every expression, every property that is set, every step at its place."""

from collections.abc import Iterator

from wonward.automation.actions.action import Part, Step
from wonward.automation.program import Program, program
from wonward.errors import Problem, Refusal
from wonward.expressions import compile as expressions
from wonward.expressions.functions import FUNCTIONS
from wonward.expressions.parse import parse
from wonward.expressions.sensitive import sensitive_properties
from wonward.expressions.tree import Call, walk
from wonward.records.validate import canonical, text_of
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES
from wonward.schema.form import CONTACT
from wonward.schema.workflow import Workflow

_FITS = {("date", "datetime"), ("datetime", "date"), ("null", "text")}
"""What a value of one family may be given to besides its own and text."""


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield what is wrong with each workflow of a catalog."""
    for workflow in catalog.workflows.values():
        yield from of_workflow(catalog, workflow)


def of_workflow(catalog: Catalog, workflow: Workflow) -> Iterator[Problem]:
    """Yield what is wrong with a workflow, each with its place."""
    kind = catalog.object_types[workflow.object_type]
    try:
        read = program(workflow)
        for where, part in parts(catalog, kind, read):
            wrong = _wrong(catalog, part)
            if wrong:
                yield _problem(workflow, f"{where}: {wrong}")
        names = [each.name for each in workflow.asks]
        for name in sorted({each for each in names if names.count(each) > 1}):
            yield _problem(workflow, f"there are two approvals '{name}'; a decision is known by its name")
    except Refusal as error:
        for problem in error.problems:
            yield _problem(workflow, problem.message)


def parts(catalog: Catalog, kind: ObjectType, read: Program) -> Iterator[tuple[str, Part]]:
    """Yield everything that a workflow reads and sets, with its place; raise Invalid for a step that doesn't fit."""
    trigger = read.workflow.trigger
    for name, text in (("when", trigger.when), ("where", trigger.where), ("goal", read.workflow.goal)):
        if text is not None:
            where = name if name == "goal" else f"trigger {name}"
            yield where, Part(name, kind, expression=text, condition=True)
    if trigger.date is not None:
        prop = kind.property_named(trigger.date)
        if FIELD_TYPES[prop.type].family not in ("date", "datetime"):
            raise Refusal(
                f"trigger date: {prop.label} is {prop.type}; name a date of the {kind.label.lower()}"
            )
        yield "trigger date", Part("date", kind, expression=prop.name)
    if trigger.form is not None:
        if kind.name != CONTACT:
            raise Refusal(f"trigger form: a form is sent by contacts; name the workflow {CONTACT}.…")
        if trigger.form not in catalog.forms:
            raise Refusal(f"trigger form: there is no form '{trigger.form}'")
        yield "trigger form", Part("form", kind, uses=("form", trigger.form))
    for step in read.steps.values():
        yield from _of_step(catalog, kind, step)


def _of_step(catalog: Catalog, kind: ObjectType, step: Step) -> Iterator[tuple[str, Part]]:
    where = f"step {step.place} ({step.action.name})"
    try:
        for part in step.action.parts(catalog, kind, step.said):
            yield f"{where} {part.where}", part
    except Refusal as error:
        raise Refusal(Problem(f"{where}: {each.message}", each.code) for each in error.problems) from error


def _wrong(catalog: Catalog, part: Part) -> str | None:
    """Return what is wrong with a part, if anything."""
    try:
        family = _family(catalog, part)
        name = part.sets or part.into
        return _misfit(catalog, part, part.about.property_named(name), family) if name else None
    except Refusal as error:
        return error.problems[0].message
    except FieldError as error:
        return str(error)


def _misfit(catalog: Catalog, part: Part, prop: Property, family: str | None) -> str | None:
    """Return why a property can't get what a part gives it, if so; raise FieldError for no value of it."""
    if prop.read_only:
        return f"{prop.label} is kept by the system and can't be set"
    if family is None:
        text = text_of(part.value)
        if text:
            canonical(prop, text)
        return None
    wanted = FIELD_TYPES[prop.type].family
    fits = part.into or family in (wanted, "null") or wanted == "text" or (family, wanted) in _FITS
    return (
        _shown(catalog, part, prop)
        if fits
        else f"{prop.label} is {prop.type}, but its expression gives {family}"
    )


def _shown(catalog: Catalog, part: Part, prop: Property) -> str | None:
    """Return why an expression's value may not be shown in a property, if so."""
    if prop.sensitive:
        return None
    for owner, read in sensitive_properties(catalog, part.kind, part.expression or ""):
        return f"{owner.name}.{read.name} is sensitive; make {prop.name} sensitive too, or leave that out"
    return None


def _family(catalog: Catalog, part: Part) -> str | None:
    if part.expression is None:
        return None
    compiled = expressions.condition if part.condition else expressions.value
    family = compiled(catalog, part.kind, part.expression).family
    for node, _ in walk(parse(part.expression)):
        if isinstance(node, Call) and FUNCTIONS[node.name].varies == "who looks":
            raise Refusal(f"{node.name}() is whoever looks, and a workflow is nobody; name the owners")
    return family


def _problem(workflow: Workflow, message: str) -> Problem:
    return Problem(f"{workflow.document}: {message}", "INVALID_DEFINITION")
