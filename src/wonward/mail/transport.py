"""Speaks SMTP with the server of WONWARD_SMTP: TLS that is verified, time limits, and refusals told apart."""

import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from django.core.mail.utils import DNS_NAME

from wonward.errors import Refusal
from wonward.mail.address import Address
from wonward.settings import Smtp

PATIENCE = 60.0
"""Seconds that the server may take to connect, or to answer one command."""

LET_IN = 235
"""The server's answer to a user and password that it knows."""

_WORDS = 500
"""Characters that are kept of what a server says."""


class Away(Refusal):
    """The server can't be used now, for whatever mail: not reached, not trusted, or it doesn't let us in."""


class Refused(Refusal):
    """The server didn't take a mail. `permanent` ones won't be taken later either; the `address` is to blame or not.

    `lost` tells that the connection has ended with it.
    """

    def __init__(self, said: str, *, permanent: bool, address: bool = False, lost: bool = False) -> None:
        super().__init__(said, code="MAIL_REFUSED")
        self.permanent = permanent
        self.address = address
        self.lost = lost


@contextmanager
def connected(server: Smtp) -> Iterator[smtplib.SMTP]:
    """Open a connection over which mails can be sent, and leave it politely; raise Away."""
    try:
        connection = _connect(server)
    except smtplib.SMTPAuthenticationError as error:
        raise Away(
            f"{server.host} refused the user and password: {_said(error)}", code="MAIL_SERVER"
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Away(f"{server.host} port {server.port}: {_reason(error)}", code="MAIL_SERVER") from error
    try:
        yield connection
    finally:
        # What was taken is taken, whatever becomes of the goodbye.
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def send(connection: smtplib.SMTP, message: EmailMessage, origin: Address, to: Address) -> None:
    """Send a message; return once the server has taken it. Raise Refused."""
    try:
        connection.send_message(message, origin.envelope, [to.envelope])
    except smtplib.SMTPRecipientsRefused as error:
        [(code, answer)] = error.recipients.values()
        lost = connection.sock is None  # as after a 421
        raise Refused(_answer(code, answer), permanent=code >= 500, address=True, lost=lost) from error
    except smtplib.SMTPResponseException as error:
        lost = connection.sock is None
        raise Refused(_said(error), permanent=error.smtp_code >= 500, lost=lost) from error
    except smtplib.SMTPNotSupportedError as error:
        said = f"the server takes no addresses with letters such as those of {to.address}"
        raise Refused(said, permanent=True, address=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Refused(_reason(error), permanent=False, lost=True) from error


def _connect(server: Smtp) -> smtplib.SMTP:
    ours = DNS_NAME.get_fqdn()  # asked for once; smtplib would ask each time
    if server.tls == "at once":
        trust = _trust(server)
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, ours, timeout=PATIENCE, context=trust
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, ours, timeout=PATIENCE)
    try:
        if server.tls == "starttls":
            connection.starttls(context=_trust(server))
        connection.ehlo_or_helo_if_needed()
        if server.user:
            _log_in(connection, server)
    except BaseException:
        connection.close()
        raise
    return connection


def _log_in(connection: smtplib.SMTP, server: Smtp) -> None:
    if (server.user + server.password).isascii():
        connection.login(server.user, server.password)
        return
    # smtplib writes users and passwords in ASCII alone; RFC 4616 has them in UTF-8.
    plain = b64encode(f"\0{server.user}\0{server.password}".encode()).decode("ascii")
    code, said = connection.docmd("AUTH", f"PLAIN {plain}")
    if code != LET_IN:
        raise smtplib.SMTPAuthenticationError(code, said)


def _trust(server: Smtp) -> ssl.SSLContext:
    """Return what asks the server for a certificate of its name, by the machine's roots or those of a file."""
    return ssl.create_default_context(cafile=server.ca or None)


def _said(error: smtplib.SMTPResponseException) -> str:
    return _answer(error.smtp_code, error.smtp_error)


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:_WORDS]


def _reason(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:_WORDS]
