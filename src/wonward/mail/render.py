"""Writes a template out for records: subject, text and HTML, with the signature of whoever the mail is from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wonward.accounts.models import Member
from wonward.errors import Invalid, Problem
from wonward.expressions.variables import Part, parts, variables
from wonward.mail import facts, markup
from wonward.mail import template as templates
from wonward.mail.address import ends_a_line
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, MailTemplate

SIGNATURE = "-- \n"
"""What stands before a signature in plain text, as mail programs know it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail about a record, written out; `sender` is the member it is from, `to` the address as it was asked for."""

    record_id: int
    language: str
    subject: str
    text: str
    html: str
    sender: Member | None
    to: str


def preview(work: Work, template: str, record_id: int, language: str | None = None) -> Rendered:
    """Return the mail that a template gives for a record; raise Missing without the one or the other."""
    return render(work, templates.named(work.catalog, template), [record_id], language=language)[0]


def render(
    work: Work,
    template: MailTemplate,
    ids: Sequence[int],
    *,
    to: str = "",
    language: str | None = None,
    sender: int | None = None,
) -> list[Rendered]:
    """Return a mail for each record, in the order of `ids`.

    `to` is a text with variables. Without a language it is the portal's if the template has it, else the
    template's first; without a sender it is from the record's owner. Raise Missing or Invalid with the row of
    each record that isn't there, or whose subject would be more than a line.
    """
    kind = work.catalog.object_types[template.object_type]
    spoken = _language(work, template, language)
    said = template.texts[spoken]
    subject, body, address = (parts(text) for text in (said.subject, said.body, to))
    signature = [parts(line) for line in work.catalog.mail_signature.get(spoken, "").splitlines()]
    wanted = {each.text for text in (subject, body, address, *signature) for each in variables(text)}
    found = facts.gather(work, kind, ids, wanted, sender, spoken)
    rendered = []
    for each in found:
        signed = _signed(signature, each.values)
        rendered.append(
            Rendered(
                each.record_id,
                spoken,
                markup.text(subject, each.values).strip(),
                _text(body, signed, each.values),
                _html(body, signed, each.values, spoken),
                each.sender,
                markup.text(address, each.values).strip(),
            )
        )
    _refuse_many_lines(rendered)
    return rendered


def signature(catalog: Catalog, sender: Member, language: str) -> str:
    """Return what stands under the mails of a member in a language, as text; "" where the portal says nothing."""
    lines = [parts(line) for line in catalog.mail_signature.get(language, "").splitlines()]
    values = facts.of_sender(sender, {each.text for line in lines for each in variables(line)})
    return markup.text(_signed(lines, values), values).strip()


def _language(work: Work, template: MailTemplate, asked: str | None) -> str:
    if asked is None:
        spoken = work.catalog.language
        return spoken if spoken in template.texts else next(iter(template.texts))
    if asked not in template.texts:
        raise Invalid(
            f"The mail template {template.name} isn't written in '{asked}' but in {', '.join(template.texts)}",
            code="MAIL_LANGUAGE",
        )
    return asked


def _signed(lines: Sequence[Sequence[Part]], values: Mapping[str, str]) -> list[Part]:
    """Return a signature without the lines that would tell nothing, such as the phone of who has none."""
    kept: list[Part] = []
    for line in lines:
        named = list(variables(line))
        if not named or any(values[each.text] for each in named):
            kept += [*line, "\n"]
    return kept


def _text(body: Sequence[Part], signature: Sequence[Part], values: Mapping[str, str]) -> str:
    text = markup.text(body, values).rstrip() + "\n"
    signed = markup.text(signature, values).strip()
    return f"{text}\n{SIGNATURE}{signed}\n" if signed else text


def _html(body: Sequence[Part], signature: Sequence[Part], values: Mapping[str, str], language: str) -> str:
    whole = markup.html(body, values)
    signed = markup.html(signature, values)
    if signed:
        whole += f'<div style="color: #555">\n{signed}</div>\n'
    return markup.PAGE.format(language=language, body=whole)


def _refuse_many_lines(rendered: Sequence[Rendered]) -> None:
    """Raise Invalid where a value would end the line of the subject, and begin a head of its own."""
    problems = [
        Problem(
            f"The subject would be more than one line, by a value of record {each.record_id}; take the line break "
            "out of the value, or the variable out of the subject",
            "MAIL_SUBJECT",
            row=row,
        )
        for row, each in enumerate(rendered)
        if ends_a_line(each.subject)
    ]
    if problems:
        raise Invalid(problems)
