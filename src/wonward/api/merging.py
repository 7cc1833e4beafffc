"""Merging records, one pair as in HubSpot or many at once, and bringing a merged record back."""

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpResponse

from wonward import clock
from wonward.api import answers, bodies, identity, refusals, shown
from wonward.api.bodies import Merging
from wonward.api.calls import Call, number
from wonward.api.inputs import within_batch
from wonward.errors import Invalid, Problem, Refusal
from wonward.records.merging import merge as merging
from wonward.records.merging import merges
from wonward.records.merging.undo import unmerge
from wonward.records.query import Query
from wonward.records.salvage import salvage


def merge(call: Call) -> HttpResponse:
    """Merge a record into another and answer with the survivor."""
    return _record(call, _merge(call, call.body(Merging)))


def merge_batch(call: Call) -> HttpResponse:
    """Merge pairs of records in their order; what was refused is told with its input."""
    started = clock.now()
    inputs = within_batch(call.body(bodies.Mergings).inputs)

    def merged(pairs: list[Merging]) -> Sequence[int]:
        return [_merge(call, pair, row) for row, pair in enumerate(pairs)]

    done, problems = salvage(inputs, merged)
    if problems and not done:
        raise Invalid(problems)
    texts = dict(shown.texts(call, Query(call.kind, ids=list(done.values())), shown.asked(call.kind, None)))
    errors = refusals.told_in_batch(problems, [None] * len(inputs))
    results = [texts[each] for each in dict.fromkeys(done.values()) if each in texts]
    return answers.batch(results, errors, started=started)


def undo(call: Call) -> HttpResponse:
    """Bring the record in the path back out of the one it was merged into, and answer with it."""
    record_id = call.record_id()
    merge_id = merges.of_merged(call.work, record_id, call.kind.name)
    if merge_id is not None:
        unmerge(call.work, merge_id)
    return _record(call, record_id)


def _merge(call: Call, given: Merging, row: int | None = None) -> int:
    ids = [number(each) for each in (given.primary_object_id, given.object_id_to_merge)]
    if ids[0] is None or ids[1] is None:
        wrong = given.primary_object_id if ids[0] is None else given.object_id_to_merge
        raise Invalid([Problem(f"'{wrong}' is no record id; ids are numbers", "INVALID_OBJECT_IDS", row=row)])
    try:
        return merging.merge(call.work, call.kind, ids[0], [ids[1]])[0].kept_id
    except Refusal as refusal:
        raise type(refusal)(replace(each, row=row) for each in refusal.problems) from refusal


def _record(call: Call, record_id: int) -> HttpResponse:
    found = shown.texts(call, Query(call.kind, ids=[record_id]), shown.asked(call.kind, None))
    if not found:
        raise identity.absent(call.kind, record_id)
    return answers.written(found[0][1])
