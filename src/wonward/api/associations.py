"""Associations in the shapes of v4 and the dated versions: list, default and labelled, one or many, labels."""

from collections.abc import Callable, Sequence

import msgspec
from django.http import HttpResponse

from wonward import clock
from wonward.api import answers, association, bodies
from wonward.api.association import linked_id
from wonward.api.bodies import Kind, Pair
from wonward.api.calls import Call, number, place
from wonward.api.inputs import within_batch
from wonward.errors import Invalid, Problem
from wonward.records import associate, associated
from wonward.records.associate import Link
from wonward.records.associated import Associated
from wonward.schema.catalog import AssociationType


def list_page(call: Call) -> HttpResponse:
    """Answer with a page of the records that one record is associated with."""
    found, paging = association.page(call)
    return answers.listed(list(map(_writer(call), found)), paging)


def read_batch(call: Call) -> HttpResponse:
    """Answer with the associations of many records; those without any are told as errors, as HubSpot does."""
    started = clock.now()
    inputs = within_batch(call.body(bodies.PagesOf).inputs, association.LARGEST_READ)
    pages = {own: place(each.after) for each in inputs if (own := number(each.id)) is not None}
    found = associated.of_records(
        call.work, call.kind, call.other, list(pages.items()), limit=association.PAGE + 1
    )
    write = _writer(call)
    results, errors = [], []
    for given in dict.fromkeys(str(each.id) for each in inputs):
        there = found.get(number(given) or 0)
        if there:
            results.append(_fan(given, there, write))
        else:
            errors.append(association.none_found(call, given))
    return answers.batch(results, errors, started=started)


def put_default(call: Call) -> HttpResponse:
    """Associate two records without a label."""
    started = clock.now()
    link = Link(call.record_id(), call.record_id("to_id"))
    association.link_all(call.work, call.kind, call.other, [link])
    return answers.batch(_defaults(call, link), [], started=started)


def put_labels(call: Call) -> HttpResponse:
    """Associate two records with labels; they keep those they have."""
    types = call.body(list[Kind])
    link = Link(call.record_id(), call.record_id("to_id"), association.type_ids(types))
    association.link_all(call.work, call.kind, call.other, [link])
    return answers.written(_labelled(call, link), 201)


def remove(call: Call) -> HttpResponse:
    """Take the association of two records away, with all its labels."""
    link = Link(call.record_id(), call.record_id("to_id"))
    associate.dissociate(call.work, call.kind, call.other, [link])
    return answers.nothing()


def create_batch(call: Call) -> HttpResponse:
    """Associate pairs of records with labels."""
    return association.link_batch(call, _link, lambda _, link: [_labelled(call, link)], 201)


def create_default_batch(call: Call) -> HttpResponse:
    """Associate pairs of records without a label."""
    return association.link_batch(call, _link, lambda _, link: _defaults(call, link), 200)


def archive_batch(call: Call) -> HttpResponse:
    """Take associations away, with all their labels."""
    fans = within_batch(call.body(bodies.Fans).inputs, association.LARGEST_WRITE)
    links = [Link(linked_id(fan.start.id), linked_id(to.id)) for fan in fans for to in fan.to]
    associate.dissociate(call.work, call.kind, call.other, links)
    return answers.nothing()


def archive_labels_batch(call: Call) -> HttpResponse:
    """Take labels of associations away; the records stay associated."""
    pairs = within_batch(call.body(bodies.Pairs).inputs, association.LARGEST_WRITE)
    unnamed = [
        Problem("Give the types to take away", "INVALID_TYPE", row=row)
        for row, p in enumerate(pairs)
        if not p.types
    ]
    if unnamed:
        raise Invalid(unnamed)
    associate.dissociate(call.work, call.kind, call.other, [_link(pair) for pair in pairs])
    return answers.nothing()


def labels(call: Call) -> HttpResponse:
    """Answer with the association types from one object type to another."""
    known = call.work.catalog.associations(call.kind.name, call.other.name)
    return answers.built({"results": [_spec(each) for each in known]})


def _link(pair: Pair, row: int = 0) -> Link:
    return Link(linked_id(pair.start.id, row), linked_id(pair.to.id, row), association.type_ids(pair.types))


def _defaults(call: Call, link: Link) -> list[str]:
    """Return both directions of an association, as HubSpot answers them."""
    ends = (
        (call.kind, call.other, link.from_id, link.to_id),
        (call.other, call.kind, link.to_id, link.from_id),
    )
    return [
        msgspec.json.encode(
            {
                "from": {"id": str(start)},
                "to": {"id": str(to)},
                "associationSpec": {"associationCategory": each.category, "associationTypeId": each.type_id},
            }
        ).decode()
        for kind, other, start, to in ends
        for each in call.work.catalog.associations(kind.name, other.name)
        if each.label is None
    ]


def _labelled(call: Call, link: Link) -> str:
    types = association.types_of(call.work.catalog, call.kind, call.other, link.type_ids)
    answer = {
        "fromObjectTypeId": call.kind.type_id,
        "fromObjectId": str(link.from_id),
        "toObjectTypeId": call.other.type_id,
        "toObjectId": str(link.to_id),
        "labels": [each.label for each in types if each.label],
    }
    return msgspec.json.encode(answer).decode()


def _writer(call: Call) -> Callable[[Associated], str]:
    """Return what writes an associated record; each set of labels is written as JSON once."""
    known: dict[int, AssociationType] = {
        each.type_id: each for each in call.work.catalog.associations(call.kind.name, call.other.name)
    }
    written: dict[tuple[int, ...], str] = {}

    def write(each: Associated) -> str:
        types = written.get(each.type_ids)
        if types is None:
            specs = [_spec(known[type_id]) for type_id in each.type_ids if type_id in known]
            types = written[each.type_ids] = msgspec.json.encode(specs).decode()
        return f'{{"toObjectId":"{each.record_id}","associationTypes":{types}}}'

    return write


def _spec(each: AssociationType) -> dict[str, object]:
    return {"category": each.category, "typeId": each.type_id, "label": each.label}


def _fan(given: str, there: Sequence[Associated], write: Callable[[Associated], str]) -> str:
    text = f'{{"from":{{"id":"{given}"}},"to":[{",".join(map(write, there[: association.PAGE]))}]}}'
    if len(there) > association.PAGE:
        return answers.extended(
            text, {"paging": {"next": {"after": str(there[association.PAGE - 1].record_id)}}}
        )
    return text
