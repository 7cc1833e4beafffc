"""Associations in the shapes of v3, where each has one type that goes by a name."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from django.http import HttpResponse

from wonward import clock
from wonward.api import answers, association, bodies, shown
from wonward.api.association import linked_id
from wonward.api.bodies import Pair
from wonward.api.calls import Call, number
from wonward.api.inputs import within_batch
from wonward.records import associate, associated, json
from wonward.records.associate import Link
from wonward.records.associated import Associated
from wonward.records.query import Query


def list_page(call: Call) -> HttpResponse:
    """Answer with a page of the records that one record is associated with, once a type."""
    found, paging = association.page(call)
    return answers.listed(answers.texts(_named(call, found)), paging)


def put(call: Call) -> HttpResponse:
    """Associate two records with the type that the path names; answer with the record."""
    link = _link_in_path(call)
    association.link_all(call.work, call.kind, call.other, [link])
    query = Query(call.kind, ids=[link.from_id])
    wanted = replace(shown.asked(call.kind, None), associated=[call.other])
    return answers.written(shown.texts(call, query, wanted)[0][1])


def remove(call: Call) -> HttpResponse:
    """Take the association of two records away that has the type the path names."""
    associate.dissociate(call.work, call.kind, call.other, [_whole(call, _link_in_path(call))])
    return answers.nothing()


def read_batch(call: Call) -> HttpResponse:
    """Answer with the associations of many records; those without any are told as errors."""
    started = clock.now()
    inputs = within_batch(call.body(bodies.References).inputs, association.LARGEST_READ)
    ids = {own for each in inputs if (own := number(each.id)) is not None}
    found = associated.of_records(
        call.work, call.kind, call.other, [(each, 0) for each in ids], limit=association.PAGE
    )
    results, errors = [], []
    for given in dict.fromkeys(str(each.id) for each in inputs):
        there = found.get(number(given) or 0)
        if there:
            results.append(msgspec.json.encode({"from": {"id": given}, "to": _named(call, there)}).decode())
        else:
            errors.append(association.none_found(call, given))
    return answers.batch(results, errors, started=started)


def create_batch(call: Call) -> HttpResponse:
    """Associate pairs of records, each with the type it names."""

    def told(pair: Pair, link: Link) -> list[str]:
        ends = {"from": {"id": str(link.from_id)}, "to": {"id": str(link.to_id)}}
        return answers.texts([{**ends, "type": str(pair.type)}])

    return association.link_batch(call, lambda pair, row: _link(call, pair, row), told, 201)


def archive_batch(call: Call) -> HttpResponse:
    """Take associations away, each of the type it names."""
    pairs = within_batch(call.body(bodies.Pairs).inputs, association.LARGEST_WRITE)
    links = [_whole(call, _link(call, pair, row)) for row, pair in enumerate(pairs)]
    associate.dissociate(call.work, call.kind, call.other, links)
    return answers.nothing()


def types(call: Call) -> HttpResponse:
    """Answer with the association types from one object type to another, by their names."""
    catalog = call.work.catalog
    known = catalog.associations(call.kind.name, call.other.name)
    return answers.built(
        {
            "results": [
                {"id": str(each.type_id), "name": json.association_name(catalog, each)} for each in known
            ]
        }
    )


def _link(call: Call, pair: Pair, row: int) -> Link:
    each = association.named(call.work.catalog, call.kind, call.other, pair.type, row)
    return Link(linked_id(pair.start.id, row), linked_id(pair.to.id, row), (each.type_id,))


def _link_in_path(call: Call) -> Link:
    each = association.named(call.work.catalog, call.kind, call.other, call.names["label"])
    return Link(call.record_id(), call.record_id("to_id"), (each.type_id,))


def _whole(call: Call, link: Link) -> Link:
    """Return the link without types, which takes all of it away, when its type is the plain one."""
    types = association.types_of(call.work.catalog, call.kind, call.other, link.type_ids)
    plain = all(each.label is None or each.primary for each in types)
    return Link(link.from_id, link.to_id) if plain else link


def _named(call: Call, found: Sequence[Associated]) -> list[dict[str, str]]:
    catalog = call.work.catalog
    names = {
        each.type_id: json.association_name(catalog, each)
        for each in catalog.associations(call.kind.name, call.other.name)
    }
    return [
        {"id": str(each.record_id), "type": names[type_id]}
        for each in found
        for type_id in each.type_ids
        if type_id in names
    ]
