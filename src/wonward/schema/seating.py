"""Seats: what only so many members of a portal have, who holds them, and what they unlock.

What no kind of seat of a portal unlocks needs none.
"""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Count, QuerySet

from wonward.accounts.memberships import member_of
from wonward.accounts.models import Member, Portal
from wonward.accounts.rights import CLI, changing
from wonward.errors import Conflict, Forbidden, Missing
from wonward.schema.seats import UNLOCKS, Seat, Unlock

Seats = Mapping[str, Seat]
"""A portal's kinds of seats by name."""


def kind_named(seats: Seats, name: str) -> Seat:
    """Return the kind of seat with a name; raise Missing."""
    if name not in seats:
        known = ", ".join(seats) or "none"
        raise Missing(f"There is no kind of seat '{name}'; the portal has {known}", code="SEAT_NOT_FOUND")
    return seats[name]


def taken(portal_id: int) -> Mapping[str, int]:
    """Return how many members hold a seat of each kind; those that nobody holds aren't there."""
    held = Member.objects.filter(portal_id=portal_id, archived=False).exclude(seat="")
    return dict(held.values_list("seat").annotate(Count("id")))


def assign(portal: Portal, email: str, seat: Seat, *, actor: str = CLI) -> None:
    """Give a member a seat in place of the one they may have; raise Missing, or Conflict when all are taken.

    One at a time in a portal, so that two admins don't both give the last one away.
    """
    with transaction.atomic():
        Portal.objects.select_for_update(no_key=True).get(pk=portal.pk)
        member = member_of(portal, email)
        holders = _holding(portal.pk, [seat.name]).exclude(pk=member.pk)
        if len(holders) >= seat.count:
            names = ", ".join(each.full_name for each in holders[:20])
            raise Conflict(
                f"All {seat.count} {seat.label} seats are taken, by {names}; free one of them first",
                code="SEATS_TAKEN",
            )
        with changing(member, actor):
            member.seat = seat.name


def free(portal: Portal, email: str, *, actor: str = CLI) -> None:
    """Take a member's seat, so that another can have it; raise Missing."""
    member = member_of(portal, email)
    with changing(member, actor):
        member.seat = ""


def require(member: Member, seats: Seats, what: Unlock) -> None:
    """Raise Forbidden with the reason unless a member's seat unlocks something, or it needs no seat."""
    kinds = _unlocking(seats, what)
    if not kinds or (member.seat in {each.name for each in kinds} and not member.archived):
        return
    left = [
        f"{each.label} ({max(each.count - len(_holding(member.portal_id, [each.name])), 0)} of {each.count} are free)"
        for each in kinds
    ]
    raise Forbidden(
        f"{member.full_name} has no seat that unlocks {UNLOCKS[what]}; an admin can assign one: {', '.join(left)}",
        code="SEAT_NEEDED",
    )


def with_unlocked(members: Sequence[Member], seats: Seats, what: Unlock) -> list[Member]:
    """Return those of members for whom something is unlocked; all where it needs no seat."""
    names = {each.name for each in _unlocking(seats, what)}
    return [each for each in members if not names or each.seat in names]


def _unlocking(seats: Seats, what: Unlock) -> list[Seat]:
    return [each for each in seats.values() if what in each.unlocks]


def _holding(portal_id: int, names: Sequence[str]) -> QuerySet[Member]:
    found = Member.objects.filter(portal_id=portal_id, seat__in=names, archived=False)
    return found.order_by("first_name", "last_name")
