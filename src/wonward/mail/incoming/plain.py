"""HTML of a mail as the text that people read in it: nothing of it is kept as markup."""

import re
from html.parser import HTMLParser

_UNSEEN = {"head", "script", "style", "title", "template"}
_BREAKS = {
    "br",
    "p",
    "div",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
}


class _Reader(HTMLParser):
    """Collects text outside of what browsers don't show, with a line break where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag in _UNSEEN:
            self.hidden += 1
        if tag in _BREAKS:
            self.pieces.append({"li": "\n• ", "p": "\n\n"}.get(tag, "\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN and self.hidden:
            self.hidden -= 1
        if tag in _BREAKS - {"br", "hr", "li"}:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.pieces.append(re.sub(r"\s+", " ", data))


def text_of(html: str) -> str:
    """Return what a page of HTML says, at most one empty line between its blocks."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [line.strip() for line in "".join(reader.pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
