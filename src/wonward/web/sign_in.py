"""Signing in and out: allauth does it; here is only what this house has decided."""

from allauth.account import views
from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from wonward.web.access import public


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up: people are added by an admin."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Say that sign-up is closed."""
        return False


sign_in = public(views.login)
sign_out = public(views.logout)
inactive = public(views.account_inactive)
