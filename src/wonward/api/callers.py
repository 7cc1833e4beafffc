"""Who is calling: contacts and companies by a telephone number, for telephone systems. HubSpot has nothing like it."""

from django.http import HttpResponse
from django.urls import reverse

from wonward.api import access, answers
from wonward.api.calls import Call
from wonward.errors import Invalid
from wonward.records import callers

TYPES = ("contact", "company")


def look_up(call: Call) -> HttpResponse:
    """Answer with the records that have `number`, in any spelling, of the types that the token may read."""
    asked = call.text("number")
    if asked is None:
        raise Invalid("Give the number that is calling: ?number=%2B4512345678", code="INVALID_PHONE_NUMBER")
    if asked.startswith(" "):  # a plus that wasn't encoded
        asked = f"+{asked.lstrip()}"
    types = call.work.catalog.object_types
    kinds = [types[name] for name in TYPES if name in types and access.may_read(call.bearer, types[name])]
    portal = call.work.catalog.portal
    results = [
        {
            "objectType": found.kind.name,
            "id": str(found.record_id),
            "name": found.name,
            "property": found.property,
            "number": found.value,
            "url": call.request.build_absolute_uri(
                reverse("record", args=(portal, found.kind.plural, found.record_id))
            ),
        }
        for found in callers.find(call.work, asked, kinds)
    ]
    return answers.listed(answers.texts(results))
