"""Signing in and out: allauth does it; here is what this house has decided, and the audit of every try."""

import secrets
from functools import wraps
from hashlib import sha256
from typing import Any

from allauth.account import views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.internal import ratelimit
from allauth.mfa.base import views as second
from allauth.mfa.webauthn import views as passkeys
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from wonward.accounts import letters, sessions, sign_ins
from wonward.accounts.models import SignIn
from wonward.web.access import View, public

KNOWN = "wonward_browser"
"""The cookie by which a browser is known that someone has signed in with."""

KNOWN_FOR = 365 * 24 * 3600

METHODS = {
    "password": "password",
    "totp": "authenticator app",
    "recovery_codes": "recovery code",
    "webauthn": "passkey",
    "sso": "single sign-on",
}
"""How people prove who they are, as the audit says it, by the names that allauth keeps."""

TOLD = {
    "mfa/messages/totp_activated.txt": "The authenticator app is set up.",
    "mfa/messages/totp_deactivated.txt": "The authenticator app is removed.",
    "mfa/messages/recovery_codes_generated.txt": "You have new recovery codes.",
    "mfa/messages/webauthn_added.txt": "The passkey is added.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
    "account/messages/password_changed.txt": "Your password is changed; you are signed out everywhere else.",
    "account/messages/password_set.txt": "Your password is set.",
}
"""What a page says once something is done, by the template that allauth would show; of the rest it says nothing."""


def where(request: HttpRequest) -> dict[str, str]:
    """Return the address and the browser that a request comes from, as the audit and the sessions keep them."""
    agent = request.headers.get("User-Agent", "").replace("\0", "")
    return {"address": Rules(request).get_client_ip(request), "agent": agent}


def audit(request: HttpRequest, result: SignIn.Result, how: str, user: Any = None, email: str = "") -> None:
    """Write a try to sign in down."""
    sign_ins.record(result, how, **where(request), user=user, email=email)


class Rules(DefaultAccountAdapter):
    """What allauth asks the house: nobody signs up, tries are counted and written down, letters go by the worker."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": (
            "Too many failed tries. Wait five minutes and try again, or sign in with a passkey."
        ),
        "rate_limited": "Too many tries. Wait five minutes and try again.",
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Say that sign-up is closed: people are invited."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a try after too many failures, and write that down."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            audit(request, SignIn.Result.HELD, METHODS["password"], email=credentials.get("email", ""))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write a wrong password down."""
        audit(request, SignIn.Result.REFUSED, METHODS["password"], email=credentials.get("email", ""))

    def login(self, request: HttpRequest, user: Any) -> None:
        """Let a user in; the session keeps where they are."""
        super().login(request, user)
        request.session[sessions.PLACE] = sessions.place(**where(request))

    def post_login(self, request: HttpRequest, user: Any, **said: Any) -> HttpResponse:
        """Write down that someone has come in and how, and know their browser from now on."""
        response: HttpResponse = super().post_login(request, user, **said)
        records = get_authentication_records(request, user)
        used = dict.fromkeys(METHODS[each.get("type", each["method"])] for each in records)
        audit(request, SignIn.Result.ENTERED, " and ".join(used), user)
        if _known(request, user.email) is None:
            response.set_signed_cookie(
                KNOWN,
                f"{_digest(user.email)}:{secrets.token_hex(8)}",
                salt=KNOWN,
                max_age=KNOWN_FOR,
                httponly=True,
                samesite="Lax",
                secure=settings.SECURE,
            )
        return response

    def set_password(self, user: Any, password: str) -> None:
        """Give a user another password and end their sessions elsewhere."""
        super().set_password(user, password)
        sessions.end_others(user, self.request.session.session_key or "")

    def forgive(self, email: str) -> None:
        """Forget the failed tries for an account, whose owner has chosen a new password by mail."""
        self._delete_login_attempts_cached_email(self.request, email=email)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failures by account, but those in a browser that its owner has used apart from those elsewhere.

        So whoever guesses from afar doesn't lock the owner out.
        """
        email = credentials.get("email", "").strip().lower()
        return f"{email}:{_known(request, email) or 'elsewhere'}"

    def add_message(self, request: HttpRequest, level: int, *said: Any, **more: Any) -> None:
        """Tell the person what was done, in the words of the house."""
        template = more.get("message_template") or next(iter(said), None)
        message = more.get("message") or TOLD.get(str(template))
        if message:
            messages.add_message(request, level if level >= messages.ERROR else messages.SUCCESS, message)

    def send_notification_mail(self, template_prefix: str, user: Any, *_said: Any, **_more: Any) -> None:
        """Tell the person by mail that something about their way in has changed."""
        letters.notify(user, template_prefix.rpartition("/")[2])


def _digest(email: str) -> str:
    return sha256(email.lower().encode()).hexdigest()[:16]


def _known(request: HttpRequest, email: str) -> str | None:
    """Return what a browser is known by if it has been used to sign in with an email address."""
    told = request.get_signed_cookie(KNOWN, default="", salt=KNOWN, max_age=KNOWN_FOR)
    whose, _, browser = str(told).partition(":")
    return browser if browser and whose == _digest(email) else None


def too_many(request: HttpRequest, _exception: Exception | None = None) -> HttpResponse:
    """Say that a minute must pass."""
    return render(request, "429.html", status=429)


def unhurried(view: View) -> View:
    """Let an address ask a view thirty times a minute, with GET too: each time it begins, a session is kept."""

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        if not ratelimit.consume(request, app="allauth.account", action="login", limit_get=True):
            return too_many(request)
        return view(request, *args, **named)

    return limited


class Page(views.LoginView):
    """The page to sign in on, with the provider of single sign-on if there is one."""

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """Return what the template needs."""
        return {**super().get_context_data(**given), "sso": settings.SSO}


sign_in = public(Page.as_view())
sign_out = public(views.logout)
inactive = public(views.account_inactive)
second_factor = public(second.authenticate)
with_passkey = public(unhurried(passkeys.login_webauthn))
