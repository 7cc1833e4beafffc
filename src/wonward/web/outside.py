"""Pages for people outside, who don't sign in: counted, so that nobody asks them without end."""

from collections.abc import Callable
from functools import wraps

from allauth.core.internal import ratelimit
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render

from wonward.errors import Missing
from wonward.web.access import View, public


def outside(*methods: str, looks: str, tries: str) -> Callable[[Callable[..., HttpResponseBase]], View]:
    """Let anyone call a view by these methods, but not without end; what isn't there is 404.

    `looks` and `tries` name the limits, in ACCOUNT_RATE_LIMITS, of reading and of posting.
    """

    def declare(view: Callable[..., HttpResponseBase]) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **names: str) -> HttpResponseBase:
            if request.method not in (*methods, "HEAD"):
                return HttpResponseNotAllowed(methods)
            if not within(request, tries if request.method == "POST" else looks):
                return render(request, "meet/slowly.html", status=429)
            try:
                return view(request, **names)
            except Missing as missing:
                raise Http404 from missing

        vars(guarded)["methods"] = methods
        return public(guarded)

    return declare


def within(request: HttpRequest, action: str, key: str | None = None) -> bool:
    """Count a request and tell whether it is within the limit of an action, for its `key` where the limit has one."""
    used = ratelimit.consume(request, app="allauth.account", action=action, key=key, limit_get=True)
    return used is not None
