"""What the variables of a template are for records, as people read it; a batch costs two statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wonward.accounts.models import Member
from wonward.errors import Missing, Problem
from wonward.mail import template as templates
from wonward.mail import written
from wonward.mail.template import Personal, Value
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

OWNER = "hubspot_owner_id"

Row = Mapping[str, str | None]
"""Canonical text by expression."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What every variable is for one record, "" for nothing, and the member its mail is from."""

    record_id: int
    values: Mapping[str, str]
    sender: Member | None


def gather(
    work: Work,
    kind: ObjectType,
    ids: Sequence[int],
    variables: Iterable[str],
    sender: int | None,
    language: str,
) -> list[Facts]:
    """Return the facts of each record in the order of `ids`; without a sender it is the record's owner.

    Raise Missing, with the row, for ids without a live record, and for a sender who is no member.
    """
    meanings = {text: templates.meaning(work.catalog, kind, text) for text in variables}
    over = {text: each for text, each in meanings.items() if isinstance(each, Value)}
    owning = [OWNER] if OWNER in kind.properties else []
    rows = _rows(
        work, kind, ids, list(dict.fromkeys([*(each.expression for each in over.values()), *owning]))
    )
    people = [each.expression for each in over.values() if each.property and each.property.type == "owner"]
    members = _members(work, rows, [*people, *owning], sender)
    names = {str(number): member.full_name for number, member in members.items()}
    writers = {text: written.writer(work.catalog, each, language, names) for text, each in over.items()}
    found = []
    for row in rows:
        owner = members.get(int(row.get(OWNER) or 0))
        known = {"owner": owner, "sender": _sender(owner, members, sender)}
        values = {}
        for text, each in meanings.items():
            if isinstance(each, Personal):
                values[text] = _told(known[each.who], each.field)
            else:
                value = row[each.expression]
                values[text] = writers[text](value).replace("\r\n", "\n") if value else ""
        found.append((values, known["sender"]))
    return [Facts(number, *each) for number, each in zip(ids, found, strict=True)]


def of_sender(sender: Member, variables: Iterable[str]) -> Mapping[str, str]:
    """Return what the variables of a signature are for who sends."""
    about = ((text, templates.personal(text)) for text in variables)
    return {text: _told(sender, each.field) for text, each in about if each and each.who == "sender"}


def _sender(owner: Member | None, members: Mapping[int, Member], sender: int | None) -> Member | None:
    if sender is not None:
        return members[sender]
    return None if owner is None or owner.archived else owner


def _rows(work: Work, kind: ObjectType, ids: Sequence[int], columns: list[str]) -> list[Row]:
    found = {
        number: dict(zip(columns, values, strict=True))
        for number, *values in query.rows(work, Query(kind, ids=list(dict.fromkeys(ids))), columns)
    }
    missing = [
        Problem(f"There is no {kind.label.lower()} {number}", "OBJECT_NOT_FOUND", row=row)
        for row, number in enumerate(ids)
        if number not in found
    ]
    if missing:
        raise Missing(missing)
    return [found[number] for number in ids]


def _members(
    work: Work, rows: Sequence[Row], people: Sequence[str], sender: int | None
) -> Mapping[int, Member]:
    wanted = {int(value) for row in rows for name in people if (value := row[name])}
    wanted |= {sender} if sender is not None else set()
    if not wanted:
        return {}
    found = {each.pk: each for each in Member.objects.filter(portal_id=work.catalog.portal_id, id__in=wanted)}
    if sender is not None and sender not in found:
        raise Missing(f"There is no member {sender} in this portal", code="OBJECT_NOT_FOUND")
    return found


def _told(member: Member | None, field: str) -> str:
    if member is None:
        return ""
    return member.full_name if field == "name" else str(getattr(member, field) or "")
