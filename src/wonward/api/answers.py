"""Answers in HubSpot's shapes: records as PostgreSQL wrote them, everything else built here.

Text is spliced, never parsed again: a record's JSON goes from the database to the wire as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.http import HttpRequest, HttpResponse

from wonward import clock
from wonward.schema.field_types.time import iso

JSON = "application/json;charset=utf-8"


def written(text: str, status: int = 200) -> HttpResponse:
    """Answer with JSON that is text already."""
    return HttpResponse(text.encode(), content_type=JSON, status=status)


def built(value: object, status: int = 200) -> HttpResponse:
    """Answer with a value as JSON."""
    return HttpResponse(msgspec.json.encode(value), content_type=JSON, status=status)


def nothing() -> HttpResponse:
    """Answer that it is done and there is nothing to say."""
    return HttpResponse(status=204)


def texts(values: Sequence[object]) -> list[str]:
    """Return values as JSON texts."""
    return [msgspec.json.encode(value).decode() for value in values]


def extended(text: str, more: Mapping[str, object]) -> str:
    """Return the text of a JSON object with more keys at its end."""
    return f"{text[:-1]},{msgspec.json.encode(more).decode()[1:]}"


def listed(results: Sequence[str], paging: Mapping[str, object] | None = None) -> HttpResponse:
    """Answer with results that are text already, and where the next page begins, if there is one."""
    return written(_with_results("{", results, {"paging": paging} if paging else {}))


def paging(request: HttpRequest, after: str) -> dict[str, object]:
    """Return where the next page begins, with a link on the host that the caller used."""
    asked = request.GET.copy()
    asked["after"] = after
    return {
        "next": {"after": after, "link": request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")}
    }


def batch(
    results: Sequence[str],
    errors: Sequence[Mapping[str, object]],
    *,
    started: datetime,
    status: int = 200,
) -> HttpResponse:
    """Answer a batch: `status` when all of it was done, 207 with the errors when a part was not."""
    times = {"startedAt": iso(started), "completedAt": iso(clock.now())}
    if not errors:
        return written(_with_results('{"status":"COMPLETE",', results, times), status)
    return written(
        _with_results(
            '{"status":"COMPLETE",', results, {"numErrors": len(errors), "errors": errors, **times}
        ),
        207,
    )


def _with_results(start: str, results: Sequence[str], more: Mapping[str, object]) -> str:
    end = f",{msgspec.json.encode(more).decode()[1:]}" if more else "}"
    return "".join((start, '"results":[', ",".join(results), "]", end))
