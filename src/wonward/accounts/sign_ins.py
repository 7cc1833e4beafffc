"""The audit of sign-ins: who came in or was refused, when, from where and how. Kept for 180 days."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from wonward import clock
from wonward.accounts.models import SignIn, User

KEPT = timedelta(days=180)
"""How long a try to sign in can be looked up; the nightly job deletes older ones."""

SHOWN = 200


def record(
    result: SignIn.Result, how: str, *, address: str, agent: str, user: User | None = None, email: str = ""
) -> None:
    """Write down a try to sign in. Of a `user` who isn't known, `email` is what was typed, if it is an address."""
    known = user or User.objects.filter(email=email.strip().lower()).first()
    SignIn.objects.create(
        user=known,
        email=known.email if known else _address(email),
        at=clock.now(),
        address=address[:45],
        agent=agent[:300],
        how=how,
        result=result,
    )


def of_user(user: User, most: int = 20) -> list[SignIn]:
    """Return the latest tries to sign in as a user."""
    return list(SignIn.objects.filter(user=user).order_by("-at", "-id")[:most])


def latest(email: str | None = None, most: int = SHOWN) -> Sequence[SignIn]:
    """Return the latest tries to sign in as anybody, or with one email address."""
    found = SignIn.objects.order_by("-at", "-id")
    return list(found.filter(email=email.strip().lower())[:most] if email else found[:most])


def expire(now: datetime) -> int:
    """Delete what is kept no longer; return how many tries."""
    return SignIn.objects.filter(at__lt=now - KEPT).delete()[0]


def _address(typed: str) -> str:
    """Return an email address; anything else may be a password in the wrong place, and isn't kept."""
    try:
        validate_email(typed.strip())
    except ValidationError:
        return ""
    return typed.strip().lower()[:254]
