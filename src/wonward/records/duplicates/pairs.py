"""The queue of likely duplicates: the best first, and what people decide about each."""

from typing import Any

from django.db.models import Q, QuerySet

from wonward.db import transaction
from wonward.errors import Forbidden, Missing
from wonward.records.models import DuplicatePair
from wonward.records.work import Merger, Work
from wonward.schema.catalog import ObjectType
from wonward.schema.roles import Allowed

OPEN, MERGED, DISMISSED = DuplicatePair.State

_COUNTS = """
    select object_type, count(*) from records_duplicatepair
    where portal_id = %(portal)s and state = %(open)s group by object_type"""
# Every list asks this; through Django's models it costs three times as much.


def counts(work: Work) -> dict[str, int]:
    """Return how many pairs of each object type wait to be decided by whoever's work it is."""
    if not work.may("merge"):
        return {}
    found = transaction.rows(_COUNTS, {"portal": work.catalog.portal_id, "open": OPEN})
    role = work.catalog.role
    return {name: count for name, count in found if role is None or _sees_all(role.on(name))}


def require(work: Work, kind: ObjectType) -> None:
    """Raise Forbidden unless whoever's work it is may decide about the duplicates of a type, whosoever they are."""
    work.require("merge")
    role = work.catalog.role
    if role is not None and not _sees_all(role.on(kind.name)):
        raise Forbidden(
            f"The duplicates are those of all {kind.plural_label.lower()}, of which your role ({role.label}) shows "
            "you some; merge yours on their own pages, or ask an admin of the portal",
            code="NOT_ALLOWED",
        )


def _sees_all(allowed: Allowed) -> bool:
    return allowed.view == "everyone"


def waiting(portal_id: int, kind: ObjectType) -> QuerySet[DuplicatePair]:
    """Return the pairs of a type that wait to be decided, the most likely first."""
    found = DuplicatePair.objects.filter(portal_id=portal_id, object_type=kind.name, state=OPEN)
    return found.order_by("-score", "id")


def after(portal_id: int, kind: ObjectType, pair_id: int | None) -> DuplicatePair | None:
    """Return the first pair that waits, or the one that follows a pair which was passed over."""
    queue = waiting(portal_id, kind)
    passed = DuplicatePair.objects.filter(portal_id=portal_id, pk=pair_id).first() if pair_id else None
    if passed:
        queue = queue.filter(Q(score__lt=passed.score) | Q(score=passed.score, id__gt=passed.pk))
    return queue.first()


def named(portal_id: int, pair_id: int) -> DuplicatePair:
    """Return a pair; raise Missing."""
    pair = DuplicatePair.objects.filter(portal_id=portal_id, pk=pair_id).first()
    if pair is None:
        raise Missing("This pair is gone: one of the two was changed, archived or merged", code="NOT_FOUND")
    return pair


def dismiss(work: Work, pair_id: int) -> None:
    """Note that two records aren't the same one; their pair doesn't come back."""
    found = DuplicatePair.objects.filter(portal_id=work.catalog.portal_id, pk=pair_id)
    found.filter(state=OPEN).update(state=DISMISSED, decided_by=work.actor, decided_at=work.now)


def _merged(work: Work, kind: ObjectType, kept_id: int, merged_id: int) -> Any:
    """Note that a pair was merged; return what it was before, if there was one."""
    pair = _of(work, kind, kept_id, merged_id).first()
    if pair is None:
        return None
    before = {"state": pair.state, "decided_by": pair.decided_by}
    _of(work, kind, kept_id, merged_id).update(state=MERGED, decided_by=work.actor, decided_at=work.now)
    return before


def _unmerged(work: Work, kind: ObjectType, kept_id: int, merged_id: int, before: Any) -> None:
    if before:
        _of(work, kind, kept_id, merged_id).update(**before)


def _of(work: Work, kind: ObjectType, one: int, other: int) -> QuerySet[DuplicatePair]:
    return DuplicatePair.objects.filter(
        portal_id=work.catalog.portal_id,
        object_type=kind.name,
        low_id=min(one, other),
        high_id=max(one, other),
    )


PAIR_MERGER = Merger("duplicate_pair", _merged, _unmerged)
