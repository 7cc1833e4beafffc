"""A scheduling page as the catalog holds it: who can be met, for how long, when, and what is asked. Pure.

Times of day are minutes since midnight, as clocks show them in the page's time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is asked besides name, address and telephone; `long` has room for several lines."""

    name: str
    label: str
    required: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True)
class SchedulingPage:
    """A scheduling page; `hours` by weekday, Monday is 0.

    `lengths`, `every` and `buffer` are in minutes, `notice` in hours, `horizon` in days.
    """

    name: str
    label: str
    hosts: tuple[str, ...]
    hours: Mapping[int, tuple[tuple[int, int], ...]]
    lengths: tuple[int, ...]
    every: int
    time_zone: str
    buffer: int
    notice: int
    horizon: int
    location: str
    text: str
    questions: tuple[Question, ...]
