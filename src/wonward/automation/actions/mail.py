"""Writes a mail about each enrolled record from a template; the outbox sends it once the step is committed."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from wonward.accounts.models import Member
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.errors import Invalid, placed
from wonward.expressions.variables import expression, parts, variables
from wonward.mail import send
from wonward.mail import template as templates
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.property_body import Name


class NewMail(Struct, forbid_unknown_fields=True):
    """The template, and whom it goes to: an address, or a text with variables that gives one.

    Answers go to the record's owner, or to the member who enrolled it.
    """

    template: Name
    to: str
    sender: Literal["owner", "enroller"] = "owner"


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
    written: dict[int, int] = {}
    for sender, rows in _by_sender(batch, new).items():
        ids = [batch.ids[row] for row in rows]
        with placed(rows):
            numbers = send.enqueue(batch.work, new.template, batch.kind, ids, to=new.to, sender=sender)
        written |= dict(zip(rows, numbers, strict=True))
    return [Done(f"wrote mail {written[row]} from {new.template}") for row in range(len(batch.ids))]


def _by_sender(batch: Batch, new: NewMail) -> dict[int | None, list[int]]:
    """Return the rows that each member's mails are about, None for those of the owners."""
    if new.sender == "owner":
        return {None: list(range(len(batch.ids)))}
    actors = [each.enrolled_by for each in batch.enrolments]
    users = {int(each.removeprefix("user:")) for each in actors if each.removeprefix("user:").isdecimal()}
    members = Member.objects.filter(portal_id=batch.work.catalog.portal_id, user_id__in=users, archived=False)
    by_actor = {f"user:{user}": number for user, number in members.values_list("user_id", "id")}
    found: dict[int | None, list[int]] = {}
    for row, actor in enumerate(actors):
        found.setdefault(by_actor.get(actor), []).append(row)
    return found


MAIL = Action("mail", MailStep, _parts, _do)
