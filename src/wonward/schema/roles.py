"""Roles: what people may do in a portal, as the catalog holds it. Pure.

How a role cuts what somebody sees is written in `seen.py`; who has which role, in `accounts/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Extent = Literal["none", "own", "team", "everyone"]
"""Whose records: nobody's, one's own, those of one's teams too, all. One's own name one in a property of type owner."""

Right = Literal["import", "export", "merge", "people", "share", "override_gates", "goals", "views"]
"""What some door asks for beside records: each stands in the code where it is asked, `work.require(...)`."""

RIGHTS: Mapping[Right, str] = {
    "import": "import files",
    "export": "export records",
    "merge": "merge records",
    "people": "look after people: members, teams, roles and seats",
    "share": "share documents by link",
    "override_gates": "move records past a gate that refuses them",
    "goals": "set goals",
    "views": "share views with everyone, and set the properties that stand first for everyone",
}
"""Each right as it follows after "may"."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be done with records of one type. `unassigned` adds those that nobody owns to whose they are."""

    view: Extent = "none"
    edit: Extent = "none"
    delete: Extent = "none"
    create: bool = False
    unassigned: bool = False
    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    key_properties: tuple[str, ...] = ()

    @property
    def asks_whose(self) -> bool:
        """Whether which records are seen depends on who owns them."""
        return self.view in ("own", "team")


@dataclass(frozen=True)
class Role:
    """A role by its name: what is allowed of each type of record, and of those not named."""

    name: str
    label: str
    default: Allowed = Allowed()
    types: Mapping[str, Allowed] = field(default_factory=dict)
    may: frozenset[Right] = frozenset()
    description: str = ""

    def on(self, object_type: str) -> Allowed:
        """Return what is allowed of records of a type."""
        return self.types.get(object_type, self.default)


NOTHING = Role("", "no role")
"""What somebody may whose role isn't there, or who was given none: nothing."""
