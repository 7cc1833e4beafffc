"""The texts of templates: what of them is fixed and what is a variable, and what a variable stands for.

A variable is an expression over the record, as in `{{company.name}}` or `{{count(contacts)}}`. The template's
own object type may stand before a property (`{{deal.dealname}}`); `owner` and `sender` are people.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from wonward.errors import Invalid, Missing, Problem
from wonward.expressions import compile as expressions
from wonward.expressions.parse import parse
from wonward.expressions.place import Place, place_at, refusal
from wonward.expressions.scope import Scope
from wonward.expressions.sensitive import sensitive_properties
from wonward.expressions.suggest import listed
from wonward.expressions.tree import Reference
from wonward.expressions.variables import VARIABLE, Variable, expression, parts, variables
from wonward.schema.catalog import Catalog, MailTemplate, ObjectType, Property

PEOPLE = ("owner", "sender")
"""The record's owner, and who the mail is from."""

FIELDS = ("name", "first_name", "last_name", "title", "phone", "email")
"""What may be told of them."""


@dataclass(frozen=True, slots=True)
class Value:
    """A variable over the record: the expression, the family of what it gives, the property it is if it is one."""

    expression: str
    family: str
    property: Property | None


@dataclass(frozen=True, slots=True)
class Personal:
    """A variable about somebody: `owner` or `sender`, and one of FIELDS."""

    who: str
    field: str


def named(catalog: Catalog, name: str) -> MailTemplate:
    """Return a template of the portal; raise Missing naming those there are."""
    found = catalog.mail_templates.get(name)
    if found is None:
        there = listed(list(catalog.mail_templates)) or "none"
        raise Missing(
            f"There is no mail template '{name}'; this portal has {there}", code="MAIL_TEMPLATE_NOT_FOUND"
        )
    return found


def personal(variable: str) -> Personal | None:
    """Return whom and what of them a variable means; None for one over the record. Raise Invalid for no field."""
    who, dot, name = variable.partition(".")
    if who not in PEOPLE or (dot and not name.isidentifier()):
        return None
    if name not in FIELDS:
        message = f"'{variable}' isn't known; of {who} there are {', '.join(FIELDS)}"
        raise refusal(message, place_at(variable, 0, len(variable)))
    return Personal(who, name)


def meaning(catalog: Catalog, kind: ObjectType | None, variable: str) -> Value | Personal:
    """Return what a variable stands for; raise Invalid at its place, as for what isn't there or is sensitive.

    Without a type, as in a signature, it can only be about people.
    """
    about = personal(variable)
    if about:
        return about
    if kind is None:
        whole = place_at(variable, 0, len(variable))
        raise refusal(f"'{variable}' isn't known; a signature has sender.{', sender.'.join(FIELDS)}", whole)
    text = expression(kind, variable)
    tree = parse(text)
    compiled = expressions.value(catalog, kind, text)
    for _, read in sensitive_properties(catalog, kind, text):
        raise refusal(f"{read.label} is sensitive, so it can't stand in mail; leave it out", None)
    prop = Scope(catalog, kind).column(tree).property if isinstance(tree, Reference) else None
    return Value(text, compiled.family, prop)


def problems(catalog: Catalog, kind: ObjectType | None, text: str) -> Iterator[Problem]:
    """Yield what is wrong with the variables of a text, each at its line and column."""
    found = parts(text)
    for variable in variables(found):
        try:
            meaning(catalog, kind, variable.text)
        except Invalid as error:
            yield from (_placed(text, variable, problem) for problem in error.problems)
    closed = {variable.start for variable in variables(found)}
    rest = VARIABLE.sub(lambda match: "." * len(match[0]), text)
    for bracket in ("{{", "}}"):
        at = rest.find(bracket)
        if at >= 0:
            yield _at(text, at, f"'{bracket}' has no other end; write a variable as {{{{company.name}}}}")
    if "\ue000" in text or len(closed) > MOST_VARIABLES:
        yield Problem(f"it has more than {MOST_VARIABLES} variables, or a letter for private use (U+E000)")


MOST_VARIABLES = 100


def _placed(text: str, variable: Variable, problem: Problem) -> Problem:
    start = int(problem.context.get("start", 0))
    message = problem.message.partition(": ")[2] if "start" in problem.context else problem.message
    return replace(_at(text, variable.start + start, message), property=problem.property)


def _at(text: str, start: int, message: str) -> Problem:
    place: Place = place_at(text, start, start + 1)
    return Problem(f"line {place.line} column {place.column}: {message}", "INVALID_DEFINITION")
