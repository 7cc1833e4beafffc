"""Writes a mail about each enrolled record from a template; the outbox sends it once the step is committed."""

from collections.abc import Iterator

from msgspec import Struct

from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.errors import Invalid
from wonward.expressions.variables import expression, parts, variables
from wonward.mail import send
from wonward.mail import template as templates
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.property_body import Name


class NewMail(Struct, forbid_unknown_fields=True):
    """The template, and whom it goes to: an address, or a text with variables that gives one."""

    template: Name
    to: str


class MailStep(Struct, forbid_unknown_fields=True):
    """The mail to send."""

    mail: NewMail


def _parts(catalog: Catalog, kind: ObjectType, said: MailStep) -> Iterator[Part]:
    found = templates.named(catalog, said.mail.template)
    if found.object_type != kind.name:
        raise Invalid(f"the mail template {found.name} is for {found.object_type}, not for {kind.name}")
    wrong = list(templates.problems(catalog, kind, said.mail.to))
    if wrong:
        raise Invalid(wrong)
    yield Part("template", kind, uses=("mail_template", found.name))
    for variable in variables(parts(said.mail.to)):
        if templates.personal(variable.text) is None:
            yield Part("to", kind, expression=expression(kind, variable.text))


def _do(batch: Batch) -> list[Done]:
    new: NewMail = batch.step.said.mail
    numbers = send.enqueue(batch.work, new.template, batch.kind, batch.ids, to=new.to)
    return [Done(f"wrote mail {number} from {new.template}") for number in numbers]


MAIL = Action("mail", MailStep, _parts, _do)
