"""Blind copies: every member has an address of their own, and a mail of theirs that is copied there is filed.

The address holds a token that only the member knows; a letter whose sender isn't that member is set aside.
"""

import secrets
from base64 import b32encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from django.conf import settings

from wonward import clock
from wonward.accounts.models import Member
from wonward.errors import Invalid
from wonward.mail.incoming import bounce, enclosures, letter
from wonward.mail.incoming.file import file
from wonward.mail.incoming.imap import Access
from wonward.mail.incoming.letter import Letter
from wonward.mail.incoming.models import LoggingAddress, Mailbox
from wonward.mail.incoming.read import MoveOn
from wonward.records.work import Work
from wonward.settings import MailIn

Opener = Callable[[str, str], AbstractContextManager[Work]]
"""portal, actor -> work that writes it."""

Answers = Callable[[Letter, str, MoveOn, Opener], bool]
"""Does what a letter answers to an invitation of a portal, of any for "", and moves on; False for other letters."""

ACTOR = "mail"
_TOKEN_BYTES = 10


def address_of(member: Member, *, renew: bool = False) -> str:
    """Return the address that logs a member's mails, made when there is none; `renew` ends the one before.

    Raise Invalid when the server reads no mailbox, or the member has no address to write from.
    """
    box = _box()
    if not member.email or member.archived:
        raise Invalid(f"{member} has no email address to write from; give them one", code="MAIL_ADDRESS")
    made = {"token": _token(), "made_at": clock.now()}
    if renew:
        found, _ = LoggingAddress.objects.update_or_create(member=member, defaults=made)
    else:
        found, _ = LoggingAddress.objects.get_or_create(member=member, defaults=made)
    return box.logging(found.token)


def own_mailbox() -> tuple[Mailbox, Access] | None:
    """Return the server's own mailbox, as the settings name it, and how it is entered; None without one."""
    box: MailIn | None = settings.MAIL_IN
    if box is None:
        return None
    now = clock.now()
    found, _ = Mailbox.objects.get_or_create(
        member=None,
        host=box.host,
        user=box.user,
        defaults={"port": box.port, "connected_at": now, "next_at": now},
    )
    return found, Access(box.host, box.port, box.user, box.password, box.ca)


def folder() -> str:
    """Return the folder of the server's mailbox that is read."""
    return _box().folder


def take(raw: bytes, move_on: MoveOn, opener: Opener, answers: Answers) -> str:
    """File a message that reached the server's mailbox; return why it can't be."""
    notice = bounce.read(raw)
    if notice is not None:
        return bounce.take(notice, move_on, opener)
    found = letter.read(raw, clock.now())
    if answers(found, "", move_on, opener):
        return ""
    member = _logged_by(found.reached)
    if member is None or found.sender.address.lower() not in _own_addresses(member):
        return _unlogged(found, member)
    with opener(member.portal.name, ACTOR) as work:
        filed = file(work, found, member, creates=work.catalog.mail_creates_contacts)
        waiting = enclosures.waiting(work, found)
        if waiting is None and (filed.record_id is not None or filed.there):
            move_on()
            return ""
    if waiting is None:
        return f"It isn't filed: {filed.why}"
    enclosures.keep(waiting, found, partial(opener, member.portal.name, ACTOR), move_on)
    return ""


def _unlogged(found: Letter, member: Member | None) -> str:
    """Return why a letter is nobody's to log, though it may have reached the address of a member."""
    sender = found.sender.address
    if member is None:
        return f"None of the addresses it was sent to logs mail; it is from {sender}"
    return f"It is from {sender}, not from {member.email}, whose logging address it was sent to"


def _logged_by(reached: frozenset[str]) -> Member | None:
    box = _box()
    name, _, domain = box.address.rpartition("@")
    tokens = [
        each[len(name) + 1 : -len(domain) - 1]
        for each in reached
        if each.startswith(f"{name}+") and each.endswith(f"@{domain}")
    ]
    owners = LoggingAddress.objects.filter(token__in=tokens[:100], member__archived=False)
    found = owners.select_related("member__portal", "member__user").first()
    return found.member if found else None


def _own_addresses(member: Member) -> set[str]:
    user = member.user.email if member.user else None
    return {each.lower() for each in (member.email, user) if each}


def _box() -> MailIn:
    box: MailIn | None = settings.MAIL_IN
    if box is None:
        raise Invalid("The server reads no mailbox; set WONWARD_MAIL_IN", code="MAIL_BOX")
    return box


def _token() -> str:
    return b32encode(secrets.token_bytes(_TOKEN_BYTES)).decode("ascii").lower()
