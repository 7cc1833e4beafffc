"""A contact's digital touchpoints in a few lines: how they found us first and last, and what they have sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wonward.marketing import timeline
from wonward.schema.form import CONTACT
from wonward.web.access import Link, Visit
from wonward.web.loading import Record
from wonward.web.values import Values

MARKETING = "marketing"
"""What the parameter `timeline` says for the marketing timeline."""

_FIRST = (
    "first_conversion_date",
    "hs_analytics_source",
    "hs_analytics_source_data_1",
    "hs_analytics_source_data_2",
)
_LATEST = (
    "hs_latest_source_timestamp",
    "hs_latest_source",
    "hs_latest_source_data_1",
    "hs_latest_source_data_2",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the card: what it is called and what it says, part by part."""

    label: str
    said: Sequence[str]


def card(visit: Visit, shown: Record) -> list[Line]:
    """Return the lines of a contact's touchpoints; none where nothing is known of any."""
    if shown.kind.name != CONTACT:
        return []
    values = Values(visit.catalog, {})
    lines = (
        (_("First touch"), _FIRST),
        (_("Latest touch"), _LATEST),
        (_("Conversions"), ("num_conversion_events",)),
        (_("First form"), ("first_conversion_event_name",)),
        (_("Latest form"), ("recent_conversion_event_name",)),
    )
    found = []
    for label, names in lines:
        said = [
            values.text(shown.kind.properties[name], text)
            for name in names
            if (text := shown.values.get(name))
        ]
        if said:
            found.append(Line(label, said))
    return found


def tabs(visit: Visit, shown: Record, address: str, chosen: bool) -> list[Link]:
    """Return the ways to a record's timelines, where it has more than one."""
    if not timeline.has_one(visit.catalog, shown.kind):
        return []
    return [
        Link(_("Everything"), address, current=not chosen),
        Link(_("Marketing"), f"{address}?timeline={MARKETING}", current=chosen),
    ]


def chosen(visit: Visit, shown: Record) -> bool:
    """Tell whether a record's marketing timeline is asked for."""
    asked = visit.request.GET.get("timeline") == MARKETING
    return asked and timeline.has_one(visit.catalog, shown.kind)
