"""Asks a provider of single sign-on: the one place where sign-in reaches out, guarded like all that goes out."""

from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote_plus, urlencode

from wonward import outgoing
from wonward.errors import Refusal
from wonward.settings import Sso

MOST = 512 * 1024
PATIENCE = 15.0
"""Seconds."""


class Unreachable(Refusal):
    """The provider can't be asked."""


def fetch(at: Sso, address: str, form: Mapping[str, str] | None = None) -> bytes:
    """Return what an address of a provider answers, asked with a form as who we are there; raise Unreachable.

    Only https, but for what WONWARD_OUTGOING_ALLOW names, which a provider inside one's own network needs too.
    """
    headers = {"Accept": "application/json"}
    try:
        if form is None:
            answer = outgoing.get(address, headers, most=MOST, patience=PATIENCE)
        else:
            # RFC 6749, 2.3.1: both are encoded as in a form first.
            pair = f"{quote_plus(at.client_id)}:{quote_plus(at.client_secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            answer = outgoing.post(address, urlencode(form).encode(), headers, most=MOST, patience=PATIENCE)
    except outgoing.NotAllowed as error:
        raise Unreachable(f"The provider of single sign-on may not be asked: {error}") from error
    except outgoing.Failed as error:
        raise Unreachable("The provider of single sign-on can't be reached. Try again later.") from error
    if answer.status != HTTPStatus.OK:
        raise Unreachable("The provider of single sign-on refused. Try again, or ask your administrator.")
    return answer.body
