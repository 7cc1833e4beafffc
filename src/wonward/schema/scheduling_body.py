"""What the definition of a scheduling page may say, and what is wrong with one taken for itself."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta, Struct

from wonward.schema.property_body import Name
from wonward.schema.scheduling import Question, SchedulingPage

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)
Minutes = Annotated[int, Meta(ge=5, le=480)]
Text = Annotated[str, Meta(min_length=1, max_length=200)]
Window = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class QuestionBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Something that is asked besides name, address and telephone."""

    name: Name
    label: Text
    required: bool = False
    long: bool = False


class SchedulingPageBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A page on which people outside book a meeting; with several hosts, at times when all are free."""

    label: Text
    hosts: Annotated[list[str], Meta(min_length=1, max_length=10)]
    hours: Annotated[dict[Weekday, list[Window]], Meta(min_length=1)]
    lengths: Annotated[list[Minutes], Meta(min_length=1, max_length=6)]
    every: Minutes = 30
    time_zone: str = ""
    buffer: Annotated[int, Meta(ge=0, le=240)] = 0
    notice: Annotated[int, Meta(ge=0, le=720)] = 4
    horizon: Annotated[int, Meta(ge=1, le=120)] = 30
    location: Annotated[str, Meta(max_length=300)] = ""
    text: Annotated[str, Meta(max_length=2_000)] = ""
    questions: Annotated[list[QuestionBody], Meta(max_length=10)] = []


def page_of(name: str, stored: Mapping[str, Any], time_zone: str) -> SchedulingPage:
    """Return a page from the body of its document; without a time zone of its own it has the portal's."""
    body = msgspec.convert(stored, SchedulingPageBody)
    return SchedulingPage(
        name=name,
        label=body.label,
        hosts=tuple(host.lower() for host in body.hosts),
        hours={WEEKDAYS.index(day): tuple(map(_window, said)) for day, said in body.hours.items()},
        lengths=tuple(body.lengths),
        every=body.every,
        time_zone=body.time_zone or time_zone,
        buffer=body.buffer,
        notice=body.notice,
        horizon=body.horizon,
        location=body.location,
        text=body.text,
        questions=tuple(Question(each.name, each.label, each.required, each.long) for each in body.questions),
    )


def wrong_page(body: SchedulingPageBody) -> str:
    """Return what is wrong with a page's body taken for itself, or nothing."""
    if body.time_zone and body.time_zone not in available_timezones():
        return f"there is no time zone '{body.time_zone}'; write it as Europe/Copenhagen"
    for day, said in body.hours.items():
        windows = sorted(map(_window, said))
        if any(start >= end for start, end in windows):
            return f"hours on {day}: each ends after it begins, as in 09:00-16:30"
        if any(before[1] > after[0] for before, after in pairwise(windows)):
            return f"hours on {day} overlap"
    names = [question.name for question in body.questions]
    taken = sorted({name for name in names if names.count(name) > 1 or name in ("name", "email", "phone")})
    return f"two questions are called {', '.join(taken)}" if taken else ""


def _window(text: str) -> tuple[int, int]:
    begins, _, ends = text.partition("-")
    return _minutes(begins), _minutes(ends)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
