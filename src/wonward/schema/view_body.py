"""What the definition of a view may say."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from wonward.schema.property_body import Name
from wonward.schema.view import View

ALL = "all"
"""What an address calls the list without a view, so no view may be named so."""


class ViewBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A view of the records of one type, as a list, or as the `board` of a pipeline; the lowest `order` stands first.

    `sort: -amount` has the largest amount first. Where `roles` or `teams` are named, only they see the view; lists
    open with it for who has a role of `default_for`.
    """

    label: Annotated[str, Meta(min_length=1, max_length=100)]
    object: Name
    filter: Annotated[str, Meta(max_length=3000)] = ""
    columns: list[Name] = []
    sort: Annotated[str, Meta(pattern=r"^(-?[a-z][a-z0-9_]{0,62})?$")] = ""
    board: str = ""
    description: str = ""
    roles: list[Name] = []
    teams: list[str] = []
    default_for: list[Name] = []
    order: int = 0


def view_of(name: str, stored: Mapping[str, Any]) -> View:
    """Return a view from the body of its document, whichever version that is."""
    body = msgspec.convert(stored, ViewBody)
    return View(
        name=name,
        label=body.label,
        object_type=body.object,
        filter=body.filter,
        columns=tuple(body.columns),
        sort=body.sort,
        layout="board" if body.board else "list",
        pipeline=body.board,
        description=body.description,
        roles=tuple(body.roles),
        teams=tuple(body.teams),
        default_for=tuple(body.default_for),
    )


def wrong_view(body: ViewBody) -> str:
    """Return what is wrong with a view's body taken for itself, or nothing."""
    narrowed = body.roles or body.teams
    unseen = [each for each in body.default_for if narrowed and each not in body.roles]
    if unseen:
        return f"it is the default for {', '.join(unseen)}, but not for their eyes; name them under roles too"
    return ""
