"""A member's notifications: what is unread, marking read, and which kinds they want by which way."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import QuerySet

from wonward import clock
from wonward.accounts.models import Member
from wonward.notifications.kinds import channels, kinds
from wonward.notifications.models import Notification, Silence

MOST = 200
"""Notifications of a member that their page shows, the newest."""


def newest(member: Member) -> Sequence[Notification]:
    """Return the newest notifications of a member."""
    return list(_shown(member.pk).order_by("-made_at", "-pk")[:MOST])


def unread(portal_id: int, user_id: int) -> int:
    """Return how many unread notifications a user has in a portal."""
    of_user = Notification.objects.filter(portal_id=portal_id, member__user_id=user_id)
    return of_user.filter(read_at=None, shown=True).count()


def mark_read(member: Member, number: int | None = None) -> Notification | None:
    """Mark one notification of a member as read and return it, or all of them."""
    found = _shown(member.pk)
    if number is not None:
        found = found.filter(pk=number)
    found.filter(read_at=None).update(read_at=clock.now())
    return found.first() if number is not None else None


def silenced(member: Member) -> Collection[tuple[str, str]]:
    """Return the kinds and channels that a member has switched off."""
    return set(Silence.objects.filter(member=member).values_list("kind", "channel"))


def choose(member: Member, wanted: Collection[tuple[str, str]]) -> None:
    """Have a member be told of kinds by channels, and of no others."""
    every = [(kind, channel) for kind in kinds() for channel in channels()]
    with transaction.atomic():
        Silence.objects.filter(member=member).delete()
        Silence.objects.bulk_create(
            [
                Silence(member=member, kind=kind, channel=channel)
                for kind, channel in every
                if (kind, channel) not in wanted
            ]
        )


def _shown(member_id: int) -> QuerySet[Notification]:
    return Notification.objects.filter(member_id=member_id, shown=True)
