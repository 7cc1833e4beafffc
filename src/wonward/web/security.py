"""A person's own page of how they sign in: password, authenticator app, recovery codes, passkeys, sessions, tries.

allauth does the changes and asks for proof before each of them; its views are opened here to who has signed in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import quote

from allauth.account import views as account
from allauth.mfa.base import views as second
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from wonward.accounts import sessions, sign_ins
from wonward.accounts.sessions import SignedIn
from wonward.web import agent
from wonward.web.access import View, signed_in


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere the person is signed in, as the page shows it; `mark` names it in the form that ends it."""

    mark: str
    browser: str
    address: str
    signed_in_at: datetime | None
    seen_at: datetime | None
    here: bool


@dataclass(frozen=True)
class Ways:
    """How a person signs in."""

    asking: SignedIn

    @cached_property
    def _all(self) -> Sequence[Authenticator]:
        return list(Authenticator.objects.filter(user=self.asking.user).order_by("created_at"))

    @cached_property
    def app(self) -> Authenticator | None:
        """The authenticator app, if one is set up."""
        return next((each for each in self._all if each.type == Authenticator.Type.TOTP), None)

    @cached_property
    def passkeys(self) -> Sequence[Authenticator]:
        """The passkeys; `data["name"]` is what the person calls one."""
        return [each for each in self._all if each.type == Authenticator.Type.WEBAUTHN]

    @cached_property
    def codes(self) -> int | None:
        """How many recovery codes are left; None when there were none."""
        found = next((each for each in self._all if each.type == Authenticator.Type.RECOVERY_CODES), None)
        return len(found.wrap().get_unused_codes()) if found else None

    @cached_property
    def wanting(self) -> list[str]:
        """The portals that can't be entered until there is a second factor."""
        wanted = [each.portal.label for each in self.asking.memberships if each.portal.second_factor]
        return [] if self.asking.second_factor else wanted


@signed_in
def security(request: HttpRequest, asking: SignedIn) -> HttpResponse:
    """Show how the person signs in, where they are signed in, and who tried."""
    tries = [(each, agent.in_words(each.agent)) for each in sign_ins.of_user(asking.user)]
    shown = {"ways": Ways(asking), "places": _places(request, asking), "tries": tries}
    response = render(request, "security/security.html", shown)
    response["Cache-Control"] = "private, no-store"
    return response


def _places(request: HttpRequest, asking: SignedIn) -> list[Place]:
    return [
        Place(
            sessions.mark(each.session_key),
            agent.in_words(each.agent),
            each.address,
            each.signed_in_at,
            each.seen_at,
            here=each.session_key == request.session.session_key,
        )
        for each in sessions.of_user(asking.user)
    ]


def _by_post(view: View) -> View:
    """Let a view be called by POST alone."""
    posted = require_POST(view)
    vars(posted)["methods"] = ("POST",)
    return posted


@_by_post
@signed_in
def end_session(request: HttpRequest, asking: SignedIn, mark: str) -> HttpResponse:
    """Sign the person out somewhere else."""
    return _ended(request, sessions.end(asking.user, mark))


@_by_post
@signed_in
def end_other_sessions(request: HttpRequest, asking: SignedIn) -> HttpResponse:
    """Sign the person out everywhere else."""
    return _ended(request, sessions.end_others(asking.user, request.session.session_key or ""))


def _ended(request: HttpRequest, ended: int) -> HttpResponse:
    told = "Nobody was signed in there any more." if not ended else "Signed out there."
    messages.success(request, told if ended < 2 else f"Signed out in {ended} other places.")
    return redirect("mfa_index")


def _own(view: Callable[..., HttpResponseBase]) -> View:
    """Open a page of allauth to people who have signed in; nothing of it is kept by a browser."""

    fresh = never_cache(view)

    def opened(request: HttpRequest, _asking: SignedIn, /, **named: int) -> HttpResponseBase:
        return fresh(request, **named)

    return signed_in(opened)


@signed_in
def recovery_codes(request: HttpRequest, _asking: SignedIn) -> HttpResponse:
    """Show the recovery codes, once, with a file of them to keep."""
    response: HttpResponse = codes.view_recovery_codes(request)
    shown = getattr(response, "context_data", {})
    if shown.get("can_view_codes"):
        lines = ["Recovery codes for Wonward; each works once.", "", *shown["unused_codes"]]
        shown["file"] = f"data:text/plain;charset=utf-8,{quote(chr(10).join(lines))}%0A"
    response["Cache-Control"] = "private, no-store"
    return response


@signed_in
def to_security(_request: HttpRequest, _asking: SignedIn) -> HttpResponse:
    """Lead to the page that lists the passkeys, where allauth has one of its own."""
    return redirect("mfa_index")


change_password = _own(account.password_change)
set_password = _own(account.password_set)
confirm = _own(account.reauthenticate)
confirm_by_code = _own(second.reauthenticate)
confirm_by_passkey = _own(passkeys.reauthenticate_webauthn)
add_app = _own(totp.activate_totp)
remove_app = _own(totp.deactivate_totp)
renew_codes = _own(codes.generate_recovery_codes)
add_passkey = _own(passkeys.add_webauthn)
name_passkey = _own(passkeys.edit_webauthn)
remove_passkey = _own(passkeys.remove_webauthn)
