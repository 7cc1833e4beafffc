"""Speaks IMAP with a mailbox: TLS that is verified, time limits, folders read without marking anything in them."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from threading import Timer

from wonward.errors import Refusal
from wonward.mail.incoming.letter import LARGEST

PATIENCE = 60.0
"""Seconds that the server may take to answer one command."""

AT_MOST = 600.0
"""Seconds that a whole visit may take."""

_WORDS = 300
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>"(?:[^"\\]|\\.)*"|[^\s"]+)')
_SIZE = re.compile(
    rb"UID (?P<uid>\d+)[^)]*RFC822\.SIZE (?P<size>\d+)|RFC822\.SIZE (?P<size2>\d+)[^)]*UID (?P<uid2>\d+)"
)
_SENT_NAMES = (
    b"sent",
    b"sent items",
    b"sent messages",
    b"sendt",
    b"sendt post",
    b"sendte elementer",
    b"inbox.sent",
)


class Away(Refusal):
    """The mailbox can't be read now: not reached, not trusted, or it doesn't let us in."""


class Gone(Refusal):
    """A message isn't there any more, or the server doesn't give it."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a mailbox is entered; `places` are the addresses to connect to, the host's own when empty."""

    host: str
    port: int
    user: str
    password: str
    ca: str = ""
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a folder says of its numbers: those below `next_uid` are taken, as long as `validity` is the same."""

    validity: int
    next_uid: int


class _Connection(imaplib.IMAP4_SSL):
    """A connection to given addresses of a host, under its name, which takes no more than a message may have."""

    def __init__(self, access: Access) -> None:
        self._access = access
        trust = ssl.create_default_context(cafile=access.ca or None)
        super().__init__(access.host, access.port, ssl_context=trust, timeout=PATIENCE)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        places = self._access.places or (self._access.host,)
        for number, place in enumerate(places, 1):
            try:
                plain = socket.create_connection((place, self._access.port), timeout)
                break
            except OSError:
                if number == len(places):
                    raise
        held: socket.socket = self.ssl_context.wrap_socket(plain, server_hostname=self._access.host)
        return held

    def read(self, size: int) -> bytes:
        """Read a literal that the server announced."""
        if size > LARGEST + 1024:
            raise self.abort(f"the server sends {size} bytes at once")
        return super().read(size)


class Box:
    """A mailbox that is open; every method raises Away when the server doesn't do what is asked."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def sent_folder(self) -> str | None:
        """Return the folder of sent mail: the one marked so (RFC 6154), else one that is called so."""
        with _asking():
            lines = [line for line in _ok(self._connection.list()) if isinstance(line, bytes)]
        found = [match for line in lines if (match := _LISTED.search(line))]
        marked = [each for each in found if b"\\sent" in each["flags"].lower().split()]
        called = [each for each in found if each["name"].strip(b'"').lower() in _SENT_NAMES]
        name = next((each["name"] for each in [*marked, *called]), None)
        return re.sub(rb"\\(.)", rb"\1", name.strip(b'"')).decode("ascii", "replace") if name else None

    def open_folder(self, name: str) -> Numbers:
        """Look into a folder, for reading only."""
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        with _asking():
            _ok(self._connection.select(quoted, readonly=True))
            validity, following = (self._number(what) for what in ("UIDVALIDITY", "UIDNEXT"))
            if validity is None:
                raise Away("The server doesn't number its messages for good (UIDVALIDITY)", code="MAIL_BOX")
            return Numbers(validity, following if following is not None else self._highest() + 1)

    def after(self, uid: int) -> list[int]:
        """Return the numbers of the messages after one, in their order."""
        return [each for each in self._search(f"UID {uid + 1}:*") if each > uid]

    def since(self, day: date) -> list[int]:
        """Return the numbers of the messages that came on a day or later."""
        months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
        return self._search(f"SINCE {day.day}-{months[day.month - 1]}-{day.year}")

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return how many bytes each message has, of those that are there."""
        with _asking():
            lines = _ok(self._connection.uid("fetch", ",".join(map(str, uids)), "(RFC822.SIZE)"))
        found = (_SIZE.search(line) for line in lines if isinstance(line, bytes))
        return {
            int(each["uid"] or each["uid2"]): int(each["size"] or each["size2"]) for each in found if each
        }

    def message(self, uid: int) -> bytes:
        """Return a message as it came, without marking it as read; raise Gone when there is none."""
        with _asking():
            answered = _ok(self._connection.uid("fetch", str(uid), "(BODY.PEEK[])"))
        for each in answered:
            if isinstance(each, tuple):
                return bytes(each[1])
        raise Gone("It isn't there any more", code="MAIL_BOX")

    def _search(self, what: str) -> list[int]:
        with _asking():
            found = _ok(self._connection.uid("search", what))
        return sorted({int(number) for line in found if isinstance(line, bytes) for number in line.split()})

    def _highest(self) -> int:
        return max(self._search("ALL"), default=0)

    def _number(self, what: str) -> int | None:
        _, told = self._connection.response(what)
        return int(told[-1]) if told and told[-1] and told[-1].isdigit() else None


@contextmanager
def opened(access: Access) -> Iterator[Box]:
    """Enter a mailbox, and leave it politely; raise Away."""
    with _asking(access.host):
        connection = _Connection(access)
    ending = Timer(AT_MOST, connection.shutdown)
    ending.daemon = True
    ending.start()
    try:
        with _asking(access.host):
            _log_in(connection, access)
        yield Box(connection)
    finally:
        ending.cancel()
        with suppress(imaplib.IMAP4.error, OSError):  # what was read is read
            connection.logout()
        with suppress(OSError):  # it has ended by itself
            connection.shutdown()


def _log_in(connection: imaplib.IMAP4, access: Access) -> None:
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            plain = f"\0{access.user}\0{access.password}".encode()
            connection.authenticate("PLAIN", lambda _: plain)
        else:
            connection.login(access.user, access.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        raise Away(f"{access.host} refused the user and password: {_said(error)}", code="MAIL_BOX") from error


@contextmanager
def _asking(host: str = "") -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        raise Away(f"{host or 'The mailbox'}: {_said(error)}", code="MAIL_BOX") from error


def _ok(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    kind, told = answer
    if kind != "OK":
        raise Away(f"The mailbox says {kind}: {_said(told[0] if told else '')}", code="MAIL_BOX")
    return told


def _said(what: object) -> str:
    if isinstance(what, ssl.SSLCertVerificationError):
        return f"its certificate can't be trusted: {what.verify_message}"
    plain = what.args[0] if isinstance(what, imaplib.IMAP4.error) and what.args else what
    text = plain.decode("utf-8", "replace") if isinstance(plain, bytes) else str(plain)
    return (" ".join(text.split()) or type(what).__name__)[:_WORDS]
