"""Answers the API's paths before the middleware of pages runs: sessions, languages, CSRF are no part of it.

That they cost nothing here is the point: they take longer than reading a record does.
"""

from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from wonward.api.routes import FOLDERS
from wonward.db.transaction import trust_quiet_connection

_FOLDERS = tuple(f"/{folder}/" for folder in FOLDERS)
_resolved = lru_cache(maxsize=256)(resolve)
Answer = Callable[[HttpRequest], HttpResponse]


def api_first(get_response: Answer) -> Answer:
    """Make the middleware; it stands behind the one that secures the connection, before all others."""

    def answer(request: HttpRequest) -> HttpResponse:
        trust_quiet_connection()
        if not request.path_info.startswith(_FOLDERS):
            return get_response(request)
        found = _resolved(request.path_info, "wonward.api.urls")
        response: HttpResponse = found.func(request, **found.kwargs)
        response["Content-Length"] = len(response.content)
        return response

    return answer
