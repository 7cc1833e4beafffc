"""Checks pipelines: where records begin and go on to, and what the gates of their stages ask for and copy."""

from collections.abc import Iterator

from wonward.accounts.built_in import SUPER_ADMIN
from wonward.errors import Invalid, Problem
from wonward.expressions.compile import condition, value
from wonward.expressions.sensitive import sensitive_properties
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES
from wonward.schema.pipelines import Gate, Pipeline


def of_type(catalog: Catalog, kind: ObjectType) -> Iterator[Problem]:
    """Yield what is wrong with the pipelines of an object type."""
    pipelines = catalog.pipelines_of(kind.name)
    if pipelines and not (kind.pipeline_property and kind.stage_property):
        yield _problem(f"{kind.name} has pipelines but no properties with options_from pipelines and stages")
    stages = [stage.name for pipeline in pipelines for stage in pipeline.stages]
    for name in sorted({name for name in stages if stages.count(name) > 1}):
        yield _problem(
            f"the stage '{name}' stands in two places of {kind.name}'s pipelines; a stage name is unique"
        )
    for pipeline in pipelines:
        yield from _ways(pipeline)
        for stage in pipeline.stages:
            for reason in _gate(catalog, kind, stage.gate):
                yield _problem(f"the gate of {_named(pipeline)}.{stage.name} {reason}")


def _ways(pipeline: Pipeline) -> Iterator[Problem]:
    """Yield a problem for each stage that records would begin in or go on to, and that isn't there."""
    said = [
        ("start", pipeline.start),
        *((f"{stage.name}.next", stage.next or ()) for stage in pipeline.stages),
    ]
    for place, names in said:
        for name in names:
            if pipeline.stage(name) is None:
                stages = ", ".join(stage.name for stage in pipeline.stages)
                yield _problem(
                    f"{_named(pipeline)} has no stage '{name}', as {place} says; choose from {stages}"
                )


def _gate(catalog: Catalog, kind: ObjectType, gate: Gate) -> Iterator[str]:
    """Yield what is wrong with a gate, to be read after its name."""
    named = [("requires", gate.requires), ("asks for", gate.optional), ("copies to", tuple(gate.copies))]
    named += [(f"names for '{each.condition}'", each.properties) for each in gate.criteria]
    for what, names in named:
        for name in names:
            prop = kind.properties.get(name)
            if prop is None:
                yield f"{what} '{name}', which is no property of {kind.name}"
            elif prop.read_only or prop.expression:
                yield f"{what} {name}, which nobody can fill in"
    one = kind.properties.get(gate.one_each or "")
    if gate.one_each and (gate.one_each not in gate.requires or one is None or one.type != "enumeration"):
        yield f"has one record each of '{gate.one_each}', which must be an enumeration that it requires"
    yield from _asks(catalog, kind, gate)
    for criterion in gate.criteria:
        try:
            condition(catalog, kind, criterion.condition)
        except Invalid as error:
            yield from (f"asks '{criterion.condition}': {problem.message}" for problem in error.problems)
    for name, expression in gate.copies.items():
        prop = kind.properties.get(name)
        if prop:
            yield from (
                f"copies '{expression}' {reason}" for reason in _copy(catalog, kind, prop, expression)
            )


def _asks(catalog: Catalog, kind: ObjectType, gate: Gate) -> Iterator[str]:
    """Yield what is wrong with the approvals and ticks that a gate asks for."""
    names = [each.name for each in gate.asks]
    yield from (
        f"has two approvals or ticks '{name}'" for name in sorted({n for n in names if names.count(n) > 1})
    )
    for asking in gate.asks:
        if asking.by not in (SUPER_ADMIN, *catalog.roles):
            roles = ", ".join((SUPER_ADMIN, *sorted(catalog.roles)))
            yield f"has '{asking.name}' decided by the role '{asking.by}', which isn't there; choose from {roles}"
        for name in asking.watches:
            if name not in kind.properties:
                yield f"watches '{name}' for '{asking.name}', which is no property of {kind.name}"


def _copy(catalog: Catalog, kind: ObjectType, prop: Property, expression: str) -> Iterator[str]:
    """Yield what keeps the value of an expression from being copied to a property."""
    try:
        family = value(catalog, kind, expression).family
    except Invalid as error:
        yield from (f"to {prop.name}: {problem.message}" for problem in error.problems)
        return
    if family not in (FIELD_TYPES[prop.type].family, "text", "null"):
        yield f"to {prop.name}, which is {prop.type} while that is {family}"
    if prop.sensitive:
        return
    for owner, read in sensitive_properties(catalog, kind, expression):
        yield f"to {prop.name}, though {owner.name}.{read.name} is sensitive; make {prop.name} sensitive too"


def _named(pipeline: Pipeline) -> str:
    return f"{pipeline.object_type}.{pipeline.name}"


def _problem(message: str) -> Problem:
    return Problem(message, "INVALID_DEFINITION")
