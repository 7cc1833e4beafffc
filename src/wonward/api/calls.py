"""One call that was let in: who makes it, the work it does, the object types it is about, what it asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.http import HttpRequest

from wonward.accounts.tokens import Bearer
from wonward.api import access, bodies
from wonward.api.access import Access
from wonward.errors import Invalid, Missing
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

T = TypeVar("T")

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Call:
    """A request with a bearer that may make it; `names` are the parts of its path, `kinds` its object types."""

    request: HttpRequest
    access: Access
    bearer: Bearer
    work: Work
    names: Mapping[str, str]
    kinds: tuple[ObjectType, ...]

    @property
    def kind(self) -> ObjectType:
        """The object type that the path names first."""
        return self.kinds[0]

    @property
    def other(self) -> ObjectType:
        """The object type at the other end of an association."""
        return self.kinds[1]

    def related(self, spelling: str) -> ObjectType:
        """Return an object type that isn't in the path; the bearer needs the same right to it."""
        found = access.object_type(self.work.catalog, spelling)
        access.require(self.bearer, self.access, (found,))
        return found

    def body(self, shape: type[T]) -> T:
        """Return the body as `shape`."""
        return bodies.read(self.request, shape)

    def record_id(self, name: str = "id") -> int:
        """Return the record id in the path; raise Missing for what can't be one."""
        found = number(self.names[name])
        if found is None:
            raise Missing(
                f"There is no record {self.names[name]}; ids are numbers",
                code="OBJECT_NOT_FOUND",
                context={"id": self.names[name]},
            )
        return found

    def text(self, name: str) -> str | None:
        """Return a parameter of the query, None when it isn't given or empty."""
        return self.request.GET.get(name) or None

    def texts(self, name: str) -> list[str]:
        """Return a parameter that may be repeated, joined by commas, or both."""
        return [
            part
            for given in self.request.GET.getlist(name)
            for text in given.split(",")
            if (part := text.strip())
        ]

    def flag(self, name: str) -> bool:
        """Return a parameter that is true or false."""
        return self.request.GET.get(name, "").lower() == "true"

    def limit(self, default: int, most: int) -> int:
        """Return how many results a page shall have; raise Invalid outside 1 to `most`."""
        given = self.text("limit")
        return within(number(given), most, given) if given else default

    def after(self) -> int:
        """Return the place a page begins after, 0 for the first page."""
        return place(self.text("after"))


def number(text: str | int) -> int | None:
    """Return the record id or place that a text is, or None when it can't be one."""
    text = str(text)
    if text.isdecimal() and text.isascii() and len(text) < 20 and (found := int(text)) <= LARGEST_ID:
        return found
    return None


def within(limit: int | None, most: int, given: object) -> int:
    """Return a limit; raise Invalid outside 1 to `most`."""
    if limit is None or not 1 <= limit <= most:
        raise Invalid(f"limit is {given}; give a number from 1 to {most}", code="INVALID_LIMIT")
    return limit


def place(after: str | int | None) -> int:
    """Return the place that `after` names, 0 for none; raise Invalid for what this API never gave."""
    found = number(after) if after not in (None, "") else 0
    if found is None:
        raise Invalid(f"after is {after}; give the one that paging.next.after had", code="INVALID_AFTER")
    return found
