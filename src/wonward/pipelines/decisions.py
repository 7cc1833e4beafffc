"""Approvals and ticks: what people decide about a record before it comes into a stage, or goes on in a workflow.

A decision is a row that says where it stands now; the change log keeps every step. The gates read these rows.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member
from wonward.errors import Conflict, Forbidden, Invalid, Missing
from wonward.notifications import tell
from wonward.notifications.tell import News
from wonward.pipelines.models import Answer, Decision
from wonward.records import log, names, permission, query
from wonward.records.query import Query
from wonward.records.work import Merger, RecordChange, Work
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.pipelines import Asking

Place = tuple[int, str, str]
"""The record, the stage or workflow, and the name of what is decided there."""


@dataclass(frozen=True, slots=True)
class Where:
    """The stage or workflow that asks, by its name and its label."""

    name: str
    label: str


def of_records(work: Work, ids: Collection[int], stages: Collection[str]) -> Mapping[Place, Decision]:
    """Return what was asked and decided of records before stages, in one statement."""
    found = Decision.objects.filter(
        portal_id=work.catalog.portal_id, record_id__in=list(ids), stage__in=list(stages)
    )
    return {(each.record_id, each.stage, each.name): each for each in found}


def may_decide(work: Work, asking: Asking) -> bool:
    """Tell whether whoever's work it is decides this: who has its role, and super admins."""
    return work.user_id is not None and work.rights.role in (asking.by, SUPER_ADMIN)


def ask(work: Work, kind: ObjectType, record_id: int, stage: str, name: str) -> None:
    """Ask for an approval, and tell those who give it; who asks again while it is open tells nobody anew."""
    permission.there(work, kind, [record_id], "edit")
    if stage in work.whole.catalog.workflows:
        raise Missing("A workflow asks by itself for the approvals that it waits for")
    where, asking = _asking(work.whole.catalog, kind, stage, name)
    if _held(work, record_id, where, asking).state not in (Answer.ASKED, Answer.APPROVED):
        _ask(work, kind, [record_id], where, asking)


def ask_anew(work: Work, kind: ObjectType, ids: Sequence[int], workflow: str, name: str) -> None:
    """Ask for an approval that a workflow waits for, of each record, whatever was decided there before."""
    if ids:
        _ask(work, kind, ids, *_asking(work.whole.catalog, kind, workflow, name))


def withdraw(work: Work, kind: ObjectType, ids: Sequence[int], workflow: str, name: str) -> None:
    """Take back what a workflow asked, so that nobody decides it any more."""
    _, asking = _asking(work.whole.catalog, kind, workflow, name)
    rows = of_records(work, ids, [workflow])
    for number in ids:
        row = rows[number, workflow, name]
        row.state = Answer.VOID
        _keep(work, kind, row, asking)


def _ask(work: Work, kind: ObjectType, ids: Sequence[int], where: Where, asking: Asking) -> None:
    rows = [
        Decision(
            portal_id=work.catalog.portal_id,
            record_id=each,
            stage=where.name,
            name=asking.name,
            state=Answer.ASKED,
            asked_by=work.actor,
            asked_at=work.now,
        )
        for each in ids
    ]
    Decision.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["portal", "record_id", "stage", "name"],
        update_fields=["state", "asked_by", "asked_at", "decided_by", "decided_at", "reason"],
    )
    log.append(work, [_told(kind, row, asking) for row in rows])
    called = names.names(work.whole, kind, list(ids))
    deciders = _deciders(work.catalog, asking)
    news = [
        News(
            member,
            f"{called.get(each) or names.unnamed(kind, each)} → {where.label}: {asking.message}",
            (kind, each),
            f"approval:{each}:{where.name}:{asking.name}:{work.now.isoformat()}",
        )
        for each in ids
        for member in deciders
    ]
    tell.each(work, "approval", news)


def decide(
    work: Work, kind: ObjectType, record_id: int, stage: str, name: str, *, approved: bool, reason: str = ""
) -> None:
    """Approve or decline what was asked, or set a tick and take it back; tell whoever asked.

    Raise Forbidden for who doesn't have the role, Invalid for declining without a reason, Conflict when nobody
    asked, or somebody else has decided meanwhile.
    """
    permission.refuse_absent(
        kind, [record_id], [row[0] for row in query.rows(work, Query(kind, ids=[record_id]), [])]
    )
    where, asking = _asking(work.whole.catalog, kind, stage, name)
    if not may_decide(work, asking):
        raise Forbidden(
            f"{asking.message}: who has the role {_role(work.catalog, asking)} decides this",
            code="RIGHT_MISSING",
        )
    said = " ".join(reason.split())
    row = _held(work, record_id, where, asking)
    if not asking.tick:
        if row.state != Answer.ASKED:
            raise Conflict("Nobody asks for this approval any more; load the page again", code="NOT_ASKED")
        if not approved and not said:
            raise Invalid("Say why you decline", code="REASON_MISSING")
    row.state = Answer.APPROVED if approved else Answer.DECLINED
    row.decided_by, row.decided_at, row.reason = work.actor, work.now, said
    _keep(work, kind, row, asking)
    if not asking.tick:
        _answer(work, kind, row, where, asking)


def void(work: Work, kind: ObjectType, changes: Iterable[RecordChange]) -> None:
    """Make approvals void whose records got new values in what these watch."""
    watching = {
        (where.name, asking.name): asking for where, asking in _askings(work.catalog, kind) if asking.watches
    }
    watched = {name for asking in watching.values() for name in asking.watches}
    touched = {each.record_id: each.diff.keys() for each in changes if watched & each.diff.keys()}
    if not touched:
        return
    open_ones = Decision.objects.filter(
        portal_id=work.catalog.portal_id,
        record_id__in=list(touched),
        state__in=(Answer.ASKED, Answer.APPROVED),
    )
    for row in open_ones.select_for_update(no_key=True).order_by("pk"):
        asking = watching.get((row.stage, row.name))
        if asking and touched[row.record_id] & set(asking.watches):
            row.state = Answer.VOID
            _keep(work, kind, row, asking)


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete the decisions about records that go for good; return how many."""
    found = Decision.objects.filter(portal_id=work.catalog.portal_id, record_id__in=list(ids))
    gone, _ = found.delete()
    return {"decisions": gone}


def _askings(catalog: Catalog, kind: ObjectType) -> Iterator[tuple[Where, Asking]]:
    """Yield all that people decide about records of a type, with what asks them."""
    for pipeline in catalog.pipelines_of(kind.name):
        for stage in pipeline.stages:
            yield from ((Where(stage.name, stage.label), asking) for asking in stage.gate.asks)
    for workflow in catalog.workflows_of(kind.name):
        yield from ((Where(workflow.name, workflow.label), asking) for asking in workflow.asks)


def _asking(catalog: Catalog, kind: ObjectType, place: str, name: str) -> tuple[Where, Asking]:
    for where, asking in _askings(catalog, kind):
        if (where.name, asking.name) == (place, name):
            return where, asking
    raise Missing(f"Nothing in '{place}' asks for an approval or tick '{name}'")


def _held(work: Work, record_id: int, where: Where, asking: Asking) -> Decision:
    """Return the row of a decision, made where there is none yet, locked until the work commits."""
    rows, place = (
        Decision.objects.select_for_update(no_key=True),
        {
            "portal_id": work.catalog.portal_id,
            "record_id": record_id,
            "stage": where.name,
            "name": asking.name,
        },
    )
    return rows.get_or_create(**place, defaults={"state": Answer.VOID})[0]


def _keep(work: Work, kind: ObjectType, row: Decision, asking: Asking) -> None:
    row.save()
    log.append(work, [_told(kind, row, asking)])


def _told(kind: ObjectType, row: Decision, asking: Asking) -> log.Entry:
    """Return what the change log says of how a decision stands now."""
    told = {
        "stage": row.stage,
        "name": row.name,
        "message": asking.message,
        "tick": asking.tick,
        "state": row.state,
        "reason": row.reason,
    }
    return "decided", kind.name, row.record_id, told


def _deciders(catalog: Catalog, asking: Asking) -> list[Member]:
    """Return the members whom an approval is asked of: who has its role, and where nobody has, super admins."""
    people = Member.objects.filter(portal_id=catalog.portal_id, archived=False, user__is_active=True)
    return list(people.filter(role=asking.by)) or list(people.filter(role=SUPER_ADMIN))


def _answer(work: Work, kind: ObjectType, row: Decision, where: Where, asking: Asking) -> None:
    """Tell whoever asked for an approval how it was decided."""
    sort, _, number = row.asked_by.partition(":")
    if sort != "user" or not number.isdecimal() or row.asked_by == work.actor:
        return
    people = Member.objects.filter(portal_id=row.portal_id, user_id=int(number), archived=False)
    called = names.names(work.whole, kind, [row.record_id]).get(row.record_id) or names.unnamed(
        kind, row.record_id
    )
    state = "✓" if row.state == Answer.APPROVED else "✗"
    text = f"{state} {called} → {where.label}: {asking.message}" + (f" – {row.reason}" if row.reason else "")
    key = f"decision:{row.pk}:{work.now.isoformat()}"
    tell.notify(work, list(people), "decision", text, about=(kind, row.record_id), key=key)


def _role(catalog: Catalog, asking: Asking) -> str:
    role = (catalog.whole or catalog).roles.get(asking.by)
    return role.label if role else asking.by


def _merge(work: Work, _kind: ObjectType, kept_id: int, merged_id: int) -> Any:
    """Move a merged record's decisions to the survivor where this has none of its own; return which."""
    of_portal = Decision.objects.filter(portal_id=work.catalog.portal_id)
    own = set(of_portal.filter(record_id=kept_id).values_list("stage", "name"))
    theirs = of_portal.filter(record_id=merged_id).values_list("pk", "stage", "name")
    moved = [number for number, *place in theirs if tuple(place) not in own]
    if moved:
        of_portal.filter(pk__in=moved).update(record_id=kept_id)
    return moved


def _unmerge(work: Work, _kind: ObjectType, kept_id: int, merged_id: int, moved: Any) -> None:
    """Move decisions back, but those that were made anew since."""
    if moved:
        found = Decision.objects.filter(portal_id=work.catalog.portal_id, record_id=kept_id, pk__in=moved)
        found.update(record_id=merged_id)


DECISION_MERGER = Merger("decisions", _merge, _unmerge)
