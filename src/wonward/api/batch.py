"""Records many at a time: what can be done of a batch is done, and what was refused is told with its input."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.http import HttpResponse

from wonward import clock
from wonward.api import answers, association, bodies, identity, refusals, shown
from wonward.api.bodies import ChangeOf, Creation
from wonward.api.calls import Call, number
from wonward.api.inputs import within_batch
from wonward.errors import Invalid, Problem
from wonward.records import write
from wonward.records.query import Query
from wonward.records.salvage import salvage
from wonward.records.upsert import Upserted, upsert
from wonward.schema.catalog import Property

Inputs = Sequence[Creation | ChangeOf]


def create(call: Call) -> HttpResponse:
    """Create records and associate them."""
    started = clock.now()
    inputs = within_batch(call.body(bodies.Creations).inputs)

    def created(rows: list[Creation]) -> list[int]:
        _refuse_unreadable(rows)
        ids = write.create(call.work, call.kind, [each.properties for each in rows])
        association.of_new(call, ids, [each.associations or [] for each in rows])
        return ids

    done, problems = salvage(inputs, created)
    return _answer(call, inputs, done, problems, started, status=201)


def read(call: Call) -> HttpResponse:
    """Answer with records by their ids or by a unique property; what isn't there is told as one error."""
    started = clock.now()
    given = call.body(bodies.Asked)
    wanted = shown.asked(call.kind, given.properties, given.properties_with_history)
    inputs = within_batch(given.inputs, 50 if wanted.history else 100)
    ids = identity.record_ids(call.work, call.kind, [each.id for each in inputs], given.id_property)
    known = list(dict.fromkeys(each for each in ids if each is not None))
    query = Query(call.kind, ids=known, archived=call.flag("archived"))
    found = dict(shown.texts(call, query, wanted)) if known else {}
    went = identity.survivors(call.work, call.kind, [each for each in known if each not in found])
    if went:
        found |= dict(shown.texts(call, replace(query, ids=list(went.values()), archived=False), wanted))
        ids = [went.get(each, each) if each is not None else None for each in ids]
        known = list(dict.fromkeys(went.get(each, each) for each in known))
    absent = list(
        dict.fromkeys(str(each.id) for each, own in zip(inputs, ids, strict=True) if own not in found)
    )
    errors = [_not_found(call, absent)] if absent else []
    return answers.batch([found[each] for each in known if each in found], errors, started=started)


def update(call: Call) -> HttpResponse:
    """Give records new values."""
    started = clock.now()
    inputs = within_batch(call.body(bodies.Changes).inputs)
    done: dict[int, int] = {}
    problems: list[Problem] = []
    for id_property, rows in _by_key(inputs).items():
        found, wrong = _update(call, [inputs[row] for row in rows], id_property)
        done |= {rows[row]: record_id for row, record_id in found.items()}
        problems += _in_rows(wrong, rows)
    return _answer(call, inputs, done, problems, started)


def upsert_all(call: Call) -> HttpResponse:
    """Update the records that have given values of a unique property, and create those that none has."""
    started = clock.now()
    inputs = within_batch(call.body(bodies.Changes).inputs)
    done: dict[int, Upserted] = {}
    problems: list[Problem] = []
    for id_property, rows in _by_key(inputs).items():
        found, wrong = _upsert(call, [inputs[row] for row in rows], id_property)
        done |= {rows[row]: each for row, each in found.items()}
        problems += _in_rows(wrong, rows)
    ids = {row: each.record_id for row, each in done.items()}
    return _answer(call, inputs, ids, problems, started, new={row: each.new for row, each in done.items()})


def archive(call: Call) -> HttpResponse:
    """Archive records; ids that no live record has are passed over."""
    inputs = within_batch(call.body(bodies.References).inputs)
    ids = {found for each in inputs if (found := number(each.id)) is not None}
    write.archive(call.work, call.kind, sorted(ids))
    return answers.nothing()


def _update(
    call: Call, inputs: Sequence[ChangeOf], id_property: str | None
) -> tuple[dict[int, int], list[Problem]]:
    ids = identity.record_ids(call.work, call.kind, [each.id for each in inputs], id_property)
    absent = [identity.problem(call.kind, inputs[row].id, row) for row, own in enumerate(ids) if own is None]
    went = identity.survivors(call.work, call.kind, [own for own in ids if own is not None])
    ids = [own if own is None else went.get(own, own) for own in ids]
    rows = [row for row, own in enumerate(ids) if own is not None]
    known = [(own, inputs[row]) for row, own in enumerate(ids) if own is not None]

    def updated(changes: list[tuple[int, ChangeOf]]) -> list[int]:
        _refuse_unreadable([each for _, each in changes])
        write.update(call.work, call.kind, [(own, each.properties) for own, each in changes])
        return [own for own, _ in changes]

    done, problems = salvage(known, updated)
    return {rows[row]: own for row, own in done.items()}, [*absent, *_in_rows(problems, rows)]


def _upsert(
    call: Call, inputs: Sequence[ChangeOf], id_property: str | None
) -> tuple[dict[int, Upserted], list[Problem]]:
    key: Property | None = identity.key(call.kind, id_property)
    if key is None:
        done, problems = _update(call, inputs, None)
        return {row: Upserted(own, False, True) for row, own in done.items()}, problems

    def upserted(rows: list[ChangeOf]) -> list[Upserted]:
        _refuse_unreadable(rows)
        return upsert(call.work, call.kind, key, [(str(each.id), each.properties) for each in rows])

    return salvage(inputs, upserted)


def _answer(
    call: Call,
    inputs: Inputs,
    done: Mapping[int, int],
    problems: Sequence[Problem],
    started: datetime,
    *,
    status: int = 200,
    new: Mapping[int, bool] | None = None,
) -> HttpResponse:
    """Answer with the records as they are now; a batch of which nothing was done is refused as a whole.

    Callers who gave their inputs trace ids get the errors one an input even then.
    """
    traces = [each.object_write_trace_id for each in inputs]
    if problems and not done and not any(traces):
        raise Invalid(problems)
    names = list(dict.fromkeys(name for row in done for name in inputs[row].properties))
    query = Query(call.kind, ids=list(dict.fromkeys(done.values())))
    texts = dict(shown.texts(call, query, shown.asked(call.kind, names))) if done else {}
    results = []
    for row, record_id in sorted(done.items()):
        more: dict[str, object] = {} if new is None else {"new": new[row]}
        if traces[row] is not None:
            more["objectWriteTraceId"] = traces[row]
        results.append(answers.extended(texts[record_id], more) if more else texts[record_id])
    return answers.batch(results, refusals.told_in_batch(problems, traces), started=started, status=status)


def _by_key(inputs: Sequence[ChangeOf]) -> dict[str | None, list[int]]:
    """Return the rows of inputs by the property that their ids are values of."""
    rows: dict[str | None, list[int]] = {}
    for row, each in enumerate(inputs):
        rows.setdefault(each.id_property or None, []).append(row)
    return rows


def _in_rows(problems: Sequence[Problem], rows: Sequence[int]) -> list[Problem]:
    return [replace(each, row=rows[each.row or 0]) for each in problems]


def _refuse_unreadable(inputs: Inputs) -> None:
    problems = [
        problem for row, each in enumerate(inputs) for problem in bodies.unreadable(each.properties, row)
    ]
    if problems:
        raise Invalid(problems)


def _not_found(call: Call, ids: list[str]) -> dict[str, object]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {call.kind.name.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": {"ids": ids},
        "errors": [],
        "links": {},
    }
