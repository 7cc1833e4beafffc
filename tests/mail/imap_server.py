"""A small strict IMAP server on loopback for the tests: TLS, folders with lasting numbers, and faults when asked for.

It knows the commands that a reader needs (RFC 3501, 6154) and answers BAD to everything else.
"""

import re
import shlex
import socket
import socketserver
import ssl
import threading
from base64 import b64decode
from collections import deque
from pathlib import Path

import trustme

USER, PASSWORD = "log@crm.example", "hemmeligt æble"


class Folder:
    """Messages by their numbers."""

    def __init__(self, flags: str = "") -> None:
        self.flags = flags
        self.validity = 1001
        self.next_uid = 1
        self.messages: dict[int, bytes] = {}

    def add(self, message: bytes) -> int:
        uid = self.next_uid
        self.messages[uid] = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.next_uid += 1
        return uid

    def renumber(self) -> None:
        """Number everything anew, as a server does that was restored."""
        kept = list(self.messages.values())
        self.validity, self.next_uid, self.messages = self.validity + 1, 1, {}
        for each in kept:
            self.add(each)


class Mailserver:
    """A mailbox with its folders; `faults` are what the next fetches of a body do: `drop` hangs up, `no` refuses."""

    def __init__(self, place: Path) -> None:
        authority = trustme.CA()
        self.ca = str(place / "imap-ca.pem")
        authority.cert_pem.write_to_path(self.ca)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self.tls)
        self.folders = {"INBOX": Folder(), "Sendt post": Folder("\\Sent")}
        self.password = PASSWORD
        self.faults: deque[str] = deque()
        self.commands: list[str] = []
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    with owner.tls.wrap_socket(self.request, server_side=True) as secured:
                        Session(owner, secured).run()
                except (OSError, EOFError):
                    return  # the other side has hung up

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    @property
    def sent(self) -> Folder:
        return self.folders["Sendt post"]

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Session:
    """One connection."""

    def __init__(self, server: Mailserver, secured: socket.socket) -> None:
        self.server, self.socket = server, secured
        self.file = secured.makefile("rwb")
        self.let_in = False
        self.folder: Folder | None = None

    def run(self) -> None:
        self.say("* OK ready")
        while True:
            line = self.file.readline()
            if not line:
                return
            assert line.endswith(b"\r\n"), "a line ends with CRLF"
            tag, _, rest = line.decode("ascii").rstrip("\r\n").partition(" ")
            self.server.commands.append(rest)
            words = shlex.split(rest)
            name = words[0].upper()
            if name == "LOGOUT":
                self.say("* BYE now", f"{tag} OK done")
                return
            allowed = (
                {"CAPABILITY", "AUTHENTICATE"}
                if not self.let_in
                else {"CAPABILITY", "LIST", "EXAMINE", "UID"}
            )
            if name not in allowed:
                self.say(f"{tag} BAD {name} isn't for now")
                continue
            if getattr(self, f"on_{name.lower()}")(tag, words[1:]) == "drop":
                return

    def say(self, *lines: str) -> None:
        self.file.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))
        self.file.flush()

    def on_capability(self, tag: str, words: list[str]) -> None:
        self.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN SPECIAL-USE", f"{tag} OK done")

    def on_authenticate(self, tag: str, words: list[str]) -> None:
        assert words == ["PLAIN"]
        self.say("+ ")
        given = b64decode(self.file.readline().strip()).decode("utf-8")
        self.let_in = given == f"\0{USER}\0{self.server.password}"
        self.say(f"{tag} OK done" if self.let_in else f"{tag} NO [AUTHENTICATIONFAILED] unknown")

    def on_list(self, tag: str, words: list[str]) -> None:
        for name, folder in self.server.folders.items():
            self.say(f'* LIST (\\HasNoChildren {folder.flags}) "/" "{name}"')
        self.say(f"{tag} OK done")

    def on_examine(self, tag: str, words: list[str]) -> None:
        self.folder = self.server.folders.get(words[0])
        if self.folder is None:
            self.say(f"{tag} NO there is no {words[0]}")
            return
        self.say(
            f"* {len(self.folder.messages)} EXISTS",
            f"* OK [UIDVALIDITY {self.folder.validity}] ok",
            f"* OK [UIDNEXT {self.folder.next_uid}] ok",
            f"{tag} OK [READ-ONLY]",
        )

    def on_uid(self, tag: str, words: list[str]) -> str | None:
        assert self.folder is not None, "a folder is open"
        if words[0].upper() == "SEARCH":
            self.say(f"* SEARCH {' '.join(map(str, self.found(words[1:])))}", f"{tag} OK done")
            return None
        assert words[0].upper() == "FETCH"
        numbers = [uid for uid in map(int, words[1].split(",")) if uid in self.folder.messages]
        if words[2] == "(RFC822.SIZE)":
            for uid in numbers:
                self.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(self.folder.messages[uid])})")
        else:
            assert words[2] == "(BODY.PEEK[])", "reading marks nothing"
            fault = self.server.faults.popleft() if self.server.faults else ""
            if fault == "drop":
                return "drop"
            if fault == "no":
                self.say(f"{tag} NO not now")
                return None
            for uid in numbers:
                body = self.folder.messages[uid]
                self.say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(body)}}}")
                self.file.write(body)
                self.say(")")
        self.say(f"{tag} OK done")
        return None

    def found(self, words: list[str]) -> list[int]:
        assert self.folder is not None
        there = sorted(self.folder.messages)
        if words[0] == "UID":
            asked = re.fullmatch(r"(\d+):\*", words[1])
            assert asked is not None
            begin = int(asked[1])
            # As RFC 3501 has it: the highest one always belongs to n:*.
            return [uid for uid in there if uid >= begin] or there[-1:]
        assert words[0] in ("SINCE", "ALL")
        return there
