"""Builds the catalog from the portal's documents and keeps the newest one of each portal at hand.

A process knows a catalog is stale by its version, which every transaction reads; nothing is broadcast.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from psycopg import sql

from wonward.accounts.models import Portal
from wonward.db import transaction
from wonward.documents import store
from wonward.errors import Missing
from wonward.schema import naming
from wonward.schema.catalog import (
    AssociationType,
    Catalog,
    DuplicateRule,
    MailTemplate,
    MailText,
    ObjectType,
    Option,
    Property,
    RecordList,
    Rule,
)
from wonward.schema.colours import colour
from wonward.schema.definitions import (
    AssociationBody,
    LabelBody,
    ListBody,
    MailTemplateBody,
    ObjectTypeBody,
    body_of,
)
from wonward.schema.form_body import form_of
from wonward.schema.load_pipelines import defined
from wonward.schema.metric_body import dashboard_of, metric_of
from wonward.schema.pipelines import Pipeline
from wonward.schema.property_body import PropertyBody
from wonward.schema.role_body import role_of
from wonward.schema.scheduling_body import page_of
from wonward.schema.seat_body import seat_of
from wonward.schema.sequence_body import sequence_of
from wonward.schema.view import View
from wonward.schema.view_body import view_of
from wonward.schema.workflow import Workflow
from wonward.schema.workflow_body import workflow_of

Read = TypeVar("Read")

_held: dict[int, Catalog] = {}


def current(portal: str) -> Catalog:
    """Return the catalog of the portal called `portal` as it is now; raise Missing when there is none."""
    found = transaction.rows(
        "select id, catalog_version from accounts_portal where name = %(name)s", {"name": portal}
    )
    return _only(portal, found)


def locked(portal: str) -> Catalog:
    """Return the catalog of a portal, which stays as it is until the transaction of the caller ends; raise Missing."""
    statements = sql.SQL("{}; select id, catalog_version from accounts_portal where name = {}")
    found = transaction.opening(statements.format(transaction.portal_lock(portal), sql.Literal(portal)))
    return _only(portal, [(int(portal_id or 0), int(version or 0)) for portal_id, version in found])


def at_version(portal_id: int, version: int) -> Catalog:
    """Return the catalog of a portal whose version was just read."""
    held = _held.get(portal_id)
    if held is None or held.version != version:
        held = _held[portal_id] = of_portal(Portal.objects.get(id=portal_id))
    return held


def _only(portal: str, found: Sequence[tuple[int, int]]) -> Catalog:
    if not found:
        raise Missing(f"There is no portal '{portal}'", code="PORTAL_NOT_FOUND")
    return at_version(*found[0])


def of_portal(portal: Portal) -> Catalog:
    """Build the catalog of a portal from its documents."""
    return build(portal, store.read(portal.id))


def build(portal: Portal, documents: store.Bodies, *, keep: bool = False) -> Catalog:
    """Build a catalog from documents: those of the portal or those it would have after a plan.

    `keep` remembers the numbers of new object and association types.
    """
    type_names = [name for kind, name in documents if kind == "object_type"]
    custom = [name for name in type_names if not documents["object_type", name].get("type_id")]
    numbers = store.numbers(portal.id, "object_type", custom, keep=keep) if custom else {}
    said = documents.get(("portal", "portal"), {})
    pipelines = tuple(sorted(defined(documents), key=lambda pipeline: pipeline.order))
    return Catalog(
        portal_id=portal.id,
        portal=portal.name,
        schema=portal.schema,
        version=portal.catalog_version,
        object_types={
            name: _object_type(name, documents, pipelines, numbers.get(name, 0)) for name in type_names
        },
        association_types=tuple(_association_types(portal.id, documents, keep)),
        pipelines=pipelines,
        currency=portal.currency,
        time_zone=portal.time_zone,
        history_months=said.get("history_months"),
        lists=_each(documents, "list", lambda name, stored: _list(name, body_of(ListBody, stored))),
        language=said.get("language", portal.language),
        mail_from=said.get("mail_from", ""),
        mail_creates_contacts=said.get("mail_creates_contacts", True),
        mail_signature=said.get("mail_signature", {}),
        mail_templates=_each(
            documents,
            "mail_template",
            lambda name, stored: _mail_template(name, body_of(MailTemplateBody, stored)),
        ),
        workflows={each.name: each for each in _workflows(documents)},
        naming=naming.rules(said),
        translations=_each(documents, "translation", lambda _, stored: stored["texts"]),
        seats=_each(documents, "seat", seat_of),
        roles=_each(documents, "role", role_of),
        scheduling_pages=_each(
            documents, "scheduling_page", lambda name, stored: page_of(name, stored, portal.time_zone)
        ),
        metrics=_each(documents, "metric", metric_of),
        dashboards=_each(documents, "dashboard", dashboard_of),
        views={each.name: each for each in _views(documents)},
        forms=_each(documents, "form", form_of),
    )


def _each(
    documents: store.Bodies, kind: str, read: Callable[[str, Mapping[str, Any]], Read]
) -> dict[str, Read]:
    """Return what the documents of a kind say, by their names."""
    return {name: read(name, stored) for (of, name), stored in documents.items() if of == kind}


def _views(documents: store.Bodies) -> list[View]:
    """Return the views of a portal in their order."""
    stored = [(name, body) for (kind, name), body in documents.items() if kind == "view"]
    stored.sort(key=lambda each: each[1].get("order", 0))
    return [view_of(name, body) for name, body in stored]


def _workflows(documents: store.Bodies) -> Iterator[Workflow]:
    """Yield the workflows of a portal, and its sequences as those that they are."""
    for (kind, name), stored in documents.items():
        if kind == "workflow":
            yield workflow_of(name, stored)
        elif kind == "sequence":
            yield sequence_of(name, stored)


def _object_type(
    name: str, documents: store.Bodies, pipelines: tuple[Pipeline, ...], number: int
) -> ObjectType:
    body = body_of(ObjectTypeBody, documents["object_type", name])
    own = [pipeline for pipeline in pipelines if pipeline.object_type == name]
    stored = [
        (key.partition(".")[2], body_of(PropertyBody, each))
        for (kind, key), each in documents.items()
        if kind == "property" and key.partition(".")[0] == name
    ]
    stored.sort(key=lambda each: (each[1].order < 0, each[1].order))
    properties = {each: property_of(each, body, own) for each, body in stored}
    return ObjectType(
        name=name,
        plural=body.plural,
        label=body.label,
        plural_label=body.plural_label,
        type_id=body.type_id or f"2-{number}",
        table=name,
        properties=properties,
        display=tuple(body.display),
        search=tuple(body.search or body.display),
        columns=tuple(body.columns or body.display),
        card=tuple(body.card),
        key_properties=tuple(body.key_properties),
        activity=body.activity,
        icon=body.icon,
        modified_property=body.modified_property,
        amount_property=body.amount_property,
        close_property=body.close_property,
        key=body.key,
        groups=body.groups,
        duplicates=tuple(
            DuplicateRule(tuple(rule.same), tuple(rule.similar), rule.domain, rule.score)
            for rule in body.duplicates
        ),
    )


def property_of(name: str, body: PropertyBody, own: Sequence[Pipeline]) -> Property:
    """Return a property from its body; `own` are the pipelines of its type."""
    if body.options_from == "pipelines":
        options = tuple(Option(pipeline.name, pipeline.label) for pipeline in own)
    elif body.options_from == "stages":
        options = tuple(
            Option(stage.name, stage.label, colour=stage.colour)
            for pipeline in own
            for stage in pipeline.stages
        )
    else:
        options = tuple(
            Option(option.value, option.label or option.value, option.hidden, colour(option.colour))
            for option in body.options
        )
    rules = tuple(
        Rule(
            each.regex,
            None if each.min is None else str(each.min),
            None if each.max is None else str(each.max),
            each.min_length,
            each.max_length,
            tuple(each.weights),
            each.modulus,
            each.expression,
            each.message.strip(),
        )
        for each in body.validation
    )
    return Property(
        name=name,
        label=body.label,
        type=body.type,
        column=body.column or name,
        group=body.group,
        description=body.description,
        options=options,
        unique=body.unique,
        required=body.required,
        read_only=body.read_only or body.expression is not None or body.column is not None,
        hidden=body.hidden,
        expression=body.expression,
        options_from=body.options_from,
        default=body.default,
        merge=body.merge,
        collects=body.collects,
        system=is_system(name, body.label, said=body.system),
        sensitive=body.sensitive,
        form_field=body.form_field is not False,
        validation=rules,
    )


_SYSTEM = re.compile(r"system(?![a-z])", re.IGNORECASE)


def is_system(name: str, label: str, *, said: bool = False) -> bool:
    """Tell whether a definition is locked: it says so, or its name or label begins with the word System."""
    return said or bool(_SYSTEM.match(name) or _SYSTEM.match(label))


def _list(name: str, body: ListBody) -> RecordList:
    return RecordList(name, body.label, body.object, body.filter, body.description)


def _mail_template(name: str, body: MailTemplateBody) -> MailTemplate:
    texts: dict[str, MailText] = {
        language: MailText(each.subject, each.body) for language, each in body.languages.items()
    }
    return MailTemplate(name, body.label, body.object, texts, body.description)


def _association_types(portal_id: int, documents: store.Bodies, keep: bool) -> Iterator[AssociationType]:
    bodies = {
        name: body_of(AssociationBody, stored)
        for (kind, name), stored in documents.items()
        if kind == "association"
    }
    named: list[tuple[str, AssociationBody, str, AssociationBody | LabelBody]] = []
    for name, body in bodies.items():
        named += [(name, body, "", body), *((name, body, label, each) for label, each in body.labels.items())]
    unnumbered = [f"{name}.{label}" for name, _, label, each in named if each.type_id is None]
    numbers = store.numbers(portal_id, "association_type", unnumbered, keep=keep) if unnumbered else {}
    for name, body, label, each in named:
        yield from _directions(name, body, label, each, numbers.get(f"{name}.{label}", 0))


_FIRST_CUSTOM_ID = 10_000
"""Association type ids of a portal's own start here, above HubSpot's."""


def _directions(
    name: str, body: AssociationBody, label: str, each: AssociationBody | LabelBody, number: int
) -> Iterator[AssociationType]:
    there = each.type_id or _FIRST_CUSTOM_ID + 2 * number
    back = each.inverse_id or (there if each.type_id else there + 1)
    category = "HUBSPOT_DEFINED" if each.type_id else "USER_DEFINED"
    label_text, back_text, primary, hierarchy = None, None, False, False
    if isinstance(each, LabelBody):
        label_text, back_text = each.label, each.inverse_label or each.label
        primary, hierarchy = each.primary, each.hierarchy
    full_name = f"{name}_{label}" if label else name
    limit = 1 if primary else each.limit
    yield AssociationType(
        there,
        back,
        full_name,
        body.from_type,
        body.to,
        label_text,
        category,
        primary,
        limit,
        name,
        hierarchy,
    )
    if back != there:
        yield AssociationType(
            back,
            there,
            full_name,
            body.to,
            body.from_type,
            back_text,
            category,
            False,
            each.inverse_limit,
            name,
        )
