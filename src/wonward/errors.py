"""What the house may refuse, in one shape that every door shows in its own way.

A refusal carries problems; each says what to do and where it belongs (a row of
the batch, a property, a place in an expression or file). Nothing here knows HTTP.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what to do about it, and the row and property it belongs to.

    `code` is a stable machine-readable name (HubSpot's where it has one, such as
    `INVALID_OPTION`); `row` is the index within the batch that was given.
    """

    message: str
    code: str = "INVALID"
    property: str | None = None
    row: int | None = None
    context: dict[str, Any] = field(default_factory=dict)


class Refusal(Exception):
    """Something was asked that may not be done; nothing of it was done."""

    def __init__(self, problems: Iterable[Problem] | str, **details: Any) -> None:
        self.problems = (Problem(problems, **details),) if isinstance(problems, str) else tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class Invalid(Refusal):
    """A value, an expression or a definition isn't right."""


class Missing(Refusal):
    """What was named doesn't exist."""


class Conflict(Refusal):
    """It exists already, or someone else changed it meanwhile."""


class Forbidden(Refusal):
    """The caller may not do this."""


@contextmanager
def placed(rows: Sequence[int]) -> Iterator[None]:
    """Turn the rows of a refusal inside the block, counted within a part of a batch, into rows of the batch."""
    try:
        yield
    except Refusal as refusal:
        raise type(refusal)(
            problem if problem.row is None else replace(problem, row=rows[problem.row])
            for problem in refusal.problems
        ) from refusal
