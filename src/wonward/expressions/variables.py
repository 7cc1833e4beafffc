"""Texts with variables, as in `Til {{company.name}}`: what of them is fixed and what is an expression over a record."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wonward.schema.catalog import ObjectType

VARIABLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Variable:
    """What stands between `{{` and `}}`, and where."""

    text: str
    start: int


Part = str | Variable


def parts(text: str) -> list[Part]:
    """Take a text apart; what isn't closed stays fixed text."""
    found: list[Part] = []
    end = 0
    for match in VARIABLE.finditer(text):
        inside = match[1]
        found += [text[end : match.start()], Variable(inside.strip(), _inner_start(match))]
        end = match.end()
    return [part for part in (*found, text[end:]) if part != ""]


def _inner_start(match: re.Match[str]) -> int:
    return match.start(1) + len(match[1]) - len(match[1].lstrip())


def variables(found: Sequence[Part]) -> Iterator[Variable]:
    """Yield the variables of a text."""
    yield from (part for part in found if isinstance(part, Variable))


def expression(kind: ObjectType, variable: str) -> str:
    """Return the expression that a variable over a record is: `deal.dealname` is `dealname` to a deal."""
    owner, dot, name = variable.partition(".")
    if dot and name.isidentifier() and owner in (kind.name, kind.plural):
        return name
    return variable
