"""Enters a sent mail as an email activity, associated with its record and with the contact that it went to."""

import json

from wonward.mail.address import Address
from wonward.mail.models import OutgoingMail
from wonward.records import associate, query, write
from wonward.records.associate import Link
from wonward.records.merging import merges
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.text import LONGEST
from wonward.schema.field_types.time import iso

EMAIL, CONTACT = "email", "contact"


def enter(work: Work, mail: OutgoingMail, origin: Address) -> None:
    """Enter a mail that was sent just now; a portal without emails, or without the record any more, gets none."""
    kind = work.catalog.object_types.get(EMAIL)
    about = _about(work, mail) if kind else []
    if kind is None or not about:
        return
    given = {
        name: value
        for name, value in _values(work, mail, origin).items()
        if name in kind.properties and value
    }
    [number] = write.create(work, kind, [given])
    for other, record_id in about:
        associate.associate(work, other, kind, [Link(record_id, number)])


def _about(work: Work, mail: OutgoingMail) -> list[tuple[ObjectType, int]]:
    """Return the live records that a mail is about; one that was merged stands for the one it went into."""
    wanted = [(mail.object_type, mail.record_id), (CONTACT, mail.contact_id)]
    went = merges.survivors(work, [number for _, number in wanted if number])
    found = {}
    for name, number in wanted:
        kind = work.catalog.object_types.get(name)
        if kind and number and work.catalog.associations(name, EMAIL):
            for (there,) in query.rows(work, Query(kind, ids=[went.get(number, number)]), []):
                found[there] = kind
    return [(kind, number) for number, kind in found.items()]


def _values(work: Work, mail: OutgoingMail, origin: Address) -> dict[str, str]:
    sender = mail.sender
    first, last = (sender.first_name, sender.last_name) if sender else (origin.name, "")
    heads = {
        "from": {"email": origin.address, "firstName": first, "lastName": last},
        "to": [{"email": mail.to_address, "firstName": mail.to_name, "lastName": ""}],
    }
    return {
        "hs_timestamp": iso(work.now),
        "hubspot_owner_id": str(sender.pk) if sender and sender.owns_records and not sender.archived else "",
        "hs_email_subject": mail.subject,
        "hs_email_text": mail.text[:LONGEST],
        "hs_email_html": mail.html[:LONGEST],
        "hs_email_direction": "EMAIL",
        "hs_email_status": "SENT",
        "hs_email_message_id": mail.message_id,
        "hs_email_thread_id": (mail.references or mail.message_id).partition(" ")[0],
        "hs_email_headers": json.dumps(heads, ensure_ascii=False),
        "hs_email_from_email": origin.address,
        "hs_email_from_firstname": first,
        "hs_email_from_lastname": last,
        "hs_email_to_email": mail.to_address,
    }
