"""What a member of a portal is there: their role, their teams, the days they are away."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction

from wonward import clock
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member, Portal, Team
from wonward.errors import Conflict, Invalid, Missing


def give_role(portal: Portal, email: str, role: str, known: Collection[str]) -> None:
    """Give a member one of the `known` roles or the super admin's; raise Missing.

    Raise Conflict when nobody who can sign in would be super admin any more.
    """
    refuse_unknown(role, known)
    with transaction.atomic():
        Portal.objects.select_for_update(no_key=True).get(pk=portal.pk)
        member = member_of(portal, email)
        admins = Member.objects.filter(portal=portal, role=SUPER_ADMIN, archived=False, user__is_active=True)
        if role != SUPER_ADMIN and not admins.exclude(pk=member.pk).exists():
            raise Conflict(
                f"{member.full_name} is the last super admin of {portal.name}; make another one first",
                code="LAST_SUPER_ADMIN",
            )
        member.role = role
        _save(member, "role")


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


def give_teams(portal: Portal, email: str, primary: str | None, secondary: str | None) -> None:
    """Give a member their primary and their secondary team by name, made where they aren't there; None takes it.

    Raise Missing, or Invalid for one team twice, or a secondary one alone.
    """
    if secondary and not primary:
        raise Invalid("A member with one team has it as the primary one; give that", code="INVALID_TEAMS")
    if primary and secondary and primary.strip().casefold() == secondary.strip().casefold():
        raise Invalid("The two teams of a member differ; leave the secondary one out", code="INVALID_TEAMS")
    with transaction.atomic():
        member = member_of(portal, email)
        member.team, member.extra_team = _team(portal, primary), _team(portal, secondary)
        _save(member, "team", "extra_team")


def send_away(portal: Portal, email: str, since: date | None, until: date | None) -> None:
    """Say from which day until the end of which a member is away, None for not; raise Missing or Invalid."""
    if (since is None) != (until is None) or (since and until and until < since):
        raise Invalid("Give the first and the last day away, in this order", code="INVALID_DATE")
    member = member_of(portal, email)
    member.away_from, member.away_until = since, until
    _save(member, "away_from", "away_until")


def is_away(member: Member, day: date) -> bool:
    """Tell whether a member is away on a day."""
    return bool(member.away_from and member.away_until and member.away_from <= day <= member.away_until)


def member_of(portal: Portal, email: str) -> Member:
    """Return the member of a portal with an email address; raise Missing."""
    found = Member.objects.filter(portal=portal, email__iexact=email.strip(), archived=False).first()
    if found is None:
        raise Missing(f"{email} is no member of {portal.name}", code="USER_NOT_FOUND")
    return found


def _team(portal: Portal, name: str | None) -> Team | None:
    if not name:
        return None
    found = Team.objects.filter(portal=portal, name__iexact=name.strip()).first()
    return found or Team.objects.create(portal=portal, name=name.strip())


def _save(member: Member, *fields: str) -> None:
    member.updated_at = clock.now()
    member.save(update_fields=[*fields, "updated_at"])
