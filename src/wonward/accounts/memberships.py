"""What a member of a portal is there: their role, their teams, the days they are away."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction

from wonward.accounts import rights
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member, Portal, Session, Team, User
from wonward.accounts.rights import CLI, changing
from wonward.errors import Conflict, Invalid, Missing


def give_role(portal: Portal, email: str, role: str, known: Collection[str], *, actor: str = CLI) -> None:
    """Give a member one of the `known` roles or the super admin's; raise Missing.

    Raise Conflict when nobody who can sign in would be super admin any more, and Forbidden unless a super admin
    makes or unmakes another one, or changes their own role.
    """
    refuse_unknown(role, known)
    with transaction.atomic():
        _lock(portal)
        member = member_of(portal, email)
        if SUPER_ADMIN in (role, member.role):
            rights.require_super_admin(portal.pk, actor, "make somebody a super admin, or no longer one")
        if actor == f"user:{member.user_id}":
            rights.require_super_admin(portal.pk, actor, "change their own role")
        if role != SUPER_ADMIN:
            _refuse_last_admin(portal, member)
        with changing(member, actor):
            member.role = role


def let_see_sensitive(portal: Portal, email: str, allowed: bool, *, actor: str = CLI) -> None:
    """Let a member see and set sensitive properties, or no longer; raise Missing, or Forbidden but to super admins."""
    rights.require_super_admin(portal.pk, actor, "open sensitive properties to somebody, or close them")
    member = member_of(portal, email)
    if member.user_id is None:
        raise Missing(f"{email} is no member of {portal.name} who can sign in", code="USER_NOT_FOUND")
    with changing(member, actor):
        member.sees_sensitive = allowed


def describe(
    portal: Portal, email: str, *, title: str | None = None, phone: str | None = None, actor: str = CLI
) -> None:
    """Say what the signature of a member tells; None leaves it as it is. Raise Missing or Invalid."""
    member = member_of(portal, email)
    with changing(member, actor):
        for name, text in (("title", title), ("phone", phone)):
            if text is not None:
                setattr(member, name, fitting(" ".join(text.split()), name, 200 if name == "title" else 50))


def rename(portal: Portal, email: str, first: str, last: str, *, actor: str = CLI) -> None:
    """Give a member another name, and the user that they are; raise Missing or Invalid."""
    member = member_of(portal, email)
    names = " ".join(first.split()), " ".join(last.split())
    if not names[0]:
        raise Invalid("Write a first name", property="first_name")
    with transaction.atomic():
        with changing(member, actor):
            member.first_name, member.last_name = (fitting(each, "name", 100) for each in names)
        User.objects.filter(memberships=member).update(full_name=member.full_name)


def leave(portal: Portal, email: str, *, actor: str = CLI) -> Member:
    """Let a member leave: they enter the portal no more, and their seat is free. Return who it was.

    Who is a member nowhere else is signed out everywhere. Raise Missing, Conflict for the last super admin and for
    oneself, Forbidden unless a super admin lets another one leave.
    """
    with transaction.atomic():
        _lock(portal)
        member = member_of(portal, email)
        if actor == f"user:{member.user_id}":
            raise Conflict("Nobody lets themselves leave; ask another admin", code="OWN_MEMBERSHIP")
        if member.role == SUPER_ADMIN:
            rights.require_super_admin(portal.pk, actor, "let a super admin leave")
        _refuse_last_admin(portal, member)
        with changing(member, actor):
            member.archived, member.seat = True, ""
        elsewhere = Member.objects.filter(user=member.user_id, archived=False)
        if member.user_id and not elsewhere.exists():
            Session.objects.filter(user=member.user_id).delete()
    return member


def come_back(portal: Portal, number: int, *, actor: str = CLI) -> Member:
    """Make somebody who left a member again, with the role and teams they had; raise Missing or Forbidden."""
    with transaction.atomic():
        _lock(portal)
        member = Member.objects.filter(portal=portal, pk=number, archived=True).first()
        if member is None:
            raise Missing(f"Nobody who left {portal.name} has the number {number}", code="USER_NOT_FOUND")
        if member.role == SUPER_ADMIN:
            rights.require_super_admin(portal.pk, actor, "let a super admin come back")
        with changing(member, actor):
            member.archived = False
    return member


def _refuse_last_admin(portal: Portal, member: Member) -> None:
    admins = Member.objects.filter(portal=portal, role=SUPER_ADMIN, archived=False, user__is_active=True)
    if member.role == SUPER_ADMIN and not admins.exclude(pk=member.pk).exists():
        raise Conflict(
            f"{member.full_name} is the last super admin of {portal.name}; make another one first",
            code="LAST_SUPER_ADMIN",
        )


def _lock(portal: Portal) -> None:
    """Let one at a time change who has which role."""
    Portal.objects.select_for_update(no_key=True).get(pk=portal.pk)


def refuse_unknown(role: str, known: Collection[str]) -> None:
    """Raise Missing unless there is such a role."""
    if role not in (SUPER_ADMIN, *known):
        raise Missing(
            f"There is no role '{role}'; choose from {', '.join((SUPER_ADMIN, *sorted(known)))}",
            code="ROLE_NOT_FOUND",
        )


def of(portal: Portal) -> Sequence[Member]:
    """Return the members of a portal with their teams, by name; those who left aren't among them."""
    found = Member.objects.filter(portal=portal, archived=False).select_related("team", "extra_team")
    return list(found.order_by("first_name", "last_name", "id"))


def give_teams(
    portal: Portal, email: str, primary: str | None, secondary: str | None, *, actor: str = CLI
) -> None:
    """Give a member their primary and their secondary team by name, made where they aren't there; None takes it.

    Raise Missing, or Invalid for one team twice, or a secondary one alone.
    """
    if secondary and not primary:
        raise Invalid("A member with one team has it as the primary one; give that", code="INVALID_TEAMS")
    if primary and secondary and primary.strip().casefold() == secondary.strip().casefold():
        raise Invalid("The two teams of a member differ; leave the secondary one out", code="INVALID_TEAMS")
    with transaction.atomic():
        member = member_of(portal, email)
        with changing(member, actor):
            member.team, member.extra_team = _team(portal, primary), _team(portal, secondary)


def send_away(
    portal: Portal, email: str, since: date | None, until: date | None, *, actor: str = CLI
) -> None:
    """Say from which day until the end of which a member is away, None for not; raise Missing or Invalid."""
    if (since is None) != (until is None) or (since and until and until < since):
        raise Invalid("Give the first and the last day away, in this order", code="INVALID_DATE")
    member = member_of(portal, email)
    with changing(member, actor):
        member.away_from, member.away_until = since, until


def is_away(member: Member, day: date) -> bool:
    """Tell whether a member is away on a day."""
    return bool(member.away_from and member.away_until and member.away_from <= day <= member.away_until)


def member_of(portal: Portal, email: str) -> Member:
    """Return the member of a portal with an email address or, as text, an owner id; raise Missing."""
    said = email.strip()
    known = {"pk": int(said)} if said.isdecimal() and len(said) < 19 else {"email__iexact": said}
    found = Member.objects.filter(portal=portal, archived=False, **known).first()
    if found is None:
        raise Missing(f"{email} is no member of {portal.name}", code="USER_NOT_FOUND")
    return found


def _team(portal: Portal, name: str | None) -> Team | None:
    if not name:
        return None
    name = fitting(" ".join(name.split()), "team", 200)
    found = Team.objects.filter(portal=portal, name__iexact=name).first()
    return found or Team.objects.create(portal=portal, name=name)


def fitting(text: str, what: str, longest: int) -> str:
    """Return a text that may be stored; raise Invalid for one that is longer than that."""
    if len(text) > longest or "\0" in text:
        raise Invalid(f"A {what} has at most {longest} characters; shorten it")
    return text
