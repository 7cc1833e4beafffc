"""A strict provider of OpenID Connect on loopback: it refuses whatever a client must not do, and can be told to lie."""

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "wonward & co", "hemmeligt: æble"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """The provider; `claims` are of the person who signs in, and `lie` changes the token before it is signed."""

    back: str
    claims: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "248289761001",
            "email": "ada@example.com",
            "email_verified": True,
            "name": "Ada Holm",
        }
    )
    lie: Callable[[dict[str, Any]], Any] | None = None
    sign: Callable[[dict[str, Any]], str] | None = None
    keys: Any = None
    discovery: dict[str, Any] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def start(self) -> None:
        provider = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(*provider.get(self.path))

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer(*provider.post(form, self.headers.get("Authorization", "")))

            def answer(self, status: int, body: Any) -> None:
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", body)
                self.end_headers()
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

            def log_message(self, *_said: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def get(self, path: str) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.discovery,
            }
        if path == "/keys":
            if self.keys is not None:
                return 200, self.keys
            shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**shown, "kid": "one", "use": "sig", "alg": "RS256"}]}
        return 404, {}

    def authorize(self, address: str) -> dict[str, str]:
        """Sign the person in, as their browser would: return what the provider tells in the way back."""
        parts = urlsplit(address)
        asked = {name: value for name, [value] in parse_qs(parts.query, strict_parsing=True).items()}
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == self.back
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def post(self, body: str, authorization: str) -> tuple[int, Any]:
        form = {name: value for name, [value] in parse_qs(body, strict_parsing=True).items()}
        user, _, password = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        asked = self.codes.pop(form.get("code", ""), None)
        if (unquote_plus(user), unquote_plus(password)) != (CLIENT, SECRET):
            return self.refuse("invalid_client")
        if asked is None or form["grant_type"] != "authorization_code" or form["redirect_uri"] != self.back:
            return self.refuse("invalid_grant")
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if challenge != asked["code_challenge"]:
            return self.refuse("invalid_grant")
        now = int(time.time())
        token = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        token = (self.lie(token) or token) if self.lie else token
        sign = self.sign or (lambda claims: jwt.encode(claims, self.key, "RS256", {"kid": "one"}))
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": sign(token)}

    def refuse(self, why: str) -> tuple[int, Any]:
        self.refused.append(why)
        return 400, {"error": why}
