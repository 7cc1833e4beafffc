"""What callers may send: the bodies of requests as typed structs, read leniently where HubSpot is lenient.

Keys nobody knows are passed over; a wrong type is refused with its place. Decimals stay exact.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from msgspec import Struct

from wonward.errors import Invalid, Problem

T = TypeVar("T")
Text = str | int
"""A text that clients also send as a number, such as an id."""


class Reference(Struct):
    """A record by its id."""

    id: Text


class Kind(Struct, rename="camel"):
    """An association type by its number."""

    association_type_id: int
    association_category: str = "HUBSPOT_DEFINED"


class AssociationsTo(Struct):
    """What a new record shall be associated with."""

    to: Reference
    types: list[Kind]


class Creation(Struct, rename="camel"):
    """A record to create."""

    properties: dict[str, Any]
    associations: list[AssociationsTo] | None = None
    object_write_trace_id: str | None = None


class Erasing(Struct, rename="camel"):
    """A record to erase for good, named by its id or by a unique property's value."""

    object_id: Text
    id_property: str | None = None


class Change(Struct):
    """New values of a record that the path names."""

    properties: dict[str, Any]


class ChangeOf(Struct, rename="camel"):
    """New values of a record, named by its id or by a unique property's value."""

    id: Text
    properties: dict[str, Any]
    id_property: str | None = None
    object_write_trace_id: str | None = None


class Creations(Struct):
    """Records to create."""

    inputs: list[Creation]


class Changes(Struct):
    """Records to update, or to create where there are none."""

    inputs: list[ChangeOf]


class Merging(Struct, rename="camel"):
    """Two records to make one: the one that stays, and the one that goes into it."""

    primary_object_id: Text
    object_id_to_merge: Text


class Mergings(Struct):
    """Pairs of records to merge."""

    inputs: list[Merging]


class References(Struct):
    """Records by their ids."""

    inputs: list[Reference]


class Asked(Struct, rename="camel"):
    """Records to read."""

    inputs: list[Reference]
    properties: list[str] | None = None
    properties_with_history: list[str] | None = None
    id_property: str | None = None


class Search(Struct, rename="camel"):
    """A search; `expressions/filter_groups.py` reads the filters."""

    filter_groups: Any = None
    filters: Any = None
    query: str | None = None
    sorts: list[Any] | None = None
    properties: list[str] | None = None
    limit: int = 10
    after: Text | None = None


class Pair(Struct, rename={"start": "from"}):
    """Two records, the types between them (v4) or the type's name (v3)."""

    start: Reference
    to: Reference
    types: list[Kind] = []
    type: Text = ""


class Pairs(Struct):
    """Pairs of records."""

    inputs: list[Pair]


class Fan(Struct, rename={"start": "from"}):
    """One record and several others."""

    start: Reference
    to: list[Reference]


class Fans(Struct):
    """Records, each with several others."""

    inputs: list[Fan]


class PageOf(Struct):
    """A record whose associations are asked for, from a place on."""

    id: Text
    after: Text | None = None


class PagesOf(Struct):
    """Records whose associations are asked for."""

    inputs: list[PageOf]


class OptionGiven(Struct, rename="camel"):
    """An option of a property."""

    value: str
    label: str = ""
    hidden: bool = False
    display_order: int = -1


class PropertyGiven(Struct, rename="camel"):
    """A property to define; all but the name may be left out of a change."""

    name: str | None = None
    label: str | None = None
    type: str | None = None
    field_type: str | None = None
    group_name: str | None = None
    description: str | None = None
    options: list[OptionGiven] | None = None
    hidden: bool | None = None
    has_unique_value: bool | None = None
    show_currency_symbol: bool | None = None
    form_field: bool | None = None
    display_order: int | None = None
    data_sensitivity: str | None = None


class PropertiesGiven(Struct):
    """Properties to define."""

    inputs: list[PropertyGiven]


class Named(Struct):
    """A definition by its name."""

    name: str


class NamesAsked(Struct):
    """Definitions by their names."""

    inputs: list[Named]
    archived: bool = False


@lru_cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape, strict=False, float_hook=Decimal)


def raw(request: HttpRequest) -> bytes:
    """Return a request's body as it came; raise Invalid when it is too large or of another kind than JSON."""
    media = (request.content_type or "").lower()
    if media not in ("", "application/json") and not media.endswith("+json"):
        raise Invalid(f"A body is sent as application/json, not as {media}", code="UNSUPPORTED_MEDIA_TYPE")
    try:
        return request.body
    except RequestDataTooBig as error:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raise Invalid(f"The body is larger than {most:,} bytes", code="PAYLOAD_TOO_LARGE") from error


def read(request: HttpRequest, shape: type[T]) -> T:
    """Return a request's body as `shape`; raise Invalid saying where it isn't right."""
    body = raw(request)
    try:
        decoded: T = _decoder(cast("Any", shape)).decode(body)
    except msgspec.ValidationError as error:
        raise Invalid(f"Invalid input JSON: {error}", code="INVALID_TYPE") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"Invalid input JSON on {_place(body, error)}: {error}", code="INVALID_JSON") from error
    return decoded


def _place(body: bytes, error: Exception) -> str:
    """Return the line and column of an error; one that names no place is at the end of the body."""
    found = re.search(r"\(byte (\d+)\)", str(error))
    offset = int(found[1]) if found else len(body)
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        offset = wrong.start
    line, last = body.count(b"\n", 0, offset) + 1, body.rfind(b"\n", 0, offset)
    return f"line {line}, column {offset - last}"


def unreadable(properties: Mapping[str, object], row: int = 0) -> list[Problem]:
    """Return a problem for each property that was given a list or an object."""
    return [
        Problem(
            f"{name} is given a list or an object; give a text, a number or true or false",
            "INVALID_TYPE",
            name,
            row,
        )
        for name, value in properties.items()
        if isinstance(value, list | dict)
    ]
