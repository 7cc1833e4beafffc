"""The calendar feeds of members: set, removed, and read again and again by the worker, as rows of busy times.

A feed is claimed by its next time, and that committed, before its server is asked. What a feed said last holds while
it can't be read; the member sees that it can't, and since when.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings

from wonward import clock, outgoing
from wonward.accounts.models import Member, Portal
from wonward.db import transaction
from wonward.db.secrets import Unreadable, seal, unseal
from wonward.errors import Invalid, Refusal
from wonward.mail import letter
from wonward.mail.address import address
from wonward.mail.letter import Letter
from wonward.mail.send import hurry, sender_of
from wonward.meetings import wording
from wonward.meetings.calendars import busy_times
from wonward.meetings.models import BusyTime, CalendarFeed
from wonward.meetings.slots import Span
from wonward.records.work import Work

Opener = Callable[[], AbstractContextManager[Work]]

PURPOSE = "calendar feed"
EVERY = timedelta(minutes=10)
ANEW = timedelta(hours=12)
"""How long what was read may stay unread although the server says it hasn't changed: time itself moves on."""
LONGEST_PAUSE = timedelta(hours=6)
AHEAD = timedelta(days=125)
TOLD_AT = 4
"""Failures in a row, over an hour, after which the member gets a mail."""
AT_ONCE = 8
MOST_BYTES = 5 * 1024 * 1024
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Read:
    """What a feed said: busy times, none when nothing has changed; or why it can't be read."""

    busy: list[Span] | None = None
    etag: str = ""
    error: str = ""


def set_feed(member: Member, url: str) -> CalendarFeed:
    """Keep the address of a member's calendar, to be read at once; raise NotAllowed for one that can't be asked."""
    url = url.strip()
    if url.lower().startswith("webcal://"):
        url = f"https://{url[len('webcal://') :]}"
    outgoing.check(url)
    now = clock.now()
    feed, _ = CalendarFeed.objects.update_or_create(
        member=member,
        defaults={
            "portal_id": member.portal_id,
            "sealed": seal(url, PURPOSE),
            "host": urlsplit(url).hostname or "",
            "etag": "",
            "due_at": now,
            "read_at": None,
            "parsed_at": None,
            "failures": 0,
            "error": "",
        },
    )
    feed.busy.all().delete()
    return feed


def remove_feed(member: Member) -> None:
    """Forget a member's calendar and what it said."""
    CalendarFeed.objects.filter(member=member).delete()


def read_due(portal: str, opener: Opener) -> int:
    """Read the feeds of a portal that are due; return how many could be. Who has one that keeps failing is told."""
    at = Portal.objects.get(name=portal)
    claimed = _claim(at.pk)
    if not claimed:
        return 0
    now, zone = clock.now(), ZoneInfo(at.time_zone)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        read = list(pool.map(lambda feed: _read(feed, zone, now), claimed))
    for feed, found in zip(claimed, read, strict=True):
        _note(feed, found)
        if found.error and feed.failures + 1 == TOLD_AT:
            with opener() as work:
                _tell(work, feed, found.error)
    return sum(not each.error for each in read)


def _tell(work: Work, feed: CalendarFeed, error: str) -> None:
    """Mail a member that their calendar can't be read; without a sender of mail, their page alone tells it."""
    to = address(str(feed.member.email or ""), feed.member.full_name)
    try:
        sender_of(work.catalog)
    except Invalid:
        return
    if to is None:
        return
    language = work.catalog.language if work.catalog.language in wording.FEED_FAILS else "en"
    subject, text = wording.FEED_FAILS[language]
    page = f"{settings.WONWARD_URL.rstrip('/')}/p/{work.catalog.portal}/calendar"
    said = text.format(error=error, page=page)
    letter.write(
        work, Letter(about=("member", feed.member_id), to=to, language=language, subject=subject, text=said)
    )
    hurry(work.catalog.portal)


def _claim(portal_id: int) -> list[CalendarFeed]:
    with transaction.atomic():
        due = CalendarFeed.objects.filter(
            portal_id=portal_id, due_at__lte=clock.now(), member__archived=False
        )
        due = due.select_related("member")
        found = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at")[:200])
        CalendarFeed.objects.filter(pk__in=[each.pk for each in found]).update(due_at=clock.now() + EVERY)
        return found


def _read(feed: CalendarFeed, zone: ZoneInfo, now: datetime) -> Read:
    """Ask for a feed and read it; in a thread, without the database."""
    fresh = feed.parsed_at is not None and now - feed.parsed_at < ANEW
    headers = {"Accept": "text/calendar"} | ({"If-None-Match": feed.etag} if fresh and feed.etag else {})
    try:
        url = unseal(feed.sealed, PURPOSE)
        answer = outgoing.get(url, headers, most=MOST_BYTES, patience=PATIENCE)
        if answer.status == 304 and fresh:
            return Read(etag=feed.etag)
        if answer.status != 200:
            return Read(
                error=f"{feed.host} answered {answer.status}; look whether the address is still right"
            )
        busy = busy_times(answer.body, zone, (now - timedelta(days=1), now + AHEAD))
    except (Refusal, Unreadable) as error:
        return Read(error=str(error))
    return Read(busy, answer.headers.get("etag", "")[:300])


def _note(feed: CalendarFeed, found: Read) -> None:
    now = clock.now()
    with transaction.atomic():
        still = CalendarFeed.objects.select_for_update().filter(pk=feed.pk, sealed=feed.sealed)
        if not still.exists():  # another address meanwhile, or none
            return
        if found.error:
            pause = min(EVERY * 2**feed.failures, LONGEST_PAUSE) if feed.failures < 10 else LONGEST_PAUSE
            still.update(error=found.error, failures=feed.failures + 1, due_at=now + pause)
            return
        still.update(error="", failures=0, read_at=now, etag=found.etag)
        if found.busy is not None:
            still.update(parsed_at=now)
            BusyTime.objects.filter(feed=feed).delete()
            BusyTime.objects.bulk_create(
                BusyTime(feed=feed, starts_at=begins, ends_at=ends) for begins, ends in found.busy
            )
