"""Tells whoever watches the server that it and its database answer."""

from django.http import HttpRequest, HttpResponse

from wonward.accounts.models import Portal
from wonward.web.access import public


@public
def health(_request: HttpRequest) -> HttpResponse:
    """Answer `ok`; without a database this fails with 500."""
    Portal.objects.exists()
    return HttpResponse("ok", content_type="text/plain")
