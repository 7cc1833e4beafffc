"""When two spellings of a name are the same, and which of several names was probably meant."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

_IGNORED = re.compile(r"[\s_]+")


def fold(text: str) -> str:
    """Return a name without what matching ignores: case, spaces and underscores."""
    return _IGNORED.sub("", unicodedata.normalize("NFC", text)).casefold()


def nearest(given: str, names: Iterable[str], *, least: float = 0.6) -> str | None:
    """Return the name most like `given`, or None when none is at all."""
    wanted = fold(given)
    likeness = {name: SequenceMatcher(None, wanted, fold(name)).ratio() for name in names}
    best = max(likeness, key=lambda name: likeness[name], default=None)
    return best if best is not None and likeness[best] >= least else None


def meant(given: str, names: Iterable[str]) -> str:
    """Return `; did you mean 'GTX Pro'?`, or nothing when no name is near."""
    near = nearest(given, names)
    return f"; did you mean '{near}'?" if near else ""
