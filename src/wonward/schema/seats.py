"""A kind of seat, and what seats can unlock. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unlock = Literal["forecast", "sequences", "goals", "team_notifications", "lead_rotation"]
UNLOCKS: Mapping[Unlock, str] = {
    "forecast": "the forecast",
    "sequences": "sequences",
    "goals": "goals",
    "team_notifications": "notifications of teams",
    "lead_rotation": "the rotation of leads",
}
"""What a seat can unlock, in words."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A kind of seat: how many a portal has, and what each unlocks."""

    name: str
    label: str
    count: int
    unlocks: frozenset[Unlock]
