"""The handbook inside the portal, in the language of who reads it, of what they may see."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from wonward.handbook.guide import written
from wonward.web.access import Visit, member


@member("GET")
def handbook(visit: Visit) -> HttpResponse:
    """Show the guideline that the portal's definitions make."""
    guide = written(visit.catalog, get_language() or settings.LANGUAGE_CODE)
    return visit.page("handbook/handbook.html", {"guide": SafeString(guide)})
