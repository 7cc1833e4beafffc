"""The mail of a notification; the worker writes and sends it."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, override

from wonward import clock
from wonward.notifications.models import Notification
from wonward.schema import load

Post = Callable[[str, str, str, str], None]
"""name, address, subject, text -> sent, or refused by an exception."""


def send(number: int, post: Post) -> None:
    """Mail a notification unless it was; two who try at once send one, and what can't be sent now stays due."""
    with transaction.atomic():
        due = Notification.objects.select_for_update(of=("self",)).select_related("member", "portal")
        told = due.filter(pk=number, due_by_mail=True, mailed_at=None, member__archived=False).first()
        if told is None or not told.member.email:
            return
        with override(told.portal.language):
            post(told.member.full_name, told.member.email, " ".join(told.text.split())[:200], _text(told))
        told.mailed_at = clock.now()
        told.save(update_fields=["mailed_at"])


def _text(told: Notification) -> str:
    root, portal = settings.WONWARD_URL.rstrip("/"), told.portal.name
    kind = load.current(portal).object_types.get(told.object_type)
    lines = [told.text]
    if kind and told.record_id:
        lines.append(f"{root}{reverse('record', args=[portal, kind.plural, told.record_id])}")
    choices = f"{root}{reverse('notification_choices', args=[portal])}"
    lines.append(gettext("Choose what you are told by mail: %(address)s") % {"address": choices})
    return "\n\n".join(lines) + "\n"
