"""When hosts are busy: by their calendars, by meetings booked here, by meeting records that they own."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from wonward.accounts.models import Member
from wonward.errors import Missing
from wonward.meetings import slots
from wonward.meetings.models import Booking, BusyTime
from wonward.meetings.slots import Span
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import Catalog
from wonward.schema.field_types.time import iso
from wonward.schema.scheduling import SchedulingPage

MEETING = "meeting"
START, END, OUTCOME, OWNER = (
    "hs_meeting_start_time",
    "hs_meeting_end_time",
    "hs_meeting_outcome",
    "hubspot_owner_id",
)
ANSWER = "guest_answer"
LONGEST_DAYS = 14
"""Meeting records that began longer ago aren't looked for."""


def page_named(catalog: Catalog, name: str) -> SchedulingPage:
    """Return a scheduling page that can be booked; raise Missing for one there isn't, or without its types."""
    found = catalog.scheduling_pages.get(name)
    if found is None or not {MEETING, "contact"} <= catalog.object_types.keys():
        raise Missing(f"There is no scheduling page '{name}'", code="PAGE_NOT_FOUND")
    return found


def hosts_of(catalog: Catalog, page: SchedulingPage) -> list[Member]:
    """Return the members who hold a page's meetings, in its order; raise Missing when one has left."""
    there = Member.objects.filter(portal_id=catalog.portal_id, archived=False, email__isnull=False)
    by_email = {str(each.email).lower(): each for each in there if str(each.email).lower() in page.hosts}
    gone = [email for email in page.hosts if email not in by_email]
    if gone:
        raise Missing(
            f"{', '.join(gone)} is no member of this portal; mend hosts of {page.name}", code="HOST_NOT_FOUND"
        )
    return [by_email[email] for email in page.hosts]


def free(
    work: Work, page: SchedulingPage, hosts: Sequence[Member], length: int, *, but: Booking | None = None
) -> list[datetime]:
    """Return when all hosts have time for a meeting; `but` is one that would be moved, and so is in nobody's way."""
    within = slots.reach(page, work.now)
    busy = [*_by_calendar(hosts, within), *_booked(hosts, within, but), *_recorded(work, hosts, within, but)]
    return slots.free(page, busy, work.now, length)


def _by_calendar(hosts: Sequence[Member], within: Span) -> Iterator[Span]:
    found = BusyTime.objects.filter(feed__member__in=hosts, starts_at__lt=within[1], ends_at__gt=within[0])
    yield from found.values_list("starts_at", "ends_at")


def _booked(hosts: Sequence[Member], within: Span, but: Booking | None) -> Iterator[Span]:
    found = Booking.objects.filter(
        hosts__in=hosts, cancelled_at=None, starts_at__lt=within[1], ends_at__gt=within[0]
    )
    others = found.exclude(pk=but.pk) if but else found
    yield from others.values_list("starts_at", "ends_at")


def _recorded(work: Work, hosts: Sequence[Member], within: Span, but: Booking | None) -> Iterator[Span]:
    """Yield the meetings on the timelines that hosts own; cancelled ones keep nobody busy."""
    kind = work.catalog.object_types[MEETING]
    if not {START, END, OUTCOME, OWNER} <= kind.properties.keys():
        return
    owners = ", ".join(str(each.pk) for each in hosts)
    earliest = within[0] - timedelta(days=LONGEST_DAYS)
    condition = (
        f"{OWNER} in ({owners}) and {START} >= '{iso(earliest)}' and {START} < '{iso(within[1])}' "
        f"and {END} > '{iso(within[0])}' and ({OUTCOME} is null or {OUTCOME} != 'CANCELED')"
    )
    wanted = Query(kind, query.condition(work, kind, condition))
    for number, begins, ends in query.rows(work, wanted, [START, END]):
        if but is None or number != but.meeting_id:
            yield datetime.fromisoformat(begins), datetime.fromisoformat(ends)
