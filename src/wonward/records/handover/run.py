"""Hands records over in batches, each a transaction with how far it has come: so it goes on where it stopped."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from wonward import clock
from wonward.db.transaction import again_after_deadlock
from wonward.records import write
from wonward.records.handover import owned
from wonward.records.models import HandOver
from wonward.records.salvage import salvage
from wonward.records.work import Work

Opener = Callable[[str, str], AbstractContextManager[Work]]
"""(portal, actor) -> work that writes it."""

BATCH = 500
TOLD = 20
"""Refused records whose reasons are kept."""


def carry_on(run_id: int, opener: Opener) -> None:
    """Hand over what is left of a hand-over; records that a rule refuses stay, and are told of."""
    portal, actor = HandOver.objects.values_list("portal__name", "actor").get(pk=run_id)

    def go() -> bool:
        with opener(portal, actor) as work:
            return _go_on(work, run_id)

    while again_after_deadlock(go):
        pass


def _go_on(work: Work, run_id: int) -> bool:
    """Hand over one batch; return whether something may be left."""
    run = HandOver.objects.select_for_update(of=("self",)).select_related("member").get(pk=run_id)
    if run.state != HandOver.State.RUNNING:
        return False
    if run.step >= len(run.steps) or not run.member.archived:
        run.state = HandOver.State.DONE if run.member.archived else HandOver.State.STOPPED
        run.ended_at = clock.now()
        run.save()
        return False
    step = run.steps[run.step]
    kind = work.whole.catalog.object_types.get(step["type"])
    prop = kind.properties.get(step["property"]) if kind else None
    ids = owned.batch(work, kind, prop, run.member_id, run.after, BATCH) if kind and prop else ()
    if kind and ids:
        changes: list[write.Change] = [(number, {step["property"]: str(step["to"])}) for number in ids]
        written, problems = salvage(changes, lambda rows: write.update(work, kind, rows))
        told = [f"{kind.label} {ids[each.row or 0]}: {each.message}" for each in problems]
        run.problems = (run.problems + told)[:TOLD]
        run.done += len(written)
        run.refused += len(ids) - len(written)
        run.after = ids[-1]
    else:
        run.step, run.after = run.step + 1, 0
    run.moved_at = clock.now()
    run.save()
    return True


def latest(member_id: int) -> HandOver | None:
    """Return the last hand-over of what a member owned, if there was one."""
    return HandOver.objects.filter(member_id=member_id).order_by("-id").first()
