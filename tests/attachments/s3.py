"""A bucket for tests: speaks what we use of S3 over real HTTP and refuses requests that aren't signed rightly.

The signature is computed here from Amazon's description of version 4, not by the client's own code.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, quote, unquote, urlsplit

KEY, SECRET, BUCKET, REGION = "AKIATEST", "only-for-tests", "wonward-files", "eu-north-1"
NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Bucket(ThreadingHTTPServer):
    """The objects that the bucket holds, by key, the parts of uploads under way, and what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.asked: list[str] = []
        self.failing = False


class _Exchange(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_PUT(self) -> None:
        if not (asked := self._asked()):
            return
        key, query, body = asked
        if "partNumber" in query:
            self.server.parts[query["uploadId"]][int(query["partNumber"])] = body
        else:
            self.server.objects[key] = body
        self._answer(200, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def do_POST(self) -> None:
        if not (asked := self._asked()):
            return
        key, query, body = asked
        if "uploads" in query:
            number = f"upload-{len(self.server.parts)}"
            self.server.parts[number] = {}
            self._xml("InitiateMultipartUploadResult", f"<UploadId>{number}</UploadId>")
        else:
            parts = self.server.parts.pop(query["uploadId"])
            wanted = [int(number) for number in re.findall(rb"<PartNumber>(\d+)<", body)]
            self.server.objects[key] = b"".join(parts[number] for number in wanted)
            self._xml("CompleteMultipartUploadResult", f"<Key>{key}</Key>")

    def do_GET(self) -> None:
        if not (asked := self._asked()):
            return None
        found = self.server.objects.get(asked[0])
        if found is None:
            return self._refuse(404, "NoSuchKey")
        first, last = 0, len(found) - 1
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(wanted[1]), int(wanted[2] or last)
        part = found[first : last + 1]
        headers = {
            "ETag": f'"{hashlib.md5(found).hexdigest()}"',
            "Last-Modified": "Sun, 22 Nov 2026 08:00:00 GMT",
        }
        if wanted:
            headers["Content-Range"] = f"bytes {first}-{last}/{len(found)}"
        self._answer(206 if wanted else 200, part, headers)
        return None

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        if asked := self._asked():
            self.server.objects.pop(asked[0], None)
            self._answer(204)

    def _asked(self) -> tuple[str, dict[str, str], bytes] | None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = urlsplit(self.path)
        self.server.asked.append(f"{self.command} {unquote(parts.path)}")
        if self.server.failing:
            self._refuse(503, "SlowDown")
            return None
        if not hmac.compare_digest(self._signature(parts.path, parts.query, body), self._given_signature()):
            self._refuse(403, "SignatureDoesNotMatch")
            return None
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        if bucket != BUCKET:
            self._refuse(404, "NoSuchBucket")
            return None
        return key, dict(parse_qsl(parts.query, keep_blank_values=True)), body

    def _given_signature(self) -> str:
        found = re.search(r"Signature=([0-9a-f]{64})$", self.headers.get("Authorization", ""))
        return found[1] if found else ""

    def _signature(self, path: str, query: str, body: bytes) -> str:
        """Return the signature that the request must have."""
        stated = re.match(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+),",
            self.headers.get("Authorization", ""),
        )
        digest = self.headers.get("x-amz-content-sha256", "")
        if (
            not stated
            or stated[1] != KEY
            or stated[3] != REGION
            or digest != hashlib.sha256(body).hexdigest()
        ):
            return "none"
        pairs = sorted(parse_qsl(query, keep_blank_values=True))
        told = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
        headers = "".join(f"{name}:{' '.join(self.headers[name].split())}\n" for name in stated[4].split(";"))
        request = "\n".join((self.command, path, told, headers, stated[4], digest))
        scope = f"{stated[2]}/{REGION}/s3/aws4_request"
        hashed = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{self.headers['x-amz-date']}\n{scope}\n{hashed}"
        key = f"AWS4{SECRET}".encode()
        for part in (*scope.split("/"), text):
            key = hmac.digest(key, part.encode(), "sha256")
        return key.hex()

    def _xml(self, name: str, inside: str) -> None:
        self._answer(200, f"<{name} {NAMESPACE}>{inside}</{name}>".encode())

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def bucket() -> Iterator[tuple[str, Bucket]]:
    """Run a bucket on the loopback; give its address as the settings have it."""
    server = Bucket()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield f"s3://{BUCKET}/crm?endpoint={endpoint}&region={REGION}", server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
