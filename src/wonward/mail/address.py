"""Addresses of mail, with or without a name, taken apart strictly: nothing in one may end a line or begin another."""

import re
from dataclasses import dataclass
from email.headerregistry import Address as Header

_ENDS_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_WRITTEN = re.compile(r'(?:"?(?P<name>[^"<>]*?)"?\s*<(?P<in>[^<>]+)>|(?P<alone>[^<>]+))')
_ADDRESS = re.compile(
    r"""[^@\s,;:<>()\[\]"\\]{1,64}@(?P<domain>[^@\s,;:<>()\[\]"\\.]+(?:\.[^@\s,;:<>()\[\]"\\.]+)+)"""
)


@dataclass(frozen=True, slots=True)
class Address:
    """A name, which may be empty, and an address such as `post@nordisk.example`."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands after the @, in the letters that DNS has."""
        return self.address.rpartition("@")[2].encode("idna").decode("ascii")

    @property
    def envelope(self) -> str:
        """The address with its domain as DNS has it."""
        return f"{self.address.rpartition('@')[0]}@{self.domain}"

    @property
    def header(self) -> Header:
        """The address as the `email` package writes it into a header, encoding what must be."""
        return Header(self.name, self.address.rpartition("@")[0], self.domain)

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def address(text: str, name: str = "") -> Address | None:
    """Return one address, from `post@nordisk.example` or `Nordisk <post@nordisk.example>`; None for anything else."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or ends_a_line(text) or ends_a_line(name):
        return None
    alone = (found["in"] or found["alone"]).strip()
    if not _ADDRESS.fullmatch(alone) or alone.startswith(".") or ".." in alone or ".@" in alone:
        return None
    plain = re.sub(r'["<>]', " ", found["name"] or name)
    made = Address(" ".join(plain.split()), alone)
    try:
        return made if made.envelope else None
    except UnicodeError:  # DNS can't have such a domain
        return None


def ends_a_line(text: str) -> bool:
    """Tell whether a text holds what could end a line of a mail's head, or is no text to see."""
    return bool(_ENDS_A_LINE.search(text))
