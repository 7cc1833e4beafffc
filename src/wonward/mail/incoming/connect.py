"""Members' own mailboxes: connected with a password that is kept sealed, read from that moment on.

Only letters with people who are contacts are filed; the rest is read past and leaves nothing behind.
"""

from collections.abc import Sequence
from functools import partial

from wonward import clock, outgoing
from wonward.accounts.models import Member
from wonward.db import secrets, transaction
from wonward.errors import Invalid, Missing
from wonward.mail.incoming import bounce, enclosures, imap, letter
from wonward.mail.incoming.copies import ACTOR, Answers, Opener
from wonward.mail.incoming.file import file
from wonward.mail.incoming.imap import Access, Away, Box
from wonward.mail.incoming.models import Mailbox
from wonward.mail.incoming.read import MoveOn, place

INBOX = "INBOX"
PURPOSE = "mailbox"
PORT = 993


def member_named(portal: str, email: str) -> Member:
    """Return the member of a portal with an email address; raise Missing."""
    members = Member.objects.select_related("portal", "user").filter(portal__name=portal, archived=False)
    found = members.filter(email__iexact=email).first()
    if found is None:
        raise Missing(f"There is no member with the address {email} in {portal}", code="OBJECT_NOT_FOUND")
    return found


def connect(member: Member, host: str, user: str, password: str, port: int = PORT) -> Mailbox:
    """Connect a member's mailbox, in place of the one before; raise a refusal when it can't be entered.

    What is in it now isn't read: reading begins with what comes next.
    """
    if not (host and user and password):
        raise Invalid("Give the server, the user and the password of the mailbox", code="MAIL_BOX")
    access = _access(host, port, user, password)
    with imap.opened(access) as box:
        seen = {name: box.open_folder(name) for name in folders(box)}
    now = clock.now()
    with transaction.atomic():
        Mailbox.objects.filter(member=member).delete()
        made = Mailbox.objects.create(
            member=member,
            host=host,
            port=port,
            user=user,
            password=secrets.seal(password, PURPOSE),
            connected_at=now,
            next_at=now,
        )
        for name, numbers in seen.items():
            place(made, name, numbers, numbers.next_uid - 1)
    return made


def disconnect(member: Member) -> bool:
    """Forget a member's mailbox and its password; return whether there was one. What was filed stays."""
    count, _ = Mailbox.objects.filter(member=member).delete()
    return bool(count)


def access_to(mailbox: Mailbox) -> Access:
    """Return how a member's mailbox is entered; raise Away when its server may not be asked."""
    try:
        password = secrets.unseal(mailbox.password, PURPOSE)
    except secrets.Unreadable as error:
        raise Away(f"Connect the mailbox again: {error}", code="MAIL_BOX") from error
    try:
        return _access(mailbox.host, mailbox.port, mailbox.user, password)
    except (outgoing.NotAllowed, outgoing.Failed) as error:
        raise Away(str(error), code="MAIL_BOX") from error


def folders(box: Box) -> Sequence[str]:
    """Return the folders that are read: what comes in, and what was sent where the server has a folder of it."""
    sent = box.sent_folder()
    return (INBOX, sent) if sent else (INBOX,)


def take(mailbox: Mailbox, raw: bytes, move_on: MoveOn, opener: Opener, answers: Answers) -> str:
    """File a message of a member's mailbox when it is with contacts; nothing else of it is told or kept."""
    notice = bounce.read(raw)
    if notice is not None and bounce.is_ours(notice, mailbox.member):
        return bounce.take(notice, move_on, opener)
    member = mailbox.member
    if member is None or member.archived:
        raise Away("Its member isn't in the portal any more", code="MAIL_BOX")
    found = letter.read(raw, clock.now())
    if answers(found, member.portal.name, move_on, opener):
        return ""
    with opener(member.portal.name, ACTOR) as work:
        file(work, found, member, creates=False)
        waiting = enclosures.waiting(work, found)
        if waiting is None:
            move_on()
    if waiting is not None:
        enclosures.keep(waiting, found, partial(opener, member.portal.name, ACTOR), move_on)
    return ""


def _access(host: str, port: int, user: str, password: str) -> Access:
    found = tuple(str(each) for each in outgoing.places(host, port))
    return Access(host, port, user, password, places=found)
