"""Goals: what a metric is to reach in a month, a quarter or a year, for a person, a team or everyone.

The nearest one that was set holds: one for exactly these people and this period, else what those for shorter periods
come to, else what those of the people and teams within come to. Nobody is told a goal of records they don't see.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property

from django.db import transaction
from django.db.models import Q

from wonward.accounts.models import Member
from wonward.errors import Forbidden, Invalid, Problem
from wonward.metrics.models import Goal
from wonward.metrics.period import MONTHS, PARTS, Span, around
from wonward.metrics.staff import Staff
from wonward.records.work import Work
from wonward.schema import seating
from wonward.schema.metrics import Metric

LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a goal is for: a member, a team, or when both are None everyone."""

    member: int | None = None
    team: int | None = None

    @property
    def written(self) -> str:
        """What it is called in a form: `m12`, `t3` or `all`."""
        return f"m{self.member}" if self.member else f"t{self.team}" if self.team else "all"


EVERYONE = Whom()
Target = tuple[Whom, Span]


@dataclass(frozen=True)
class Goals:
    """The goals of one metric, as somebody sees them.

    `seen` are the members whose records they see of the metric's type, None for all: what is set for more than these
    isn't theirs to compare with.
    """

    stated: Mapping[Target, Decimal]
    staff: Staff
    seen: frozenset[int] | None = None
    adds: bool = True
    """Whether goals for parts come to one for the whole: averages and shares don't."""

    def reach(self, whom: Whom, span: Span) -> Decimal | None:
        """Return what is to be reached, None where no goal says anything of it."""
        if whom.member is not None and not self._sees(whom.member):
            return None
        if self.seen is None or whom.member is not None:
            exact = self.stated.get((whom, span))
            if exact is not None or not self.adds:
                return exact
            if self._shorter(whom, span):
                return _sum(self.reach(whom, each) for each in span.parts(_part(span)))
        if whom.member is not None or not self.adds:
            return None
        return _sum(self.reach(each, span) for each in self._within(whom))

    def _sees(self, member: int) -> bool:
        return self.seen is None or member in self.seen

    def _shorter(self, whom: Whom, span: Span) -> bool:
        """Tell whether a goal is set for exactly these people in a part of the span."""
        return span.length != "month" and any(
            span.start <= start and end <= span.end for start, end in self._spans.get(whom, ())
        )

    @cached_property
    def _spans(self) -> Mapping[Whom, list[tuple[date, date]]]:
        found: dict[Whom, list[tuple[date, date]]] = {}
        for whom, span in self.stated:
            found.setdefault(whom, []).append((span.start, span.end))
        return found

    def _within(self, whom: Whom) -> Iterable[Whom]:
        yield from (Whom(team=each) for each in self.staff.below.get(whom.team, ()))
        yield from (Whom(member=each) for each in self.staff.direct.get(whom.team, ()))


def _part(span: Span) -> str:
    return PARTS.get(span.length, "month")


def _sum(found: Iterable[Decimal | None]) -> Decimal | None:
    known = [each for each in found if each is not None]
    return sum(known, Decimal(0)) if known else None


def read(work: Work, metrics: Sequence[Metric], span: Span, staff: Staff) -> Mapping[str, Goals]:
    """Return the goals of metrics that matter to a span, by metric, as whoever asks sees them; one statement."""
    stated: dict[str, dict[Target, Decimal]] = {each.name: {} for each in metrics}
    if stated:
        found = Goal.objects.filter(
            portal_id=work.catalog.portal_id,
            metric__in=list(stated),
            starts_on__gte=around(span.start, "year").start,
            starts_on__lt=around(span.end, "year").end,
        )
        rows = found.values_list("metric", "period", "starts_on", "member_id", "team_id", "amount")
        for name, length, starts_on, member, team, amount in rows:
            stated[name][Whom(member, team), around(starts_on, length)] = amount
    return {
        each.name: Goals(stated[each.name], staff, _seen(work, each), each.measure in ("count", "sum"))
        for each in metrics
    }


def _seen(work: Work, metric: Metric) -> frozenset[int] | None:
    """Return whose records of a metric's type whoever asks sees, None for everyone's."""
    role = work.catalog.role
    extent = role.on(metric.object_type).view if role else "everyone"
    if extent == "everyone":
        return None
    ids = {"own": work.rights.own, "team": work.rights.team}.get(extent, "{}")
    return frozenset(int(each) for each in ids.strip("{}").split(",") if each)


def enter(work: Work, metric: Metric, wanted: Mapping[Target, str | None], staff: Staff) -> int:
    """Set goals, canonical numbers, and remove those that are None; all of it or nothing. Return how many changed.

    Raise Forbidden without the right, Invalid with a problem for each that won't do: its `row` is its place in
    `wanted`.
    """
    work.require("goals")
    if metric.over:
        raise Invalid(f"{metric.label} is a share of others; set goals for these", code="GOAL_REFUSED")
    problems: list[Problem] = []
    amounts: list[tuple[Target, Decimal | None]] = []
    refused = _unseated(work, {whom.member for whom, _ in wanted if whom.member}, staff)
    for row, ((whom, span), text) in enumerate(wanted.items()):
        reason = _wrong(whom, span, staff) or (refused.get(whom.member or 0, "") if text else "")
        if reason:
            problems.append(Problem(reason, "GOAL_REFUSED", row=row))
            continue
        try:
            amounts.append(((whom, span), _amount(text) if text else None))
        except Invalid as invalid:
            problems.append(Problem(str(invalid), "INVALID_NUMBER", row=row))
    if problems:
        raise Invalid(problems)
    return _store(work, metric, amounts) if amounts else 0


def _store(work: Work, metric: Metric, amounts: Sequence[tuple[Target, Decimal | None]]) -> int:
    same = Q()
    for (whom, span), _ in amounts:
        same |= Q(member=whom.member, team=whom.team, period=span.length, starts_on=span.start)
    there = Goal.objects.filter(same, portal_id=work.catalog.portal_id, metric=metric.name)
    rows = [
        Goal(
            portal_id=work.catalog.portal_id,
            metric=metric.name,
            period=span.length,
            starts_on=span.start,
            member_id=whom.member,
            team_id=whom.team,
            amount=amount,
            set_by=work.actor,
            set_at=work.now,
        )
        for (whom, span), amount in amounts
        if amount is not None
    ]
    with transaction.atomic():
        there.delete()
        Goal.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["portal", "metric", "period", "starts_on", "member", "team"],
            update_fields=["amount", "set_by", "set_at"],
        )
    return len(amounts)


def _unseated(work: Work, members: Iterable[int], staff: Staff) -> Mapping[int, str]:
    """Return why some of the members can have no goals: no seat of theirs unlocks them."""
    people = [staff.members[each] for each in members if each in staff.members]
    allowed = {each.pk for each in unlocked(work, people)}
    reasons: dict[int, str] = {}
    for each in people:
        if each.pk not in allowed:
            try:
                seating.require(each, work.catalog.seats, "goals")
            except Forbidden as refused:
                reasons[each.pk] = str(refused)
    return reasons


def unlocked(work: Work, members: Sequence[Member]) -> list[Member]:
    """Return those of members who can have goals."""
    return seating.with_unlocked(members, work.catalog.seats, "goals")


def _wrong(whom: Whom, span: Span, staff: Staff) -> str:
    if span.length not in MONTHS or around(span.start, span.length) != span:
        return "A goal is for a month, a quarter or a year of the calendar"
    if whom.member is not None and whom.member not in staff.members:
        return "There is no such member"
    return "There is no such team" if whom.team is not None and whom.team not in staff.teams else ""


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise Invalid(f"'{text[:40]}' is no number; write it as 120000 or 120000.50") from None
    if not amount.is_finite() or not 0 <= amount < LARGEST:
        raise Invalid("A goal is a number from 0 up to a thousand billion; write it in full")
    return amount.quantize(Decimal("0.0001"))
