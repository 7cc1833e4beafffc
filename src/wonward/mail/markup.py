"""Turns a text with a little Markdown into HTML, and puts values into it that stay what they are: plain text.

Markdown is read before the values are there, so that nothing in a value can become markup.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from urllib.parse import quote

from markdown_it import MarkdownIt

from wonward.expressions.variables import Part, Variable

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(["image", "code", "reference"])
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(rf"{_OPEN}(\d+){_CLOSE}|{quote(_OPEN)}(\d+){quote(_CLOSE)}")

PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"></head>
<body style="font-family: sans-serif; line-height: 1.5">
{body}</body></html>
"""


def text(parts: Sequence[Part], values: Mapping[str, str]) -> str:
    """Return a text with its values, as it is read without HTML."""
    return "".join(part if isinstance(part, str) else values[part.text] for part in parts)


def html(parts: Sequence[Part], values: Mapping[str, str]) -> str:
    """Return a text with its values as HTML, without the page around it."""
    return filled(tuple(parts), values)


def filled(parts: tuple[Part, ...], values: Mapping[str, str]) -> str:
    """Return the HTML of a text, its values escaped; within the address of a link they are quoted."""
    names = [part.text for part in parts if isinstance(part, Variable)]

    def value(place: re.Match[str]) -> str:
        shown, linked = place.groups()
        if shown is None:
            return quote(values[names[int(linked)]], safe="")
        return escape(values[names[int(shown)]]).replace("\n", "<br>\n")

    return _PLACE.sub(value, shape(parts))


@lru_cache(maxsize=256)
def shape(parts: tuple[Part, ...]) -> str:
    """Return the HTML of a text with marks where its values will stand."""
    number = iter(range(len(parts)))
    marked = "".join(part if isinstance(part, str) else f"{_OPEN}{next(number)}{_CLOSE}" for part in parts)
    made: str = _MARKDOWN.render(marked)
    return made


def begins_with_a_value(parts: Sequence[Part]) -> bool:
    """Tell whether the address of a link begins with a variable: nobody could say where it would lead."""
    return f'href="{quote(_OPEN)}' in shape(tuple(parts))
