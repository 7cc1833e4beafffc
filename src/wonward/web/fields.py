"""The inputs of a record's forms: what each shows for a property, and reading back what was typed.

A stage and its pipeline are one input. Whether a value is right isn't judged here but where records are written.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from wonward.errors import Problem
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.web import amounts, moments, people

Given = dict[str, str | None]

_LINE_END = re.compile(r"\r\n?")
INPUTS = {
    "text": "text",
    "long_text": "textarea",
    "email": "email",
    "phone": "tel",
    "url": "url",
    "number": "number",
    "currency": "number",
    "date": "date",
    "datetime": "datetime-local",
    "boolean": "select",
    "enumeration": "select",
    "multi_enumeration": "several",
    "owner": "select",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of an input: `group` is the pipeline of a stage where there are several."""

    value: str
    label: str
    chosen: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One input: how it is filled in, what was wrong with it, and `was`, the value it was opened with."""

    prop: Property
    input: str
    value: str
    was: str
    choices: Sequence[Choice] = ()
    problems: Sequence[str] = ()
    empty_choice: bool = True

    @property
    def inputmode(self) -> str:
        """The keyboard a phone shows."""
        return {"number": "decimal"}.get(self.input, "")


def settable(prop: Property) -> bool:
    """Tell whether a person who sees the property as it is here may set it."""
    return not (prop.read_only or prop.system or prop.masked)


def editable(kind: ObjectType) -> list[Property]:
    """Return the properties people can set; the pipeline is set with the stage."""
    return [
        prop
        for prop in kind.properties.values()
        if settable(prop) and not prop.hidden and prop.options_from != "pipelines"
    ]


def first(kind: ObjectType) -> list[Property]:
    """Return the properties a new record is asked for first, of those people can set."""
    required = [prop.name for prop in kind.properties.values() if prop.required]
    wanted = dict.fromkeys((*kind.display, *required, *kind.columns, *kind.card, *kind.search))
    open_to_all = {prop.name: prop for prop in editable(kind)}
    return [open_to_all[name] for name in wanted if name in open_to_all]


def build(
    catalog: Catalog,
    kind: ObjectType,
    properties: Iterable[Property],
    values: Mapping[str, str | None],
    *,
    typed: QueryDict | None = None,
    problems: Sequence[Problem] = (),
) -> list[Field]:
    """Return the inputs for properties: filled with `values`, or with what was `typed` and refused."""
    wanted = list(properties)
    owners = people.choices(catalog.portal_id) if any(prop.type == "owner" for prop in wanted) else []
    return [
        _field(
            catalog,
            kind,
            prop,
            values,
            typed,
            owners,
            [p.message for p in problems if p.property == prop.name],
        )
        for prop in wanted
    ]


def elsewhere(fields: Iterable[Field], problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that belong to none of the inputs."""
    shown = {field.prop.name for field in fields}
    return [problem for problem in problems if problem.property not in shown]


def given(kind: ObjectType, properties: Iterable[Property], typed: QueryDict) -> Given:
    """Return the values typed for those of `properties` that the form held, as doors give them to records."""
    values: Given = {}
    for prop in properties:
        if prop.name not in typed and f"{prop.name}.was" not in typed:
            continue
        values |= _values(kind, prop, _read(prop, typed))
    return values


def opened_with(kind: ObjectType, properties: Iterable[Property], typed: QueryDict) -> Given:
    """Return the values the form was opened with."""
    values: Given = {}
    for prop in properties:
        if f"{prop.name}.was" in typed:
            values |= _values(kind, prop, _was(prop, typed))
    return values


def lines(text: str) -> str:
    """Return text with its lines ended one way: browsers send every line end as CR LF, others store any."""
    return _LINE_END.sub("\n", text)


def _values(kind: ObjectType, prop: Property, text: str) -> Given:
    """Return what an input says: a value of its property, and for a stage that of the pipeline too."""
    if prop.options_from == "stages" and kind.pipeline_property:
        pipeline, _, stage = text.partition("/")
        return {kind.pipeline_property.name: pipeline or None, prop.name: stage or None}
    return {prop.name: text or None}


def _was(prop: Property, typed: QueryDict) -> str:
    return lines(typed.get(f"{prop.name}.was", ""))


def _read(prop: Property, typed: QueryDict) -> str:
    if prop.type == "multi_enumeration":
        return ";".join(value for value in typed.getlist(prop.name) if value)
    text = typed.get(prop.name, "")
    if prop.type in ("number", "currency"):
        return amounts.typed_number(text)
    if prop.type == "datetime" and text:
        return moments.from_input(text, typed.get(f"{prop.name}.was"))
    text, was = lines(text), _was(prop, typed)
    # An input of one line drops the line ends of what it was opened with: untouched, it keeps them.
    return was if prop.type != "long_text" and text == was.replace("\n", "") else text


def _field(
    catalog: Catalog,
    kind: ObjectType,
    prop: Property,
    values: Mapping[str, str | None],
    typed: QueryDict | None,
    owners: Sequence[tuple[str, str]],
    problems: Sequence[str],
) -> Field:
    was = values.get(prop.name) or ""
    value = _shown(prop, was)
    chosen = set(was.split(";"))
    if prop.options_from == "stages" and was:
        was = _stage_value(kind, values)
        chosen = {was}
    if typed is not None and (prop.name in typed or f"{prop.name}.was" in typed):
        value, chosen = typed.get(prop.name, ""), set(typed.getlist(prop.name))
    choices = [
        Choice(value, label, value in chosen, group)
        for value, label, group in _choices(catalog, kind, prop, owners, was)
    ]
    needed = prop.required or prop.options_from == "stages"
    return Field(prop, INPUTS[prop.type], value, was, choices, problems, not needed)


def _shown(prop: Property, value: str) -> str:
    if not value:
        return ""
    if prop.type in ("number", "currency"):
        return amounts.editable_number(value)
    return moments.for_input(value) if prop.type == "datetime" else value


def _stage_value(kind: ObjectType, values: Mapping[str, str | None]) -> str:
    pipeline = kind.pipeline_property
    stage = kind.stage_property
    return f"{values.get(pipeline.name)}/{values.get(stage.name)}" if pipeline and stage else ""


def _choices(
    catalog: Catalog, kind: ObjectType, prop: Property, owners: Sequence[tuple[str, str]], was: str
) -> list[tuple[str, str, str]]:
    if prop.type == "owner":
        left = [] if not was or was in dict(owners) else [(was, _left(catalog, was), "")]
        return left + [(value, label, "") for value, label in owners]
    if prop.type == "boolean":
        return [("true", "Yes", ""), ("false", "No", "")]
    if prop.options_from == "stages":
        pipelines = catalog.pipelines_of(kind.name)
        return [
            (f"{pipeline.name}/{stage.name}", stage.label, pipeline.label if len(pipelines) > 1 else "")
            for pipeline in pipelines
            for stage in pipeline.stages
        ]
    return [
        (option.value, option.label, "")
        for option in prop.options
        if not option.hidden or option.value in was.split(";")
    ]


def _left(catalog: Catalog, owner: str) -> str:
    """Return the name of an owner who can't be chosen any more but is."""
    return people.owner_names(catalog.portal_id, [owner]).get(owner, f"Owner {owner}")
