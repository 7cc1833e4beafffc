"""A real SMTP server on loopback for the tests: with TLS and a password, and as unhelpful as it is told to be."""

import socket
import ssl
from collections import deque
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from wonward import settings as own

USER, PASSWORD = "post", "hemmeligt æble"


class Postbox:
    """What came in, and what the server shall answer next: a line a command, `drop` to hang up, "" to take it."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.recipients: deque[str] = deque()
        self.bodies: deque[str] = deque()
        self.sessions = 0

    @property
    def contents(self) -> list[bytes]:
        return [each.content for each in self.envelopes if isinstance(each.content, bytes)]

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=default) for content in self.contents]

    async def handle_EHLO(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.sessions += 1
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.recipients.popleft() if self.recipients else ""
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        answer = self.bodies.popleft() if self.bodies else ""
        if answer == "drop":
            server.transport.abort()
            return "421 gone"
        if answer:
            return answer
        self.envelopes.append(envelope)
        return "250 taken"


def free_port() -> int:
    """Return a port that nobody listens on just now; the controller can't be told by the system."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Server:
    """A server and the address it is set by."""

    def __init__(
        self,
        folder: Path,
        scheme: str = "smtp",
        *,
        utf8: bool = True,
        password: str = PASSWORD,
        box: Postbox | None = None,
    ) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self.box = box or Postbox()
        self.port = free_port()
        tls: dict[str, Any] = {"tls_context": context, "require_starttls": True}
        self._controller = Controller(
            self.box,
            hostname="localhost",
            port=self.port,
            enable_SMTPUTF8=utf8,
            auth_required=scheme == "smtp",
            authenticator=self._authenticate,
            **({"ssl_context": context, "auth_require_tls": False} if scheme == "smtps" else tls),
        )
        self._password = password
        self.folder = folder
        self.scheme = scheme

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, how: str, given: Any
    ) -> AuthResult:
        known = isinstance(given, LoginPassword) and given == LoginPassword(
            USER.encode(), self._password.encode()
        )
        return AuthResult(success=known, handled=False)

    def url(self, password: str = "hemmeligt%20%C3%A6ble", host: str = "localhost") -> str:
        return f"{self.scheme}://{USER}:{password}@{host}:{self.port}?ca={self.folder / 'ca.pem'}"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    @property
    def smtp(self) -> own.Smtp:
        found = own.smtp(self.url())
        assert found
        return found
