"""Invitations: the one way in for people who aren't users yet. A signed link, good for seven days and once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from wonward import clock
from wonward.accounts import users
from wonward.accounts.models import Invitation, Portal, User
from wonward.errors import Invalid, Missing

GOOD_FOR = timedelta(days=7)
SALT = "invitation"


def invite(email: str, name: str, portal: Portal, role: str) -> Invitation | None:
    """Invite an email address to a portal, to have a role there; return the invitation. Its earlier links stop working.

    Someone who is a user already becomes a member at once; then there is no invitation. Raise Invalid.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid(f"'{email}' is no email address; write it as name@example.com") from error
    known = User.objects.filter(email=address).first()
    if known:
        users.join(known, portal, role)
        return None
    told = {"name": " ".join(name.split()), "role": role, "made_at": clock.now(), "accepted_at": None}
    return Invitation.objects.update_or_create(portal=portal, email=address, defaults=told)[0]


def link(invitation: Invitation) -> str:
    """Return the address at which an invitation is accepted."""
    token = signing.dumps([invitation.pk, invitation.made_at.isoformat()], salt=SALT)
    return f"{settings.WONWARD_URL}{reverse('invitation', args=[token])}"


def ends(invitation: Invitation) -> datetime:
    """Return when the link of an invitation stops working."""
    return invitation.made_at + GOOD_FOR


def opened(token: str) -> Invitation:
    """Return the invitation whose link was followed; raise Missing when it is good no more."""
    return _opened(token, lock=False)


def accept(token: str, name: str, password: str) -> User:
    """Make the invited person a user and a member of the portal; raise Missing, or Invalid for the password."""
    with transaction.atomic():
        invitation = _opened(token, lock=True)
        user = users.create(invitation.email, " ".join(name.split()), password, [])
        _join_all(user)
    return user


def accept_as(email: str, name: str) -> User | None:
    """Make someone whose email address is proven a user without a password, if they are invited anywhere."""
    with transaction.atomic():
        asked = Invitation.objects.select_for_update().filter(email=email, accepted_at=None)
        if not any(ends(each) > clock.now() for each in asked):
            return None
        user = User.objects.create_user(email, full_name=name[:200])
        _join_all(user)
    return user


def _opened(token: str, *, lock: bool) -> Invitation:
    gone = "This invitation isn't good any more. Ask whoever invited you for a new one."
    try:
        number, made_at = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Missing(gone, code="INVITATION_GONE") from error
    rows = Invitation.objects.select_related("portal").filter(pk=number, made_at=made_at, accepted_at=None)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None or ends(found) <= clock.now() or User.objects.filter(email=found.email).exists():
        raise Missing(gone, code="INVITATION_GONE")
    return found


def _join_all(user: User) -> None:
    """Make a new user a member of every portal that they are invited to and may still enter."""
    now = clock.now()
    for each in Invitation.objects.select_related("portal").filter(email=user.email, accepted_at=None):
        if ends(each) > now:
            users.join(user, each.portal, each.role)
            each.accepted_at = now
            each.save()
