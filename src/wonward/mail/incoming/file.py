"""Files a letter: an email activity with the contacts it is with, their companies and their open deals; never twice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from wonward.accounts.models import Member
from wonward.errors import Invalid
from wonward.mail.address import Address, address
from wonward.mail.incoming.letter import Letter, digest
from wonward.mail.incoming.models import FiledMail, LoggingAddress
from wonward.mail.models import OutgoingMail
from wonward.records import associate, correspondents, query, upsert, write
from wonward.records.associate import Link
from wonward.records.correspondents import COMPANY, CONTACT, DEAL
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.time import iso

EMAIL = "email"
OWNER = "hubspot_owner_id"


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a letter: the record it is, None when it wasn't filed, and why not; `there` when it was before."""

    record_id: int | None
    why: str = ""
    there: bool = False


def file(work: Work, letter: Letter, member: Member, *, creates: bool) -> Filed:
    """File a letter of a member's correspondence, in the caller's transaction.

    With `creates`, unknown people become contacts.
    Letters between colleagues and, without `creates`, letters with nobody known aren't filed. Raise Invalid or
    Conflict when the portal's own rules refuse the records.
    """
    kind = work.catalog.object_types.get(EMAIL)
    if kind is None:
        return Filed(None, "the portal has no emails")
    ours = internal(work, member)
    outside = [each for each in (letter.sender, *letter.to, *letter.cc) if each.address.lower() not in ours]
    if not outside:
        return Filed(None, "it is between colleagues")
    if _is_there(work, letter):
        return Filed(None, "it is there already", there=True)
    people = _contacts(work, outside, member, creates=creates)
    if not people:
        return Filed(None, "it is with nobody who is a contact")
    if not _first(work, letter):
        return Filed(None, "it is there already", there=True)
    incoming = letter.sender.address.lower() not in ours
    values = {
        name: value
        for name, value in _values(letter, member, incoming=incoming).items()
        if name in kind.properties and value
    }
    [number] = write.create(work, kind, [values])
    FiledMail.objects.filter(portal_id=work.catalog.portal_id, digest=digest(letter.message_id)).update(
        record_id=number
    )
    for other, ids in _about(work, letter, people):
        associate.associate(work, other, kind, [Link(each, number) for each in ids])
    return Filed(number)


def internal(work: Work, member: Member) -> set[str]:
    """Return the addresses that are of the portal itself: its members', its sender's, those that mail is logged by."""
    rows = Member.objects.filter(portal_id=work.catalog.portal_id).values_list("email", "user__email")
    found = {each.lower() for row in rows for each in row if each}
    sender = address(work.catalog.mail_from or settings.WONWARD_MAIL_FROM)
    if sender:
        found.add(sender.address.lower())
    box = settings.MAIL_IN
    if box:
        tokens = LoggingAddress.objects.filter(member__portal_id=work.catalog.portal_id)
        found |= {box.address, *(box.logging(each) for each in tokens.values_list("token", flat=True))}
    return found | ({member.email.lower()} if member.email else set())


def _contacts(work: Work, people: Sequence[Address], member: Member, *, creates: bool) -> list[int]:
    """Return the contacts that a letter is with, the unknown made contacts where that is asked."""
    known = dict(correspondents.contacts(work, [each.address for each in people]))
    kind = work.catalog.object_types.get(CONTACT)
    unknown = {each.address.lower(): each for each in people if each.address.lower() not in known}
    if creates and unknown and kind is not None and correspondents.EMAIL in kind.properties:
        rows = [(each, _person(kind, one, member)) for each, one in unknown.items()]
        made = upsert.upsert(work, kind, kind.properties[correspondents.EMAIL], rows)
        known |= {each: one.record_id for (each, _), one in zip(rows, made, strict=True)}
    return sorted(set(known.values()))


def _person(kind: ObjectType, one: Address, member: Member) -> Mapping[str, str]:
    """Return what a letter tells of somebody: `Bøgh, Åse` and `Åse Bøgh` are the same."""
    last, comma, first = one.name.partition(",")
    if not comma:
        first, _, last = one.name.rpartition(" ") if " " in one.name.strip() else (one.name, "", "")
    told = {"firstname": first.strip(), "lastname": last.strip(), OWNER: _owner(member)}
    return {name: value for name, value in told.items() if value and name in kind.properties}


def _owner(member: Member) -> str:
    return str(member.pk) if member.owns_records and not member.archived else ""


def _is_there(work: Work, letter: Letter) -> bool:
    """Tell whether a letter was filed, or went out of the outbox, which enters it by itself."""
    portal_id = work.catalog.portal_id
    return (
        OutgoingMail.objects.filter(portal_id=portal_id, message_id=letter.message_id).exists()
        or FiledMail.objects.filter(portal_id=portal_id, digest=digest(letter.message_id)).exists()
    )


def _first(work: Work, letter: Letter) -> bool:
    """Tell whether a letter comes for the first time; whoever brings it at the same moment waits for this one."""
    _, fresh = FiledMail.objects.get_or_create(
        portal_id=work.catalog.portal_id,
        digest=digest(letter.message_id),
        defaults={"filed_at": work.now, "files_kept": not letter.enclosed},
    )
    return fresh


def _about(work: Work, letter: Letter, people: Sequence[int]) -> list[tuple[ObjectType, list[int]]]:
    """Return the records that a letter is about, by type: also what the mail of ours was about that it answers."""
    companies = correspondents.companies(work, people)
    wanted = {
        CONTACT: list(people),
        COMPANY: companies,
        DEAL: correspondents.open_deals(work, people, companies),
    }
    answered = OutgoingMail.objects.filter(portal_id=work.catalog.portal_id, message_id__in=letter.references)
    for name, number in answered.values_list("object_type", "record_id"):
        wanted.setdefault(name, []).append(number)
    found = []
    for name, ids in wanted.items():
        kind = work.catalog.object_types.get(name)
        if kind and ids and work.catalog.associations(name, EMAIL):
            live = [number for (number,) in query.rows(work, Query(kind, ids=sorted(set(ids))), [])]
            if live:
                found.append((kind, live))
    return found


def _values(letter: Letter, member: Member, *, incoming: bool) -> dict[str, str]:
    first, last = _names(letter.sender)
    heads = {
        "from": {"email": letter.sender.address, "firstName": first, "lastName": last},
        "to": [{"email": each.address, "firstName": each.name, "lastName": ""} for each in letter.to],
        "cc": [{"email": each.address, "firstName": each.name, "lastName": ""} for each in letter.cc],
    }
    return {
        "hs_timestamp": iso(letter.at),
        OWNER: _owner(member),
        "hs_email_subject": letter.subject or "—",
        "hs_email_text": letter.text,
        "hs_email_direction": "INCOMING_EMAIL" if incoming else "EMAIL",
        "hs_email_status": "" if incoming else "SENT",
        "hs_email_message_id": letter.message_id,
        "hs_email_thread_id": letter.thread,
        "hs_email_headers": json.dumps(heads, ensure_ascii=False),
        "hs_email_from_email": _storable(letter.sender),
        "hs_email_from_firstname": first,
        "hs_email_from_lastname": last,
        "hs_email_to_email": ";".join(each.address for each in letter.to),
        "hs_email_to_firstname": ";".join(each.name for each in letter.to if each.name),
        "hs_email_cc_email": ";".join(each.address for each in letter.cc),
        "automatic_reply": "true" if letter.automatic and incoming else "",
    }


def _names(one: Address) -> tuple[str, str]:
    first, _, last = one.name.rpartition(" ")
    return (first, last) if first else (one.name, "")


def _storable(one: Address) -> str:
    """Return an address as a property of addresses takes it; raise Invalid for one that it doesn't."""
    if len(one.domain.rpartition(".")[2]) < 2:
        raise Invalid(f"{one} has no domain that can be", code="MAIL_SENDER_MISSING")
    return one.address
