"""Checks what a portal says about mail against its catalog: every variable, link, signature and sender."""

from collections.abc import Iterator
from dataclasses import replace

from wonward.errors import Problem
from wonward.expressions.variables import parts
from wonward.mail import markup, template
from wonward.mail.address import address, ends_a_line
from wonward.schema.catalog import Catalog, ObjectType


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield what is wrong with the mail of a portal, each with the definition and the place in it."""
    if catalog.mail_from and address(catalog.mail_from) is None:
        yield _problem(
            f"portal: mail_from '{catalog.mail_from}' is no address; write Name <name@example.com>"
        )
    for language, text in catalog.mail_signature.items():
        yield from _text(catalog, None, text, f"portal: mail_signature {language}")
    for each in catalog.mail_templates.values():
        kind = catalog.object_types[each.object_type]
        for language, written in each.texts.items():
            place = f"mail_template {each.name}: {language}"
            yield from _text(catalog, kind, written.subject, f"{place} subject")
            if ends_a_line(written.subject):
                yield _problem(f"{place} subject: it is one line; take the line break out")
            yield from _text(catalog, kind, written.body, f"{place} body")


def _text(catalog: Catalog, kind: ObjectType | None, text: str, place: str) -> Iterator[Problem]:
    found = list(template.problems(catalog, kind, text))
    yield from (replace(_problem(f"{place} {each.message}"), property=each.property) for each in found)
    if not found and markup.begins_with_a_value(parts(text)):
        yield _problem(f"{place}: the address of a link begins with https:// or mailto:, not with a variable")


def _problem(message: str) -> Problem:
    return Problem(message, "INVALID_DEFINITION")
