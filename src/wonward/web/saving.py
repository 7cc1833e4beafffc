"""Saves what was typed into a form, unless someone else has changed the same meanwhile."""

from collections.abc import Callable

from wonward.errors import Conflict, Problem
from wonward.records import query, write
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.web import fields, people
from wonward.web.access import Visit
from wonward.web.fields import Given
from wonward.web.values import Values


def save(
    visit: Visit,
    kind: ObjectType,
    record_id: int,
    given: Given,
    opened: Given,
    *,
    override: str | None = None,
    then: Callable[[Work], object] = lambda _: None,
) -> None:
    """Write what differs from the values a form was opened with, and do what comes `then` in the same transaction.

    `override` is why it may pass over gates.

    Raise Conflict for what someone else has changed meanwhile to something else, Refusal as records do.
    """
    typed = {name: value for name, value in given.items() if name not in opened or opened[name] != value}
    if not typed:
        return
    with visit.writing(override) as work:
        _refuse_overwriting(work, kind, record_id, typed, opened)
        write.update(work, kind, [(record_id, typed)])
        then(work)


def _refuse_overwriting(work: Work, kind: ObjectType, record_id: int, typed: Given, opened: Given) -> None:
    names = [name for name in typed if name in opened]
    if not names:
        return
    for _, *present in query.rows(work, Query(kind, ids=[record_id]), names):
        values = Values(work.catalog, people.owners_in(work.catalog.portal_id, kind, names, [present]))
        problems = [
            Problem(_meanwhile(values.text(kind.properties[name], now)), "CONFLICT", name)
            for name, now in zip(names, present, strict=True)
            if (now and fields.lines(now)) not in (opened[name], typed[name])
        ]
        if problems:
            raise Conflict(problems)


def _meanwhile(now: str) -> str:
    did = f"changed this to {now}" if now else "emptied this"
    return f"Someone {did} meanwhile; save again to replace it"
