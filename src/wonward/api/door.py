"""The way in for every call: who is it, may they, what happened. Handlers behind it answer or refuse."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg
from django.core.exceptions import SuspiciousOperation
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from wonward import wiring
from wonward.accounts.tokens import Bearer
from wonward.api import access, answers, refusals
from wonward.api.access import Access
from wonward.api.calls import Call
from wonward.db.transaction import again_after_deadlock, is_away
from wonward.errors import Invalid, Missing, Refusal
from wonward.records.work import Work
from wonward.schema import load

LONGEST_URL = 16_384
View = Callable[..., HttpResponse]
Handle = Callable[[Call], HttpResponse]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: its method, its path within an area of `urls.py`, who may call it, what answers."""

    method: str
    area: str
    path: str
    access: Access
    handle: Handle


def door(routes: Mapping[str, Route]) -> View:
    """Return the view of one path; `routes` are its operations by method."""

    @csrf_exempt
    def view(request: HttpRequest, **names: str) -> HttpResponse:
        correlation = str(uuid4())
        route = routes.get("GET" if request.method == "HEAD" else request.method or "")
        values = route is not None and route.access.writes
        try:
            response = again_after_deadlock(lambda: _answer(request, route, routes, names))
        except Refusal as refusal:
            response = _refused(refusal, correlation, values=values)
        except (psycopg.DataError, DataError, SuspiciousOperation) as error:
            unreadable = Invalid(f"The request holds what can't be read: {error}", code="INVALID_REQUEST")
            response = _refused(unreadable, correlation)
        except Exception as error:
            response = _failed(request, error, correlation)
        if response.status_code == 405:
            response["Allow"] = ", ".join(routes)
        elif response.status_code == 401:
            response["WWW-Authenticate"] = "Bearer"
        response["X-HubSpot-Correlation-Id"] = correlation
        return response

    return view


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """Answer a path of the API's that nothing stands at."""
    correlation = str(uuid4())
    refusal = Missing(f"There is nothing at {request.path}", code="NOT_FOUND")
    response = _refused(refusal, correlation)
    response["X-HubSpot-Correlation-Id"] = correlation
    return response


def _answer(
    request: HttpRequest, route: Route | None, routes: Mapping[str, Route], names: Mapping[str, str]
) -> HttpResponse:
    if route is None:
        raise Invalid(f"{request.method} isn't done here; use {', '.join(routes)}", code="METHOD_NOT_ALLOWED")
    request.get_host()  # refuses hosts that this server isn't known by
    if len(request.get_full_path()) > LONGEST_URL:
        raise Invalid(f"The address is longer than {LONGEST_URL:,} characters", code="URI_TOO_LONG")
    bearer = access.bearer(request)
    with _working(bearer, route.access) as work:
        kinds = tuple(
            access.object_type(work.catalog, names[name]) for name in ("type", "to") if name in names
        )
        access.require(bearer, route.access, kinds)
        return route.handle(Call(request, route.access, bearer, work, names, kinds))


@contextmanager
def _working(bearer: Bearer, wanted: Access) -> Iterator[Work]:
    actor = f"token:{bearer.token_id}"
    rights = access.rights(bearer, wanted)
    if wanted.writes:
        with wiring.writing(bearer.portal, actor=actor, source="api", rights=rights) as work:
            yield work
    else:
        catalog = load.at_version(bearer.portal_id, bearer.catalog_version)
        yield wiring.reading(catalog, actor=actor, source="api", rights=rights)


def _refused(refusal: Refusal, correlation: str, *, values: bool = False) -> HttpResponse:
    status, body = refusals.told(refusal, correlation, values=values)
    return answers.built(body, status)


def _failed(request: HttpRequest, error: Exception, correlation: str) -> HttpResponse:
    """Answer what nobody expected: 503 while the database is away, 500 for what is our mistake."""
    away = is_away(error)
    what = "lost the database" if away else "failed"
    _log.error("%s %s %s, correlation id %s", request.method, request.path, what, correlation, exc_info=error)
    if not away:
        return answers.built(_broken(correlation), 500)
    response = answers.built(_away(correlation), 503)
    response["Retry-After"] = "1"
    return response


def _away(correlation: str) -> dict[str, object]:
    return {
        "status": "error",
        "message": "The database can't be reached right now; read the records again before you repeat a write",
        "correlationId": correlation,
        "category": "SERVICE_UNAVAILABLE",
    }


def _broken(correlation: str) -> dict[str, object]:
    return {
        "status": "error",
        "message": "Something went wrong here; the server's log has it under the correlation id",
        "correlationId": correlation,
        "category": "INTERNAL_ERROR",
    }
