"""The two pages of single sign-on: the way to the provider, and the way back."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from wonward.accounts import identities, sso
from wonward.accounts.models import SignIn
from wonward.accounts.provider import Unreachable
from wonward.web.access import public
from wonward.web.addresses import url
from wonward.web.sign_in import METHODS, audit, unhurried

BEGUN = "sso"


@public
@unhurried
@never_cache
def to_provider(request: HttpRequest) -> HttpResponse:
    """Send someone to the provider."""
    if settings.SSO is None:
        return _refused(request, "Single sign-on isn't set up here.")
    then = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(then, allowed_hosts=None)
    try:
        address, request.session[BEGUN] = sso.begin(settings.SSO, _back(), then if safe else "")
    except (sso.Refused, Unreachable) as refusal:
        return _refused(request, str(refusal))
    return redirect(address)


@public
@never_cache
def from_provider(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider has sent back; who has a second factor here is still asked for it."""
    if settings.SSO is None:
        return _refused(request, "Single sign-on isn't set up here.")
    kept = request.session.pop(BEGUN, None)
    try:
        known, then = sso.finish(settings.SSO, _back(), kept, request.GET.dict())
        user = identities.user_of(known)
    except (sso.Refused, Unreachable) as refusal:
        audit(request, SignIn.Result.REFUSED, METHODS["sso"])
        return _refused(request, str(refusal))
    record_authentication(request, user, "sso")
    response: HttpResponse = perform_login(request, user, redirect_url=then or None)
    return response


def _back() -> str:
    return f"{settings.WONWARD_URL}{url('sso_back')}"


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    messages.error(request, reason)
    return redirect("account_login")
