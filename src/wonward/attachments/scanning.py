"""Asks a virus scanner about a file: ClamAV's daemon or whatever speaks its protocol (INSTREAM)."""

import socket
import struct
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files import File

from wonward.attachments.models import Scan
from wonward.errors import Invalid, Refusal

CHUNK = 256 * 1024
CONNECTING, ANSWERING = 5.0, 60.0
"""Seconds that the scanner has to take a connection, and to read or answer."""

_LONGEST_ANSWER = 4096
_CLEAN, _FOUND = "stream: OK", " FOUND"


class ScannerAway(Refusal):
    """The virus scanner can't be asked, or gives no verdict."""


def scan(name: str, content: "File[Any]") -> Scan:
    """Return CLEAN for a file the scanner finds nothing in, UNSCANNED when none is set.

    Raise Invalid for an infected file, ScannerAway when there is no verdict.
    """
    if not settings.WONWARD_VIRUS_SCAN:
        return Scan.UNSCANNED
    answer = _ask(settings.WONWARD_VIRUS_SCAN, content)
    if answer == _CLEAN:
        return Scan.CLEAN
    if answer.endswith(_FOUND):
        virus = answer.removeprefix("stream: ").removesuffix(_FOUND)
        raise Invalid(f"{name} wasn't taken: the virus scanner found {virus} in it", code="FILE_INFECTED")
    raise _away(f"it answered '{answer}'" if answer else "it broke off without an answer")


def _ask(address: str, content: "File[Any]") -> str:
    try:
        with _connected(address) as connection:
            connection.settimeout(ANSWERING)
            # It may have had enough, such as of a file too large, and says so in its answer.
            with suppress(BrokenPipeError, ConnectionResetError):
                _send(connection, content)
            return _answer(connection)
    except OSError as error:
        raise _away(str(error) or type(error).__name__) from error


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.hostname:
        return socket.create_connection((parts.hostname, parts.port or 3310), CONNECTING)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(CONNECTING)
        connection.connect(parts.path)
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, content: "File[Any]") -> None:
    content.seek(0)
    connection.sendall(b"zINSTREAM\0")
    while chunk := content.read(CHUNK):
        connection.sendall(struct.pack("!I", len(chunk)) + chunk)
    connection.sendall(struct.pack("!I", 0))


def _answer(connection: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        more = connection.recv(_LONGEST_ANSWER)
        if not more:
            return ""  # what doesn't end in a null was cut off, and is no verdict
        answer += more
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _away(why: str) -> ScannerAway:
    return ScannerAway(
        f"The virus scanner gives no verdict ({why}), so no file can be attached now; try again later",
        code="VIRUS_SCAN_AWAY",
    )
