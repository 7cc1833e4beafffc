"""Asks a provider of single sign-on: the one place where sign-in reaches out, and what may be reached.

Only https, no redirects, a limit to size and time.
"""

from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote_plus, urlencode

import urllib3

from wonward.errors import Refusal
from wonward.settings import Sso

MOST = 512 * 1024
PATIENCE = urllib3.Timeout(connect=5, read=10)


class Unreachable(Refusal):
    """The provider can't be asked."""


def fetch(at: Sso, address: str, form: Mapping[str, str] | None = None) -> bytes:
    """Return what an address of a provider answers, asked with a form as who we are there; raise Unreachable.

    The settings take no provider that isn't asked with https; one of the tests may be, and tells its addresses alone.
    """
    if not address.startswith(("https://", at.issuer)):
        raise Unreachable("The provider of single sign-on must be asked with https")
    headers = {"Accept": "application/json", "User-Agent": "Wonward"}
    body = None
    if form is not None:
        body = urlencode(form).encode()
        # RFC 6749, 2.3.1: both are encoded as in a form first.
        pair = f"{quote_plus(at.client_id)}:{quote_plus(at.client_secret)}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    pool = urllib3.PoolManager(timeout=PATIENCE, retries=False)
    try:
        method = "GET" if body is None else "POST"
        answer = pool.request(
            method, address, body=body, headers=headers, redirect=False, preload_content=False
        )
        read: bytes = answer.read(MOST + 1)
        answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unreachable("The provider of single sign-on can't be reached. Try again later.") from error
    finally:
        pool.clear()
    if answer.status != HTTPStatus.OK or len(read) > MOST:
        raise Unreachable("The provider of single sign-on refused. Try again, or ask your administrator.")
    return read
