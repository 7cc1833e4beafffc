"""Tells whoever watches the server that it and its database answer, and people when they don't."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from wonward.accounts.models import Portal
from wonward.db.transaction import is_away
from wonward.web.access import public


@public
def health(_request: HttpRequest) -> HttpResponse:
    """Answer `ok`; without a database this fails with 503."""
    Portal.objects.exists()
    return HttpResponse("ok", content_type="text/plain")


def failed(request: HttpRequest) -> HttpResponse:
    """Answer what nothing else could: 503 while the database is away, 500 for what is our mistake."""
    away = is_away(sys.exc_info()[1])
    response = render(request, "503.html" if away else "500.html", status=503 if away else 500)
    if away:
        response["Retry-After"] = "5"
    return response
