"""Makes given values canonical and finds every problem with them, before any SQL writes.

Values arrive as text, numbers, booleans or None; empty text and None clear a property.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from wonward.accounts.models import Member
from wonward.errors import Missing, Problem
from wonward.records.work import HANDS, Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.ddl import LONGEST_UNIQUE
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
    batch = _Batch(work, kind, creating=creating)
    cleaned: list[Clean] = []
    problems: list[Problem] = []
    for number, given in enumerate(rows):
        clean, found = batch.clean(given, number)
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


def canonical(prop: Property, text: str) -> str | None:
    """Return text as the property's canonical text; raise FieldError when it is no value of it."""
    return FIELD_TYPES[prop.type].canonical(text, prop) or None


class _Batch:
    """What a type's rows are held against, looked up once a batch; a text that comes again isn't read again."""

    def __init__(self, work: Work, kind: ObjectType, *, creating: bool) -> None:
        self._kind, self._creating, self._by_hand = kind, creating, work.source in HANDS
        properties = kind.properties.values()
        self._required = [prop for prop in properties if prop.required]
        self._defaults = {prop.name: canonical(prop, prop.default) for prop in properties if prop.default}
        self._pipelines = work.catalog.pipelines_of(kind.name)
        self._pipeline_property, self._stage_property = kind.pipeline_property, kind.stage_property
        self._known: dict[tuple[str, str], str | None] = {}

    def clean(self, given: Given, number: int) -> tuple[Clean, list[Problem]]:
        """Return the clean values of a row, defaults filled in when it is new, and what is wrong with it."""
        clean: Clean = {}
        problems: list[Problem] = []
        for name, value in given.items():
            text = text_of(value)
            try:
                clean[name] = self._known[name, text or ""]
            except KeyError:
                problem = self._read(name, text or "", clean, number)
                problems += [problem] if problem else []
        if self._creating:
            self._fill_defaults(clean)
        return clean, problems + self._missing(clean, number)

    def _read(self, name: str, text: str, clean: Clean, number: int) -> Problem | None:
        try:
            prop = self._kind.property_named(name)
            problem = _unwritable(prop, self._by_hand)
            if problem:
                return replace(problem, row=number)
            found = canonical(prop, text) if text.strip() else None
            if prop.unique and found is not None and len(found.encode()) > LONGEST_UNIQUE:
                return Problem(_too_long(prop, found), "PROPERTY_VALUE_TOO_LONG", name, number)
            self._known[name, text] = clean[name] = found
        except Missing as error:
            return Problem(str(error), "PROPERTY_DOESNT_EXIST", name, number)
        except FieldError as error:
            return Problem(str(error), error.code, name, number)
        return None

    def _fill_defaults(self, clean: Clean) -> None:
        for name, default in self._defaults.items():
            if clean.get(name) is None:
                clean[name] = default
        if not (self._pipelines and self._pipeline_property and self._stage_property):
            return
        stage = clean.get(self._stage_property.name)
        if clean.get(self._pipeline_property.name) is None:
            own = (pipeline for pipeline in self._pipelines if stage and pipeline.stage(stage))
            clean[self._pipeline_property.name] = next(own, self._pipelines[0]).name
        if stage is None:
            home = clean[self._pipeline_property.name]
            chosen = next((pipeline for pipeline in self._pipelines if pipeline.name == home), None)
            clean[self._stage_property.name] = chosen.stages[0].name if chosen else None

    def _missing(self, clean: Clean, number: int) -> list[Problem]:
        return [
            Problem(f"{prop.label} is required; give it a value", "REQUIRED_PROPERTY", prop.name, number)
            for prop in self._required
            if clean.get(prop.name) is None and (self._creating or prop.name in clean)
        ]


def _unwritable(prop: Property, by_hand: bool) -> Problem | None:
    """Return why a property can't be set by whoever writes, if so."""
    if prop.masked:
        message = (
            f"{prop.label} is sensitive, and you may not set it; leave it out, or ask an admin for the right"
        )
        return Problem(message, "SENSITIVE_PROPERTY", prop.name)
    if prop.read_only:
        return Problem(f"{prop.label} is kept by the system and can't be set", "READ_ONLY_VALUE", prop.name)
    if prop.system and by_hand:
        message = f"{prop.label} is locked: automation keeps it, and no hand changes it"
        return Problem(message, "READ_ONLY_VALUE", prop.name)
    return None


def _too_long(prop: Property, found: str) -> str:
    return (
        f"{prop.label} takes {len(found.encode()):,} bytes; shorten it to {LONGEST_UNIQUE:,}, "
        "the most that can be told apart from all others"
    )


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
