"""Tells a page that is open whether what it shows has changed meanwhile; the page asks every few seconds.

The answer says which records and who did it, never more: the page then reads itself anew and takes over what differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from wonward.errors import Missing
from wonward.records import live as changes
from wonward.records.history import Entry
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType
from wonward.web import people, stories
from wonward.web.access import PLAIN, Visit, kind_with, watching
from wonward.web.addresses import url
from wonward.web.values import Values

MARK = "Live-Mark"


@dataclass(frozen=True, slots=True)
class Watch:
    """What an open page asks: where, and the mark of what it shows."""

    address: str
    mark: str


def watch(visit: Visit, kind: ObjectType, record_id: int | None = None) -> Watch:
    """Return what a page of a type or of a record asks; call it before anything else is read for the page."""
    about = {"by": visit.request.user.pk, "type": kind.plural, **({"record": record_id} if record_id else {})}
    return Watch(f"{url('live', visit.portal)}?{urlencode(about)}", changes.mark(visit.work))


@watching
def live(request: HttpRequest, work: Work) -> HttpResponse:
    """Answer 204 when nothing has changed since `mark`, else what has: to records of `type`, or to `record` alone."""
    asked = request.GET
    kind, number, mark = (
        kind_with(work.catalog, asked.get("type", "")),
        asked.get("record", ""),
        asked.get("mark", ""),
    )
    if not number:
        news = changes.of_type(work, mark, kind)
    elif number.isdecimal() and len(number) < 19:
        news = changes.of_record(work, mark, int(number))
    else:
        raise Missing(f"There is no {kind.label.lower()} {number[:40]}", code="OBJECT_NOT_FOUND")
    if not (news.entries or news.stale):
        return HttpResponse(status=204, headers={MARK: news.mark}, content_type=PLAIN)
    others = [entry for entry in news.entries if entry.actor != work.actor]
    told = {
        "many": news.many,
        "records": sorted({entry.record_id for entry in others}),
        "notes": _notes(work.catalog, kind, others) if number else {},
    }
    return JsonResponse(told, headers={MARK: news.mark})


def _notes(catalog: Catalog, kind: ObjectType, entries: Sequence[Entry]) -> dict[str, str]:
    """Return what others did to each property of a record, in words."""
    last: dict[str, tuple[str, str | None, str | None]] = {}
    for entry in entries:
        if entry.kind not in ("created", "updated"):
            continue
        for name, (before, after) in entry.diff.items():
            first = last[name][1] if name in last else before
            last[name] = (entry.actor, first, after)
    actors = people.actor_names(catalog.portal_id, (actor for actor, _, _ in last.values()))
    values = Values(catalog, stories.owners(catalog, kind, entries, ()))
    notes = {}
    with timezone.override(ZoneInfo(catalog.time_zone)):
        for name, (actor, before, after) in last.items():
            prop = kind.properties.get(name)
            if prop and not prop.masked and before != after:
                was, now = values.text(prop, before) or "nothing", values.text(prop, after) or "nothing"
                notes[name] = f"{actors[actor]} changed {prop.label} from {was} to {now} just now"
    return notes
