"""A measured figure beside its limit, and how times are taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, ours and the yardstick's in the same unit and run, and the limit it must keep."""

    what: str
    ours: str
    yardstick: str
    limit: str
    kept: bool


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Return the median wall time of `work` over some runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)
