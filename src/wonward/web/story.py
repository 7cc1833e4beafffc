"""One happening of a timeline in words, as the pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wonward.records.history import Entry, Value
from wonward.web.access import Link

DOORS = {"api": "API", "import": "import", "cli": "command line", "worker": "automation", "form": "form"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One property before and after a change."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Story:
    """One happening in words. `heading` is set on the first of each stretch of time."""

    anchor: str
    at: datetime
    heading: str
    icon: str
    who: str
    what: str
    via: str = ""
    title: str = ""
    text: str = ""
    address: str = ""
    differences: Sequence[Difference] = ()
    links: Sequence[Link] = ()
    facts: Sequence[str] = ()
    folded: bool = False
    task: str = ""
    done: bool = False
    undo: str = ""


def anchor(entry: Entry) -> str:
    """Return the mark by which a page leads to a change."""
    return f"change-{entry.seq}"


def door(entry: Entry | Value) -> str:
    """Name the door a change came in by; nothing for the pages, and where the actor's own name tells it."""
    return "" if entry.actor.partition(":")[0] == entry.source else DOORS.get(entry.source, "")
