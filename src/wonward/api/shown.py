"""What callers see of records: which properties, which with history, what is associated, and the record's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from django.urls import reverse

from wonward.api.calls import Call
from wonward.records import history, json
from wonward.records.query import Query
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.time import iso

_DEFAULTS = {
    "company": ("name", "domain"),
    "contact": ("email", "firstname", "lastname"),
    "deal": ("amount", "closedate", "dealname", "dealstage", "pipeline"),
    "line_item": ("quantity", "hs_product_id"),
    "product": ("name", "description", "price"),
    "ticket": (
        "subject",
        "content",
        "hs_pipeline",
        "hs_pipeline_stage",
        "hs_ticket_category",
        "hs_ticket_priority",
    ),
}
"""What HubSpot shows of a type when nothing is asked for; its creation and change dates go with all."""

_SOURCES = {
    "api": "INTEGRATION",
    "web": "CRM_UI",
    "import": "IMPORT",
    "worker": "AUTOMATION_PLATFORM",
    "form": "FORM",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Names of properties, names of those with history, object types whose associations are wanted."""

    properties: Sequence[str]
    history: Sequence[str] = ()
    associated: Sequence[ObjectType] = ()


def asked(
    kind: ObjectType, properties: Sequence[str] | None, histories: Sequence[str] | None = None
) -> Shown:
    """Return what is wanted by names given in a body; HubSpot's usual properties when none are."""
    names = [*(properties or ()), *(histories or ())]
    return Shown(names or _DEFAULTS.get(kind.name, kind.display), list(dict.fromkeys(histories or ())))


def asked_in_query(call: Call) -> Shown:
    """Return what is wanted by a query's `properties`, `propertiesWithHistory` and `associations`."""
    wanted = asked(call.kind, call.texts("properties"), call.texts("propertiesWithHistory"))
    related = dict.fromkeys(call.related(spelling).name for spelling in call.texts("associations"))
    types = call.work.catalog.object_types
    return Shown(wanted.properties, wanted.history, [types[name] for name in related])


def texts(call: Call, query: Query, shown: Shown) -> list[tuple[int, str]]:
    """Return `(id, JSON text)` a record, in the query's order."""
    page = call.request.build_absolute_uri(_page(call.work.catalog.portal, query.kind.plural))
    found = json.objects(call.work, query, shown.properties, shown.associated, page=page)
    if not shown.history:
        return found
    histories = _histories(call, query.kind, [record_id for record_id, _ in found], shown.history)
    return [(record_id, f"{text[:-1]}{histories[record_id]}}}") for record_id, text in found]


@lru_cache
def _page(portal: str, plural: str) -> str:
    """Return the path that records of a type have their pages under."""
    return reverse("record", args=(portal, plural, 0)).removesuffix("0")


def _histories(call: Call, kind: ObjectType, ids: Sequence[int], names: Sequence[str]) -> dict[int, str]:
    """Return the text that adds the history of properties to each record."""
    known = [name for name in names if name in kind.properties]
    values = history.of_properties(call.work, ids, known)
    return {
        record_id: ',"propertiesWithHistory":'
        + msgspec.json.encode(
            {name: [_value(value) for value in values.get((record_id, name), [])] for name in known}
        ).decode()
        for record_id in ids
    }


def _value(value: history.Value) -> dict[str, str]:
    return {
        "value": value.value or "",
        "timestamp": iso(value.at),
        "sourceType": _SOURCES.get(value.source, "API"),
        "sourceId": value.actor,
    }
