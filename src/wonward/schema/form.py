"""A form as the catalog holds it: what people outside are asked, what they agree to, what they are told after. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

CONTACT, COMPANY, EMAIL = "contact", "company", "email"
"""The object types that a form may ask about, and the property that it finds the contact by."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One property that a form fills, `company.name` for one of the company's; the label is its own or the property's.

    A hidden one isn't asked: it gets a fixed `value`, or what stands in the page's address under `query`.
    `overwrite` lets an answer take the place of what the contact has.
    """

    name: str
    label: str = ""
    description: str = ""
    required: bool = False
    hidden: bool = False
    value: str | None = None
    query: str | None = None
    overwrite: bool = False

    @property
    def object_type(self) -> str:
        """The object type that has the property."""
        return COMPANY if "." in self.name else CONTACT

    @property
    def own_name(self) -> str:
        """The name of the property without its type's."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Consent:
    """Something that people agree to by a tick; its text is kept with the answer. `sets` is a contact's yes/no."""

    name: str
    label: str
    required: bool = False
    sets: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form; `message` is what stands there once it is sent, `go_to` where that leads on."""

    name: str
    label: str
    fields: tuple[FormField, ...]
    consents: tuple[Consent, ...] = ()
    description: str = ""
    button: str = ""
    message: str = ""
    go_to: str = ""

    @property
    def asked(self) -> Iterator[FormField]:
        """The fields that people fill in."""
        return (each for each in self.fields if not each.hidden)

    @property
    def hidden(self) -> Iterator[FormField]:
        """The fields that nobody fills in."""
        return (each for each in self.fields if each.hidden)
