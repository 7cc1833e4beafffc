"""Looks into the outbox: what hasn't gone out and why; and asks for it again."""

from collections.abc import Sequence

from wonward import clock
from wonward.db import transaction
from wonward.mail import send
from wonward.mail.incoming.models import DeadAddress
from wonward.mail.models import OutgoingMail, State
from wonward.schema.catalog import Catalog

ENDED = (State.FAILED, State.BOUNCED)


def waiting(catalog: Catalog, *, limit: int = 1000) -> list[OutgoingMail]:
    """Return the mails of a portal that haven't gone out, the newest first."""
    of_portal = OutgoingMail.objects.filter(portal_id=catalog.portal_id)
    return list(of_portal.exclude(state=State.SENT).order_by("-id")[:limit])


def retry(catalog: Catalog, numbers: Sequence[int] = ()) -> int:
    """Queue mails that failed or bounced anew, all or those with these numbers; return how many.

    Whoever asks for that says that their addresses work again.
    """
    ended = OutgoingMail.objects.filter(portal_id=catalog.portal_id, state__in=ENDED)
    if numbers:
        ended = ended.filter(id__in=list(numbers))
    now = clock.now()
    with transaction.atomic():
        alive = {each.lower() for each in ended.values_list("to_address", flat=True)}
        DeadAddress.objects.filter(portal_id=catalog.portal_id, address__in=alive).delete()
        count = ended.update(state=State.QUEUED, attempts=0, queued_at=now, due_at=now, last_error="")
        if count:
            send.hurry(catalog.portal)
    return count
