"""The values that one property of a record has had: what, when, by whom."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse

from wonward.records import history
from wonward.web import people
from wonward.web.access import Visit, member
from wonward.web.loading import load
from wonward.web.story import door
from wonward.web.values import Values


@dataclass(frozen=True, slots=True)
class Held:
    """A value that a property had from `at` on."""

    text: str
    at: datetime
    who: str
    via: str


@member("GET")
def property_history(visit: Visit, plural: str, record_id: int, name: str) -> HttpResponse:
    """Show every value a property of the record has had, the newest first."""
    shown = load(visit, plural, record_id, [])
    prop = shown.kind.property_named(name)
    portal_id = visit.catalog.portal_id
    found = history.of_properties(visit.work, [record_id], [name], limit=200).get((record_id, name), [])
    actors = people.actor_names(portal_id, (value.actor for value in found))
    ids = [value.value for value in found] if prop.type == "owner" else []
    values = Values(visit.catalog, people.owner_names(portal_id, ids))
    context = {
        "record": shown,
        "kind": shown.kind,
        "prop": prop,
        "held": [
            Held(values.text(prop, each.value), each.at, actors[each.actor], door(each)) for each in found
        ],
    }
    return visit.page("record/history.html" if visit.partial else "record/history_page.html", context)
