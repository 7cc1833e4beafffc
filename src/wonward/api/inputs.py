"""How many inputs a batch may have."""

from typing import TypeVar

from wonward.errors import Invalid

T = TypeVar("T")


def within_batch(inputs: list[T], most: int = 100) -> list[T]:
    """Return the inputs of a batch; raise Invalid when they are too many."""
    if len(inputs) > most:
        raise Invalid(
            f"The maximum number of inputs supported in a batch request is {most}, and {len(inputs)} were given",
            code="BATCH_TOO_LARGE",
        )
    return inputs
