"""The end of mails: they go with the record they are about and with the contact that they were written to.

With a contact goes what is known of the addresses that its mails went to.
"""

from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.db.models.functions import Lower

from wonward.mail.incoming.models import DeadAddress
from wonward.mail.models import OutgoingMail
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType


def erase(work: Work, _kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete the mails of records that go for good, sent or not; return how many."""
    about = Q(record_id__in=list(ids)) | Q(contact_id__in=list(ids))
    to = OutgoingMail.objects.filter(portal_id=work.catalog.portal_id, contact_id__in=list(ids))
    dead = DeadAddress.objects.filter(portal_id=work.catalog.portal_id)
    dead.filter(address__in=to.values(lower=Lower("to_address"))).delete()
    count, _ = OutgoingMail.objects.filter(about, portal_id=work.catalog.portal_id).delete()
    return {"mails": count}
