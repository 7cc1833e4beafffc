"""Writes canonical text of properties for people: labels, names, money, dates, links.

A page makes one Values with the names of the owners it shows, and asks for the writer of each column once.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from html import escape, unescape
from urllib.parse import quote

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from wonward.records import amounts
from wonward.schema.catalog import Catalog, Property
from wonward.web import moments

Writer = Callable[[str], str]
NUMERIC = ("number", "currency")
NOTHING = SafeString("")
# A tag of an element that notes are written with; its attributes have values, unlike the words of `a<b and c>d`.
_TAG = re.compile(
    r"<(/?(?:p|div|br|span|a|b|i|u|strong|em|ul|ol|li|h[1-6]|table|tr|td|th|img|blockquote|pre|code|hr))"
    r"""(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=]+))*\s*/?>""",
    re.IGNORECASE,
)
_ENDS_A_LINE = {
    "br",
    "/p",
    "/div",
    "/li",
    "/h1",
    "/h2",
    "/h3",
    "/h4",
    "/h5",
    "/h6",
    "/tr",
    "/blockquote",
    "/pre",
}
_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")


class Values:
    """How values are written on one page: in the currency of the portal, with the names of its owners."""

    def __init__(self, catalog: Catalog, owners: Mapping[str, str]) -> None:
        self.currency = catalog.currency
        self.owners = owners

    def text(self, prop: Property, value: str | None) -> str:
        """Return a value as plain text; nothing for no value."""
        return self.writer(prop)(value) if value else ""

    def html(self, prop: Property, value: str | None) -> SafeString:
        """Return a value as HTML, with links and colours; nothing for no value."""
        return self.html_writer(prop)(value) if value else NOTHING

    def writer(self, prop: Property) -> Writer:
        """Return what writes values of a property as plain text."""
        if prop.name == "hs_object_id":
            return str
        if prop.type in ("enumeration", "boolean"):
            labels = {"true": "Yes", "false": "No"} if prop.type == "boolean" else self._labels(prop)
            return lambda value: labels.get(value, value)
        if prop.type == "multi_enumeration":
            labels = self._labels(prop)
            return lambda value: ", ".join(labels.get(part, part) for part in value.split(";"))
        return self._plain.get(prop.type, str)

    def html_writer(self, prop: Property) -> Callable[[str], SafeString]:
        """Return what writes values of a property as HTML; equal values are written once."""
        link = _LINKS.get(prop.type)
        if link:
            return link
        text = self.writer(prop)
        dots = {option.value: dot(option.colour) for option in prop.options if option.colour}
        return cache(lambda value: SafeString(dots.get(value, "") + escape(text(value))))

    @cached_property
    def _plain(self) -> Mapping[str, Writer]:
        language = get_language() or "en"  # asked for once: it takes longer than what is written in it
        return {
            "number": lambda value: amounts.number(value, language),
            "currency": lambda value: _money(value, self.currency, language),
            "date": lambda value: moments.day(date.fromisoformat(value), language),
            "datetime": lambda value: moments.full(datetime.fromisoformat(value), language),
            "owner": lambda value: self.owners.get(value, f"Owner {value}"),
            "long_text": without_html,
        }

    @staticmethod
    def _labels(prop: Property) -> Mapping[str, str]:
        return {option.value: option.label for option in prop.options}


@lru_cache(maxsize=10_000)
def _money(text: str, currency: str, language: str) -> str:
    return amounts.money(Decimal(text), currency, language)


def without_html(text: str) -> str:
    """Return text that may be HTML, as other programs store notes, as the plain text it shows."""
    if not _TAG.search(text):
        return text
    return unescape(_TAG.sub(lambda tag: "\n" if tag[1].lower() in _ENDS_A_LINE else "", text)).strip()


def dot(colour: str | None) -> SafeString:
    """Return a small disc in the colour of an option; an attribute, since styles in pages are forbidden."""
    if not colour or not _COLOUR.fullmatch(colour):
        colour = "currentColor"
    return format_html(
        '<svg class="dot" width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">'
        '<circle cx="4" cy="4" r="4" fill="{}"/></svg>',
        colour,
    )


def _email(value: str) -> SafeString:
    return _link(f"mailto:{quote(value, safe='@+')}", value)


def _phone(value: str) -> SafeString:
    return _link(f"tel:{re.sub(r'[^+0-9]', '', value)}", value)


def _url(value: str) -> SafeString:
    address = value if _WEB_ADDRESS.match(value) else f"https://{value.lstrip('/')}"
    return format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', address, value)


def _link(address: str, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, text)


_LINKS: Mapping[str, Callable[[str], SafeString]] = {"email": _email, "phone": _phone, "url": _url}
