"""Sends the server's own letters, which are about no record: at once, to one person, kept nowhere."""

import logging

from django.conf import settings

from wonward import clock
from wonward.errors import Refusal
from wonward.mail import transport
from wonward.mail.address import address
from wonward.mail.message import written

log = logging.getLogger(__name__)


class Later(Refusal):
    """The letter may go out when it is tried again."""


def post(name: str, to: str, subject: str, text: str) -> None:
    """Send a letter of plain text; raise Later when the server can't take it now.

    Without WONWARD_SMTP and WONWARD_MAIL_FROM, or to an address that is none, it is dropped, and the log says so.
    """
    origin, receiver = address(settings.WONWARD_MAIL_FROM), address(to, name)
    if settings.SMTP is None or origin is None or receiver is None:
        log.warning("a letter (%s) isn't sent: set WONWARD_SMTP and WONWARD_MAIL_FROM", subject)
        return
    made = written(origin, receiver, subject, text, clock.now())
    try:
        with transport.connected(settings.SMTP) as connection:
            transport.send(connection, made, origin, receiver)
    except transport.Away as away:
        raise Later(str(away), code="MAIL_SERVER") from away
    except transport.Refused as refused:
        if not refused.permanent:
            raise Later(str(refused), code="MAIL_REFUSED") from refused
        log.warning("a letter (%s) was refused: %s", subject, refused)
