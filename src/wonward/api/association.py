"""What the association calls of every version share: which types are meant, pages, linking in HubSpot's words."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from django.http import HttpResponse

from wonward import clock
from wonward.api import answers, bodies, identity, refusals
from wonward.api.bodies import AssociationsTo, Kind, Pair, Text
from wonward.api.calls import Call, number
from wonward.api.inputs import within_batch
from wonward.errors import Invalid, Missing, Problem, placed
from wonward.records import associate, associated, json
from wonward.records.associate import Link
from wonward.records.associated import Associated
from wonward.records.salvage import salvage
from wonward.records.work import Work
from wonward.schema.catalog import AssociationType, Catalog, ObjectType

PAGE = 500
LARGEST_READ = 1_000
LARGEST_WRITE = 2_000


def of_new(call: Call, ids: Sequence[int], wanted: Sequence[Sequence[AssociationsTo]]) -> None:
    """Associate new records as asked; the rows of a refusal are those of `ids`."""
    links: dict[str, list[tuple[int, Link]]] = {}
    for row, (record_id, associations) in enumerate(zip(ids, wanted, strict=True)):
        for each in associations:
            other = _target(call.work.catalog, call.kind, each.types, row)
            link = Link(record_id, linked_id(each.to.id, row), type_ids(each.types))
            links.setdefault(other, []).append((row, link))
    for name, rows in links.items():
        other_kind = call.related(name)
        with placed([row for row, _ in rows]):
            link_all(call.work, call.kind, other_kind, [link for _, link in rows])


def link_all(work: Work, kind: ObjectType, other: ObjectType, links: Sequence[Link]) -> None:
    """Associate records; a record that isn't there is an invalid association, as with HubSpot."""
    with _worded(kind, other, links):
        associate.associate(work, kind, other, links)


def link_batch(
    call: Call, link: Callable[[Pair, int], Link], told: Callable[[Pair, Link], Sequence[str]], status: int
) -> HttpResponse:
    """Associate the pairs of a body; `link` reads a pair and its row, `told` gives the texts to answer for it."""
    started = clock.now()
    inputs = within_batch(call.body(bodies.Pairs).inputs, LARGEST_WRITE)

    def write(pairs: list[Pair]) -> list[Sequence[str]]:
        links = [link(pair, row) for row, pair in enumerate(pairs)]
        link_all(call.work, call.kind, call.other, links)
        return [told(*each) for each in zip(pairs, links, strict=True)]

    done, problems = salvage(inputs, write)
    if problems and not done:
        raise Invalid(problems)
    errors = refusals.told_in_batch(problems, [None] * len(inputs))
    results = [text for _, texts in sorted(done.items()) for text in texts]
    return answers.batch(results, errors, started=started, status=status)


def page(call: Call) -> tuple[list[Associated], dict[str, object] | None]:
    """Return a page of what the record in the path is associated with, and where the next begins."""
    record_id = call.record_id()
    limit = call.limit(PAGE, PAGE)
    pages = [(record_id, call.after())]
    found = associated.of_records(call.work, call.kind, call.other, pages, limit=limit + 1).get(record_id)
    if found is None:
        raise identity.absent(call.kind, record_id)
    following = answers.paging(call.request, str(found[limit - 1].record_id)) if len(found) > limit else None
    return found[:limit], following


def none_found(call: Call, given: str) -> dict[str, object]:
    """Return the error that HubSpot tells of a record without associations."""
    kind, other = call.kind, call.other
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other.name} is associated with {kind.name} {given}.",
        "context": {"fromObjectId": [given], "fromObjectType": [kind.name], "toObjectType": [other.name]},
        "errors": [],
        "links": {},
    }


def type_ids(types: Sequence[Kind]) -> tuple[int, ...]:
    """Return the numbers of association types as given."""
    return tuple(each.association_type_id for each in types)


def types_of(
    catalog: Catalog, kind: ObjectType, other: ObjectType, ids: Sequence[int]
) -> list[AssociationType]:
    """Return the association types with these numbers from one object type to another."""
    return [each for each in catalog.associations(kind.name, other.name) if each.type_id in ids]


def named(catalog: Catalog, kind: ObjectType, other: ObjectType, name: Text, row: int = 0) -> AssociationType:
    """Return the association type that v3 calls by `name` or number; raise Invalid."""
    known = catalog.associations(kind.name, other.name)
    for each in known:
        if str(name) in (str(each.type_id), json.association_name(catalog, each)):
            return each
    names = ", ".join(json.association_name(catalog, each) for each in known)
    raise Invalid(
        f"'{name}' is no association type from {kind.name} to {other.name}; use one of {names or 'none'}",
        code="INVALID_ASSOCIATION_TYPE",
        row=row,
    )


def linked_id(given: Text, row: int = 0) -> int:
    """Return the id of a record to associate; raise Invalid for what can't be one."""
    found = number(given)
    if found is None:
        raise Invalid(f"'{given}' is no record id; ids are numbers", code="INVALID_OBJECT_IDS", row=row)
    return found


def _target(catalog: Catalog, kind: ObjectType, types: Sequence[Kind], row: int) -> str:
    """Return the name of the object type that the given association types lead to."""
    wanted = set(type_ids(types))
    found = {
        each.to_type
        for each in catalog.association_types
        if each.type_id in wanted and each.from_type == kind.name
    }
    if len(found) != 1:
        given = ", ".join(map(str, sorted(wanted))) or "none"
        raise Invalid(
            f"Give association types that go from {kind.name} to one object type; given: {given}",
            code="INVALID_ASSOCIATION_TYPE",
            row=row,
        )
    return found.pop()


@contextmanager
def _worded(kind: ObjectType, other: ObjectType, links: Sequence[Link]) -> Iterator[None]:
    try:
        yield
    except Missing as refusal:
        raise Invalid(_invalid(problem, kind, other, links) for problem in refusal.problems) from refusal


def _invalid(problem: Problem, kind: ObjectType, other: ObjectType, links: Sequence[Link]) -> Problem:
    record_id = problem.context.get("id")
    at_start = problem.row is not None and links[problem.row].from_id == record_id
    name = (kind if at_start else other).name.upper()
    return replace(
        problem,
        message="One or more associations are invalid",
        code="INVALID_OBJECT_IDS",
        context={
            "INVALID_OBJECT_IDS": f"{name}={record_id} is not valid",
            "objectId": record_id,
            "objectType": name,
        },
    )
