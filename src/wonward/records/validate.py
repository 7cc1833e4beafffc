"""Makes given values canonical and finds every problem with them, before any SQL writes.

Values arrive as text, numbers, booleans or None; empty text and None clear a property.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wonward.accounts.models import Member
from wonward.errors import Missing, Problem
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES

Given = Mapping[str, object]
"""Property name -> value as a door received it."""

Clean = dict[str, str | None]
"""Property name -> canonical text, or None to clear."""


@dataclass(frozen=True, slots=True)
class Validated:
    """Clean values a row each, in the order given, and the problems found, each with its row."""

    rows: list[Clean]
    problems: list[Problem]


def validate(work: Work, kind: ObjectType, rows: Sequence[Given], *, creating: bool) -> Validated:
    """Clean a batch of values for records of one type.

    With `creating`, defaults are filled in and required properties must be there.
    """
    cleaned: list[Clean] = []
    problems: list[Problem] = []
    for number, given in enumerate(rows):
        clean, found = _row(kind, given, number)
        if creating:
            _fill_defaults(work, kind, clean)
        found += _required(kind, clean, number, creating)
        cleaned.append(clean)
        problems += found
    problems += _owners(work, kind, cleaned)
    return Validated(cleaned, problems)


def text_of(value: object) -> str | None:
    """Return a value as text: JSON's true is `true`, None stays None."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _row(kind: ObjectType, given: Given, number: int) -> tuple[Clean, list[Problem]]:
    clean: Clean = {}
    problems: list[Problem] = []
    for name, value in given.items():
        try:
            prop = kind.property_named(name)
        except Missing as error:
            problems.append(Problem(str(error), "PROPERTY_DOESNT_EXIST", name, number))
            continue
        if prop.read_only:
            problems.append(
                Problem(
                    f"{prop.label} is kept by the system and can't be set", "READ_ONLY_VALUE", name, number
                )
            )
            continue
        text = text_of(value)
        try:
            clean[name] = None if text is None or not text.strip() else canonical(prop, text)
        except FieldError as error:
            problems.append(Problem(str(error), error.code, name, number))
    return clean, problems


def canonical(prop: Property, text: str) -> str | None:
    """Return text as the property's canonical text; raise FieldError when it is no value of it."""
    return FIELD_TYPES[prop.type].canonical(text, prop) or None


def _fill_defaults(work: Work, kind: ObjectType, clean: Clean) -> None:
    for prop in kind.properties.values():
        if prop.default is not None and clean.get(prop.name) is None:
            clean[prop.name] = canonical(prop, prop.default)
    pipelines = work.catalog.pipelines_of(kind.name)
    pipeline_property, stage_property = kind.pipeline_property, kind.stage_property
    if not (pipelines and pipeline_property and stage_property):
        return
    stage = clean.get(stage_property.name)
    if clean.get(pipeline_property.name) is None:
        home = next((pipeline for pipeline in pipelines if stage and pipeline.stage(stage)), pipelines[0])
        clean[pipeline_property.name] = home.name
    if stage is None:
        chosen = next((each for each in pipelines if each.name == clean[pipeline_property.name]), None)
        clean[stage_property.name] = chosen.stages[0].name if chosen else None


def _required(kind: ObjectType, clean: Clean, number: int, creating: bool) -> list[Problem]:
    return [
        Problem(f"{prop.label} is required; give it a value", "REQUIRED_PROPERTY", prop.name, number)
        for prop in kind.properties.values()
        if prop.required and clean.get(prop.name) is None and (creating or prop.name in clean)
    ]


def _owners(work: Work, kind: ObjectType, cleaned: list[Clean]) -> list[Problem]:
    names = [prop.name for prop in kind.properties.values() if prop.type == "owner"]
    asked = {int(value) for clean in cleaned for name in names if (value := clean.get(name))}
    if not asked:
        return []
    known = set(
        Member.objects.filter(portal_id=work.catalog.portal_id, id__in=asked).values_list("id", flat=True)
    )
    return [
        Problem(
            f"There is no owner {value}; give the id of an owner of this portal",
            "INVALID_OWNER_ID",
            name,
            row,
        )
        for row, clean in enumerate(cleaned)
        for name in names
        if (value := clean.get(name)) and int(value) not in known
    ]
