"""Letters about a person's way in: what each says. The worker writes and sends them, so that no page waits for mail.

A job names the letter and whom it is about, never a link: links are made when the letter is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from procrastinate.contrib.django import app

from wonward.accounts import invitations
from wonward.accounts.models import Invitation, User

JOB = "send_letter"

CHANGES = {
    "totp_activated": "an authenticator app was set up",
    "totp_deactivated": "the authenticator app was removed",
    "recovery_codes_generated": "new recovery codes were made; earlier ones don't work any more",
    "webauthn_added": "a passkey was added",
    "webauthn_removed": "a passkey was removed",
    "password_changed": "the password was changed",
    "password_set": "a password was set",
    "identity_linked": "it was connected with single sign-on",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of plain text to one person."""

    name: str
    address: str
    subject: str
    text: str


def notify(user: User, change: str) -> None:
    """Have the worker tell a user what has changed about their way in; `change` is one of CHANGES."""
    app.configure_task(JOB).defer(letter="changed", number=user.pk, change=change)


def reset_password(email: str) -> None:
    """Have the worker write to an email address how to choose a new password, if anybody here has it."""
    app.configure_task(JOB).defer(letter="reset", email=email)


def invite(invitation: Invitation) -> None:
    """Have the worker send an invitation."""
    app.configure_task(JOB).defer(letter="invitation", number=invitation.pk)


def write(letter: str, **about: Any) -> Letter | None:
    """Return the letter that a job names; None when there is nobody to write to any more."""
    return _LETTERS[letter](about)


def _changed(about: Mapping[str, Any]) -> Letter | None:
    user = User.objects.filter(pk=about["number"], is_active=True).first()
    if user is None:
        return None
    change = CHANGES[about["change"]]
    text = (
        f"Hello {user}\n\nSomething about how you sign in to Wonward has changed: {change}.\n\n"
        "If that was you, there is nothing to do. If not, change your password at once, look under Security which"
        " browsers are signed in, and tell your administrator.\n"
    )
    return Letter(user.full_name, user.email, "Your sign-in to Wonward was changed", text)


def _reset(about: Mapping[str, Any]) -> Letter | None:
    user = User.objects.filter(email=about["email"].strip().lower(), is_active=True).first()
    if user is None or not user.has_usable_password():  # who signs in by a provider gets no second way in
        return None
    whose = urlsafe_base64_encode(force_bytes(user.pk))
    way = reverse("new_password", args=[whose, default_token_generator.make_token(user)])
    text = (
        f"Hello {user}\n\nChoose a new password for Wonward here; the link works once, for an hour:\n\n"
        f"{settings.WONWARD_URL}{way}\n\n"
        "If you haven't asked for this, there is nothing to do: your password stays as it is.\n"
    )
    return Letter(user.full_name, user.email, "A new password for Wonward", text)


def _invitation(about: Mapping[str, Any]) -> Letter | None:
    asked = Invitation.objects.select_related("portal").filter(pk=about["number"], accepted_at=None).first()
    if asked is None:
        return None
    text = (
        f"Hello {asked.name}".rstrip()
        + f"\n\nYou are invited to {asked.portal.label} on Wonward. Choose a password"
        f" here; the link works once, until {invitations.ends(asked):%Y-%m-%d}:\n\n{invitations.link(asked)}\n"
    )
    return Letter(asked.name, asked.email, f"You are invited to {asked.portal.label}", text)


_LETTERS: Mapping[str, Callable[[Mapping[str, Any]], Letter | None]] = {
    "changed": _changed,
    "reset": _reset,
    "invitation": _invitation,
}
