"""A measured figure beside its limit, and how times are taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, ours and the yardstick's in the same unit and run, and the limit it must keep."""

    what: str
    ours: str
    yardstick: str
    limit: str
    kept: bool


def seconds(work: Callable[[], object], times: int) -> float:
    """Return the wall time of the fastest of some runs: the one that others on the machine disturbed least."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)
