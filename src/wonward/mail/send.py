"""Puts mails into the outbox, in the caller's transaction: nothing is sent unless it commits, and then it is."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from procrastinate.contrib.django import app

from wonward.errors import Invalid, Problem
from wonward.expressions import compile as expressions
from wonward.expressions import tree
from wonward.mail import render
from wonward.mail import template as templates
from wonward.mail.address import Address, address
from wonward.mail.incoming.models import DeadAddress
from wonward.mail.models import OutgoingMail, State
from wonward.mail.render import Rendered
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType

JOB = "send_mail"
CONTACT, EMAIL = "contact", "email"
MOST_REFERENCES = 10
AT_ONCE = 400
"""Addresses looked for in one statement."""

_ANSWERING = re.compile(r"((re|sv|vs|aw|fwd?|vb)\s*:\s*)+", re.IGNORECASE)


def enqueue(
    work: Work,
    template: str,
    kind: ObjectType,
    record_ids: Sequence[int],
    *,
    to: str,
    language: str | None = None,
    sender: int | None = None,
) -> list[int]:
    """Write a mail about each record into the outbox and return the mails' numbers, in the same order.

    `to` is an address or a text with variables that gives one: `{{contact.email}}`, `{{owner.email}}`. The
    portal says who it is from; answers go to `sender`, a member, else to the record's owner. Raise Missing or
    Invalid with the row of each record that can't be written about; then nothing is written.
    """
    found = templates.named(work.catalog, template)
    if kind.name != found.object_type:
        raise Invalid(
            f"The mail template {template} is for {found.object_type}, not for {kind.name}",
            code="MAIL_TEMPLATE_TYPE",
        )
    origin = sender_of(work.catalog)
    if not record_ids:
        return []
    rendered = render.render(work, found, record_ids, to=to, language=language, sender=sender)
    receivers = _receivers(rendered)
    _refuse_dead(work, receivers)
    contacts = _contacts(work, {each.address.lower() for each in receivers})
    earlier = _earlier(work, rendered)
    mails = [
        _mail(work, found.name, each, receiver, contacts, earlier, origin)
        for each, receiver in zip(rendered, receivers, strict=True)
    ]
    made = OutgoingMail.objects.bulk_create(mails)
    hurry(work.catalog.portal)
    return [each.pk for each in made]


def hurry(portal: str) -> None:
    """Have the worker look into the outbox of a portal once the transaction has committed."""
    app.configure_task(JOB, lock=f"mail:{portal}").defer(portal=portal)


def sender_of(catalog: Catalog) -> Address:
    """Return who the mail of a portal is from; raise Invalid when nobody has said."""
    found = address(catalog.mail_from or settings.WONWARD_MAIL_FROM)
    if found is None:
        raise Invalid(
            "This portal has no sender of mail; say mail_from: Name <name@example.com> under portal:, or set "
            "WONWARD_MAIL_FROM for the server",
            code="MAIL_SENDER",
        )
    return found


def thread_of(subject: str) -> str:
    """Return what mails of one conversation have in common: the subject without `Re:`, `Sv:` and the like."""
    plain = " ".join(subject.split())
    return _ANSWERING.sub("", plain, count=1).casefold() if _ANSWERING.match(plain) else plain.casefold()


def _receivers(rendered: Sequence[Rendered]) -> list[Address]:
    found = [address(each.to) for each in rendered]
    problems = [
        Problem(
            f"The mail about record {each.record_id} has no address to go to"
            + (f": '{each.to}' is none" if each.to else "; fill it in on the record, or give another"),
            "MAIL_ADDRESS",
            row=row,
        )
        for row, (each, receiver) in enumerate(zip(rendered, found, strict=True))
        if receiver is None
    ]
    if problems:
        raise Invalid(problems)
    return [each for each in found if each]


def _refuse_dead(work: Work, receivers: Sequence[Address]) -> None:
    """Raise Invalid for addresses from which mail came back for good."""
    wanted = {each.address.lower() for each in receivers}
    dead = DeadAddress.objects.filter(portal_id=work.catalog.portal_id, address__in=wanted)
    reasons = dict(dead.values_list("address", "reason"))
    problems = [
        Problem(
            f"Mail to {each.address} came back: {reasons[each.address.lower()]}. Correct the address; if it works "
            "again, send the mail that came back once more (wonward mail retry)",
            "MAIL_BOUNCED",
            row=row,
        )
        for row, each in enumerate(receivers)
        if each.address.lower() in reasons
    ]
    if problems:
        raise Invalid(problems)


def _contacts(work: Work, addresses: Iterable[str]) -> Mapping[str, tuple[int, str]]:
    """Return the contact that has each address, and its name."""
    kind = work.catalog.object_types.get(CONTACT)
    if kind is None or EMAIL not in kind.properties:
        return {}
    wanted, found = sorted(addresses), dict[str, tuple[int, str]]()
    names = [name for name in kind.display if name != EMAIL]
    for start in range(0, len(wanted), AT_ONCE):
        texts = tuple(tree.Text(each) for each in wanted[start : start + AT_ONCE])
        where = expressions.compile_condition(
            work.catalog, kind, tree.Membership(tree.Reference(EMAIL), texts)
        )
        for number, email, *name in query.rows(work, Query(kind, where=where), [EMAIL, *names]):
            found.setdefault(email, (number, " ".join(" ".join(filter(None, name)).split())))
    return found


Thread = tuple[int, str, str]
"""The record, the receiver and the subject that mails have in common."""


def _earlier(work: Work, rendered: Sequence[Rendered]) -> Mapping[Thread, str]:
    """Return what a new mail of each thread refers to: the mails before it, the last one last."""
    of_records = OutgoingMail.objects.filter(
        portal_id=work.catalog.portal_id,
        record_id__in=[each.record_id for each in rendered],
        thread__in={thread_of(each.subject) for each in rendered},
    )
    known = of_records.exclude(state__in=(State.FAILED, State.BOUNCED)).order_by("id")
    found: dict[Thread, str] = {}
    for number, to, thread, message_id, before in known.values_list(
        "record_id", "to_address", "thread", "message_id", "references"
    ):
        ids = [*before.split(), message_id]
        found[number, to, thread] = " ".join([ids[0], *ids[1:][1 - MOST_REFERENCES :]])
    return found


def _mail(
    work: Work,
    template: str,
    each: Rendered,
    receiver: Address,
    contacts: Mapping[str, tuple[int, str]],
    earlier: Mapping[Thread, str],
    origin: Address,
) -> OutgoingMail:
    contact_id, name = contacts.get(receiver.address.lower(), (None, ""))
    answers = address(each.sender.email, each.sender.full_name) if each.sender and each.sender.email else None
    thread = thread_of(each.subject)
    return OutgoingMail(
        portal_id=work.catalog.portal_id,
        object_type=work.catalog.mail_templates[template].object_type,
        record_id=each.record_id,
        contact_id=contact_id,
        template=template,
        language=each.language,
        sender=each.sender,
        reply_to=str(answers) if answers else "",
        to_name=receiver.name or name,
        to_address=receiver.address,
        subject=each.subject,
        text=each.text,
        html=each.html,
        message_id=f"<{secrets.token_hex(16)}@{origin.domain}>",
        thread=thread,
        references=earlier.get((each.record_id, receiver.address, thread), ""),
        actor=work.actor,
        created_at=work.now,
        queued_at=work.now,
        due_at=work.now,
    )
