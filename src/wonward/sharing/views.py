"""Counts who reads: a view once, by the key of its page, with how long it was open and whether it was saved.

What previews, robots and scanners of mail fetch counts for nothing: the page itself tells of its reader.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.core import signing
from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import override

from wonward.notifications.tell import notify
from wonward.records import correspondents, log
from wonward.records.names import names
from wonward.records.work import Work
from wonward.sharing.links import told
from wonward.sharing.models import Link, Reader, View

BEAT = timedelta(seconds=15)
"""How often an open page tells that it is read."""

MOST_BETWEEN = timedelta(seconds=30)
"""What one beat adds to the time of reading at most: longer silence is absence."""

OPEN_FOR = timedelta(hours=12)
"""How long a page may tell of its reader."""

KEPT = timedelta(days=90)
"""How long the beginning of a stranger's address is kept."""

MOST = 500
"""Views that are shown of a document, the newest."""

_SIGNER = signing.TimestampSigner(salt="wonward.sharing.view")


def fresh_visit(link: Link) -> str:
    """Return a key for a page that is about to be shown; nothing is counted yet."""
    return _SIGNER.sign_object([link.pk, secrets.token_urlsafe(12)])


def count(
    work: Work, link: Link, visit: str, reader: Reader | None, address: str, *, saved: bool = False
) -> View | None:
    """Count a page's view, or go on with it; return it, None when the page's key isn't good for this link.

    Its first time is told on the timeline of contact and record; the link's first one, to its maker.
    """
    if not _is_of(link, visit):
        return None
    contact_id = reader.contact_id if reader else link.contact_id
    given = {
        "link": link,
        "portal_id": link.portal_id,
        "reader": reader,
        "contact_id": contact_id,
        "version": _version(link),
        "network": "" if reader or contact_id else network(address),
        "began_at": work.now,
        "seen_at": work.now,
    }
    key = hashlib.sha256(visit.encode()).digest()
    first = not View.objects.filter(link=link).exists()
    _, fresh = View.objects.get_or_create(key=key, defaults=given)
    view = View.objects.select_for_update().get(key=key)
    passed = min(work.now - view.seen_at, MOST_BETWEEN)
    view.seconds += max(int(passed.total_seconds()), 0)
    view.seen_at = max(work.now, view.seen_at)
    saving = saved and view.downloaded_at is None
    if saving:
        view.downloaded_at = work.now
    view.save(update_fields=["seconds", "seen_at", "downloaded_at"])
    if fresh or saving:
        said = {"title": link.document.title, "view": view.pk, "saved": saving}
        log.append(work, told(link, "viewed", contact_id, said))
    if fresh and first:
        _notify(work, link, reader, contact_id)
    return view


def of_links(links: Sequence[Link]) -> Sequence[View]:
    """Return the views by links, the newest first, with their readers."""
    found = View.objects.select_related("reader").filter(link__in=links)
    return list(found.order_by("-began_at", "-pk")[:MOST])


def counts(links: Sequence[Link]) -> Mapping[int, tuple[int, datetime]]:
    """Return how often each link was used and when last, by its number; those that weren't are left out."""
    found = View.objects.filter(link__in=links).values_list("link_id").order_by()
    return {number: (times, last) for number, times, last in found.annotate(Count("pk"), Max("began_at"))}


def forget_networks(now: datetime) -> int:
    """Forget where strangers read from once it is long ago; return how many views that was of."""
    return View.objects.filter(began_at__lt=now - KEPT).exclude(network="").update(network="")


def network(address: str) -> str:
    """Return the beginning of an address, which many share: three of four numbers, or a site's prefix in IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False).network_address)


def _is_of(link: Link, visit: str) -> bool:
    try:
        number, _key = _SIGNER.unsign_object(visit, max_age=OPEN_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    return bool(number == link.pk)


def _version(link: Link) -> int:
    newest: int | None = link.document.versions.filter(file__archived_at=None).aggregate(Max("number"))[
        "number__max"
    ]
    return newest or 0


def _notify(work: Work, link: Link, reader: Reader | None, contact_id: int | None) -> None:
    """Tell the link's maker that it is read for the first time."""
    if link.maker is None or link.maker.archived:
        return
    kinds = work.whole.catalog.object_types
    person = kinds.get(correspondents.CONTACT)
    known = names(work.whole, person, [contact_id]) if person and contact_id else {}
    with override(work.catalog.language):
        who = known.get(contact_id or 0) or (reader.email if reader else _("Somebody"))
        text = _("%(who)s reads “%(title)s”") % {"who": who, "title": link.document.title}
    of_record = kinds.get(link.object_type or link.document.object_type)
    number = link.record_id or link.document.record_id
    about = (of_record, number) if of_record and number else None
    if about is None and person and contact_id:
        about = (person, contact_id)
    notify(work, [link.maker], "document", text, about=about, key=f"document:{link.pk}")
