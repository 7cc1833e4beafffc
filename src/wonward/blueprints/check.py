"""Checks what only whole catalogs can show: expressions of calculated properties, names that views use."""

from collections.abc import Iterator

from wonward.errors import Invalid, Problem
from wonward.expressions.compile import value
from wonward.expressions.parse import parse
from wonward.expressions.tree import Call, dependencies, walk
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES


def expressions(catalog: Catalog) -> None:
    """Raise Invalid with every definition of `catalog` that names or computes what isn't there."""
    problems: list[Problem] = []
    for kind in catalog.object_types.values():
        for prop in kind.calculated:
            problems += _calculated(catalog, kind, prop)
        for name in {
            *kind.display,
            *kind.search,
            *kind.columns,
            *kind.card,
            *([kind.key] if kind.key else []),
        }:
            if name not in kind.properties:
                problems.append(
                    _problem(f"object_type {kind.name} shows '{name}', which is no property of it")
                )
        pipelines = catalog.pipelines_of(kind.name)
        if pipelines and not (kind.pipeline_property and kind.stage_property):
            problems.append(
                _problem(
                    f"{kind.name} has pipelines but no properties with options_from pipelines and stages"
                )
            )
        stages = [stage.name for pipeline in pipelines for stage in pipeline.stages]
        problems += [
            _problem(
                f"the stage '{name}' stands in two places of {kind.name}'s pipelines; a stage name is unique"
            )
            for name in sorted({name for name in stages if stages.count(name) > 1})
        ]
    if problems:
        raise Invalid(problems)


def _problem(message: str) -> Problem:
    return Problem(message, "INVALID_DEFINITION")


def _calculated(catalog: Catalog, kind: ObjectType, prop: Property) -> Iterator[Problem]:
    try:
        family = value(catalog, kind, prop.expression or "").family
        tree = parse(prop.expression or "")
        used = dependencies(tree)
    except Invalid as error:
        for problem in error.problems:
            yield _problem(f"property {kind.name}.{prop.name}: {problem.message}")
        return
    if any(isinstance(node, Call) and node.name in ("today", "now") for node, _ in walk(tree)):
        yield _problem(
            f"property {kind.name}.{prop.name} changes with the clock, but is calculated when its record is "
            "written; compare dates in a filter instead"
        )
    if family not in (FIELD_TYPES[prop.type].family, "null"):
        yield _problem(f"property {kind.name}.{prop.name} is {prop.type}, but its expression gives {family}")
    for other, name in used:
        if other is not None:
            yield _problem(
                f"property {kind.name}.{prop.name} reads {other}.{name}; "
                "a calculated property reads its own record only"
            )
        elif kind.properties[name].expression:
            yield _problem(
                f"property {kind.name}.{prop.name} reads the calculated {name}; write its expression out"
            )
