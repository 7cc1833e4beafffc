"""The catalog: every shape of one portal at one version, frozen, ready to be looked things up in.

Built from documents by `schema/load.py`; pure data here. Names are internal names
(`deal`, `dealstage`); HubSpot's spellings of types are resolved by `object_type()`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from wonward.errors import Forbidden, Missing
from wonward.schema.form import Form
from wonward.schema.metrics import Dashboard, Metric
from wonward.schema.naming import NamingRule
from wonward.schema.pipelines import Pipeline
from wonward.schema.roles import Role
from wonward.schema.scheduling import SchedulingPage
from wonward.schema.seats import Seat
from wonward.schema.view import View
from wonward.schema.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Option:
    """One allowed value of an enumeration."""

    value: str
    label: str
    hidden: bool = False
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What values must be, by one of: a regex for all of it, a range, a length, check digits, an expression.

    With `weights`, a value has as many digits, whose sum by these weights is a multiple of `modulus`.
    """

    regex: str | None = None
    min: str | None = None
    max: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    weights: tuple[int, ...] = ()
    modulus: int = 11
    expression: str | None = None
    message: str = ""


@dataclass(frozen=True)
class Property:
    """A property of an object type; `type` names a field type, `column` its column in the type's table.

    `expression` is set on calculated properties, whose value has field type `type` all the same. `masked` is
    set on sensitive ones in the catalog of somebody who may not see them.
    """

    name: str
    label: str
    type: str
    column: str
    group: str = ""
    description: str = ""
    options: tuple[Option, ...] = ()
    unique: bool = False
    required: bool = False
    read_only: bool = False
    hidden: bool = False
    standard: bool = False
    expression: str | None = None
    options_from: str | None = None
    default: str | None = None
    merge: str | None = None
    collects: str | None = None
    system: bool = False
    sensitive: bool = False
    masked: bool = False
    form_field: bool = True
    validation: tuple[Rule, ...] = ()

    def seen(self) -> "Property":
        """Return the property itself; raise Forbidden when its values may not be looked at, nor looked for."""
        if self.masked:
            raise Forbidden(
                f"{self.label} is sensitive, and you may not see it; leave it out, or ask an admin for the right",
                code="SENSITIVE_PROPERTY",
                property=self.name,
            )
        return self

    @cached_property
    def option_values(self) -> Mapping[str, Option]:
        """The options by their internal value."""
        return {option.value: option for option in self.options}

    def option_label(self, value: str) -> str:
        """Return the label of an option, or the value itself when no option has it."""
        option = self.option_values.get(value)
        return option.label if option else value


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """What makes two records of a type likely the same one; `score` says how likely, up to 100."""

    same: tuple[str, ...]
    similar: tuple[str, ...]
    domain: bool
    score: int


@dataclass(frozen=True)
class ObjectType:
    """An object type: its names, its table, its properties by name in their order."""

    name: str
    plural: str
    label: str
    plural_label: str
    type_id: str
    table: str
    properties: Mapping[str, Property]
    display: tuple[str, ...]
    search: tuple[str, ...]
    columns: tuple[str, ...] = ()
    card: tuple[str, ...] = ()
    key_properties: tuple[str, ...] = ()
    activity: bool = False
    icon: str = ""
    modified_property: str = "hs_lastmodifieddate"
    amount_property: str = "amount"
    close_property: str = "closedate"
    key: str | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    duplicates: tuple[DuplicateRule, ...] = ()

    def property_named(self, name: str) -> Property:
        """Return the property `name`; raise Missing naming the nearest ones."""
        found = self.properties.get(name)
        if found is None:
            near = get_close_matches(name, self.properties, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise Missing(
                f"{self.label} has no property '{name}'{hint}", code="PROPERTY_DOESNT_EXIST", property=name
            )
        return found

    @property
    def pipeline_property(self) -> Property | None:
        """The property that holds the pipeline, on types that go through one."""
        return next((prop for prop in self.properties.values() if prop.options_from == "pipelines"), None)

    @property
    def stage_property(self) -> Property | None:
        """The property that holds the stage, on types that go through a pipeline."""
        return next((prop for prop in self.properties.values() if prop.options_from == "stages"), None)

    @property
    def amount(self) -> Property | None:
        """The property whose sum stands over a column of the board, on types that have it as a number."""
        prop = self.properties.get(self.amount_property)
        return prop if prop and prop.type in ("number", "currency") else None

    @property
    def close_date(self) -> Property | None:
        """The date by which a record's way through its pipeline is to end, on types that have it; it slips."""
        prop = self.properties.get(self.close_property)
        return prop if prop and prop.type in ("date", "datetime") and self.stage_property else None

    @property
    def calculated(self) -> tuple[Property, ...]:
        """The properties kept up on write from an expression."""
        return tuple(prop for prop in self.properties.values() if prop.expression)


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One direction of an association between two object types.

    `label` is None for the unlabelled (default) association. `primary` marks the label that
    names the one main record. `limit` is how many a from-record may have, None for no limit.
    `definition` is the name of the document that says all this. `hierarchy` leads from a child to its parent.
    """

    type_id: int
    inverse_id: int
    name: str
    from_type: str
    to_type: str
    label: str | None
    category: str
    primary: bool = False
    limit: int | None = None
    definition: str = ""
    hierarchy: bool = False


@dataclass(frozen=True, slots=True)
class RecordList:
    """A list of records of one type: those that meet `filter`, or without one those put into it."""

    name: str
    label: str
    object_type: str
    filter: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail as it is written in one language, before its variables have values."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """A mail about a record of one type, by language."""

    name: str
    label: str
    object_type: str
    texts: Mapping[str, MailText]
    description: str = ""


@dataclass(frozen=True)
class Catalog:
    """Everything a portal defines, at one version."""

    portal_id: int
    portal: str
    schema: str
    version: int
    object_types: Mapping[str, ObjectType]
    association_types: tuple[AssociationType, ...]
    pipelines: tuple[Pipeline, ...]
    currency: str = "EUR"
    time_zone: str = "UTC"
    history_months: int | None = None
    lists: Mapping[str, RecordList] = field(default_factory=dict)
    language: str = "en"
    mail_from: str = ""
    mail_creates_contacts: bool = True
    mail_signature: Mapping[str, str] = field(default_factory=dict)
    mail_templates: Mapping[str, MailTemplate] = field(default_factory=dict)
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    naming: tuple[NamingRule, ...] = ()
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By language, what texts of the definitions say in it."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    seats: Mapping[str, Seat] = field(default_factory=dict)
    role: Role | None = None
    """The role that this catalog is cut by; None when there is none, so that all is allowed."""
    scheduling_pages: Mapping[str, SchedulingPage] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    dashboards: Mapping[str, Dashboard] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    whole: "Catalog | None" = None
    """The catalog that this one is for somebody who may not see all; None when this one is whole."""
    defined: "Catalog | None" = None
    """The catalog that this one puts into another language; None when this one has the texts as they were defined."""

    @cached_property
    def sensitive(self) -> tuple[ObjectType, ...]:
        """The object types with sensitive properties."""
        kinds = self.object_types.values()
        return tuple(kind for kind in kinds if any(prop.sensitive for prop in kind.properties.values()))

    @cached_property
    def cuts(self) -> dict[tuple[str | None, frozenset[str]], "Catalog"]:
        """What `seen.py` has cut of this catalog, by role and by the types whose sensitive properties are masked."""
        return {}

    @cached_property
    def relations(self) -> dict[str, Any]:
        """The SQL that `seen.py` has written of this catalog's tables."""
        return {}

    @cached_property
    def spoken(self) -> dict[str, "Catalog"]:
        """What `translate.py` has put into other languages."""
        return {}

    @cached_property
    def _spellings(self) -> Mapping[str, ObjectType]:
        spellings: dict[str, ObjectType] = {}
        for kind in self.object_types.values():
            fully_qualified = f"p{self.portal_id}_{kind.name}"
            for name in (kind.name, kind.plural, kind.type_id, fully_qualified, f"p_{kind.name}"):
                spellings[name.lower()] = kind
        return spellings

    def object_type(self, spelling: str) -> ObjectType:
        """Return the type called `spelling`: name, plural, type id (`0-3`) or `p_name`; raise Missing."""
        found = self._spellings.get(spelling.lower())
        if found is None:
            raise Missing(
                f"There is no object type '{spelling}'; this portal has {', '.join(self.object_types)}",
                code="OBJECT_TYPE_NOT_FOUND",
            )
        return found

    @cached_property
    def _by_pair(self) -> Mapping[tuple[str, str], tuple[AssociationType, ...]]:
        pairs: dict[tuple[str, str], list[AssociationType]] = {}
        for kind in self.association_types:
            pairs.setdefault((kind.from_type, kind.to_type), []).append(kind)
        return {pair: tuple(kinds) for pair, kinds in pairs.items()}

    def associations(self, from_type: str, to_type: str) -> tuple[AssociationType, ...]:
        """Return the association types from one object type to another, the unlabelled one first."""
        return self._by_pair.get((from_type, to_type), ())

    def associated_types(self, from_type: str) -> tuple[str, ...]:
        """Return the names of the object types that records of `from_type` can be associated with."""
        return tuple(to for origin, to in self._by_pair if origin == from_type)

    def pipelines_of(self, object_type: str) -> tuple[Pipeline, ...]:
        """Return the pipelines of an object type in their order."""
        return tuple(pipeline for pipeline in self.pipelines if pipeline.object_type == object_type)

    def workflows_of(self, object_type: str) -> tuple[Workflow, ...]:
        """Return the workflows of an object type, and for contacts the sequences."""
        return tuple(each for each in self.workflows.values() if each.object_type == object_type)

    def views_of(self, object_type: str) -> tuple[View, ...]:
        """Return the organisation's views of an object type in their order."""
        return tuple(each for each in self.views.values() if each.object_type == object_type)
