"""What the definition of a role may say."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from wonward.schema.property_body import Name
from wonward.schema.roles import Allowed, Extent, Right, Role


class DefaultBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is allowed of records of the types that a role doesn't name."""

    view: Extent = "none"
    edit: Extent = "none"
    delete: Extent = "none"
    create: bool = False
    unassigned: bool = False


class AllowedBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is allowed of records of one type; what it doesn't say is as the role's default says.

    `key_properties` stand first on a record's page for who has the role, instead of those that the type says.
    """

    view: Extent | None = None
    edit: Extent | None = None
    delete: Extent | None = None
    create: bool | None = None
    unassigned: bool | None = None
    hidden: list[Name] = []
    read_only: list[Name] = []
    key_properties: list[Name] = []


class RoleBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A role; `may` are its rights beside those over records."""

    label: str
    default: DefaultBody = msgspec.field(default_factory=DefaultBody)
    types: dict[Name, AllowedBody] = {}
    may: list[Right] = []
    description: str = ""


def role_of(name: str, stored: Mapping[str, Any]) -> Role:
    """Return a role from the body of its document, whichever version that is."""
    body = msgspec.convert(stored, RoleBody)
    usual = msgspec.structs.asdict(body.default)
    types = {}
    for kind, said in body.types.items():
        given = {key: value for key, value in msgspec.structs.asdict(said).items() if value is not None}
        listed = {key: frozenset(given.pop(key)) for key in ("hidden", "read_only")}
        first = tuple(given.pop("key_properties"))
        types[kind] = Allowed(**{**usual, **given, **listed}, key_properties=first)
    return Role(name, body.label, Allowed(**usual), types, frozenset(body.may), body.description)
