"""Requests to addresses that people write down: what they may reach, and what becomes of answers that aren't kind."""

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.remote import Remote, say

from wonward import outgoing
from wonward.settings import Inside, inside

LOOPBACK = inside("127.0.0.1/32")


@pytest.fixture
def remote() -> Iterator[Callable[..., Remote]]:
    """A function that starts a server."""
    running: list[Remote] = []

    def start(answer: Callable[[BaseHTTPRequestHandler], None]) -> Remote:
        running.append(Remote(answer))
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.fixture(autouse=True)
def _allowed(settings: Any) -> None:
    settings.OUTGOING_ALLOW = LOOPBACK


def test_what_is_sent_arrives_and_the_answer_comes_back(remote: Any) -> None:
    server = remote(say(201, "tak, Søren".encode(), ETag='"7"'))
    answer = outgoing.post(f"{server.url}/hooks?a=1", b'{"id": 1}', {"X-Key": "k"})
    assert (answer.status, answer.body.decode(), answer.headers["etag"]) == (201, "tak, Søren", '"7"')
    [(method, path, headers, body)] = server.asked
    assert (method, path, body, headers["x-key"]) == ("POST", "/hooks?a=1", b'{"id": 1}', "k")
    assert headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1",
        "2001:0:7f00:1::1", "2001:db8::1", "fec0::1", "64:ff9b:1::1",
    ],
)  # fmt: skip
def test_no_address_inside_is_public(place: str) -> None:
    assert not outgoing.is_public(ip_address(place))


@pytest.mark.parametrize("place", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are(place: str) -> None:
    assert outgoing.is_public(ip_address(place))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://[::1]/",
        "https://[::ffff:169.254.169.254]/latest", "https://localhost/",
    ],
)  # fmt: skip
def test_spellings_of_inner_addresses_are_refused(url: str, settings: Any) -> None:
    settings.OUTGOING_ALLOW = Inside(frozenset(), ())
    with pytest.raises(outgoing.NotAllowed, match="private address") as refused:
        outgoing.get(url)
    assert refused.value.problems[0].code == "OUTGOING_PRIVATE"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://8.8.8.8/", "must be asked with https://"),
        ("ftp://nordisk.example/", "begin with https://"),
        ("file:///etc/passwd", "begin with https://"),
        ("https://", "begin with https://"),
        ("https://søren.example/", "special letters"),
        ("https://nordisk.example/a b", "spaces"),
        ("https://nordisk.example/\r\nX: y", "spaces"),
        ("https://user:secret@nordisk.example/", "Leave the user and password out"),
        ("https://nordisk.example:25/", "Port 25"),
        ("https://nordisk.example:99999/", "isn't an address"),
        ("https://[::1/", "isn't an address"),
        ("https://a..b/", "no name of a server"),
    ],
)
def test_what_is_no_address_to_ask_is_told_before_anything_is_looked_up(url: str, said: str) -> None:
    with pytest.raises(outgoing.NotAllowed, match=said):
        outgoing.check(url)


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names lead to these addresses, one list after another; return the names that were looked up."""
    real, left, asked = socket.getaddrinfo, list(answers), list[str]()

    def lookup(host: str, port: Any, *more: Any, **others: Any) -> Any:
        if host[0].isdigit() or ":" in host:
            return real(host, port, *more, **others)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in left.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


def test_a_name_is_looked_up_once_and_the_checked_address_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch, remote: Any
) -> None:
    server = remote(say(200, b"ok"))
    looked_up = resolving(monkeypatch, ["127.0.0.1"], ["10.9.9.9"])
    assert outgoing.get(f"http://kalender.nordisk.example:{server.port}/").body == b"ok"
    assert looked_up == ["kalender.nordisk.example"]
    assert server.asked[0][2]["host"] == f"kalender.nordisk.example:{server.port}"


def test_one_private_address_among_public_ones_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["8.8.8.8", "10.0.0.8"])
    with pytest.raises(outgoing.NotAllowed, match=r"nordisk.example leads to 10.0.0.8, a private address"):
        outgoing.get("https://nordisk.example/")


def test_a_name_that_leads_nowhere_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(outgoing.Failed, match=r"no server of the name nordisk.example"):
        outgoing.get("https://nordisk.example/")


def test_tls_is_checked_against_the_name_not_the_address(
    monkeypatch: pytest.MonkeyPatch, remote: Any, tmp_path: Path
) -> None:
    import ssl

    authority = trustme.CA()
    server = remote(say(200, b"trusted"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.nordisk.example").configure_cert(context)
    named: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    resolving(monkeypatch, ["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"])
    url = "https://{}.nordisk.example:" + str(server.port)

    outgoing.trust.cache_clear()
    with pytest.raises(outgoing.Failed, match=r"certificate of .* can't be trusted"):
        outgoing.get(url.format("hooks"))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    outgoing.trust.cache_clear()
    assert outgoing.get(url.format("hooks")).body == b"trusted"
    with pytest.raises(outgoing.Failed, match="can't be trusted"):
        outgoing.get(url.format("another"))
    outgoing.trust.cache_clear()
    assert named == ["hooks.nordisk.example", "hooks.nordisk.example", "another.nordisk.example"]


def test_a_redirect_is_followed_and_a_key_isnt_told_to_another_host(
    remote: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = remote(say(200, b"moved here"))
    here = remote(say(302, Location=f"http://other.example:{there.port}/x"))
    resolving(monkeypatch, ["127.0.0.1"])
    answer = outgoing.get(here.url, {"Authorization": "Bearer k"})
    assert (answer.body, answer.url) == (b"moved here", f"http://other.example:{there.port}/x")
    assert here.asked[0][2]["authorization"] == "Bearer k"
    assert "authorization" not in there.asked[0][2]


def test_a_redirect_inside_is_refused(remote: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = remote(say(200, b"secret"))
    outer = remote(say(302, Location=f"http://127.0.0.1:{inner.port}/admin"))
    settings.OUTGOING_ALLOW = inside("feed.example")
    resolving(monkeypatch, ["127.0.0.1"])
    with pytest.raises(outgoing.NotAllowed, match="private address"):
        outgoing.get(f"http://feed.example:{outer.port}/")
    assert inner.asked == []


def test_redirects_in_a_ring_end(remote: Any) -> None:
    server = remote(say(302, Location="/again"))
    with pytest.raises(outgoing.Failed, match="leads on more than 3 times"):
        outgoing.get(server.url)
    assert len(server.asked) == 4


@pytest.mark.parametrize("to", ["http://[::1", "//[", "http://a b/", "javascript:1"])
def test_a_redirect_to_what_is_no_address_is_told(remote: Any, to: str) -> None:
    server = remote(say(302, Location=to))
    with pytest.raises(outgoing.NotAllowed):
        outgoing.get(server.url)


def test_what_is_posted_isnt_posted_on(remote: Any) -> None:
    server = remote(say(307, Location="/again"))
    assert outgoing.post(server.url, b"{}").status == 307
    assert len(server.asked) == 1


def test_too_large_an_answer_is_refused_or_cut(remote: Any) -> None:
    def endless(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(200)
        asked.send_header("Transfer-Encoding", "chunked")
        asked.end_headers()
        while True:
            asked.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    server = remote(endless)
    with pytest.raises(outgoing.Failed, match="more than 10,000 bytes") as refused:
        outgoing.get(server.url, most=10_000)
    assert refused.value.problems[0].code == "OUTGOING_TOO_LARGE"
    assert outgoing.post(server.url, b"", most=500, cut=True).body == b"x" * 500


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_hangs_or_drips_is_left_when_the_time_is_over(remote: Any, drips: bool) -> None:
    def hang(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(200)
        asked.send_header("X-Slow", "yes")
        asked.flush_headers()
        while not server.release.wait(0.02):
            if drips:
                asked.wfile.write(b"X-Drip: 1\r\n")

    server = remote(hang)
    with pytest.raises(outgoing.Failed, match=r"took longer than 0.3 seconds"):
        outgoing.get(server.url, patience=0.3)


def test_a_closed_port_says_so() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    with pytest.raises(outgoing.Failed, match="can't be asked: Connection refused"):
        outgoing.get(f"http://127.0.0.1:{port}/secret-key")


def test_a_message_holds_neither_path_nor_query(remote: Any) -> None:
    server = remote(say(302, Location="ftp://x/"))
    with pytest.raises(outgoing.NotAllowed) as refused:
        outgoing.get(f"{server.url}/key-of-the-calendar?token=1")
    assert "key-of" not in str(refused.value)


def test_the_setting_says_what_it_cant_read() -> None:
    from django.core.exceptions import ImproperlyConfigured

    read = inside(" erp.internal, 10.1.0.0/16 ,fd00::/8")
    assert (sorted(read.hosts), [str(each) for each in read.networks]) == (
        ["erp.internal"], ["10.1.0.0/16", "fd00::/8"],
    )  # fmt: skip
    with pytest.raises(ImproperlyConfigured, match=r"'10.1.0.0/40' is neither"):
        inside("10.1.0.0/40")
