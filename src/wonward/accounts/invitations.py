"""Invitations: the one way in for people who aren't users yet. A signed link, good for seven days and once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from wonward import clock
from wonward.accounts import memberships, rights, users
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Invitation, Member, Portal, User
from wonward.accounts.rights import CLI
from wonward.errors import Invalid, Missing, Problem

GOOD_FOR = timedelta(days=7)
MOST = 100
"""People that are invited at once, at most."""
SALT = "invitation"


def invite(
    email: str, name: str, portal: Portal, role: str, *, team: str = "", actor: str = CLI
) -> Invitation | None:
    """Invite an email address to a portal, to have a role there; return the invitation. Its earlier links stop working.

    Someone who is a user already becomes a member at once; then there is no invitation. Raise Invalid, and Forbidden
    unless a super admin invites another one.
    """
    if role == SUPER_ADMIN:
        rights.require_super_admin(portal.pk, actor, "invite a super admin")
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid(f"'{email}' is no email address; write it as name@example.com") from error
    known = User.objects.filter(email=address).first()
    if known:
        _join(known, portal, role, team, actor)
        return None
    told = {
        "name": " ".join(name.split()),
        "role": role,
        "team": team,
        "made_at": clock.now(),
        "accepted_at": None,
    }
    return Invitation.objects.update_or_create(portal=portal, email=address, defaults=told)[0]


def invite_all(
    portal: Portal, text: str, role: str, team: str = "", *, actor: str = CLI
) -> tuple[list[Invitation], list[str]]:
    """Invite those whom a text names, one a line as an address or as `Name <address>`, to a role and a team.

    Return the invitations, and the addresses of who was a user already and is a member now. Raise Invalid with a
    problem for each line that won't do, by its number; then nobody is invited.
    """
    people = list(_people(text))
    team = memberships.fitting(team, "team", 200)
    problems = list(_wrong(portal, people))
    if not people:
        problems = [Problem("Write at least one email address", "INVALID", "people")]
    if len(people) > MOST:
        problems = [Problem(f"Invite at most {MOST} people at once", "INVALID", "people")]
    if problems:
        raise Invalid(problems)
    made: list[Invitation] = []
    joined: list[str] = []
    with transaction.atomic():
        for _, name, address in people:
            found = invite(address, name, portal, role, team=team, actor=actor)
            if found:
                made.append(found)
            else:
                joined.append(address)
    return made, joined


def _people(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the number, the name and the address of each line that isn't empty."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            name, sign, address = line.rpartition("<")
            yield (
                number,
                name.strip(' ,;"'),
                (address.partition(">")[0] if sign else line).strip(" ,;").lower(),
            )


def _wrong(portal: Portal, people: Sequence[tuple[int, str, str]]) -> Iterator[Problem]:
    members = set(
        Member.objects.filter(portal=portal, archived=False, user__isnull=False).values_list(
            "email", flat=True
        )
    )
    first: dict[str, int] = {}
    for number, name, address in people:
        try:
            validate_email(address)
        except ValidationError:
            message = f"Line {number}: '{address[:100]}' is no email address; write it as name@example.com"
            yield Problem(message, property="people", row=number - 1)
            continue
        if len(name) > 200 or "\0" in name:
            yield Problem(
                f"Line {number}: a name has at most 200 characters", property="people", row=number - 1
            )
        elif address in members:
            message = f"Line {number}: {address} is a member already"
            yield Problem(message, "CONFLICT", "people", row=number - 1)
        elif first.setdefault(address, number) != number:
            message = f"Line {number}: {address} stands in line {first[address]} too"
            yield Problem(message, "DUPLICATE_ID", "people", row=number - 1)


def waiting(portal_id: int) -> list[Invitation]:
    """Return the invitations to a portal that nobody has accepted, the latest first; links may have ended."""
    return list(Invitation.objects.filter(portal_id=portal_id, accepted_at=None).order_by("-made_at", "-id"))


def renew(portal_id: int, number: int) -> Invitation:
    """Make an invitation good for seven more days, by a new link; raise Missing when it is there no more."""
    with transaction.atomic():
        found = _waiting(portal_id, number)
        found.made_at = clock.now()
        found.save(update_fields=["made_at"])
    return found


def withdraw(portal_id: int, number: int) -> Invitation:
    """Take an invitation back, whose links stop working; raise Missing when it is there no more."""
    with transaction.atomic():
        found = _waiting(portal_id, number)
        Invitation.objects.filter(pk=number).delete()
    return found


def _waiting(portal_id: int, number: int) -> Invitation:
    rows = Invitation.objects.select_for_update().filter(portal_id=portal_id, accepted_at=None)
    found = rows.filter(pk=number).first()
    if found is None:
        raise Missing("This invitation was accepted or withdrawn meanwhile", code="INVITATION_GONE")
    return found


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
            _join(user, each.portal, each.role, each.team, f"user:{user.pk}")
            each.accepted_at = now
            each.save()


def _join(user: User, portal: Portal, role: str, team: str, actor: str) -> None:
    """Make a user a member, in a team where one was meant and they have none."""
    member = users.join(user, portal, role, actor=actor)
    if team and member.team_id is None:
        memberships.give_teams(portal, str(member.pk), team, None, actor=actor)
