"""Waits: for a length of time, until a date of the record, or for a condition with a limit.

Waiting is the enrolment's row and nothing else. A condition is looked at when the record changes, and every
hour for what it reads elsewhere.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct, UnsetType

from wonward.automation import values
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.automation.models import Enrolment
from wonward.errors import Invalid
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.workflow import length

LOOK_AGAIN = timedelta(hours=1)


class Wait(Struct, forbid_unknown_fields=True, rename={"condition": "for"}):
    """Until a date of the record, or for a condition but `at_most` so long."""

    until: str | UnsetType = UNSET
    condition: str | UnsetType = UNSET
    at_most: str | UnsetType = UNSET


class WaitStep(Struct, forbid_unknown_fields=True):
    """A length of time such as `3 days`, or what to wait for."""

    wait: str | Wait


def _parts(_catalog: Catalog, kind: ObjectType, said: WaitStep) -> Iterator[Part]:
    wait = said.wait
    if isinstance(wait, str):
        _require_length(wait)
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
    condition = wait.condition if isinstance(wait, Wait) and wait.condition is not UNSET else None
    columns = [_end_of(wait), *([condition] if condition else [])]
    found = values.answers(batch, columns)
    zone = ZoneInfo(batch.work.catalog.time_zone)
    return [
        _one(batch, each, _moment(found[each.record_id][0], zone), found[each.record_id][1:])
        for each in batch.enrolments
    ]


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
