"""Enrols by date and by schedule: one look a workflow and day, page by page, each page in one transaction.

A date trigger looks for the days since its last look, so that nobody is missed while no worker ran; its first
look also takes those whose date lies ahead and whose day of enrolling has passed.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wonward.automation.enrol import Candidate, enrol
from wonward.automation.models import Timer
from wonward.automation.program import Program, current
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.registry import FIELD_TYPES
from wonward.schema.workflow import Trigger

PAGE = 1000


def look(work: Work) -> int:
    """Take one page for one workflow whose time has come; return how many records it looked at, at least 1 if any.

    Of several workers one has a workflow's timer at a time.
    """
    if not any(each.trigger.date or each.trigger.every for each in work.catalog.workflows.values()):
        return 0
    programs = {each.name: each for each in current(work)}
    _set(work, programs)
    due = Timer.objects.filter(portal_id=work.catalog.portal_id, next_at__lte=work.now)
    timer = due.select_for_update(skip_locked=True).order_by("next_at", "id").first()
    if timer is None:
        return 0
    program = programs[timer.workflow]
    kind = work.catalog.object_types[program.workflow.object_type]
    timer.day = timer.day or _begun(work, program.workflow.trigger)
    found = _page(work, kind, program, timer, timer.day)
    enrol(work, {program: found})
    timer.after_id = found[-1].record_id if found else 0
    if len(found) < PAGE:
        timer.since, timer.day, timer.after_id = timer.day, None, 0
        timer.next_at = next_time(program.workflow.trigger, work.now, ZoneInfo(work.catalog.time_zone))
    timer.save()
    return max(1, len(found))


def _set(work: Work, programs: dict[str, Program]) -> None:
    """Keep one timer for each workflow by date or schedule; another version begins anew."""
    zone = ZoneInfo(work.catalog.time_zone)
    wanted = {
        name: each
        for name, each in programs.items()
        if each.workflow.trigger.date or each.workflow.trigger.every
    }
    of_portal = Timer.objects.filter(portal_id=work.catalog.portal_id)
    present = dict(of_portal.values_list("workflow", "definition_id"))
    stale = [
        name for name, number in present.items() if name not in wanted or number != wanted[name].definition
    ]
    if stale:
        of_portal.filter(workflow__in=stale).delete()
    fresh = [each for name, each in wanted.items() if name in stale or name not in present]
    if fresh:
        Timer.objects.bulk_create(
            [
                Timer(
                    portal_id=work.catalog.portal_id,
                    workflow=each.name,
                    definition_id=each.definition,
                    next_at=next_time(each.workflow.trigger, each.at or work.now, zone),
                )
                for each in fresh
            ],
            ignore_conflicts=True,
        )


def next_time(trigger: Trigger, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment after another that a trigger looks: its time of day on a day of its period."""
    day = after.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, time.fromisoformat(trigger.at), zone)
        if moment > after and _falls_on(trigger, day):
            return moment
        day += timedelta(days=1)


def _begun(work: Work, trigger: Trigger) -> date:
    """Return the last day whose time of day for a trigger has come."""
    local = work.now.astimezone(ZoneInfo(work.catalog.time_zone))
    early = local.time() < time.fromisoformat(trigger.at)
    return local.date() - timedelta(days=1) if early else local.date()


def _falls_on(trigger: Trigger, day: date) -> bool:
    """Tell whether a trigger looks on a day: every one, each Monday, or the first of each month."""
    return {"week": day.weekday() == 0, "month": day.day == 1}.get(trigger.every or "", True)


def _page(work: Work, kind: ObjectType, program: Program, timer: Timer, day: date) -> list[Candidate]:
    """Return the next records that a look is for."""
    trigger = program.workflow.trigger
    narrowed = [f"({trigger.where})"] if trigger.where else []
    if trigger.date is None:
        conditions, columns = narrowed or ["true"], []
    else:
        conditions = [*_due_dates(work, kind, program, timer.since, day), *narrowed]
        columns = [f"days_until({trigger.date})"]
    where = query.condition(work, kind, " and ".join(conditions))
    found = query.rows(work, Query(kind, where, after_id=timer.after_id, limit=PAGE), columns)
    return [
        Candidate(
            row[0],
            "date" if trigger.date else "schedule",
            occasion=work.today + timedelta(days=int(row[1])) if trigger.date else day,
        )
        for row in found
    ]


def _due_dates(work: Work, kind: ObjectType, program: Program, since: date | None, day: date) -> list[str]:
    """Return conditions on a date: its day of enrolling lies after `since` and isn't past `day`.

    A first look begins with the day the workflow was defined, for the date or for its day of enrolling.
    """
    trigger, zone = program.workflow.trigger, ZoneInfo(work.catalog.time_zone)
    prop = kind.property_named(trigger.date or "")
    offset = timedelta(days=trigger.days)
    start = (program.at or work.now).astimezone(zone).date()
    first = since + timedelta(days=1) - offset if since else min(start, start - offset)
    last = day - offset
    if FIELD_TYPES[prop.type].family == "date":
        return [f"{prop.name} >= '{first}'", f"{prop.name} <= '{last}'"]
    begin, end = (
        datetime.combine(each, time(), zone).astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
        for each in (first, last + timedelta(days=1))
    )
    return [f"{prop.name} >= '{begin}'", f"{prop.name} < '{end}'"]
