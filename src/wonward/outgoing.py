"""Requests to addresses that people write down: webhooks, calendar feeds, mailboxes. Guarded against reaching inside.

A name is resolved once; every address it leads to must be public, and the connection goes to the very address that was
checked, so a name that changes in between leads nowhere else. TLS is verified against the name.
"""

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Event, Timer
from typing import NoReturn
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings

from wonward.errors import Refusal

PATIENCE = 30.0
"""Seconds that a whole request may take, with its redirects."""

CONNECTING = 10.0
"""Seconds that one address may take to answer a connection."""

MOST_BYTES = 10 * 1024 * 1024
MOST_REDIRECTS = 3
MOST_ADDRESSES = 4
"""Addresses of one name that are tried."""

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")
_TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
"""IPv6 addresses with an IPv4 one inside (Teredo, 6to4), which a router may unwrap into an inner network."""

_GLOBAL = IPv6Network("2000::/3")

Headers = Mapping[str, str]
Place = IPv4Address | IPv6Address


class NotAllowed(Refusal):
    """The address may not be asked, now or later: it isn't https, or leads to where only the server should reach."""


class Failed(Refusal):
    """Nothing usable came back: not reached, not trusted, too slow, too much. Later it may."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `url` is where from, after redirects; names of `headers` are in small letters."""

    url: str
    status: int
    headers: Headers
    body: bytes


def get(
    url: str, headers: Headers | None = None, *, most: int = MOST_BYTES, patience: float = PATIENCE
) -> Answer:
    """Ask for `url`, following a few redirects, each checked; `headers` aren't told to another host.

    Raise NotAllowed or Failed, also for more than `most` bytes; an answer with any status is an answer.
    """
    sent = dict(headers or {})
    with _deadline(patience) as ending:
        for _ in range(MOST_REDIRECTS + 1):
            answer = _ask("GET", url, None, sent, most, ending, cut=False)
            to = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or to is None:
                return answer
            before, url = _parts(url), _joined(url, to)
            if _parts(url)[:2] != before[:2]:
                sent = {}
    raise Failed(f"{_shown(url)} leads on more than {MOST_REDIRECTS} times", code="OUTGOING_REDIRECTS")


def post(
    url: str,
    body: bytes,
    headers: Headers | None = None,
    *,
    most: int = MOST_BYTES,
    patience: float = PATIENCE,
    cut: bool = False,
) -> Answer:
    """Send `body` to `url`; a redirect isn't followed, it is the answer.

    Raise NotAllowed or Failed, also for more than `most` bytes; with `cut`, keep the first `most` of them instead.
    """
    with _deadline(patience) as ending:
        return _ask("POST", url, body, dict(headers or {}), most, ending, cut=cut)


def check(url: str) -> None:
    """Raise NotAllowed for an address that can't be right, as far as can be told without looking its name up."""
    parts = _parts(url)
    literal = _literal(_host(parts))
    if literal:
        _check_place(parts, literal)


def places(host: str, port: int) -> list[Place]:
    """Return the addresses of a host that is asked over TLS by another protocol than HTTP, all of them checked.

    Raise NotAllowed or Failed.
    """
    shown = f"[{host}]" if ":" in host else host
    try:
        parts = urlsplit(f"https://{shown}:{port}")
        named = _literal(_host(parts)) or _NAME.fullmatch(_host(parts))
    except ValueError:
        named = None
    if not named or _host(parts) != host.lower().rstrip("."):
        raise NotAllowed(f"'{host}' is no name of a server", code="OUTGOING_ADDRESS")
    return _places(parts)


class _Ending:
    """The end of a request's time: when it comes, the socket under it is shut, whatever it waits for."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.over = Event()
        self.socket: socket.socket | None = None

    def come(self) -> None:
        """Shut the socket, past TLS: its own way of shutting isn't safe beside another thread that reads."""
        self.over.set()
        if self.socket:
            try:
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)
            except OSError:  # it had ended by itself
                return

    def hold(self, held: socket.socket) -> None:
        self.socket = held
        if self.over.is_set():
            raise TimeoutError

    def said(self, url: str) -> str:
        return f"{_shown(url)} took longer than {self.patience:g} seconds"


@contextmanager
def _deadline(patience: float) -> Iterator[_Ending]:
    ending = _Ending(patience)
    timer = Timer(patience, ending.come)
    timer.daemon = True
    timer.start()
    try:
        yield ending
    finally:
        timer.cancel()


class _Connection(HTTPConnection):
    """A connection to checked addresses of a host, under that host's name."""

    def __init__(self, parts: SplitResult, places: list[Place], ending: _Ending) -> None:
        super().__init__(_host(parts), _port(parts), timeout=CONNECTING)
        self.default_port = 443 if parts.scheme == "https" else 80  # with it, Host has no port
        self.secure = parts.scheme == "https"
        self.places = places
        self.ending = ending

    def connect(self) -> None:
        """Connect to the first address that answers."""
        for number, place in enumerate(self.places, 1):
            try:
                plain = socket.create_connection((str(place), self.port), CONNECTING)
                break
            except OSError:
                if number == len(self.places) or self.ending.over.is_set():
                    raise
        self.sock = plain
        self.ending.hold(plain)
        plain.settimeout(self.ending.patience + CONNECTING)  # the deadline comes first, and says so
        if self.secure:
            self.sock = trust().wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
            self.ending.hold(self.sock)
            self.sock.do_handshake()


@cache
def trust() -> ssl.SSLContext:
    """Return what certificates are checked against: the system's authorities, or those of SSL_CERT_FILE."""
    return ssl.create_default_context()


def _ask(
    method: str,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    most: int,
    ending: _Ending,
    *,
    cut: bool,
) -> Answer:
    parts = _parts(url)
    connection = _Connection(parts, _places(parts), ending)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, path, body, {"User-Agent": "Wonward", "Connection": "close", **headers})
        response = connection.getresponse()
        read = response.read(most + 1)
    except (OSError, HTTPException, ValueError) as error:
        _failed(url, error, ending)
    finally:
        connection.close()
    if ending.over.is_set():
        raise Failed(ending.said(url), code="OUTGOING_SLOW")
    if len(read) > most and not cut:
        raise Failed(f"{_shown(url)} answers with more than {most:,} bytes", code="OUTGOING_TOO_LARGE")
    told = {name.lower(): value for name, value in response.getheaders()}
    return Answer(url, response.status, told, read[:most])


def _failed(url: str, error: Exception, ending: _Ending) -> NoReturn:
    """Raise Failed with what went wrong, in words."""
    if ending.over.is_set() or isinstance(error, TimeoutError):
        slow = ending.said(url) if ending.over.is_set() else f"{_shown(url)} doesn't answer"
        raise Failed(slow, code="OUTGOING_SLOW") from error
    if isinstance(error, ssl.SSLCertVerificationError):
        said = f"The certificate of {_shown(url)} can't be trusted: {error.verify_message}"
        raise Failed(said, code="OUTGOING_CERTIFICATE") from error
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    raise Failed(f"{_shown(url)} can't be asked: {words}", code="OUTGOING_FAILED") from error


def _parts(url: str) -> SplitResult:
    """Take an address apart; raise NotAllowed for one that isn't of a kind that is asked."""
    try:
        parts = urlsplit(url)
        port, host = _port(parts), _host(parts)
    except ValueError as error:
        raise NotAllowed("That isn't an address; write https://…", code="OUTGOING_ADDRESS") from error
    if parts.scheme not in ("http", "https") or not host or _UNPRINTABLE.search(url) or not url.isascii():
        raise NotAllowed(
            "The address must begin with https:// and have no spaces or special letters",
            code="OUTGOING_ADDRESS",
        )
    if not _literal(host) and not _NAME.fullmatch(host):
        raise NotAllowed(f"'{host}' is no name of a server", code="OUTGOING_ADDRESS")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed(
            "Leave the user and password out of the address; they would be kept and logged in plain text",
            code="OUTGOING_ADDRESS",
        )
    if port not in (80, 443) and port < 1024 and host not in settings.OUTGOING_ALLOW.hosts:
        raise NotAllowed(f"Port {port} belongs to other services than web servers", code="OUTGOING_ADDRESS")
    return parts


def _joined(url: str, to: str) -> str:
    try:
        return urljoin(url, to)
    except ValueError as error:
        raise NotAllowed(f"{_shown(url)} leads to what is no address", code="OUTGOING_ADDRESS") from error


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".")


def _literal(host: str) -> Place | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _places(parts: SplitResult) -> list[Place]:
    """Return the addresses of a host, all of them checked."""
    host = _host(parts)
    try:
        found = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
    except OSError as error:
        raise Failed(f"There is no server of the name {host}", code="OUTGOING_NAME") from error
    places = list(dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in found))
    for place in places:
        _check_place(parts, place)
    return places[:MOST_ADDRESSES]


def _check_place(parts: SplitResult, place: Place) -> None:
    """Raise NotAllowed for an address that isn't public, or that is asked without TLS, unless the server allows it."""
    host = _host(parts)
    plain = place.ipv4_mapped or place if isinstance(place, IPv6Address) else place
    allowed = host in settings.OUTGOING_ALLOW.hosts or any(
        plain in network for network in settings.OUTGOING_ALLOW.networks
    )
    if allowed:
        return
    if not is_public(place):
        leads = "is" if _literal(host) else f"leads to {place},"
        raise NotAllowed(
            f"{host} {leads} a private address. Only public ones are asked; who runs the server can allow it "
            "in WONWARD_OUTGOING_ALLOW",
            code="OUTGOING_PRIVATE",
        )
    if parts.scheme != "https":
        raise NotAllowed(
            f"{host} must be asked with https://, so that nobody on the way can read or change what is sent",
            code="OUTGOING_ADDRESS",
        )


def is_public(place: Place) -> bool:
    """Return whether an address is of the open internet: neither private, shared, special, multicast nor a tunnel."""
    if isinstance(place, IPv4Address):
        return place.is_global and not (place.is_multicast or place.is_reserved)
    if place.ipv4_mapped:
        return is_public(place.ipv4_mapped)
    inside = place in _GLOBAL and not any(place in tunnel for tunnel in _TUNNELS)
    return inside and place.is_global and not place.is_multicast


def _shown(url: str) -> str:
    """Return an address without its path and query: they may hold keys."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
