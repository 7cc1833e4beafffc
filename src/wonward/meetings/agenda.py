"""A member's open tasks and meetings as a calendar that theirs can subscribe to, under a secret address."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from icalendar import Calendar, Event

from wonward import clock
from wonward.accounts.models import Member
from wonward.meetings import busy
from wonward.meetings.models import CalendarLink
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.field_types.time import iso

TASK, DUE = "task", "hs_timestamp"
BACK, AHEAD = timedelta(days=90), timedelta(days=365)
MOST = 1_000
TASK_LASTS = timedelta(minutes=30)


def make_link(member: Member) -> str:
    """Make a secret for a member's calendar and return it; the one before stops working."""
    made = secrets.token_urlsafe(32)
    CalendarLink.objects.update_or_create(
        member=member, defaults={"digest": _digest(made), "made_at": clock.now()}
    )
    return made


def revoke_link(member: Member) -> None:
    """Have the secret of a member's calendar work no longer."""
    CalendarLink.objects.filter(member=member).delete()


def member_with(secret: str) -> Member | None:
    """Return whose calendar a secret opens, None for nobody's."""
    found = CalendarLink.objects.filter(digest=_digest(secret), member__archived=False)
    link = found.select_related("member__portal").first()
    return link.member if link else None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def calendar(work: Work, member: Member) -> bytes:
    """Return the calendar: meetings, and tasks as half an hour at their due time that keeps nobody busy."""
    made = Calendar()
    made.add("prodid", "-//Wonward//Agenda//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"Wonward: {member.full_name}")
    for event in (*_tasks(work, member), *_meetings(work, member)):
        made.add_component(event)
    text: bytes = made.to_ical()
    return text


def _tasks(work: Work, member: Member) -> list[Event]:
    where = "hs_task_status is null or hs_task_status not in ('COMPLETED', 'DEFERRED')"
    rows = _mine(work, member, TASK, where, ["hs_task_subject", DUE, "hs_task_body"])
    return [
        _event(work, TASK, number, subject or "Task", datetime.fromisoformat(due), TASK_LASTS, free=True)
        for number, subject, due, _body in rows
    ]


def _meetings(work: Work, member: Member) -> list[Event]:
    where = "hs_meeting_outcome is null or hs_meeting_outcome != 'CANCELED'"
    columns = ["hs_meeting_title", busy.START, busy.END, "hs_meeting_location"]
    events = []
    for number, title, begins, ends, place in _mine(work, member, busy.MEETING, where, columns):
        if begins:
            start = datetime.fromisoformat(begins)
            lasts = datetime.fromisoformat(ends) - start if ends else TASK_LASTS
            event = _event(work, busy.MEETING, number, title or "Meeting", start, max(lasts, timedelta()))
            if place:
                event.add("location", place)
            events.append(event)
    return events


def _mine(work: Work, member: Member, name: str, where: str, columns: list[str]) -> list[tuple[Any, ...]]:
    """Return columns of a member's records of a type around now; none where the portal lacks type or properties."""
    kind = work.catalog.object_types.get(name)
    if kind is None or not {*columns, DUE, "hubspot_owner_id"} <= kind.properties.keys():
        return []
    condition = (
        f"hubspot_owner_id = {member.pk} and {DUE} >= '{iso(work.now - BACK)}' "
        f"and {DUE} < '{iso(work.now + AHEAD)}' and ({where})"
    )
    wanted = Query(kind, query.condition(work, kind, condition), order=((DUE, False),), limit=MOST)
    return query.rows(work, wanted, columns)


def _event(
    work: Work, name: str, number: int, summary: str, start: datetime, lasts: timedelta, *, free: bool = False
) -> Event:
    plural = work.catalog.object_type(name).plural
    event = Event()
    event.add("uid", f"{work.catalog.portal}-{name}-{number}@wonward")
    event.add("dtstamp", start)  # so that the same agenda is the same text, which its tag is of
    event.add("dtstart", start)
    event.add("dtend", start + lasts)
    event.add("summary", summary)
    event.add("url", f"{settings.WONWARD_URL.rstrip('/')}/p/{work.catalog.portal}/{plural}/{number}")
    if free:
        event.add("transp", "TRANSPARENT")
    return event
