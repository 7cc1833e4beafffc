"""Pages of a long list: which one is shown, and the addresses of the others."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

PAGE = 80


@dataclass(frozen=True, slots=True)
class Page:
    """One page of `total` rows, counted from 1; `asked` is the query of the address it was asked for with."""

    number: int
    total: int
    asked: QueryDict

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))

    @property
    def start(self) -> int:
        """The place of the first row, counted from 1; 0 when there are none."""
        return min(self.total, (self.number - 1) * PAGE + 1)

    @property
    def end(self) -> int:
        """The place of the last row."""
        return min(self.total, self.number * PAGE)

    @property
    def first_address(self) -> str:
        """The query of the first page."""
        return with_query(self.asked, page=None)

    @property
    def previous_address(self) -> str:
        """The query of the page before, empty on the first."""
        return with_query(self.asked, page=self.number - 1) if self.number > 1 else ""

    @property
    def next_address(self) -> str:
        """The query of the page after, empty on the last."""
        return with_query(self.asked, page=self.number + 1) if self.number < self.last else ""


def page_number(asked: QueryDict) -> int:
    """Return the page an address asks for, 1 when it names none."""
    text = asked.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 8 else 1


def with_query(asked: QueryDict, **changes: object) -> str:
    """Return the query of an address with some of it changed; None takes a part away.

    Empty parts are left out, but for a filter over a view, which says that all records are shown.
    """
    parts = {name: asked[name] for name in asked} | changes
    over = "where" if parts.get("view") else ""
    kept = {
        name: value
        for name, value in parts.items()
        if value not in (None, "") or (name == over and value == "")
    }
    return f"?{urlencode(kept)}"
