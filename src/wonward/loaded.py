"""What a process does once all its code is loaded, and before it has several threads."""

import gc
from collections.abc import Iterator

from msgspec import Struct
from msgspec.json import Decoder

THRESHOLD = 20_000
"""New objects before the youngest are gone through; Python's 700 is for small programs."""


def settle() -> None:
    """Have msgspec look at every struct there is, and take what is in memory now as there to stay.

    msgspec reads a struct's types when it first meets it; threads that do so at once crash the process (0.22).
    Garbage that is sought among new objects alone costs an import of 10,000 rows a seventh less of Python's time,
    a read a twentieth.
    """
    for struct in _structs(Struct):
        Decoder(struct)
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD)


def _structs(kind: type[Struct]) -> Iterator[type[Struct]]:
    for each in kind.__subclasses__():
        yield each
        yield from _structs(each)
