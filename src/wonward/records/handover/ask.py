"""Somebody leaves: their membership ends, and what they own is left to a job to be handed over."""

from collections.abc import Mapping

from django.db import transaction
from procrastinate.contrib.django import app

from wonward import clock
from wonward.accounts import memberships
from wonward.accounts.models import Member, Portal
from wonward.errors import Invalid, Problem
from wonward.records.handover import owned
from wonward.records.models import HandOver
from wonward.records.work import Work

JOB = "hand_over"


def leave(work: Work, who: str, everything: str, by_type: Mapping[str, str]) -> HandOver:
    """Let a member leave, and have what they own handed over.

    `who`, `everything` and the values of `by_type` are email addresses or owner ids; `by_type` says who gets the
    records of a type, by its name, in place of who gets everything. Raise what `memberships.leave` raises, Missing,
    and Invalid with the type as `property` where something is owned that nobody gets.
    """
    with transaction.atomic():
        portal = Portal.objects.get(pk=work.catalog.portal_id)
        leaver = memberships.leave(portal, who, actor=work.actor)
        _stop_earlier(leaver)
        found = owned.count(work, leaver.pk)
        receivers = _receivers(
            work, leaver, {each.kind.name: each.kind.label for each in found}, everything, by_type
        )
        run = HandOver.objects.create(
            portal=portal,
            member=leaver,
            actor=work.actor,
            steps=[
                {"type": each.kind.name, "property": each.prop.name, "to": receivers[each.kind.name]}
                for each in found
            ],
            total=sum(each.count for each in found),
            state=HandOver.State.RUNNING if found else HandOver.State.DONE,
            started_at=clock.now(),
            ended_at=None if found else clock.now(),
        )
        if found:
            app.configure_task(JOB).defer(run_id=run.pk)
    return run


def _stop_earlier(leaver: Member) -> None:
    """Stop what was left of a hand-over before the member came back: other people may get the records now."""
    running = HandOver.objects.filter(member=leaver, state=HandOver.State.RUNNING)
    running.update(state=HandOver.State.STOPPED, ended_at=clock.now())


def _receivers(
    work: Work, leaver: Member, labels: Mapping[str, str], everything: str, by_type: Mapping[str, str]
) -> dict[str, int]:
    """Return the owner id of who gets the records of each type."""
    unknown = sorted(by_type.keys() - work.whole.catalog.object_types.keys())
    problems = [
        Problem(f"There is no object type '{name}'", "OBJECT_TYPE_NOT_FOUND", name) for name in unknown
    ]
    said = {name: (by_type.get(name) or everything).strip() for name in labels}
    portal = Portal.objects.get(pk=work.catalog.portal_id)
    found = {text: memberships.member_of(portal, text) for text in set(said.values()) - {""}}
    for name, text in said.items():
        if not text:
            problems.append(
                Problem(f"{labels[name]}: say who gets what {leaver.full_name} owns", property=name)
            )
        elif not found[text].owns_records:
            message = f"{labels[name]}: {found[text].full_name} can't own records; choose somebody else"
            problems.append(Problem(message, property=name))
    if problems:
        raise Invalid(problems)
    return {name: found[text].pk for name, text in said.items()}
