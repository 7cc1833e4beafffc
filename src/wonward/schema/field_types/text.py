"""Text on one line or many, and the text kinds with a form of their own: email, phone, url."""

import re
from urllib.parse import urlsplit

from wonward.schema.catalog import Property
from wonward.schema.field_types.field_type import FieldError, FieldType, as_is

LONGEST = 65_536
_SURROGATE = re.compile("[\ud800-\udfff]")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
_PHONE = re.compile(r"[+()\d][\d\s()./+-]{2,38}(\s*(x|ext\.?|lok\.?)\s*\d{1,6})?", re.IGNORECASE)


def _text(given: str, prop: Property) -> str:
    if "\x00" in given or _SURROGATE.search(given):
        raise FieldError(
            f"{prop.label} holds a character that can't be stored (NUL, or half of one); remove it",
            "INVALID_STRING",
        )
    if len(given) > LONGEST:
        raise FieldError(
            f"{prop.label} has {len(given)} characters; shorten it to {LONGEST}", "PROPERTY_VALUE_TOO_LONG"
        )
    return given


def _email(given: str, prop: Property) -> str:
    address = _text(given, prop).strip().lower()
    if not _EMAIL.fullmatch(address):
        raise FieldError(f"Email address {given} is invalid; write it as name@example.com", "INVALID_EMAIL")
    return address


def _phone(given: str, prop: Property) -> str:
    number = _text(given, prop).strip()
    if not _PHONE.fullmatch(number):
        raise FieldError(
            f"{given} is not a phone number; write it as +45 12 34 56 78", "INVALID_PHONE_NUMBER"
        )
    return number


def _url(given: str, prop: Property) -> str:
    address = _text(given, prop).strip()
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("", "http", "https") or "." not in parts.netloc or " " in address:
        raise FieldError(f"{given} is not a web address; write it as https://example.com", "INVALID_URL")
    return address


TEXT = FieldType("text", "text", "text", _text, as_is, as_is)
LONG_TEXT = FieldType("long_text", "text", "text", _text, as_is, as_is)
EMAIL = FieldType("email", "text", "text", _email, as_is, as_is)
PHONE = FieldType("phone", "text", "text", _phone, as_is, as_is)
URL = FieldType("url", "text", "text", _url, as_is, as_is)
