"""Checks what only whole catalogs can show: expressions of calculated properties, names that views use."""

from collections.abc import Iterator

from wonward.automation import check as workflows
from wonward.blueprints import check_pipelines, check_roles, check_views
from wonward.errors import Invalid, Problem
from wonward.expressions.compile import condition, value
from wonward.expressions.functions import FUNCTIONS
from wonward.expressions.parse import parse
from wonward.expressions.tree import Call, walk
from wonward.mail import check as mail
from wonward.marketing import check as forms
from wonward.metrics import check as metrics
from wonward.records import derivation, rules
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType, Property, RecordList
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES
from wonward.schema.plan import Bodies, Key


def expressions(catalog: Catalog) -> None:
    """Raise Invalid with every definition of `catalog` that names or computes what isn't there."""
    problems: list[Problem] = [*_clashing(catalog)]
    for kind in catalog.object_types.values():
        problems += _sensitive(kind)
        for prop in kind.calculated:
            problems += _calculated(catalog, kind, prop)
        problems += _defaults(kind)
        for name in {
            *kind.display,
            *kind.search,
            *kind.columns,
            *kind.card,
            *kind.key_properties,
            *([kind.key] if kind.key else []),
        }:
            if name not in kind.properties:
                problems.append(
                    _problem(f"object_type {kind.name} shows '{name}', which is no property of it")
                )
        problems += check_pipelines.of_type(catalog, kind)
    for each in catalog.lists.values():
        problems += _list(catalog, each)
    problems += mail.problems(catalog)
    problems += workflows.problems(catalog)
    problems += check_roles.problems(catalog)
    problems += metrics.problems(catalog)
    problems += check_views.problems(catalog)
    problems += forms.problems(catalog)
    if problems:
        raise Invalid(problems)
    leaks = list(_leaks(catalog))
    if leaks:
        raise Invalid(leaks)


def _leaks(catalog: Catalog) -> Iterator[Problem]:
    """Yield a problem for each calculated property that would show what a sensitive one holds."""
    for derived in derivation.of(catalog):
        for kind, name in sorted(derived.reads):
            if catalog.object_types[kind].properties[name].sensitive and not derived.prop.sensitive:
                yield _problem(
                    f"property {'.'.join(derived.place)} reads the sensitive {kind}.{name}; "
                    "make it sensitive too, or leave that out"
                )


def properties(work: Work) -> None:
    """Raise Invalid for rules and defaults that don't hold together, as PostgreSQL judges them."""
    problems = [
        _problem(f"property {kind.name}.{prop.name}: {reason}")
        for kind in work.catalog.object_types.values()
        for prop in kind.properties.values()
        if prop.validation
        for reason in rules.unsound(work, kind, prop)
    ]
    if problems:
        raise Invalid(problems)


def _clashing(catalog: Catalog) -> Iterator[Problem]:
    """Yield a problem for each way to spell an object type that would mean two of them."""
    taken: dict[str, str] = {}
    for kind in catalog.object_types.values():
        labels = (f"label '{kind.label.lower()}'", f"label '{kind.plural_label.lower()}'")
        for spelling in dict.fromkeys((kind.name, kind.plural, kind.type_id, *labels)):
            other = taken.setdefault(spelling, kind.name)
            if other != kind.name:
                yield _problem(
                    f"object_type {kind.name} and {other} both go by {spelling}; give one another name or label"
                )


def _sensitive(kind: ObjectType) -> Iterator[Problem]:
    """Yield a problem for each place where a sensitive property would show to all, or be found by."""
    shown = {"name of its records (display)": kind.display, "search": kind.search}
    shown |= {"key": (kind.key,) if kind.key else ()}
    shown["duplicates"] = tuple(name for rule in kind.duplicates for name in (*rule.same, *rule.similar))
    for place, names in shown.items():
        for name in names:
            if name in kind.properties and kind.properties[name].sensitive:
                yield _problem(f"property {kind.name}.{name} is sensitive, so it can't be in the {place}")
    for prop in kind.properties.values():
        source = kind.properties.get(prop.collects or "")
        if source and source.sensitive and not prop.sensitive:
            yield _problem(
                f"property {kind.name}.{prop.name} collects the sensitive {source.name}; make it sensitive"
            )
    for leading in (kind.pipeline_property, kind.stage_property):
        if leading and leading.sensitive:
            yield _problem(
                f"property {kind.name}.{leading.name} leads through a pipeline, so it can't be sensitive"
            )


def _list(catalog: Catalog, found: RecordList) -> Iterator[Problem]:
    """Yield what is wrong with a list's filter; it is the same list for everyone who looks."""
    try:
        condition(catalog, catalog.object_types[found.object_type], found.filter or "true")
        varying = _varying(found.filter or "true")
    except Invalid as error:
        yield from (_problem(f"list {found.name}: {problem.message}") for problem in error.problems)
        return
    if "who looks" in varying:
        yield _problem(f"list {found.name} changes with who looks; name the owners in its filter")


def _varying(text: str) -> set[str]:
    """Return what the value of an expression changes with besides the records it reads."""
    calls = (node for node, _ in walk(parse(text)) if isinstance(node, Call))
    return {varies for call in calls if (varies := FUNCTIONS[call.name].varies)}


def _defaults(kind: ObjectType) -> Iterator[Problem]:
    for prop in kind.properties.values():
        if prop.unique and prop.expression:
            yield _problem(f"property {kind.name}.{prop.name} is calculated, so it can't be unique")
        if prop.default is not None:
            try:
                FIELD_TYPES[prop.type].canonical(prop.default, prop)
            except FieldError as error:
                yield _problem(
                    f"property {kind.name}.{prop.name} has a default that is none of its values: {error}"
                )


def _problem(message: str) -> Problem:
    return Problem(message, "INVALID_DEFINITION")


def _calculated(catalog: Catalog, kind: ObjectType, prop: Property) -> Iterator[Problem]:
    try:
        family = value(catalog, kind, prop.expression or "").family
    except Invalid as error:
        for problem in error.problems:
            yield _problem(f"property {kind.name}.{prop.name}: {problem.message}")
        return
    for varies in sorted(_varying(prop.expression or "")):
        yield _problem(
            f"property {kind.name}.{prop.name} changes with {varies}, but is calculated when what it reads is "
            "written; use it in a filter instead"
        )
    if family not in (FIELD_TYPES[prop.type].family, "null"):
        yield _problem(f"property {kind.name}.{prop.name} is {prop.type}, but its expression gives {family}")


def system_properties(present: Bodies, wanted: Bodies, tombstones: frozenset[Key]) -> None:
    """Raise Invalid when a property that shows a column of the system would be removed or become another."""
    problems = []
    for key, body in present.items():
        column = body.get("column")
        owner = ("object_type", key[1].partition(".")[0])
        if key[0] != "property" or column is None or owner in tombstones:
            continue
        new = wanted.get(key, body)
        if key in tombstones or (new.get("column"), new.get("type")) != (column, body.get("type")):
            problems.append(
                _problem(f"property {key[1]} shows what the system keeps; its label can be changed, no more")
            )
    if problems:
        raise Invalid(problems)
