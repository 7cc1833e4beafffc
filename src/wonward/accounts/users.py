"""Users: made by an admin, members of the portals they are given."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from wonward import clock
from wonward.accounts import rights
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member, Portal, User
from wonward.accounts.rights import CLI
from wonward.errors import Conflict, Invalid, Missing, Problem


def create(email: str, name: str, password: str, portals: Sequence[Portal], role: str = SUPER_ADMIN) -> User:
    """Create a user and make them a member of `portals` with a role.

    Raise Invalid for an address or a password that won't do, Conflict when the user exists.
    """
    address = email.strip().lower()
    fresh = User(email=address, full_name=name)
    with _told():
        validate_email(address)
        validate_password(password, fresh)
    if User.objects.filter(email=address).exists():
        raise Conflict(f"There is a user {address} already")
    with transaction.atomic():
        fresh.set_password(password)
        fresh.save()
        for portal in portals:
            join(fresh, portal, role)
    return fresh


def change_password(email: str, password: str) -> None:
    """Give a user another password, which ends their sessions; raise Missing or Invalid."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise Missing(f"There is no user {email}", code="USER_NOT_FOUND")
    with _told():
        validate_password(password, user)
    user.set_password(password)
    user.save()
    user.sessions.all().delete()


def speak(member: Member, language: str) -> None:
    """Keep the language in which a member reads, "" for that of their browser; raise Invalid for an unknown one."""
    known = dict(settings.LANGUAGES)
    if language and language not in known:
        raise Invalid(f"Choose from {', '.join(known.values())}", property="language")
    User.objects.filter(memberships=member).update(language=language)


def reset_second_factor(email: str) -> None:
    """Take a user's authenticator app, passkeys and recovery codes away, and end their sessions; raise Missing."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise Missing(f"There is no user {email}", code="USER_NOT_FOUND")
    Authenticator.objects.filter(user=user).delete()
    user.sessions.all().delete()


def acting(portal: str, actor: str) -> Member | None:
    """Return the member that an actor, as the change log names them, is of a portal, if they are one."""
    kind, _, number = actor.partition(":")
    if kind != "user" or not number.isdecimal():
        return None
    return Member.objects.filter(portal__name=portal, user_id=int(number), archived=False).first()


@contextmanager
def _told() -> Iterator[None]:
    """Turn what Django's validators say into a refusal."""
    try:
        yield
    except ValidationError as error:
        raise Invalid(Problem(message) for message in error.messages) from error


def join(user: User, portal: Portal, role: str = SUPER_ADMIN, *, actor: str = CLI) -> Member:
    """Make a user a member of a portal, taking over the member known by the same email address, if any.

    They get the role, but those who have one keep it.
    """
    first, _, last = (user.full_name or user.email.partition("@")[0]).partition(" ")
    now = clock.now()
    there = Member.objects.filter(portal=portal, email=user.email).first()
    if there and there.archived and SUPER_ADMIN in (there.role, role):
        rights.require_super_admin(portal.pk, actor, "let a super admin come back")
    held = rights.said(there) if there else {}
    member, _ = Member.objects.update_or_create(
        portal=portal,
        email=user.email,
        defaults={"user": user, "archived": False, "updated_at": now},
        create_defaults={
            "user": user,
            "first_name": first,
            "last_name": last,
            "role": role,
            "owns_records": False,
            "created_at": now,
            "updated_at": now,
        },
    )
    if not member.role:
        member.role = role
        member.save(update_fields=["role"])
    rights.note(member, actor, held)
    return member


def portals_of(user: User) -> list[Portal]:
    """Return the portals a user is a member of, by label."""
    return list(
        Portal.objects.filter(members__user=user, members__archived=False).order_by("label").distinct()
    )
