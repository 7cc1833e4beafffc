"""Where definitions name somebody: by email address anywhere, by owner id where a property of type owner stands by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wonward.accounts.models import Member
from wonward.documents import store
from wonward.schema.catalog import Catalog
from wonward.schema.seen import owners


@dataclass(frozen=True, slots=True)
class Naming:
    """A definition that names somebody, and the place within it, such as `hosts`."""

    kind: str
    name: str
    place: str


def definitions_naming(catalog: Catalog, member: Member) -> list[Naming]:
    """Return the definitions of a portal that name a member: scheduling pages, rotations, values that are set."""
    whole = catalog.whole or catalog
    properties = sorted({prop.name for kind in whole.object_types.values() for prop in owners(kind)})
    said = [rf"(?:{'|'.join(map(re.escape, properties))})\W[^;]*?\b{member.pk}\b"] if properties else []
    if member.email:
        said.append(rf"(?<![\w.+-]){re.escape(member.email)}(?![\w-]|\.\w)")
    if not said:
        return []
    wanted = re.compile("|".join(said), re.IGNORECASE)
    return [
        Naming(kind, name, place)
        for (kind, name), body in store.read(catalog.portal_id).items()
        for place in dict.fromkeys(_places(body, "", wanted))
    ]


def _places(body: Any, place: str, wanted: re.Pattern[str]) -> Iterator[str]:
    """Yield the places of a body at which a text, after its key, says what is wanted."""
    if isinstance(body, dict):
        for key, value in body.items():
            inner = f"{place}.{key}" if place else str(key)
            if wanted.search(str(key)):
                yield inner
            yield from _places(value, inner, wanted)
    elif isinstance(body, list):
        for value in body:
            yield from _places(value, place, wanted)
    elif wanted.search(f"{place.rpartition('.')[2]} {body}"):
        yield place
