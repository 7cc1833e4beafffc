"""Finds who letters are with: contacts by their addresses, their companies, and the deals that are open with them."""

from collections.abc import Iterable, Mapping, Sequence

from wonward.records import associated, primary, query, search, unique
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

CONTACT, COMPANY, DEAL = "contact", "company", "deal"
EMAIL, ADDITIONAL = "email", "hs_additional_emails"
MOST_DEALS = 5
"""Open deals that an activity is associated with, the most recent ones, as with HubSpot."""

_MOST = 1000


def contacts(work: Work, addresses: Iterable[str]) -> Mapping[str, int]:
    """Return the live contact that has each address, as its own or as one more; those of nobody are left out."""
    kind = work.catalog.object_types.get(CONTACT)
    wanted = list(dict.fromkeys(each.lower() for each in addresses))
    if kind is None or EMAIL not in kind.properties or not wanted:
        return {}
    found = unique.holder_ids(work, kind, kind.properties[EMAIL], wanted)
    if ADDITIONAL in kind.properties and ADDITIONAL in kind.search:
        for each in wanted:
            holder = None if each in found else _also(work, kind, each)
            if holder is not None:
                found[each] = holder
    return found


def _also(work: Work, kind: ObjectType, address: str) -> int | None:
    """Return the contact that has an address among its additional ones; the index of words narrows it down."""
    where = search.matching(work, kind, address)
    for number, said in query.rows(work, Query(kind, where=where, limit=_MOST), [ADDITIONAL]):
        if address in [each.strip().lower() for each in (said or "").split(";")]:
            return int(number)
    return None


def addresses(work: Work, kind: ObjectType, ids: Sequence[int]) -> list[str]:
    """Return the addresses of contacts, live or archived, in small letters; of other records there are none."""
    if kind.name != CONTACT or EMAIL not in kind.properties:
        return []
    columns = [name for name in (EMAIL, ADDITIONAL) if name in kind.properties]
    return [
        one.strip().lower()
        for archived in (False, True)
        for _, *said in query.rows(work, Query(kind, ids=list(ids), archived=archived), columns)
        for each in said
        for one in (each or "").split(";")
        if one.strip()
    ]


def companies(work: Work, contact_ids: Sequence[int]) -> list[int]:
    """Return the primary companies of contacts."""
    kinds = work.catalog.object_types
    if not contact_ids or CONTACT not in kinds or COMPANY not in kinds:
        return []
    label = primary.label(work.catalog, kinds[CONTACT], kinds[COMPANY])
    found = _associated(work, CONTACT, COMPANY, contact_ids)
    return sorted({number for number, types in found if label is None or label.type_id in types})


def open_deals(work: Work, contact_ids: Sequence[int], company_ids: Sequence[int]) -> list[int]:
    """Return the deals of contacts and companies that stand in no closed stage, the newest MOST_DEALS of them."""
    kind = work.catalog.object_types.get(DEAL)
    if kind is None or kind.stage_property is None:
        return []
    ids = {
        number
        for name, own in ((CONTACT, contact_ids), (COMPANY, company_ids))
        for number, _ in _associated(work, name, DEAL, own)
    }
    closed = {
        (each.name, stage.name)
        for each in work.catalog.pipelines
        if each.object_type == DEAL
        for stage in each.stages
        if stage.closed
    }
    columns = [prop.name for prop in (kind.pipeline_property, kind.stage_property) if prop]
    newest = Query(kind, ids=sorted(ids), order=(("createdate", True),))
    found = query.rows(work, newest, columns) if ids else []
    return [row[0] for row in found if tuple(row[1:]) not in closed][:MOST_DEALS]


def _associated(work: Work, name: str, other: str, ids: Sequence[int]) -> list[tuple[int, tuple[int, ...]]]:
    kinds = work.catalog.object_types
    if not ids or name not in kinds or not work.catalog.associations(name, other):
        return []
    pages = [(number, 0) for number in ids]
    found = associated.of_records(work, kinds[name], kinds[other], pages, limit=_MOST)
    return [(each.record_id, each.type_ids) for there in found.values() for each in there]
