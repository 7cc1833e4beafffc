"""The one source of time: real by default, settable for tests and for a demo moved ahead."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo

_moved = {"ahead": timedelta()}
_fixed: ContextVar[datetime | None] = ContextVar("fixed_time", default=None)


def now() -> datetime:
    """Return the present moment, in UTC."""
    return _fixed.get() or datetime.now(UTC) + _moved["ahead"]


def today(zone: tzinfo = UTC) -> date:
    """Return the present date where `zone` is the local time."""
    return now().astimezone(zone).date()


def move_ahead(by: timedelta) -> None:
    """Make the present of this process later than it is, for a demo."""
    _moved["ahead"] = by


@contextmanager
def fixed(moment: datetime) -> Iterator[None]:
    """Make `moment` (aware) the present inside the block."""
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
