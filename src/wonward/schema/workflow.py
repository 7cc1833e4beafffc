"""A workflow as the catalog holds it: what enrols records, what its steps say. Pure.

What a step does and whether it fits is judged by `automation/`, which knows the actions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wonward.schema.pipelines import Asking

SEQUENCE = "sequence."
"""What the names of sequences begin with among workflows."""

Period = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What enrols records, by one of: `when`, `date`, `every`, `form`, or none of them for a workflow by hand.

    `date` is a property of the record; it enrols at `at`, so many `days` after it, or before when negative.
    `form` is one that contacts have sent.
    """

    when: str | None = None
    date: str | None = None
    days: int = 0
    every: Period | None = None
    at: str = "08:00"
    where: str | None = None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow of an object type; `steps` as they stand in its body. `goal` ends an enrolment that meets it.

    `asks` are the approvals that its steps wait for.
    """

    name: str
    label: str
    object_type: str
    trigger: Trigger
    steps: tuple[Mapping[str, Any], ...]
    again: bool = False
    goal: str | None = None
    description: str = ""
    asks: tuple[Asking, ...] = ()

    @property
    def is_sequence(self) -> bool:
        """Tell whether it is a sequence, which ends when the contact answers."""
        return self.name.startswith(SEQUENCE)

    @property
    def document(self) -> str:
        """The kind and name of its definition."""
        own = self.name.removeprefix(SEQUENCE)
        return f"sequence {own}" if self.is_sequence else f"workflow {self.name}"


def approvals(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield what the approvals among steps say, those of branches too."""
    for step in steps:
        if isinstance(step.get("approval"), Mapping):
            yield step["approval"]
        for inside in step.values():
            if isinstance(inside, list):
                yield from approvals([each for each in inside if isinstance(each, Mapping)])


_LENGTH = re.compile(r"(\d{1,6}) (minute|hour|day|week|month|year)s?")


def length(text: object) -> str | None:
    """Return a length of time such as `3 days` as the expression language takes it, None when it is none."""
    return text if isinstance(text, str) and _LENGTH.fullmatch(text) else None
