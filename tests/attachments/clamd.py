"""A virus scanner for tests: speaks clamd's INSTREAM over real sockets and is strict about it."""

import socket
import socketserver
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

VIRUS = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless text that every scanner takes for a virus; in two parts, lest one takes this file for one."""


class Scanner(socketserver.ThreadingMixIn):
    """What the scanner was sent, and how it is to behave."""

    daemon_threads = True
    heard: list[bytes]
    largest = 1024 * 1024
    says: bytes | None = None
    """What it answers instead of a verdict; empty, it hangs up."""


class _Conversation(socketserver.StreamRequestHandler):
    server: Scanner  # type: ignore[assignment]

    def handle(self) -> None:
        answer = self._verdict() if self.server.says is None else self._drained(self.server.says)
        self.wfile.write(answer)

    def _verdict(self) -> bytes:
        if self.rfile.read(10) != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND\0"
        content = b""
        while True:
            (length,) = struct.unpack("!I", self._exactly(4))
            if not length:
                break
            content += self._exactly(length)
            if len(content) > self.server.largest:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.server.heard.append(content)
        return b"stream: Eicar-Signature FOUND\0" if VIRUS in content else b"stream: OK\0"

    def _drained(self, answer: bytes) -> bytes:
        self.connection.settimeout(0.5)
        try:
            while not self.rfile.read(4).endswith(b"\0\0\0\0"):
                pass
        except TimeoutError:
            pass
        return answer

    def _exactly(self, length: int) -> bytes:
        found = self.rfile.read(length)
        assert len(found) == length, "the stream ended before its end was announced"
        return found


class _Tcp(Scanner, socketserver.TCPServer):
    pass


class _Unix(Scanner, socketserver.UnixStreamServer):
    pass


@contextmanager
def scanner(path: Path | None = None) -> Iterator[tuple[str, Scanner]]:
    """Run a scanner on the loopback, or on a socket at `path`; give its address as the settings have it."""
    server = _Unix(str(path), _Conversation) if path else _Tcp(("127.0.0.1", 0), _Conversation)
    server.heard = []
    address = f"clamd://{path}" if path else f"clamd://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield address, server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def nobody() -> str:
    """Return an address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"clamd://127.0.0.1:{free.getsockname()[1]}"
