"""What a definition may say of a property, and what is wrong with one taken for itself."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from wonward.schema.colours import colour
from wonward.schema.field_types.registry import FIELD_TYPES
from wonward.schema.regex import wrong_regex

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""An internal name: small letters, digits and underscores, starting with a letter."""

MOST_RULES = 20


class OptionBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An option of an enumeration."""

    value: str
    label: str = ""
    hidden: bool = False
    colour: str | None = None


class RuleBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A rule for the values of a property: a regex, a range, a length, check digits or an expression, one of them.

    `weights` are those of check digits: each digit times its weight, added up, is a multiple of `modulus`.
    """

    regex: str | None = None
    min: str | int | float | None = None
    max: str | int | float | None = None
    min_length: Annotated[int, Meta(ge=1)] | None = None
    max_length: Annotated[int, Meta(ge=1)] | None = None
    weights: Annotated[list[int], Meta(max_length=40)] = []
    modulus: Annotated[int, Meta(ge=2)] = 11
    expression: str | None = None
    message: str = ""


class PropertyBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A property. `options_from: pipelines | stages` takes the options from the type's pipelines.

    `merge` says which value stands when two records are merged, where it isn't the surviving one's;
    `collects` that the property keeps what merged records had in another, each `dated` when asked for.
    """

    label: str
    type: str
    group: str = ""
    description: str = ""
    options: list[OptionBody] = []
    options_from: Literal["pipelines", "stages"] | None = None
    unique: bool = False
    required: bool = False
    read_only: bool = False
    hidden: bool = False
    system: bool = False
    sensitive: bool = False
    form_field: bool | None = None
    order: int = -1
    default: str | None = None
    validation: list[RuleBody] = []
    expression: str | None = None
    column: Literal["_id", "_created_at", "_updated_at"] | None = None
    merge: Literal["furthest", "earliest", "latest", "dated"] | None = None
    collects: Name | None = None


def wrong_property(body: PropertyBody) -> str:
    """Return what is wrong with a property's body, or nothing."""
    return next(_wrong(body), "")


def _wrong(body: PropertyBody) -> Iterator[str]:
    if body.type not in FIELD_TYPES:
        yield f"there is no type '{body.type}'; choose from {', '.join(FIELD_TYPES)}"
        return
    yield from _wrong_options(body.options)
    if len(body.validation) > MOST_RULES:
        yield f"it has {len(body.validation)} validation rules; {MOST_RULES} is the most"
    for place, rule in enumerate(body.validation, start=1):
        yield from (f"validation rule {place}: {reason}" for reason in _wrong_rule(body, rule))
    if body.system and body.required:
        yield "it is system, so nobody could give it the value that required asks for; drop one of the two"
    if body.column and (body.sensitive or body.validation or body.default):
        yield "it shows what the system keeps, which has no rules, no default and is never sensitive"


def _wrong_options(options: Sequence[OptionBody]) -> Iterator[str]:
    """Yield what is wrong with options: each has a value of its own that can be stored and told apart."""
    values = [option.value for option in options]
    for option in options:
        if not option.value.strip() or ";" in option.value:
            yield f"the option '{option.value}' needs a value, without ';', which stands between several"
        if values.count(option.value) > 1:
            yield f"the option '{option.value}' stands there twice"
        if option.colour is not None and colour(option.colour) is None:
            yield f"the option '{option.value}' has the colour '{option.colour}'; write one as #7b93ad or green"


def _wrong_rule(body: PropertyBody, rule: RuleBody) -> Iterator[str]:
    ranged = rule.min is not None or rule.max is not None
    sized = rule.min_length is not None or rule.max_length is not None
    family = FIELD_TYPES[body.type].family
    if sum((rule.regex is not None, ranged, sized, bool(rule.weights), rule.expression is not None)) != 1:
        yield (
            "give one of regex, min and max, min_length and max_length, weights, or expression; "
            "write a rule for each"
        )
    elif (rule.regex is not None or sized or rule.weights) and family != "text":
        yield f"only text has a regex, a length or check digits; the property is {body.type}"
    elif rule.regex is not None and (reason := wrong_regex(rule.regex)):
        yield reason
    elif ranged and (family not in ("number", "date", "datetime") or body.type == "owner"):
        yield f"only numbers and dates have a min and a max; the property is {body.type}"
    elif sized and rule.min_length and rule.max_length and rule.min_length > rule.max_length:
        yield "min_length is above max_length; no text would do"
    elif rule.expression is not None and not rule.message.strip():
        yield "an expression needs a message that says what to do when it doesn't hold"
    for name, text in (("min", rule.min), ("max", rule.max)):
        if ranged and text is not None and not str(text).strip():
            yield f"{name} is empty; leave it out instead"
