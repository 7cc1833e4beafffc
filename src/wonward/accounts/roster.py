"""The members of a portal as those see them who look after people: found, filtered and told about in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from wonward.accounts.memberships import is_away
from wonward.accounts.models import Member, Portal, SignIn, Team
from wonward.errors import Missing

State = Literal["here", "away", "left"]
STATES: tuple[State, ...] = ("here", "away", "left")

MOST = 500
"""Members that are listed at most; with more, one searches."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A member, and what is known of their signing in; `away` on the day that was asked about."""

    member: Member
    last_sign_in: datetime | None
    second_factor: bool
    away: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What members are looked for by; what is empty isn't asked. `team` is the number of one, as text."""

    text: str = ""
    role: str = ""
    team: str = ""
    seat: str = ""
    state: str = "here"


def look(portal: Portal, wanted: Wanted, today: date) -> Sequence[Seen]:
    """Return the members that are looked for, by name, at most MOST and one."""
    found = _told(Member.objects.filter(portal=portal)).filter(archived=wanted.state == "left")
    for word in wanted.text.replace("\0", "").split()[:8]:
        named = Concat("first_name", Value(" "), "last_name")
        found = found.alias(named=named).filter(
            Q(named__icontains=word) | Q(email__icontains=word) | Q(title__icontains=word)
        )
    if wanted.role:
        found = found.filter(role=wanted.role)
    if wanted.team.isdecimal() and len(wanted.team) < 19:
        found = found.filter(Q(team=int(wanted.team)) | Q(extra_team=int(wanted.team)))
    if wanted.seat:
        found = found.filter(seat=wanted.seat)
    if wanted.state == "away":
        found = found.filter(away_from__lte=today, away_until__gte=today)
    return [_seen(each, today) for each in found.order_by("first_name", "last_name", "id")[: MOST + 1]]


def one(portal: Portal, number: int, today: date) -> Seen:
    """Return a member by number, those who left too; raise Missing."""
    found = _told(Member.objects.filter(portal=portal, pk=number)).first()
    if found is None:
        raise Missing(f"{portal.name} has no member {number}", code="USER_NOT_FOUND")
    return _seen(found, today)


def teams(portal: Portal) -> list[Team]:
    """Return the teams of a portal by name."""
    return list(Team.objects.filter(portal=portal).order_by("name"))


def _told(found: QuerySet[Member]) -> QuerySet[Member]:
    entered = SignIn.objects.filter(user=OuterRef("user"), result=SignIn.Result.ENTERED).order_by("-at")
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=("totp", "webauthn"))
    return found.select_related("team", "extra_team", "user").annotate(
        last_sign_in=Subquery(entered.values("at")[:1]), second_factor=Exists(factors)
    )


def _seen(member: Member, today: date) -> Seen:
    told = vars(member)
    return Seen(member, told["last_sign_in"], told["second_factor"], is_away(member, today))
