"""What a submission makes of a contact's conversions and sources, under HubSpot's names; those that the portal has."""

from collections.abc import Mapping

from wonward.marketing.source import Touch
from wonward.records.validate import Clean
from wonward.records.work import Texts, Work
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.time import iso
from wonward.schema.form import Form

READ = (
    "hs_analytics_source",
    "first_conversion_date",
    "num_conversion_events",
    "num_unique_conversion_events",
)
"""What a contact has of which the next values depend."""


def after(work: Work, kind: ObjectType, form: Form, touch: Touch, present: Texts, *, again: bool) -> Clean:
    """Return what a contact gets that sends a form; `again` that it has sent the same one before.

    The first ones stay as they are, so those of a contact that was known already are not made up.
    """
    values: dict[str, str] = {
        "recent_conversion_date": iso(work.now),
        "recent_conversion_event_name": form.label,
        "num_conversion_events": _one_more(present, "num_conversion_events"),
        **_source("hs_latest_source", touch),
        "hs_latest_source_timestamp": iso(work.now),
    }
    if not again:
        values["num_unique_conversion_events"] = _one_more(present, "num_unique_conversion_events")
    if present.get("first_conversion_date") is None:
        values |= {"first_conversion_date": iso(work.now), "first_conversion_event_name": form.label}
    if present.get("hs_analytics_source") is None:
        values |= _source("hs_analytics_source", touch)
    return {name: text or None for name, text in values.items() if _holds(kind, name, text)}


def _source(name: str, touch: Touch) -> Mapping[str, str]:
    return {name: touch.channel, f"{name}_data_1": touch.by, f"{name}_data_2": touch.campaign}


def _one_more(present: Texts, name: str) -> str:
    return str(int(float(present.get(name) or 0)) + 1)


def _holds(kind: ObjectType, name: str, text: str) -> bool:
    """Tell whether a type has a property that such a value may be of: a portal may leave out a channel."""
    prop = kind.properties.get(name)
    return prop is not None and (prop.type != "enumeration" or text in prop.option_values)
