"""Erases records for good, as the GDPR asks for people: everywhere they stand, the change log included.

What stays is a proof without personal data, an entry `erased` in the log so that consumers of the feed hear of it,
and the log's bare facts: that something with this number was created and changed, when and by whom.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence

from psycopg import sql

from wonward.errors import Invalid, Missing, Problem
from wonward.records import associate, log, names
from wonward.records.associate import Link
from wonward.records.models import Erasure, ImportProblem
from wonward.records.validate import canonical
from wonward.records.work import Eraser, Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES

ERASED_MESSAGE = "What stood here quoted someone who was erased."
SHORTEST_QUOTE = 5
"""Characters of a value that is looked for in messages of imports; shorter ones stand in words by chance."""

Counts = Counter[str]


def erase(
    work: Work, kind: ObjectType, ids: Sequence[int], erasers: Sequence[Eraser], reason: str = ""
) -> None:
    """Erase records, live or archived, with the activities that are about them alone; leave a proof of each.

    `reason` is kept in the proof and must say nothing personal. Raise Missing, with the rows of `ids`, for those
    that no record has. It can't be undone.
    """
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
    for record_id in dict.fromkeys(ids):
        email = _email(work, kind, record_id)
        counts = _take_quotes(work, kind, record_id)
        for activity, own in _activities_alone(work, record_id):
            counts += _take_away(work, activity, own, erasers)
            counts["activities"] += 1
        counts += _take_away(work, kind, record_id, erasers)
        _prove(work, kind, record_id, email, reason, counts)


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


def _take_away(work: Work, kind: ObjectType, record_id: int, erasers: Sequence[Eraser]) -> Counts:
    """Remove one record with its associations, its values in the log and what other rooms keep of it."""
    counts = Counter(associations=_dissociate_all(work, kind, record_id))
    for eraser in erasers:
        counts.update(eraser(work, kind, [record_id]))
    work.run(sql.SQL("delete from {} where _id = %(id)s").format(work.table(kind.table)), {"id": record_id})
    counts["log"] = work.run(
        sql.SQL("""
            update {} set diff = '{{}}' where record_id = %(id)s
            and kind not in ('associated', 'dissociated') and diff <> '{{}}'""").format(
            work.table("_change")
        ),
        {"id": record_id},
    )
    log.append(work, [("erased", kind.name, record_id, {})])
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


def _activities_alone(work: Work, record_id: int) -> list[tuple[ObjectType, int]]:
    """Return the activities that are associated with this record and with no other."""
    statement = sql.SQL("""
        select a.to_type, a.to_id from {links} a where a.from_id = %(id)s and a.to_type = any(%(types)s)
        and not exists (select from {links} o where o.from_id = a.to_id and o.to_id <> %(id)s)
        order by a.to_id""").format(links=work.table("_association"))
    types = [kind.name for kind in work.catalog.object_types.values() if kind.activity]
    return [
        (work.catalog.object_types[name], number)
        for name, number in work.rows(statement, {"id": record_id, "types": types})
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


def _take_quotes(work: Work, kind: ObjectType, record_id: int) -> Counts:
    """Take messages of imports away that quote a record's name, addresses or telephone numbers, former ones too."""
    properties = [prop.name for prop in kind.properties.values() if prop.type in ("email", "phone")]
    found = work.rows(
        sql.SQL("""
            select distinct value from {} c join unnest(%(names)s::text[]) as p(name) on c.diff ? p.name
            cross join jsonb_array_elements_text(c.diff -> p.name) as value
            where c.record_id = %(id)s and c.kind in ('created', 'updated') and value is not null""").format(
            work.table("_change")
        ),
        {"id": record_id, "names": properties},
    )
    values = {*(value for (value,) in found), *names.names(work, kind, [record_id]).values()}
    problems = ImportProblem.objects.filter(run__portal_id=work.catalog.portal_id)
    quotes = [value for value in sorted(values) if len(value) >= SHORTEST_QUOTE]
    taken = sum(problems.filter(message__icontains=value).update(message=ERASED_MESSAGE) for value in quotes)
    return Counter(import_messages=taken)
