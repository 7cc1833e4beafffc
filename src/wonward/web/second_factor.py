"""What the house adds to allauth's second factors: secrets sealed at rest, codes that work once, tries written down."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.cache import cache
from django.core.exceptions import ValidationError

from wonward.accounts.models import SignIn, User
from wonward.db.secrets import seal, unseal
from wonward.web.sign_in import METHODS, audit

PURPOSE = "second factor"

A_CODE_LIVES = 120
"""Seconds: a code is taken half a minute before its own half minute and after it, and a little is added."""


class Rules(DefaultMFAAdapter):
    """What allauth asks the house of second factors."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That isn't right, or was used before. Try again, with the next code.",
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database."""
        return seal(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret from the database."""
        return unseal(encrypted_text, PURPOSE)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return who asks for a passkey; the host is one of ALLOWED_HOSTS."""
        return {
            "id": context.request.get_host().rpartition(":")[0] or context.request.get_host(),
            "name": "Wonward",
        }

    def generate_authenticator_name(self, user: Any, kind: Any) -> str:
        """Return what a passkey is called until the person says something better."""
        return f"Passkey {Authenticator.objects.filter(user_id=user.pk, type=kind).count() + 1}"


class CodeForm(AuthenticateForm):
    """The code of the authenticator app, or a recovery code, while signing in."""

    def clean_code(self) -> str:
        """Take the code if it is right and new."""
        with _written_down(self.user, "password and authenticator app"):
            code: str = super().clean_code()
            _once(self.user, self.authenticator, code)
        return code


class ConfirmForm(ReauthenticateForm):
    """The same for someone who has signed in and is to prove it anew."""

    def clean_code(self) -> str:
        """Take the code if it is right and new."""
        code: str = super().clean_code()
        _once(self.user, self.authenticator, code)
        return code


class PasskeyForm(AuthenticateWebAuthnForm):
    """A passkey as the second factor."""

    def clean_credential(self) -> Authenticator:
        """Take the answer of the passkey if it is right."""
        with _written_down(self.user, "password and passkey"), _understood():
            return super().clean_credential()


class PasskeyAloneForm(LoginWebAuthnForm):
    """A passkey instead of a password; it says itself whose it is."""

    def clean_credential(self) -> Authenticator:
        """Take the answer of the passkey if it is right."""
        with _written_down(None, METHODS["webauthn"]), _understood():
            return super().clean_credential()


class ConfirmPasskeyForm(ReauthenticateWebAuthnForm):
    """A passkey of someone who has signed in and is to prove it anew."""

    def clean_credential(self) -> Authenticator:
        """Take the answer of the passkey if it is right."""
        with _understood():
            return super().clean_credential()


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey."""

    def clean(self) -> dict[str, Any]:
        """Take the new passkey if it answers what it was asked."""
        with _understood():
            taken: dict[str, Any] = super().clean()
        return taken


class ActivateForm(ActivateTOTPForm):
    """The first code of an authenticator app, which then can't be used for signing in."""

    def clean_code(self) -> str:
        """Take the code if it is right."""
        code: str = super().clean_code()
        _spend(self.user, code)
        return code


@contextmanager
def _written_down(user: User | None, how: str) -> Iterator[None]:
    """Write down that a proof was refused."""
    try:
        yield
    except ValidationError:
        audit(context.request, SignIn.Result.REFUSED, how, user)
        raise


@contextmanager
def _understood() -> Iterator[None]:
    """Refuse what no browser answers, where fido2 fails in whatever it does with it."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, struct.error) as error:
        raise Rules().validation_error("incorrect_code") from error


def _once(user: User, authenticator: Authenticator, code: str) -> None:
    """Refuse a code of the app that was used before; recovery codes see to it themselves."""
    if authenticator.type == Authenticator.Type.TOTP and not _spend(user, code):
        raise Rules().validation_error("incorrect_code")


def _spend(user: User, code: str) -> bool:
    """Note that a code was used; return whether it was the first time.

    allauth forgets after 30 seconds, less than the time that a code is taken for.
    """
    digits = "".join(filter(str.isdigit, code))
    return bool(cache.add(f"code:{user.pk}:{digits}", "used", timeout=A_CODE_LIVES))
