"""A view as the catalog holds it: which records of a type, which columns, in which order, for whom. Pure.

Views of the organisation are definitions; those that people make are rows of the room `views`, in the same shape.
"""

from dataclasses import dataclass
from typing import Literal

Layout = Literal["list", "board"]


@dataclass(frozen=True, slots=True)
class View:
    """What a tab over a list shows. `sort` is a property's name, with `-` before it from the last to the first.

    `roles` and `teams` name who sees it, everyone where both are empty; a list opens with it for `default_for` roles.
    """

    name: str
    label: str
    object_type: str
    filter: str = ""
    columns: tuple[str, ...] = ()
    sort: str = ""
    layout: Layout = "list"
    pipeline: str = ""
    description: str = ""
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    default_for: tuple[str, ...] = ()
