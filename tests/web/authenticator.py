"""An authenticator app, by RFC 6238, written apart from the one that is tested."""

import base64
import hashlib
import hmac
import re
import time


def code(secret: str, at: float | None = None) -> str:
    """Return the six digits that an app shows for a secret."""
    counter = int((time.time() if at is None else at) // 30)
    key = base64.b32decode(secret)
    digest = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def secret_on(page: str) -> str:
    """Return the secret that a page shows for entering by hand."""
    [shown] = re.findall(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    return shown.replace(" ", "")
