"""Waits: for a length of time, until a date of the record, or for a condition with a limit.

Waiting is the enrolment's row and nothing else. A condition is looked at when the record changes, and every
hour for what it reads elsewhere.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import UNSET, Meta, Struct, UnsetType

from wonward.automation import values
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.automation.models import Enrolment
from wonward.errors import Invalid
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.workflow import length
from wonward.schema.workflow_body import Time

SATURDAY = 5
LOOK_AGAIN = timedelta(hours=1)


class Wait(Struct, forbid_unknown_fields=True, rename={"condition": "for"}):
    """Until a date of the record, for a condition but `at_most` so long, or some working days, `at` a time."""

    until: str | UnsetType = UNSET
    condition: str | UnsetType = UNSET
    at_most: str | UnsetType = UNSET
    working_days: Annotated[int, Meta(ge=0, le=250)] | UnsetType = UNSET
    at: Time | UnsetType = UNSET


class WaitStep(Struct, forbid_unknown_fields=True):
    """A length of time such as `3 days`, or what to wait for."""

    wait: str | Wait


def _parts(_catalog: Catalog, kind: ObjectType, said: WaitStep) -> Iterator[Part]:
    wait = said.wait
    if isinstance(wait, str):
        _require_length(wait)
    elif wait.working_days is not UNSET:
        if (wait.until, wait.condition, wait.at_most) != (UNSET, UNSET, UNSET):
            raise Invalid("working_days stands alone, or with at")
    elif wait.at is not UNSET:
        raise Invalid("at is the time of day of working_days; give both")
    elif wait.condition is not UNSET:
        _require_length(wait.at_most)
        if wait.until is not UNSET:
            raise Invalid("give either until or for")
        yield Part("for", kind, expression=wait.condition, condition=True)
    elif wait.until is UNSET or wait.at_most is not UNSET:
        raise Invalid("give a length of time, until with a date, or for with a condition and at_most")
    else:
        yield Part("until", kind, expression=wait.until)


def _require_length(text: object) -> None:
    if length(text) is None:
        raise Invalid(f"'{text}' is no length of time; write it as 30 minutes, 2 hours or 3 days")


def _do(batch: Batch) -> list[Done]:
    wait = batch.step.said.wait
    if isinstance(wait, Wait) and wait.working_days is not UNSET:
        return _working_days(batch, wait.working_days, None if wait.at is UNSET else wait.at)
    condition = wait.condition if isinstance(wait, Wait) and wait.condition is not UNSET else None
    columns = [_end_of(wait), *([condition] if condition else [])]
    found = values.answers(batch, columns)
    zone = ZoneInfo(batch.work.catalog.time_zone)
    return [
        _one(batch, each, _moment(found[each.record_id][0], zone), found[each.record_id][1:])
        for each in batch.enrolments
    ]


def _working_days(batch: Batch, days: int, at: str | None) -> list[Done]:
    zone = ZoneInfo(batch.work.catalog.time_zone)
    ends = working_moment(batch.work.now.astimezone(zone), days, time.fromisoformat(at) if at else None)
    done = []
    for each in batch.enrolments:
        until = each.resume_at or ends
        if until <= batch.work.now:
            done.append(Done("the time is up"))
        else:
            said = "" if each.resume_at else f"waits until {until.astimezone(zone):%Y-%m-%d %H:%M}"
            done.append(Done(said, until=until, look_at=until))
    return done


def working_moment(begin: datetime, days: int, at: time | None) -> datetime:
    """Return the moment so many working days (Monday to Friday) later, where the portal's clocks show `at`.

    Without days it is the next time that they show it on a working day.
    """
    day, left = begin.date(), days
    while left or day.weekday() >= SATURDAY:
        day += timedelta(days=1)
        left -= left > 0 and day.weekday() < SATURDAY
    found = datetime.combine(day, at or begin.time(), begin.tzinfo)
    return found if found >= begin else working_moment(begin, 1, at)


def _end_of(wait: str | Wait) -> str:
    """Return the expression that says when a waiting that begins now ends."""
    if isinstance(wait, Wait) and wait.until is not UNSET:
        return wait.until
    return f"now() + '{wait if isinstance(wait, str) else wait.at_most}'"


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    """Return the moment of a date and time, or of the beginning of a date where the portal is."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _one(batch: Batch, enrolment: Enrolment, ends: datetime | None, held: tuple[str | None, ...]) -> Done:
    now = batch.work.now
    if held == ("true",):
        return Done("what it waited for has come")
    begun = enrolment.resume_at
    fixed = isinstance(batch.step.said.wait, str) or bool(held)
    if begun is not None and fixed:
        ends = begun  # a date of the record may have moved since, and is followed; a length of time is not
    if ends is None:
        return Done("there is no date to wait for")
    if ends <= now:
        return Done("the time is up" if begun else "the date has passed already")
    said = (
        ""
        if begun
        else f"waits until {ends.astimezone(ZoneInfo(batch.work.catalog.time_zone)):%Y-%m-%d %H:%M}"
    )
    follows = bool(held) or not fixed
    look_at = min(ends, now + LOOK_AGAIN) if held else ends
    return Done(said, until=ends, look_at=look_at, wakes=follows)


WAIT = Action("wait", WaitStep, _parts, _do)
