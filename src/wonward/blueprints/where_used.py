"""Where every definition is used: what refers to a property, an option, a stage, a type, a label or a list.

A use is found by reading the bodies of documents: names where names stand, expressions by their tree.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wonward.automation.check import parts
from wonward.automation.program import program
from wonward.errors import Invalid, Missing
from wonward.expressions import tree
from wonward.expressions.parse import parse
from wonward.expressions.variables import expression, variables
from wonward.expressions.variables import parts as parts_of
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.plan import Bodies
from wonward.schema.workflow import SEQUENCE

Target = tuple[str, str]
"""What is used: its kind (`property`, `option`, `stage`, …) and its full name, as in `deal.dealtype.new`."""


@dataclass(frozen=True, slots=True)
class Use:
    """One definition that refers to another: what is used, who uses it, and where in it."""

    target: Target
    kind: str
    name: str
    place: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.place})"


def targets(catalog: Catalog, documents: Bodies) -> set[Target]:
    """Return everything that can be used: the definitions, and the options, stages and labels inside them."""
    found: set[Target] = set(documents)
    for kind in catalog.object_types.values():
        found |= {
            ("option", f"{kind.name}.{prop.name}.{option.value}")
            for prop in kind.properties.values()
            if prop.options_from is None
            for option in prop.options
        }
    for pipeline in catalog.pipelines:
        name = f"{pipeline.object_type}.{pipeline.name}"
        found |= {("stage", f"{name}.{stage.name}") for stage in pipeline.stages}
    for (kind_name, name), body in documents.items():
        if kind_name == "association":
            found |= {("association_label", f"{name}.{label}") for label in body.get("labels", {})}
    return found


def uses(catalog: Catalog, documents: Bodies) -> list[Use]:
    """Return every use in `documents` of what `catalog` knows."""
    return [
        Use(target, kind, name, place)
        for (kind, name), body in documents.items()
        for place, target in _READERS.get(kind, _other)(catalog, name, body)
    ]


def of(catalog: Catalog, documents: Bodies, target: Target, beside: Bodies) -> list[Use]:
    """Return the uses of a target, in definitions and `beside` them; raise Missing when there is no such thing."""
    known = targets(catalog, documents)
    if target not in known:
        kinds = ", ".join(sorted({kind for kind, _ in known}))
        raise Missing(
            f"There is no {target[0]} '{target[1]}'; kinds are {kinds}, and names are as in deal.amount",
            code="DEFINITION_NOT_FOUND",
        )
    return [use for use in uses(catalog, {**documents, **beside}) if use.target == target]


Found = Iterator[tuple[str, Target]]
"""Places in a body, each with what is used there."""


def _property(catalog: Catalog, name: str, body: Mapping[str, Any]) -> Found:
    type_name, _, own = name.partition(".")
    kind = catalog.object_types.get(type_name)
    if kind is None:
        return
    for place, text in (
        ("expression", body.get("expression")),
        *(
            (f"validation {n}", rule.get("expression"))
            for n, rule in enumerate(body.get("validation", ()), 1)
        ),
    ):
        yield from _expression(catalog, kind, place, text)
    if body.get("collects"):
        yield "collects", ("property", f"{type_name}.{body['collects']}")
    prop = kind.properties.get(own)
    if prop and body.get("default"):
        for value in str(body["default"]).split(";"):
            yield from (("default", target) for target in _choice(catalog, kind, prop, value))


def _object_type(_catalog: Catalog, name: str, body: Mapping[str, Any]) -> Found:
    for place in ("display", "search", "columns", "card", "key_properties"):
        yield from ((place, ("property", f"{name}.{each}")) for each in body.get(place, ()))
    for rule in body.get("duplicates", ()):
        names = (*rule.get("same", ()), *rule.get("similar", ()))
        yield from (("duplicates", ("property", f"{name}.{each}")) for each in names)
    for place in ("key", "modified_property", "amount"):
        if body.get(place):
            yield place, ("property", f"{name}.{body[place]}")


def _association(_catalog: Catalog, _name: str, body: Mapping[str, Any]) -> Found:
    yield from ((place, ("object_type", str(body[place]))) for place in ("from", "to"))


def _pipeline(catalog: Catalog, name: str, body: Mapping[str, Any]) -> Found:
    type_name = name.partition(".")[0]
    yield "object type", ("object_type", type_name)
    kind = catalog.object_types.get(type_name)
    if kind is None:
        return
    for stage in body.get("stages", ()):
        place, gate = f"gate of {stage['name']}", stage.get("gate", {})
        criteria = gate.get("criteria", ())
        names = (*gate.get("requires", ()), *gate.get("optional", ()), *gate.get("copies", ()))
        for each in (*names, *(each for criterion in criteria for each in criterion.get("properties", ()))):
            yield place, ("property", f"{type_name}.{each}")
        for asks in (
            said
            for criterion in criteria
            for said in (criterion.get("approval"), criterion.get("tick"))
            if said
        ):
            yield place, ("role", asks["by"])
            yield from ((place, ("property", f"{type_name}.{each}")) for each in asks.get("watches", ()))
        conditions = (criterion["condition"] for criterion in criteria if criterion.get("condition"))
        for text in (*conditions, *gate.get("copies", {}).values()):
            yield from _expression(catalog, kind, place, text)


def _import_map(catalog: Catalog, _name: str, body: Mapping[str, Any]) -> Found:
    kind = _type(catalog, body.get("object"))
    if kind is None:
        return
    yield "object", ("object_type", kind.name)
    if body.get("key"):
        yield "key", ("property", f"{kind.name}.{body['key']}")
    yield from (("set", ("property", f"{kind.name}.{each}")) for each in body.get("set", {}))
    for header, said in body.get("columns", {}).items():
        rule = {"property": said} if isinstance(said, str) else said
        yield from ((f"columns: {header}", target) for target in _column(catalog, kind, rule))


def _column(catalog: Catalog, kind: ObjectType, rule: Mapping[str, Any]) -> Iterator[Target]:
    prop = kind.properties.get(str(rule.get("property")))
    if prop:
        yield "property", f"{kind.name}.{prop.name}"
        for value in rule.get("options", {}).values():
            yield from _choice(catalog, kind, prop, value)
    other = _type(catalog, rule.get("association"))
    if other:
        yield "object_type", other.name
        if rule.get("by"):
            yield "property", f"{other.name}.{rule['by']}"
        for each in catalog.associations(kind.name, other.name):
            if rule.get("label") and rule["label"] == each.label:
                yield (
                    "association_label",
                    f"{each.definition}.{each.name.removeprefix(f'{each.definition}_')}",
                )


def _mail_template(catalog: Catalog, _name: str, body: Mapping[str, Any]) -> Found:
    kind = _type(catalog, body["object"])
    if kind is None:
        return
    yield "object", ("object_type", kind.name)
    for language, text in body["languages"].items():
        for place in ("subject", "body"):
            for variable in variables(parts_of(text[place])):
                named = expression(kind, variable.text)
                yield from _expression(catalog, kind, f"{language} {place}", named)


def _workflow(catalog: Catalog, name: str, _body: Mapping[str, Any]) -> Found:
    """Read a workflow: what its trigger, its goal and each step reads and sets."""
    workflow = catalog.workflows.get(name)
    kind = _type(catalog, workflow.object_type) if workflow else None
    if workflow is None or kind is None:
        return
    yield "object type", ("object_type", kind.name)
    for place, part in parts(catalog, kind, program(workflow)):
        yield from _expression(catalog, part.kind, place, part.expression)
        if part.sets is not None:
            yield place, ("property", f"{part.about.name}.{part.sets}")
            prop = part.about.properties.get(part.sets)
            if prop and isinstance(part.value, str):
                yield from ((place, target) for target in _choice(catalog, part.about, prop, part.value))
        elif part.expression is None:
            yield place, part.uses or ("object_type", part.kind.name)


def _sequence(catalog: Catalog, name: str, body: Mapping[str, Any]) -> Found:
    """Read a sequence: the workflow that it is."""
    return _workflow(catalog, f"{SEQUENCE}{name}", body)


def _role(catalog: Catalog, name: str, _body: Mapping[str, Any]) -> Found:
    """Read a role: the types it names, and the properties it keeps back."""
    role = catalog.roles.get(name)
    for of, allowed in role.types.items() if role else ():
        if of in catalog.object_types:
            yield "types", ("object_type", of)
            for each in sorted(allowed.hidden | allowed.read_only):
                yield "hidden" if each in allowed.hidden else "read_only", ("property", f"{of}.{each}")
            yield from (("key_properties", ("property", f"{of}.{each}")) for each in allowed.key_properties)


def _view(catalog: Catalog, name: str, body: Mapping[str, Any]) -> Found:
    """Read a view: its filter, columns and order, its pipeline, and the roles that it is for."""
    yield from _other(catalog, name, {key: said for key, said in body.items() if key != "order"})
    if body.get("board"):
        yield "board", ("pipeline", f"{body['object']}.{body['board']}")
    for place in ("roles", "default_for"):
        yield from ((place, ("role", each)) for each in body.get(place, ()))


def _metric(catalog: Catalog, name: str, body: Mapping[str, Any]) -> Found:
    """Read a metric: the records and properties it measures, or the two metrics it is a ratio of."""
    yield from (("over", ("metric", str(each))) for each in body.get("over") or ())
    kind = _type(catalog, body.get("object"))
    if kind is None:
        return
    yield from _other(catalog, name, body)
    yield from _expression(catalog, kind, "value", body.get("value"))
    if body.get("date"):
        yield "date", ("property", f"{kind.name}.{body['date']}")


def _dashboard(catalog: Catalog, _name: str, body: Mapping[str, Any]) -> Found:
    """Read a dashboard: the metrics of its tiles, and the properties it groups and filters by."""
    for number, tile in enumerate(body.get("tiles", ()), start=1):
        names = (*tile["metrics"], *([tile["goal"]] if tile.get("goal") else ()))
        yield from ((f"tile {number}", ("metric", name)) for name in names)
        for metric in (catalog.metrics[name] for name in tile["metrics"] if name in catalog.metrics):
            kind = _type(catalog, metric.object_type)
            for place, by in ((f"tile {number}", tile.get("by")), ("choice", body.get("choice"))):
                if kind and by in kind.properties:
                    yield place, ("property", f"{kind.name}.{by}")


def _form(_catalog: Catalog, _name: str, body: Mapping[str, Any]) -> Found:
    """Read a form: the properties that its fields and consents fill."""
    named = [each["property"] for each in body["fields"]]
    named += [each["sets"] for each in body.get("consents", ()) if each.get("sets")]
    for name in named:
        yield "fields", ("property", name if "." in name else f"contact.{name}")


_CONDITIONS = ("where", "condition", "filter", "expression")
_COLUMNS = ("columns", "card", "sort", "group_by", "order")


def _other(catalog: Catalog, _name: str, body: Mapping[str, Any]) -> Found:
    """Read a definition of any other kind: one that says its object type, a condition and columns."""
    kind = _type(catalog, body.get("object", body.get("object_type")))
    if kind is None:
        return
    yield "object", ("object_type", kind.name)
    for place in _CONDITIONS:
        yield from _expression(catalog, kind, place, body.get(place))
    for place in _COLUMNS:
        said = body.get(place) or ()
        for each in (said,) if isinstance(said, str) else said:
            yield from _expression(catalog, kind, place, str(each).removeprefix("-"))


def _expression(catalog: Catalog, kind: ObjectType, place: str, text: object) -> Found:
    if not isinstance(text, str) or not text.strip():
        return
    try:
        parsed = parse(text)
    except Invalid:  # judged where definitions are checked, with its place in the text
        return
    waiting: list[tuple[tree.Node, ObjectType]] = [(parsed, kind)]
    while waiting:
        node, about = waiting.pop()
        yield from ((place, target) for target in _node(catalog, about, node))
        if isinstance(node, tree.Aggregate | tree.Associated):
            about = _type(catalog, node.of) or about
        waiting += [(child, about) for child in tree.children(node)]


def _node(catalog: Catalog, kind: ObjectType, node: tree.Node) -> Iterator[Target]:
    """Yield what one node of an expression refers to, options and stages by what they are compared with."""
    match node:
        case tree.Reference(name, of):
            yield from _read(catalog, kind, of, (name,))
        case tree.Aggregate():
            yield from _read(catalog, kind, node.of, (node.name, node.by))
            yield from _label(catalog, kind, node.of, node.label)
        case tree.Associated():
            yield from _read(catalog, kind, node.of, ())
            yield from _label(catalog, kind, node.of, node.label)
        case tree.Call("in_list" | "member_of", (tree.Text(name), *_)):
            yield "list", name
    yield from _compared(catalog, kind, list(tree.children(node)))


def _compared(catalog: Catalog, kind: ObjectType, beside: Sequence[tree.Node]) -> Iterator[Target]:
    texts = [each.value for each in beside if isinstance(each, tree.Text)]
    for reference in beside:
        if texts and isinstance(reference, tree.Reference):
            owner = kind if reference.of is None else _type(catalog, reference.of)
            prop = owner.properties.get(reference.name) if owner else None
            if owner and prop:
                for text in texts:
                    yield from _choice(catalog, owner, prop, text)


def _read(
    catalog: Catalog, kind: ObjectType, of: str | None, names: Sequence[str | None]
) -> Iterator[Target]:
    owner = kind if of is None else _type(catalog, of)
    if owner is None:
        return
    if of is not None:
        yield "object_type", owner.name
    yield from (("property", f"{owner.name}.{name}") for name in names if name in owner.properties)


def _label(catalog: Catalog, kind: ObjectType, of: str, label: str | None) -> Iterator[Target]:
    other = _type(catalog, of)
    if other is None or label is None:
        return
    for each in catalog.associations(kind.name, other.name):
        own = each.name.removeprefix(f"{each.definition}_")
        if each.label is not None and label.casefold() in (own.casefold(), each.label.casefold()):
            yield "association_label", f"{each.definition}.{own}"


def _choice(catalog: Catalog, kind: ObjectType, prop: Property, value: str) -> Iterator[Target]:
    """Yield the option, pipeline or stage that a value of a property is."""
    if value not in prop.option_values:
        return
    if prop.options_from is None:
        yield "option", f"{kind.name}.{prop.name}.{value}"
    for pipeline in catalog.pipelines_of(kind.name):
        if prop.options_from == "pipelines" and pipeline.name == value:
            yield "pipeline", f"{kind.name}.{value}"
        if prop.options_from == "stages" and pipeline.stage(value):
            yield "stage", f"{kind.name}.{pipeline.name}.{value}"


def _type(catalog: Catalog, spelling: object) -> ObjectType | None:
    try:
        return catalog.object_type(str(spelling))
    except Missing:
        return None


_READERS: Mapping[str, Callable[[Catalog, str, Mapping[str, Any]], Found]] = {
    "portal": lambda *_: iter(()),
    "object_type": _object_type,
    "property": _property,
    "association": _association,
    "pipeline": _pipeline,
    "import_map": _import_map,
    "mail_template": _mail_template,
    "workflow": _workflow,
    "sequence": _sequence,
    "role": _role,
    "form": _form,
    "seat": lambda *_: iter(()),
    "metric": _metric,
    "dashboard": _dashboard,
    "view": _view,
}


def listed(found: Iterable[Use]) -> str:
    """Return uses in words, each once."""
    return ", ".join(dict.fromkeys(map(str, found))) or "nothing"
