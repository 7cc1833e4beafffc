"""A property in HubSpot's words, and back: its `type` and `fieldType` against our field types."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from wonward.api.bodies import PropertyGiven
from wonward.blueprints.load import standard_documents, standard_types
from wonward.errors import Invalid
from wonward.records.derivation import reads_associated
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.definitions import body_of
from wonward.schema.field_types.time import iso
from wonward.schema.load import property_of
from wonward.schema.property_body import PropertyBody

_WORDS: Mapping[str, tuple[str, str]] = {
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "email": ("string", "text"),
    "phone": ("string", "phonenumber"),
    "url": ("string", "text"),
    "number": ("number", "number"),
    "currency": ("number", "number"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
    "boolean": ("bool", "booleancheckbox"),
    "enumeration": ("enumeration", "select"),
    "multi_enumeration": ("enumeration", "checkbox"),
    "owner": ("enumeration", "select"),
}
"""Field type -> HubSpot's type and fieldType."""

_FIELD_TYPES: Mapping[tuple[str, str], str] = {
    ("string", "textarea"): "long_text",
    ("string", "html"): "long_text",
    ("string", "phonenumber"): "phone",
    ("enumeration", "checkbox"): "multi_enumeration",
    ("enumeration", "booleancheckbox"): "boolean",
}
"""HubSpot's type and fieldType -> field type, where the type alone doesn't say."""

_BY_TYPE = {
    "string": "text",
    "phone_number": "phone",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "bool": "boolean",
    "enumeration": "enumeration",
}

_TRUTH = (("true", "Yes"), ("false", "No"))


def shape(
    kind: ObjectType, prop: Property, place: int, written: Mapping[str, tuple[datetime, datetime]]
) -> dict[str, Any]:
    """Return a property as HubSpot answers it; `place` is its number within the type."""
    hubspot_type, _ = _WORDS[prop.type]
    standard = prop.name in shipped(kind)
    answer: dict[str, Any] = {
        "name": prop.name,
        "label": prop.label,
        "type": hubspot_type,
        "fieldType": _field_type(prop),
        "description": prop.description,
        "groupName": prop.group,
        "options": _options(prop),
        "displayOrder": place,
        "calculated": prop.expression is not None,
        "externalOptions": prop.type == "owner" or prop.options_from is not None,
        "hasUniqueValue": prop.unique,
        "hidden": prop.hidden,
        "hubspotDefined": standard,
        "formField": prop.form_field and not (prop.read_only or prop.system or prop.hidden),
        "dataSensitivity": "sensitive" if prop.sensitive else "non_sensitive",
        "archived": False,
        "modificationMetadata": {
            "archivable": not (standard or prop.system),
            "readOnlyDefinition": standard or prop.system,
            "readOnlyOptions": standard or prop.system or prop.options_from is not None,
            "readOnlyValue": prop.read_only or prop.system,
        },
    }
    if prop.type == "owner":
        answer["referencedObjectType"] = "OWNER"
    if prop.type == "currency":
        answer["showCurrencySymbol"] = True
    if dates := written.get(f"{kind.name}.{prop.name}"):
        answer["createdAt"], answer["updatedAt"] = map(iso, dates)
    return answer


def _field_type(prop: Property) -> str:
    if prop.expression:
        return "calculation_rollup" if reads_associated(prop.expression) else "calculation_equation"
    return _WORDS[prop.type][1]


def shape_of_gone(
    kind: ObjectType, name: str, body: Mapping[str, Any], first: datetime, last: datetime
) -> dict[str, Any]:
    """Return a property that was archived as HubSpot answers it, as it was defined last."""
    prop = property_of(name, body_of(PropertyBody, body), ())
    answer = shape(kind, prop, -1, {f"{kind.name}.{name}": (first, last)})
    return {**answer, "archived": True, "archivedAt": iso(last)}


def field_type(given: PropertyGiven, present: str | None = None) -> str:
    """Return the field type that HubSpot's words mean; `present` is what the property is now.

    Raise Invalid for a type there is no field type for.
    """
    if given.type is None and given.field_type is None and present is not None:
        return present
    now = _WORDS[present] if present is not None else (None, None)
    words = (given.type or now[0] or "", given.field_type or now[1] or "")
    if present is not None and words == now:
        return present
    found = _FIELD_TYPES.get(words) or _BY_TYPE.get(words[0])
    if found is None:
        raise Invalid(
            f"There is no type '{words[0]}' with the field type '{words[1]}'; types are {', '.join(_BY_TYPE)}",
            code="INVALID_TYPE",
        )
    return "currency" if found == "number" and given.show_currency_symbol else found


def shipped(kind: ObjectType) -> frozenset[str]:
    """Return the names of the properties that come with the system and can't be redefined by callers."""
    own = frozenset(prop.name for prop in kind.properties.values() if prop.column.startswith("_"))
    return own | _standard(kind.name) if kind.type_id.startswith("0-") else own


@lru_cache
def _standard(name: str) -> frozenset[str]:
    return frozenset(
        key.partition(".")[2]
        for document, key in standard_documents(standard_types())
        if document == "property" and key.partition(".")[0] == name
    )


def _options(prop: Property) -> list[dict[str, Any]]:
    if prop.type == "boolean":
        return [_option(value, label, place) for place, (value, label) in enumerate(_TRUTH)]
    return [
        _option(option.value, option.label, place, hidden=option.hidden)
        for place, option in enumerate(prop.options)
    ]


def _option(value: str, label: str, place: int, *, hidden: bool = False) -> dict[str, Any]:
    return {"value": value, "label": label, "displayOrder": place, "hidden": hidden, "description": ""}
