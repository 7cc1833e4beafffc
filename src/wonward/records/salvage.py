"""Writes what can be written of a batch: a refused batch is tried again without the rows that were refused."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from wonward.db import transaction
from wonward.errors import Problem, Refusal, placed

Row = TypeVar("Row")
Result = TypeVar("Result")


def salvage(
    rows: Sequence[Row], write: Callable[[list[Row]], Sequence[Result]]
) -> tuple[dict[int, Result], list[Problem]]:
    """Write the rows that aren't refused; return their results by row, and the problems of the others.

    `write` takes rows and returns a result each. A refusal that names no row is raised as it is.
    """
    left = list(range(len(rows)))
    problems: list[Problem] = []
    while left:
        try:
            with transaction.atomic(), placed(left):
                results = write([rows[row] for row in left])
            return dict(zip(left, results, strict=True)), problems
        except Refusal as refusal:
            refused = {problem.row for problem in refusal.problems}
            if None in refused:
                raise
            problems += refusal.problems
            left = [row for row in left if row not in refused]
    return {}, problems
