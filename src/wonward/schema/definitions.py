"""The bodies of the documents that shape a portal, as typed structs: what a definition may say.

Unknown keys and wrong types are refused with the place inside the body; nothing here reads or stores.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta, Struct

from wonward.accounts.built_in import SUPER_ADMIN
from wonward.errors import Problem
from wonward.schema.colours import colour
from wonward.schema.form_body import FormBody, wrong_form
from wonward.schema.gate_body import GateBody
from wonward.schema.metric_body import DashboardBody, MetricBody, wrong_dashboard, wrong_metric
from wonward.schema.property_body import Name, PropertyBody, wrong_property
from wonward.schema.role_body import RoleBody
from wonward.schema.scheduling_body import SchedulingPageBody, wrong_page
from wonward.schema.seat_body import SeatBody
from wonward.schema.sequence_body import SequenceBody
from wonward.schema.view_body import ALL, ViewBody, wrong_view
from wonward.schema.workflow_body import WorkflowBody, wrong_workflow

T = TypeVar("T", bound=Struct)


class DuplicateBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What makes two records likely the same: equal values of `same`, and names of `similar` spelled alike.

    `domain` reads the values of `same` as web addresses; those of mail providers never match.
    """

    same: list[Name] = []
    similar: list[Name] = []
    domain: bool = False
    score: Annotated[int, Meta(ge=1, le=100)] = 80


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
    key_properties: list[Name] = []
    groups: dict[str, str] = {}
    activity: bool = False
    icon: str = ""
    key: Name | None = None
    modified_property: Name = "hs_lastmodifieddate"
    amount_property: Name = "amount"
    close_property: Name = "closedate"
    duplicates: list[DuplicateBody] = []


class LabelBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A label of an association: its text in both directions; `primary` marks the one main record.

    `limit` is how many `to` a `from` may have under this label. `hierarchy` leads from a child to its parent.
    """

    label: str
    inverse_label: str = ""
    primary: bool = False
    hierarchy: bool = False
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
    """A stage of a pipeline; `probability` from 0 to 1, `next` the only stages that may follow, where it says any."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,62}$")]
    label: str
    probability: str | None = None
    closed: bool = False
    won: bool = False
    colour: str | None = None
    purpose: str = ""
    activities: list[str] = []
    gate: GateBody | None = None
    next: list[str] | None = None


class PipelineBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A pipeline; the document's name is `<object type>.<pipeline>`. Records begin in `start`, or anywhere."""

    label: str
    stages: Annotated[list[StageBody], Meta(min_length=1)]
    order: int = 0
    start: list[str] = []


Language = Literal["da", "en"]
"""A language that mail is written in, one of the settings' LANGUAGES."""


class NamingBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How definitions of a kind are called: like one of `like`, where … is any text; `system` means locked ones."""

    kind: str
    like: Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(min_length=1)]
    system: bool = False
    why: str = ""


class PortalBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The portal itself."""

    label: str
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "EUR"
    time_zone: str = "Europe/Copenhagen"
    language: str = "en"
    second_factor: bool = False
    history_months: Annotated[int, Meta(ge=1, le=1200)] | None = None
    mail_from: str = ""
    mail_creates_contacts: bool = True
    mail_signature: dict[Language, Annotated[str, Meta(min_length=1, max_length=5_000)]] = {}
    naming: list[NamingBody] = []


class MailTextBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A mail in one language, with `{{variables}}`; the body is plain text that may use a little Markdown."""

    subject: Annotated[str, Meta(min_length=1, max_length=300)]
    body: Annotated[str, Meta(min_length=1, max_length=50_000)]


class MailTemplateBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A mail about a record of one type; `mail/template.py` says what its variables may be."""

    label: str
    object: Name
    languages: Annotated[dict[Language, MailTextBody], Meta(min_length=1)]
    description: str = ""


class TranslationBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What texts of the definitions say in the language that the document is named by; by the text itself."""

    texts: dict[str, Annotated[str, Meta(min_length=1)]]


class ImportMapBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How the columns of a file are read; `records/importing/mapping.py` says what each key means."""

    object: str
    key: str | None = None
    mode: Literal["create_or_update", "create", "update"] = "create_or_update"
    files: list[str] = []
    columns: dict[str, Any] = {}
    set: dict[Name, str] = {}


class ListBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A list of records of one type: those that meet `filter`, or without one those put into it by hand."""

    label: str
    object: Name
    filter: Annotated[str, Meta(min_length=1)] | None = None
    description: str = ""


BODIES: Mapping[str, type[Struct]] = {
    "portal": PortalBody,
    "object_type": ObjectTypeBody,
    "property": PropertyBody,
    "association": AssociationBody,
    "pipeline": PipelineBody,
    "import_map": ImportMapBody,
    "list": ListBody,
    "mail_template": MailTemplateBody,
    "form": FormBody,
    "workflow": WorkflowBody,
    "sequence": SequenceBody,
    "translation": TranslationBody,
    "role": RoleBody,
    "seat": SeatBody,
    "scheduling_page": SchedulingPageBody,
    "metric": MetricBody,
    "dashboard": DashboardBody,
    "view": ViewBody,
}
"""The kinds of document, each with what its body may say, in the order they depend on each other."""


def body_of(struct: type[T], body: Mapping[str, Any]) -> T:
    """Return a stored body as its struct."""
    return msgspec.convert(body, struct)


OF_A_TYPE = ("property", "pipeline", "workflow")
"""The kinds of document whose name begins with that of an object type, and a dot."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED = {"now", "today", "xmin", "xmax", "cmin", "cmax", "ctid", "tableoid"}
"""Names that every query binds itself, and columns that PostgreSQL has itself."""
_BUILT_IN = {("role", SUPER_ADMIN): "the role that may all", ("view", ALL): "the list without a view"}
_STAGES = re.compile(r"[A-Za-z0-9_-]{1,62}")


def normal(kind: str, name: str, body: Any) -> tuple[dict[str, Any] | None, Problem | None]:
    """Return a body as it is stored (defaults left out), or the problem with it."""
    struct = BODIES.get(kind)
    wrong = f"choose from {', '.join(BODIES)}" if struct is None else _wrong_name(kind, name)
    if struct is None or wrong:
        return None, Problem(f"{kind} '{name}': {wrong}", "INVALID_DEFINITION")
    try:
        converted = msgspec.convert(body, struct)
    except msgspec.ValidationError as error:
        return None, Problem(f"{kind} {name}: {error}", "INVALID_DEFINITION")
    wrong = _wrong_body(converted)
    if wrong:
        return None, Problem(f"{kind} {name}: {wrong}", "INVALID_DEFINITION")
    stored: dict[str, Any] = msgspec.to_builtins(converted)
    return stored, None


def _wrong_name(kind: str, name: str) -> str:
    owner, dot, own = name.partition(".")
    if not _NAME.fullmatch(owner) or (dot and not (_STAGES if kind == "pipeline" else _NAME).fullmatch(own)):
        return "a name has small letters, digits and underscores and starts with a letter"
    if bool(dot) != (kind in OF_A_TYPE):
        return "properties, pipelines and workflows are named type.name, all else by one name"
    if kind == "translation" and name not in get_args(Language):
        return f"a translation is named by its language, one of {', '.join(get_args(Language))}"
    if (kind, name) in _BUILT_IN:
        return f"{name} is {_BUILT_IN[kind, name]}, which can't be defined; choose another name"
    if kind == "property" and own in _RESERVED:
        return f"the name '{own}' is taken; choose another"
    return ""


def _wrong_body(body: Struct) -> str:
    if isinstance(body, PortalBody):
        return _wrong_portal(body)
    if isinstance(body, PipelineBody):
        return _wrong_colours(body.stages)
    wrong = _WRONG.get(type(body))
    return wrong(body) if wrong else ""


def _wrong_portal(body: PortalBody) -> str:
    if body.time_zone not in available_timezones():
        return f"there is no time zone '{body.time_zone}'; write it as Europe/Copenhagen"
    for rule in body.naming:
        if "label" not in getattr(BODIES.get(rule.kind), "__struct_fields__", ()):
            return f"naming: '{rule.kind}' is no kind of definition that has a label"
    return ""


def _wrong_colours(stages: Sequence[StageBody]) -> str:
    for stage in stages:
        if stage.colour is not None and colour(stage.colour) is None:
            return f"the stage '{stage.name}' has the colour '{stage.colour}'; write one as #7b93ad or green"
    return ""


def _wrong_hierarchies(body: AssociationBody) -> str:
    """Return what is wrong with the labels that make a hierarchy: from a child to its parent, within one type."""
    for name, label in body.labels.items():
        if label.hierarchy and body.from_type != body.to:
            return f"the label '{name}' is a hierarchy, which goes from an object type to itself"
        if label.hierarchy and label.limit != 1:
            return f"the label '{name}' is a hierarchy, in which each has one parent; give it limit: 1"
        if label.hierarchy and label.type_id is not None and label.inverse_id in (None, label.type_id):
            return f"the label '{name}' is a hierarchy, whose two directions differ; give it an inverse_id"
    return ""


_WRONG: Mapping[type[Struct], Callable[[Any], str]] = {
    PropertyBody: wrong_property,
    WorkflowBody: wrong_workflow,
    AssociationBody: _wrong_hierarchies,
    SchedulingPageBody: wrong_page,
    MetricBody: wrong_metric,
    DashboardBody: wrong_dashboard,
    ViewBody: wrong_view,
    FormBody: wrong_form,
}
"""What says, of a body that was read, what is wrong with it taken for itself."""
