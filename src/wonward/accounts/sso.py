"""Single sign-on by OpenID Connect: the code flow with state, nonce and PKCE, and what makes an identity good.

Knows no requests and no users: who is meant by an identity is `identities`' question.
"""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import jwt
from django.utils.crypto import constant_time_compare

from wonward import clock
from wonward.accounts.provider import fetch
from wonward.errors import Refusal
from wonward.settings import Sso

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""By public keys alone: neither `none`, nor what anyone could sign who has the client's secret."""

SLACK = 60
"""Seconds that the provider's clock may be wrong."""

LONGEST = 600
"""Seconds that someone may take to sign in at the provider."""


class Refused(Refusal):
    """The provider's answer isn't good; nobody signs in by it."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser's session keeps while its person is at the provider."""

    state: str
    nonce: str
    verifier: str
    since: float
    then: str


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the provider knows them; `email` is proven, or empty."""

    issuer: str
    subject: str
    email: str
    name: str


def begin(at: Sso, back: str, then: str) -> tuple[str, dict[str, Any]]:
    """Return the provider's address to send someone to, and what their session must keep; raise Refused."""
    provider = _provider(at)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    begun = Begun(state, nonce, verifier, clock.now().timestamp(), then)
    challenge = urlsafe_b64encode(sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": at.client_id,
        "redirect_uri": back,
        "scope": "openid email profile",
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    address = provider["authorization_endpoint"]
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", asdict(begun)


def finish(at: Sso, back: str, kept: Mapping[str, Any] | None, told: Mapping[str, str]) -> tuple[Known, str]:
    """Return whom the provider's answer, `told` in the address, is about and where they wanted to go; raise Refused.

    `kept` is what `begin` gave, which may be used for one answer.
    """
    begun = Begun(**kept) if kept else None
    if begun is None or clock.now().timestamp() - begun.since > LONGEST:
        raise Refused("Signing in took too long, or was begun in another browser. Try again.")
    if not constant_time_compare(told.get("state", ""), begun.state):
        raise Refused("This answer belongs to another try to sign in. Try again.")
    if told.get("iss", at.issuer) != at.issuer:
        raise Refused("This answer is from another provider.")
    if "error" in told or not told.get("code"):
        raise Refused("The provider didn't sign you in. Try again, or ask your administrator.")
    provider = _provider(at)
    form = {
        "grant_type": "authorization_code",
        "code": told["code"],
        "redirect_uri": back,
        "code_verifier": begun.verifier,
    }
    answer = _object(fetch(at, provider["token_endpoint"], form))
    keys = _object(fetch(at, provider["jwks_uri"]))
    claims = _claims(at, str(answer.get("id_token", "")), keys, begun.nonce)
    told_so = claims.get("email_verified")
    proven = told_so is True or told_so == "true"  # some providers write it as text
    email = str(claims.get("email", "")).strip().lower() if proven else ""
    return Known(at.issuer, claims["sub"], email, str(claims.get("name", ""))), begun.then


def _provider(at: Sso) -> dict[str, str]:
    """Return the addresses of the provider, as it tells them itself."""
    issuer = at.issuer
    told = _object(fetch(at, f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
    if told.get("issuer") != issuer:
        raise Refused(
            f"The provider calls itself {told.get('issuer')}, not {issuer}; mend WONWARD_SSO_ISSUER"
        )
    wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if not all(isinstance(told.get(name), str) for name in wanted):
        raise Refused("The provider doesn't tell its addresses")
    return {name: told[name] for name in wanted}


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError as error:
        raise Refused("The provider answered with something unreadable") from error
    if not isinstance(read, dict):
        raise Refused("The provider answered with something unreadable")
    return read


def _claims(at: Sso, token: str, keys: Mapping[str, Any], nonce: str) -> dict[str, Any]:
    """Return what an identity token claims, once its signature, issuer, audience, times and nonce are good."""
    try:
        head = jwt.get_unverified_header(token)
        if head.get("alg") not in ALGORITHMS:
            raise Refused("The provider's answer isn't signed by a public key")
        claims = jwt.decode(
            token,
            _key(keys, head.get("kid")),
            algorithms=[head["alg"]],
            audience=at.client_id,
            issuer=at.issuer,
            leeway=SLACK,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise Refused(f"The provider's answer isn't good: {error}") from error
    if not constant_time_compare(str(claims.get("nonce", "")), nonce):
        raise Refused("This answer belongs to another try to sign in. Try again.")
    if claims.get("azp", at.client_id) != at.client_id:
        raise Refused("The provider's answer was made for another program")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise Refused("The provider doesn't say who you are")
    return dict(claims)


def _key(keys: Mapping[str, Any], kid: str | None) -> jwt.PyJWK:
    """Return the key that a token names; without a name there must be one alone."""
    usable = [
        each for each in keys.get("keys", []) if each.get("use", "sig") == "sig" and each.get("kty") != "oct"
    ]
    named = [each for each in usable if kid is None or each.get("kid") == kid]
    if len(named) != 1:
        raise Refused("The provider's answer is signed with a key that it doesn't show")
    return jwt.PyJWK(named[0])
