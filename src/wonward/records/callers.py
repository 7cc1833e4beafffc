"""Finds who has a telephone number, in whatever way it is spelled here or there: for caller ID.

Candidates come from the search index, which has numbers as digits; what counts is that the numbers are the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wonward.errors import Invalid
from wonward.records import query, search
from wonward.records.names import unnamed
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.search_index import COUNTRY_CODES

MOST = 20
"""Records of a type that are looked at."""

SHORTEST, LONGEST = 5, 20
"""Digits that a number may have; E.164 allows 15, and extensions stand behind."""

_CODE = re.compile(rf"({COUNTRY_CODES})0*(.*)")


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number: its digits, its country's code if it names one, and the digits after that."""

    digits: str
    code: str
    national: str

    def same(self, other: "Number") -> bool:
        """Tell whether two spellings mean one number; one that names no country may be of any."""
        if self.digits == other.digits:
            return True
        return self.national == other.national and (
            not self.code or not other.code or self.code == other.code
        )

    def __str__(self) -> str:
        return f"+{self.digits}" if self.code else self.digits


@dataclass(frozen=True, slots=True)
class Caller:
    """A record with the number: what it is called, and the property that has it with what stands there."""

    kind: ObjectType
    record_id: int
    name: str
    property: str
    value: str


def number(text: str) -> Number | None:
    """Read a number as people write it: `+45 12 34 56 78`, `0045-12345678`, `(020) 7946 0018`; None for none."""
    digits = re.sub(r"\D", "", text)
    abroad = text.lstrip(" (").startswith(("+", "00"))
    if abroad:
        digits = digits if text.lstrip(" (").startswith("+") else digits[2:]
    found = _CODE.fullmatch(digits) if abroad else None
    code, national = (found[1], found[2]) if found else ("", digits.lstrip("0"))
    if not digits.isascii() or not SHORTEST <= len(digits) <= LONGEST or not national:
        return None
    return Number(digits if abroad else digits.lstrip("0"), code, national)


def find(work: Work, text: str, kinds: Sequence[ObjectType]) -> list[Caller]:
    """Return the records that have a number in a telephone property that they are searched by, type by type.

    Raise Invalid for what is no number.
    """
    wanted = number(text)
    if wanted is None:
        raise Invalid(
            f"'{text[:50]}' is no telephone number; write it as +4512345678", code="INVALID_PHONE_NUMBER"
        )
    return [caller for kind in kinds for caller in _of_type(work, kind, wanted)]


def _of_type(work: Work, kind: ObjectType, wanted: Number) -> list[Caller]:
    searched = [kind.properties[name] for name in kind.search if name in kind.properties]
    phones = [prop.name for prop in searched if prop.type == "phone" and not prop.masked]
    if not phones:
        return []
    named = [name for name in kind.display if not kind.properties[name].masked]
    asked = Query(kind, search.matching(work, kind, str(wanted)), limit=MOST)
    found = []
    for record_id, *texts in query.rows(work, asked, [*phones, *named]):
        name = " ".join(filter(None, texts[len(phones) :])) or unnamed(kind, record_id)
        for prop, value in zip(phones, texts, strict=False):
            there = number(value) if value else None
            if there and wanted.same(there):
                found.append(Caller(kind, record_id, name, prop, value))
                break
    return found
