"""Tells members something, in the caller's transaction: nothing is told unless it commits, and then once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from procrastinate.contrib.django import app

from wonward.accounts.models import Member
from wonward.notifications.kinds import Channel, Kind
from wonward.notifications.models import Notification, Silence
from wonward.records.work import Work
from wonward.schema import seating
from wonward.schema.catalog import ObjectType

JOB = "send_notification"


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told, and who wasn't since no seat of theirs unlocks it."""

    members: Sequence[Member]
    without_seat: Sequence[Member] = ()


def notify(
    work: Work,
    members: Sequence[Member],
    kind: Kind,
    text: str,
    *,
    about: tuple[ObjectType, int] | None = None,
    key: str = "",
) -> Told:
    """Tell each member something, on their page and by mail unless they have switched that off.

    Who was told something under `key` isn't told again. What a team is told, those with a seat for it hear.
    """
    heard = (
        seating.with_unlocked(members, work.catalog.seats, "team_notifications")
        if kind == "team"
        else members
    )
    told = Told(heard, [each for each in members if each not in heard])
    if not heard:
        return told
    silences = set(Silence.objects.filter(member__in=heard, kind=kind).values_list("member_id", "channel"))
    key = key or secrets.token_hex(8)

    def wanted(member: Member, channel: Channel) -> bool:
        return (member.pk, channel) not in silences

    Notification.objects.bulk_create(
        [
            Notification(
                portal_id=work.catalog.portal_id,
                member=each,
                kind=kind,
                key=key,
                text=text,
                object_type=about[0].name if about else "",
                record_id=about[1] if about else None,
                made_at=work.now,
                shown=wanted(each, "page"),
                due_by_mail=wanted(each, "mail") and bool(each.email),
            )
            for each in heard
        ],
        ignore_conflicts=True,
    )
    _hurry([each.pk for each in heard], key)
    return told


def _hurry(members: Sequence[int], key: str) -> None:
    """Have the worker mail what is due, once the transaction has committed."""
    due = Notification.objects.filter(member__in=members, key=key, due_by_mail=True, mailed_at=None)
    for number in due.values_list("pk", flat=True):
        app.configure_task(JOB).defer(number=number)
