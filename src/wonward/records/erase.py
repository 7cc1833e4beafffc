"""Erases records for good, as the GDPR asks for people: everywhere they stand, the change log included.

Records that were merged into them go along. What stays is a proof without personal data, an entry `erased` in the
log so that consumers of the feed hear of it, and the log's bare facts: that something with this number was created
and changed, when and by whom.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence

from psycopg import sql

from wonward.errors import Invalid, Missing, Problem
from wonward.records import associate, log
from wonward.records.associate import Link
from wonward.records.merging import merges
from wonward.records.models import Erasure
from wonward.records.validate import canonical
from wonward.records.work import Eraser, Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES

Counts = Counter[str]


def erase(
    work: Work, kind: ObjectType, ids: Sequence[int], erasers: Sequence[Eraser], reason: str = ""
) -> None:
    """Erase records, live or archived, with the activities that are about them alone; leave a proof of each.

    `reason` is kept in the proof and must say nothing personal. The number of a merged record means the one it
    went into. Raise Missing, with the rows of `ids`, for those that no record has. It can't be undone.
    """
    went = merges.survivors(work, ids, kind.name)
    wanted = [went.get(number, number) for number in ids]
    _hold(work, kind, wanted)
    for record_id in dict.fromkeys(wanted):
        circle = [record_id, *merges.absorbed(work, record_id)]
        emails = {number: _email(work, kind, number) for number in circle}
        counts: Counts = Counter()
        for activity, own in _activities_alone(work, circle):
            counts += _take_away(work, activity, [own, *merges.absorbed(work, own)], erasers)
            counts["activities"] += 1
        counts += _take_away(work, kind, circle, erasers)
        for number in circle:
            _prove(work, kind, number, emails[number], reason, counts if number == record_id else {})


def _hold(work: Work, kind: ObjectType, ids: Sequence[int]) -> None:
    """Lock records, live or archived; raise Missing for those there aren't."""
    locked = sql.SQL("select _id from {} where _id = any(%(ids)s) order by _id for update")
    known = {number for (number,) in work.rows(locked.format(work.table(kind.table)), {"ids": list(ids)})}
    absent = [
        Problem(
            f"There is no {kind.label.lower()} {number}", "OBJECT_NOT_FOUND", row=row, context={"id": number}
        )
        for row, number in enumerate(ids)
        if number not in known
    ]
    if absent:
        raise Missing(absent)


def holders(work: Work, kind: ObjectType, prop: Property, value: str) -> list[int]:
    """Return the records, live or archived, that have a canonical value of a property."""
    statement = sql.SQL("select _id from {} where {} = {} order by _id").format(
        work.table(kind.table),
        sql.Identifier(prop.column),
        FIELD_TYPES[prop.type].from_text(sql.SQL("%(value)s")),
    )
    return [number for (number,) in work.rows(statement, {"value": value})]


def named(work: Work, kind: ObjectType, which: str, by: str = "") -> list[int]:
    """Return the records, live or archived, that `which` names: an id, or a value of the unique property `by`.

    Raise Missing for a property there isn't, Invalid for one that isn't unique or a value it can't have.
    """
    if by in ("", "hs_object_id"):
        return [int(which)] if which.isascii() and which.isdecimal() and len(which) < 19 else []
    prop = kind.property_named(by).seen()
    if not prop.unique:
        raise Invalid(f"{prop.name} doesn't identify a {kind.label.lower()}", code="PROPERTY_NOT_UNIQUE")
    try:
        value = canonical(prop, which)
    except FieldError as error:
        raise Invalid(str(error), code=error.code, property=prop.name) from error
    return holders(work, kind, prop, value) if value else []


def forget_unknown(work: Work, kind: ObjectType, email: str, reason: str = "") -> None:
    """Note that an address that no record has was asked to be forgotten, so that it is recognised when it comes."""
    _prove(work, kind, None, email, reason, {})


def proofs(portal_id: int, email: str | None = None) -> list[Erasure]:
    """Return the proofs of a portal's erasures, the newest first; those of one address when it is given."""
    found = Erasure.objects.filter(portal_id=portal_id).order_by("-at", "-id")
    if email is None:
        return list(found)
    return [each for each in found if each.digest and bytes(each.digest) == _digest(bytes(each.salt), email)]


def _prove(
    work: Work,
    kind: ObjectType,
    record_id: int | None,
    email: str | None,
    reason: str,
    counts: Mapping[str, int],
) -> None:
    salt = secrets.token_bytes(16)
    Erasure.objects.create(
        portal_id=work.catalog.portal_id,
        object_type=kind.name,
        record_id=record_id,
        salt=salt,
        digest=_digest(salt, email) if email else None,
        at=work.now,
        actor=work.actor,
        reason=reason,
        counts={name: count for name, count in counts.items() if count},
    )


def _digest(salt: bytes, email: str) -> bytes:
    return hashlib.sha256(salt + email.strip().lower().encode()).digest()


def _take_away(work: Work, kind: ObjectType, ids: Sequence[int], erasers: Sequence[Eraser]) -> Counts:
    """Remove a record and those merged into it, with their values in the log and what other rooms keep of them.

    Associations of merged ones lie with them, untold; those of the record itself are taken away and told.
    """
    counts = Counter(associations=_dissociate_all(work, kind, ids[0]), merged_records=len(ids) - 1)
    for eraser in erasers:
        counts.update(eraser(work, kind, ids))
    associate.forget(work, kind, ids)
    params = {"ids": list(ids)}
    work.run(sql.SQL("delete from {} where _id = any(%(ids)s)").format(work.table(kind.table)), params)
    counts["log"] = work.run(
        sql.SQL("""
            update {} set diff = '{{}}' where record_id = any(%(ids)s)
            and kind not in ('associated', 'dissociated') and diff <> '{{}}'""").format(
            work.table("_change")
        ),
        params,
    )
    log.append(work, [("erased", kind.name, number, {}) for number in ids])
    return counts


def _dissociate_all(work: Work, kind: ObjectType, record_id: int) -> int:
    """Take all associations of a record away; the log of those at the other end tells it by number."""
    statement = sql.SQL(
        "select to_type, array_agg(to_id order by to_id) from {} where from_id = %(id)s group by 1"
    )
    found = work.rows(statement.format(work.table("_association")), {"id": record_id})
    for to_type, ids in found:
        other = work.catalog.object_types[to_type]
        associate.dissociate(work, kind, other, [Link(record_id, number) for number in ids])
    return sum(len(ids) for _, ids in found)


def _activities_alone(work: Work, ids: Sequence[int]) -> list[tuple[ObjectType, int]]:
    """Return the activities that are associated with these records, which are one, and with no other."""
    statement = sql.SQL("""
        select distinct a.to_type, a.to_id from {links} a
        where a.from_id = any(%(ids)s) and a.to_type = any(%(types)s)
        and not exists (select from {links} o where o.from_id = a.to_id and o.to_id <> all(%(ids)s))
        order by a.to_id""").format(links=work.table("_association"))
    types = [kind.name for kind in work.catalog.object_types.values() if kind.activity]
    return [
        (work.catalog.object_types[name], number)
        for name, number in work.rows(statement, {"ids": list(ids), "types": types})
    ]


def _email(work: Work, kind: ObjectType, record_id: int) -> str | None:
    """Return the address that identifies a record: of a unique property, else of the first one for addresses."""
    addresses = [prop for prop in kind.properties.values() if prop.type == "email"]
    if not addresses:
        return None
    prop = max(addresses, key=lambda each: each.unique)
    statement = sql.SQL("select {} from {} where _id = %(id)s").format(
        sql.Identifier(prop.column), work.table(kind.table)
    )
    value: str | None = work.rows(statement, {"id": record_id})[0][0]
    return value
