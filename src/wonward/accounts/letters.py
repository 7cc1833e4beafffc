"""Letters about a person's way in: what each says. The worker writes and sends them, so that no page waits for mail.

A job names the letter and whom it is about, never a link: links are made when the letter is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from procrastinate.contrib.django import app

from wonward.accounts.models import User

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


def write(letter: str, **about: object) -> Letter | None:
    """Return the letter that a job names; None when there is nobody to write to any more."""
    return _LETTERS[letter](about)


def _changed(about: Mapping[str, object]) -> Letter | None:
    user = User.objects.filter(pk=about["number"], is_active=True).first()
    if user is None:
        return None
    change = CHANGES[str(about["change"])]
    text = (
        f"Hello {user}\n\nSomething about how you sign in to Wonward has changed: {change}.\n\n"
        "If that was you, there is nothing to do. If not, change your password at once, look under Security which"
        " browsers are signed in, and tell your administrator."
    )
    return Letter(user.full_name, user.email, "Your sign-in to Wonward was changed", text)


_LETTERS: Mapping[str, Callable[[Mapping[str, object]], Letter | None]] = {"changed": _changed}
