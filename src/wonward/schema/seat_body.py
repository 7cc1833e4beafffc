"""What the definition of a kind of seat may say."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from wonward.schema.seats import Seat, Unlock


class SeatBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A kind of seat."""

    label: str
    count: Annotated[int, Meta(ge=1, le=100_000)]
    unlocks: Annotated[list[Unlock], Meta(min_length=1)]
    description: str = ""


def seat_of(name: str, stored: Mapping[str, Any]) -> Seat:
    """Return a kind of seat from the body of its document."""
    body = msgspec.convert(stored, SeatBody)
    return Seat(name, body.label, body.count, frozenset(body.unlocks))
