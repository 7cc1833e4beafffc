"""The marketing timeline of a contact, or of a deal's contacts: what they did, and what was done to win them.

Forms they sent, mails that workflows and sequences wrote to them with the answers, meetings they booked on a page,
lists they came to, and their lifecycle stages.
"""

from collections.abc import Sequence

from django.db.models import Q

from wonward.activities import timeline
from wonward.activities.timeline import MOMENT, Happening, Place
from wonward.mail.models import OutgoingMail
from wonward.marketing.lifecycle import STAGE
from wonward.records import associated, history, query, related
from wonward.records.merging import merges
from wonward.records.query import Query
from wonward.records.work import ChangeKind, Work
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.form import CONTACT

KINDS: tuple[ChangeKind, ...] = ("submitted", "listed", "unlisted", "viewed")
"""The kinds of change that are marketing's, whatever they did. What else is told of a contact joins here."""

EMAIL, MEETING = "email", "meeting"
PAGES = "meet"
"""The sort of actor that makes the meetings which people outside book."""

_ID, _THREAD = "hs_email_message_id", "hs_email_thread_id"
_MOST_CONTACTS, _MOST_ACTIVITIES = 25, 500


def has_one(catalog: Catalog, kind: ObjectType) -> bool:
    """Tell whether records of a type have a marketing timeline: contacts, and what goes through stages with them."""
    if CONTACT not in catalog.object_types:
        return False
    deals = kind.stage_property is not None and bool(catalog.associations(kind.name, CONTACT))
    return kind.name == CONTACT or deals


def contacts(work: Work, kind: ObjectType, record_id: int) -> list[int]:
    """Return the contacts that a record's marketing timeline tells of, as far as whoever looks sees them."""
    if kind.name == CONTACT:
        return [record_id]
    person = work.catalog.object_types[CONTACT]
    found = associated.of_records(work, kind, person, [(record_id, 0)], limit=_MOST_CONTACTS)
    return [each.record_id for each in found.get(record_id, ())]


def page(
    work: Work, people: Sequence[int], since: Place, *, limit: int = timeline.PAGE
) -> tuple[list[Happening], Place | None]:
    """Return the next stretch of the marketing timeline of contacts, and the place it goes on at, None at its end."""
    if not people:
        return [], None
    told_of = [*people, *(merges.absorbed(work, people[0]) if len(people) == 1 else ())]
    changes = history.of_records(work, told_of, KINDS, [STAGE], before=since.seq, limit=limit + 1)
    done = [
        Happening(each.at, activity=each)
        for name, ids in ((EMAIL, _letters(work, people)), (MEETING, _booked(work, people)))
        if ids
        for each in related.those(
            work,
            work.catalog.object_types[name],
            ids,
            timeline.shown(work.catalog.object_types[name]),
            moment=MOMENT,
            before=since.activity,
            limit=limit + 1,
        )
    ]
    done.sort(key=lambda each: (each.at, each.activity.record_id if each.activity else 0), reverse=True)
    entries = [Happening(each.at, entry=each) for each in changes]
    return timeline.stretch(entries, done[: limit + 1], since, limit)


def _letters(work: Work, people: Sequence[int]) -> list[int]:
    """Return the mails to contacts that workflows wrote, sequences among them, and what came in answer."""
    kind = work.catalog.object_types.get(EMAIL)
    if kind is None or not {_ID, _THREAD, MOMENT} <= kind.properties.keys():
        return []
    about = Q(contact_id__in=people) | Q(object_type=CONTACT, record_id__in=people)
    written = OutgoingMail.objects.filter(
        about, portal_id=work.catalog.portal_id, actor__startswith="workflow:"
    ).order_by("-id")
    sent = list(written.values_list("message_id", "references")[:_MOST_ACTIVITIES])
    if not sent:
        return []
    own = {name for name, _ in sent}
    threads = {(references or name).partition(" ")[0] for name, references in sent}
    found = query.rows(work, Query(kind, ids=_associated(work, people, kind)), [_ID, _THREAD])
    return [number for number, name, thread in found if name in own or thread in threads]


def _booked(work: Work, people: Sequence[int]) -> list[int]:
    """Return the meetings with contacts that were booked on a scheduling page."""
    kind = work.catalog.object_types.get(MEETING)
    if kind is None or MOMENT not in kind.properties:
        return []
    return history.made_by(work, _associated(work, people, kind), PAGES)


def _associated(work: Work, people: Sequence[int], kind: ObjectType) -> list[int]:
    if not work.catalog.associations(CONTACT, kind.name):
        return []
    pages = [(number, 0) for number in people]
    found = associated.of_records(
        work, work.catalog.object_types[CONTACT], kind, pages, limit=_MOST_ACTIVITIES
    )
    return [each.record_id for there in found.values() for each in there]
