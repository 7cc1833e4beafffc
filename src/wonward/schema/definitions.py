"""The bodies of the documents that shape a portal, as typed structs: what a definition may say.

Unknown keys and wrong types are refused with the place inside the body; nothing here reads or stores.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from wonward.errors import Problem
from wonward.schema.field_types.registry import FIELD_TYPES

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""An internal name: small letters, digits and underscores, starting with a letter."""

T = TypeVar("T", bound=Struct)


class OptionBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An option of an enumeration."""

    value: str
    label: str = ""
    hidden: bool = False
    colour: str | None = None


class PropertyBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A property. `options_from: pipelines | stages` takes the options from the type's pipelines."""

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
    default: str | None = None
    expression: str | None = None
    column: Literal["_id", "_created_at", "_updated_at"] | None = None


class ObjectTypeBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An object type without its properties, which are documents of their own."""

    label: str
    plural: Name
    plural_label: str
    display: list[Name]
    type_id: str | None = None
    search: list[Name] = []
    columns: list[Name] = []
    card: list[Name] = []
    groups: dict[str, str] = {}
    activity: bool = False
    icon: str = ""
    key: Name | None = None
    modified_property: Name = "hs_lastmodifieddate"


class LabelBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A label of an association: its text in both directions; `primary` marks the one main record.

    `limit` is how many `to` a `from` may have under this label.
    """

    label: str
    inverse_label: str = ""
    primary: bool = False
    limit: Annotated[int, Meta(ge=1)] | None = None
    inverse_limit: Annotated[int, Meta(ge=1)] | None = None
    type_id: int | None = None
    inverse_id: int | None = None


class AssociationBody(Struct, forbid_unknown_fields=True, omit_defaults=True, rename={"from_type": "from"}):
    """An association between two object types; `limit` is how many `to` a `from` may have."""

    from_type: Name
    to: Name
    type_id: int | None = None
    inverse_id: int | None = None
    limit: Annotated[int, Meta(ge=1)] | None = None
    inverse_limit: Annotated[int, Meta(ge=1)] | None = None
    labels: dict[Name, LabelBody] = {}


class StageBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A stage of a pipeline; `probability` from 0 to 1."""

    name: str
    label: str
    probability: str | None = None
    closed: bool = False
    won: bool = False
    colour: str | None = None
    purpose: str = ""


class PipelineBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A pipeline; the document's name is `<object type>.<pipeline>`."""

    label: str
    stages: Annotated[list[StageBody], Meta(min_length=1)]
    order: int = 0


class PortalBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The portal itself."""

    label: str
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "EUR"
    time_zone: str = "Europe/Copenhagen"
    language: str = "en"


class ImportMapBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How the columns of a file are read; `records/importing/mapping.py` says what each key means."""

    object: str
    key: str | None = None
    files: list[str] = []
    columns: dict[str, Any] = {}
    set: dict[Name, str] = {}


BODIES: Mapping[str, type[Struct]] = {
    "portal": PortalBody,
    "object_type": ObjectTypeBody,
    "property": PropertyBody,
    "association": AssociationBody,
    "pipeline": PipelineBody,
    "import_map": ImportMapBody,
}
"""The kinds of document, each with what its body may say, in the order they depend on each other."""


def body_of(struct: type[T], body: Mapping[str, Any]) -> T:
    """Return a stored body as its struct."""
    return msgspec.convert(body, struct)


_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_STAGES = re.compile(r"[A-Za-z0-9_-]{1,62}")


def normal(kind: str, name: str, body: Any) -> tuple[dict[str, Any] | None, Problem | None]:
    """Return a body as it is stored (defaults left out), or the problem with it."""
    struct = BODIES.get(kind)
    if struct is None:
        return None, Problem(f"There is no kind of definition '{kind}'; choose from {', '.join(BODIES)}")
    owner, dot, own = name.partition(".")
    if not _NAME.fullmatch(owner) or (dot and not (_STAGES if kind == "pipeline" else _NAME).fullmatch(own)):
        return None, Problem(
            f"{kind} '{name}': a name has small letters, digits and underscores and starts with a letter",
            "INVALID_DEFINITION",
        )
    if bool(dot) != (kind in ("property", "pipeline")):
        return None, Problem(
            f"{kind} '{name}': properties and pipelines are named type.name, all else by one name",
            "INVALID_DEFINITION",
        )
    try:
        converted = msgspec.convert(body, struct)
    except msgspec.ValidationError as error:
        return None, Problem(f"{kind} {name}: {error}", "INVALID_DEFINITION")
    if isinstance(converted, PropertyBody) and converted.type not in FIELD_TYPES:
        return None, Problem(
            f"{kind} {name}: there is no type '{converted.type}'; choose from {', '.join(FIELD_TYPES)}",
            "INVALID_DEFINITION",
        )
    stored: dict[str, Any] = msgspec.to_builtins(converted)
    return stored, None
