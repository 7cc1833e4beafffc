"""Records one at a time: list, create, read, update, archive.

The number of a record that was merged into another reads and changes the survivor.
"""

from django.http import HttpResponse

from wonward import wiring
from wonward.api import answers, association, bodies, identity, shown
from wonward.api.calls import Call
from wonward.api.shown import Shown
from wonward.errors import Invalid, Missing, Problem
from wonward.records import erase, write
from wonward.records.query import Query

PAGE = 100
PAGE_WITH_HISTORY = 50


def list_page(call: Call) -> HttpResponse:
    """Answer with a page of records in the order of their ids."""
    wanted = shown.asked_in_query(call)
    limit = call.limit(10, PAGE_WITH_HISTORY if wanted.history else PAGE)
    query = Query(call.kind, after_id=call.after(), archived=call.flag("archived"), limit=limit + 1)
    found = shown.texts(call, query, wanted)
    page = found[:limit]
    paging = answers.paging(call.request, str(page[-1][0])) if len(found) > limit else None
    return answers.listed([text for _, text in page], paging)


def create(call: Call) -> HttpResponse:
    """Create a record and associate it, both or neither."""
    given = call.body(bodies.Creation)
    _refuse(bodies.unreadable(given.properties))
    ids = write.create(call.work, call.kind, [given.properties])
    association.of_new(call, ids, [given.associations or []])
    return _record(call, ids[0], shown.asked(call.kind, list(given.properties)), 201)


def read(call: Call) -> HttpResponse:
    """Answer with one record."""
    wanted = shown.asked_in_query(call)
    record_id = identity.record_id(call.work, call.kind, call.names["id"], call.text("idProperty"))
    return _record(call, record_id, wanted, archived=call.flag("archived"))


def update(call: Call) -> HttpResponse:
    """Give a record new values."""
    given = call.body(bodies.Change)
    _refuse(bodies.unreadable(given.properties))
    record_id = identity.record_id(call.work, call.kind, call.names["id"], call.text("idProperty"))
    try:
        write.update(call.work, call.kind, [(record_id, given.properties)])
    except Missing:
        went = identity.survivors(call.work, call.kind, [record_id])
        if record_id not in went:
            raise
        record_id = went[record_id]
        write.update(call.work, call.kind, [(record_id, given.properties)])
    return _record(call, record_id, shown.asked(call.kind, list(given.properties)))


def archive(call: Call) -> HttpResponse:
    """Archive a record; one that is archived already stays so."""
    write.archive(call.work, call.kind, [call.record_id()])
    return answers.nothing()


def gdpr_delete(call: Call) -> HttpResponse:
    """Erase a record for good, live or archived; an address that nobody has is noted, to be recognised later."""
    given = call.body(bodies.Erasing)
    which, by = str(given.object_id), given.id_property or ""
    ids = erase.named(call.work, call.kind, which, by)
    if ids:
        wiring.erase(call.work, call.kind, ids)
    elif by in call.kind.properties and call.kind.properties[by].type == "email":
        erase.forget_unknown(call.work, call.kind, which)
    else:
        raise identity.absent(call.kind, which)
    return answers.nothing()


def _record(
    call: Call, record_id: int, wanted: Shown, status: int = 200, *, archived: bool = False
) -> HttpResponse:
    found = shown.texts(call, Query(call.kind, ids=[record_id], archived=archived), wanted)
    if not found:
        went = identity.survivors(call.work, call.kind, [record_id])
        found = shown.texts(call, Query(call.kind, ids=list(went.values())), wanted)
    if not found:
        raise identity.absent(call.kind, call.names.get("id", record_id))
    return answers.written(found[0][1], status)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)
