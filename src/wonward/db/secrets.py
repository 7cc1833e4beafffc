"""Secrets at rest: texts sealed before they go into the database, so that a copy of it gives none away.

The key follows from SECRET_KEY and the purpose, so that what was sealed for one use opens for no other. After a
change of SECRET_KEY, what was sealed with an earlier one opens while that stands in SECRET_KEY_FALLBACKS.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """A sealed text was changed, sealed for another purpose, or with a key that is given no longer."""


def seal(text: str, purpose: str) -> str:
    """Return `text` sealed: ASCII, different each time; `purpose` is a short fixed name such as `totp`."""
    return _lock(purpose).encrypt(text.encode("utf-8")).decode("ascii")


def unseal(sealed: str, purpose: str) -> str:
    """Return the text that was sealed for the purpose; raise Unreadable."""
    try:
        return _lock(purpose).decrypt(sealed.encode("ascii")).decode("utf-8")
    except (InvalidToken, UnicodeEncodeError) as error:
        raise Unreadable(
            f"a secret ({purpose}) can't be read: give the WONWARD_SECRET_KEY it was kept with, or"
            " name that one in WONWARD_SECRET_KEYS_BEFORE"
        ) from error


def _lock(purpose: str) -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_fernet(key, purpose) for key in keys])


@lru_cache(maxsize=100)
def _fernet(secret: str, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=f"wonward sealed {purpose}".encode())
    return Fernet(urlsafe_b64encode(derived.derive(secret.encode("utf-8"))))
