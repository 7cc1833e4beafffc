"""Tells members something, in the caller's transaction: nothing is told unless it commits, and then once."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from wonward.accounts.models import Member
from wonward.notifications.kinds import Channel, Kind
from wonward.notifications.models import Notification, Silence
from wonward.records.work import Work
from wonward.schema import seating
from wonward.schema.catalog import ObjectType

JOB = "send_notification"


@dataclass(frozen=True, slots=True)
class News:
    """What a member is told, about which record; `key` says what it is, so that they are told once."""

    member: Member
    text: str
    about: tuple[ObjectType, int] | None = None
    key: str = ""


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
    """Tell each member the same, as `each` does."""
    key = key or secrets.token_hex(8)
    return each(work, kind, [News(member, text, about, key) for member in members])


def each(work: Work, kind: Kind, news: Sequence[News]) -> Told:
    """Tell members what is meant for each, on their page and by mail unless they have switched that off.

    Who was told something under its key isn't told again. What teams are told, those with a seat for it hear.
    """
    members = list({one.member.pk: one.member for one in news}.values())
    heard = (
        seating.with_unlocked(members, work.catalog.seats, "team_notifications")
        if kind == "team"
        else members
    )
    silences = set(Silence.objects.filter(member__in=heard, kind=kind).values_list("member_id", "channel"))
    hearing = {member.pk for member in heard}
    made = [_made(work, kind, one, silences) for one in news if one.member.pk in hearing]
    Notification.objects.bulk_create(made, ignore_conflicts=True)
    _hurry([one for one in made if one.due_by_mail])
    return Told(heard, [member for member in members if member.pk not in hearing])


def _made(work: Work, kind: Kind, news: News, silences: Collection[tuple[int, str]]) -> Notification:
    def wanted(channel: Channel) -> bool:
        return (news.member.pk, channel) not in silences

    return Notification(
        portal_id=work.catalog.portal_id,
        member=news.member,
        kind=kind,
        key=news.key or secrets.token_hex(8),
        text=news.text,
        object_type=news.about[0].name if news.about else "",
        record_id=news.about[1] if news.about else None,
        made_at=work.now,
        shown=wanted("page"),
        due_by_mail=wanted("mail") and bool(news.member.email),
    )


def _hurry(made: Sequence[Notification]) -> None:
    """Have the worker mail what is due, once the transaction has committed."""
    due = Notification.objects.filter(
        member__in={one.member_id for one in made},
        key__in={one.key for one in made},
        due_by_mail=True,
        mailed_at=None,
    )
    numbers: list[JSONValue] = list(due.values_list("pk", flat=True)) if made else []
    if numbers:
        app.configure_task(JOB).defer(numbers=numbers)
