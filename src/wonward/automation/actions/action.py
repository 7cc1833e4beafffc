"""What an action is: the shape of its step, what it reads and sets, and what it does with a batch of enrolments.

An action does its work for many records at once, in one transaction with everything else of the step. A
refusal that names rows fails those alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct

from wonward.automation.models import Enrolment
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Part:
    """One thing a step reads or sets: an expression over records of `kind`, or a property and its value.

    With both, the property gets what the expression gives. `condition` asks for true or false; `owner` has the
    property where that isn't `kind`, as when another record is created. `into` is a property whose text holds the
    expression's value among others, and `uses` another definition, its kind and name.
    """

    where: str
    kind: ObjectType
    expression: str | None = None
    condition: bool = False
    sets: str | None = None
    value: object = None
    owner: ObjectType | None = None
    into: str | None = None
    uses: tuple[str, str] | None = None

    @property
    def about(self) -> ObjectType:
        """The object type that has the property."""
        return self.owner or self.kind


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a program: its place, what it says, the place after it ("" is the end) and those of its branches."""

    place: str
    action: "Action"
    said: Any
    after: str
    branches: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sequences:
    """What actions do with sequences: enrol a batch in one for its owners, end one or all."""

    enrol: "Callable[[Batch, str], list[str]]"
    stop: "Callable[[Batch, str], list[str]]"


@dataclass(frozen=True, slots=True)
class Batch:
    """Enrolments at the same step of the same workflow, each of another live record of `kind`."""

    work: Work
    kind: ObjectType
    workflow: Workflow
    step: Step
    enrolments: Sequence[Enrolment]
    sequences: Sequences

    @property
    def ids(self) -> list[int]:
        """The ids of the records."""
        return [each.record_id for each in self.enrolments]


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did for one enrolment, in words for its history, and how it goes on: with the step after it.

    `branch` goes into a branch; `stop` ends the enrolment; `until` waits at this step, to be looked at by
    `look_at` at the latest, and `wakes` has a change of the record look earlier. No words, no history.
    """

    said: str
    branch: str | None = None
    stop: bool = False
    until: datetime | None = None
    look_at: datetime | None = None
    wakes: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """Something a step can do; `name` is the key that a step has for it.

    `parts` tells what a step reads and sets, and raises Invalid for what doesn't fit the catalog; `do` returns
    what became of each enrolment, in their order.
    """

    name: str
    shape: type[Struct]
    parts: Callable[[Catalog, ObjectType, Any], Iterator[Part]]
    do: Callable[[Batch], list[Done]]
    branches: Callable[[Any], Mapping[str, Sequence[Mapping[str, Any]]]] = lambda _: {}
