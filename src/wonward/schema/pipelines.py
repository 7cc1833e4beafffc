"""Pipelines, their stages and the gates before these, as the catalog has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition that a record must meet; `properties` are those one would change to meet it."""

    condition: str
    message: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody with the role `by` decides before a record comes in: an approval, or a tick.

    A new value of a property in `watches` makes an approval void.
    """

    name: str
    by: str
    message: str
    tick: bool = False
    watches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """What a record must have to stand in a stage.

    `optional` properties are asked beside the required ones; `copies` gives empty properties the value of an
    expression when a record comes in. `asks` are what people decide. Several values of `one_each` are several records.
    """

    requires: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    copies: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    asks: tuple[Asking, ...] = ()
    one_each: str | None = None


OPEN = Gate()
"""The gate of a stage that asks for nothing."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline; `closed` and `won` as HubSpot's metadata has them, `next` None for any stage."""

    name: str
    label: str
    probability: str | None = None
    closed: bool = False
    won: bool = False
    colour: str | None = None
    purpose: str = ""
    activities: tuple[str, ...] = ()
    gate: Gate = OPEN
    next: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Pipeline:
    """A pipeline of an object type and its stages in order; records begin in one of `start`, or in any."""

    name: str
    label: str
    object_type: str
    stages: tuple[Stage, ...]
    order: int = 0
    start: tuple[str, ...] = ()

    def stage(self, name: str) -> Stage | None:
        """Return the stage `name`, or None when this pipeline has none of that name."""
        return next((stage for stage in self.stages if stage.name == name), None)
