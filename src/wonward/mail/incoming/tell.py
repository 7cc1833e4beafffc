"""Tells a member by mail what they can't see by themselves: a mail of theirs came back, their mailbox isn't read."""

from collections.abc import Mapping

from wonward.accounts.models import Member
from wonward.errors import Invalid
from wonward.mail import letter
from wonward.mail.address import address
from wonward.mail.letter import Letter
from wonward.mail.send import hurry, sender_of
from wonward.records.work import Work

MEMBER = "member"
"""What the letters are about; it is no object type, so they stand on no timeline."""

Wording = Mapping[str, tuple[str, str]]
"""Subject and text by language."""

CAME_BACK: Wording = {
    "da": (
        "Kom ikke frem: {subject}",
        "Mailen »{subject}« til {to} kom ikke frem.\n\nModtagerens server siger: {reason}\n",
    ),
    "en": (
        "Not delivered: {subject}",
        "The mail “{subject}” to {to} wasn't delivered.\n\nThe recipient's server says: {reason}\n",
    ),
}
MAILBOX_FAILS: Wording = {
    "da": (
        "Din postkasse kan ikke læses",
        (
            "Mails i {box} kommer ikke på tidslinjen, for den kan ikke læses.\n\n{reason}\n\n"
            "Forbind den igen, hvis adgangskoden er ændret. Ellers bliver den læst, så snart det kan lade sig gøre.\n"
        ),
    ),
    "en": (
        "Your mailbox can't be read",
        (
            "Mails in {box} don't come to the timeline, since it can't be read.\n\n{reason}\n\n"
            "Connect it again if its password has changed. Otherwise it is read as soon as it can be.\n"
        ),
    ),
}


def tell(work: Work, member: Member | None, wording: Wording, **facts: str) -> None:
    """Write a letter to a member; without a sender of mail, or an address of theirs, there is none."""
    to = address(str(member.email or ""), member.full_name) if member else None
    if member is None or member.archived or to is None:
        return
    try:
        sender_of(work.catalog)
    except Invalid:
        return
    language = work.catalog.language if work.catalog.language in wording else "en"
    subject, text = (said.format(**facts) for said in wording[language])
    letter.write(work, Letter((MEMBER, member.pk), to, language, subject, text))
    hurry(work.catalog.portal)
