"""Links to documents: made for somebody or for all who have them, opened by their secret, revoked."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password

from wonward.accounts.models import Member
from wonward.errors import Invalid, Missing, Problem
from wonward.mail.address import address
from wonward.records import correspondents, log
from wonward.records.log import Entry
from wonward.records.work import ChangeKind, Work
from wonward.schema.catalog import ObjectType
from wonward.sharing.models import Document, Link, Reader

MOST_READERS = 50
SHORTEST_PASSWORD = 8
About = tuple[ObjectType, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a link is to be: for the people of these addresses alone when it is *private*.

    A public one is for the contact with its one address, or for nobody in particular. `about` is the record that
    its views are told on too; `until` the last day that it works.
    """

    private: bool
    emails: Sequence[str] = ()
    about: About | None = None
    password: str = ""
    until: date | None = None


def make(work: Work, document: Document, maker: Member | None, wanted: Wanted) -> tuple[Link, str]:
    """Make a link and return it with its secret, which isn't kept; raise Invalid at what won't do."""
    work.require("share")
    emails = _addresses(wanted)
    known = correspondents.contacts(work.whole if wanted.private else work, emails)
    problems = [*_wrong(work, wanted, emails, known)]
    if problems:
        raise Invalid(problems)
    secret = secrets.token_urlsafe(32)
    about = wanted.about
    contact = about[1] if about and about[0].name == correspondents.CONTACT else None
    if contact is None and len(emails) == 1:
        contact = known.get(emails[0])
    record = about if about and about[0].name != correspondents.CONTACT else None
    made = Link.objects.create(
        document=document,
        portal_id=work.catalog.portal_id,
        maker=maker,
        digest=_digest(secret),
        private=wanted.private,
        password=make_password(wanted.password) if wanted.password else "",
        contact_id=contact,
        object_type=record[0].name if record else "",
        record_id=record[1] if record else None,
        made_at=work.now,
        expires_at=_end(work, wanted.until) if wanted.until else None,
    )
    if wanted.private:
        Reader.objects.bulk_create(
            [
                Reader(link=made, portal_id=made.portal_id, email=each, contact_id=known.get(each))
                for each in emails
            ]
        )
    log.append(work, told(made, "shared", made.contact_id, {"title": document.title}))
    return made, secret


def revoke(work: Work, document: Document, number: int) -> None:
    """Have a link work no longer; raise Missing."""
    work.require("share")
    found = Link.objects.filter(document=document, pk=number)
    if not found.filter(revoked_at=None).update(revoked_at=work.now) and not found.exists():
        raise Missing("There is no such link", code="DOCUMENT_LINK_NOT_FOUND")


def opened(secret: str) -> Link:
    """Return the link with a secret, also one that has ended; raise Missing."""
    joined = Link.objects.select_related("document", "portal", "maker")
    found = joined.filter(digest=_digest(secret)).first()
    if found is None:
        raise Missing("This link isn't known", code="DOCUMENT_LINK_NOT_FOUND")
    return found


def ended(link: Link, now: datetime) -> bool:
    """Tell whether a link works no longer."""
    return link.revoked_at is not None or (link.expires_at is not None and link.expires_at <= now)


def told(link: Link, what: ChangeKind, contact_id: int | None, said: Mapping[str, object]) -> list[Entry]:
    """Return the entries of the change log that tell something of a link: its contact's and its record's."""
    diff = {"document": link.document_id, "link": link.pk, "contact": contact_id, **said}
    about = [(correspondents.CONTACT, contact_id), (link.object_type, link.record_id)]
    if not any(number for _, number in about):
        about = [(link.document.object_type, link.document.record_id)]
    return [(what, name, number, diff) for name, number in about if number]


def _addresses(wanted: Wanted) -> list[str]:
    return list(dict.fromkeys(each.strip().lower() for each in wanted.emails if each.strip()))


def _wrong(work: Work, wanted: Wanted, emails: Sequence[str], known: Mapping[str, int]) -> Sequence[Problem]:
    """Return what won't do of a link, at the fields it was asked by."""
    problems = [
        Problem(f"'{each[:100]}' is no email address; write it as name@example.com", "INVALID", "emails")
        for each in emails
        if (found := address(each)) is None or found.name
    ]
    if not problems:
        problems = list(_wrong_people(wanted, emails, known))
    if wanted.password and len(wanted.password) < SHORTEST_PASSWORD:
        problems.append(
            Problem(f"A password has at least {SHORTEST_PASSWORD} characters", "INVALID", "password")
        )
    if wanted.until and wanted.until < work.today:
        problems.append(Problem("Choose today or a day to come", "INVALID", "until"))
    return problems


def _wrong_people(wanted: Wanted, emails: Sequence[str], known: Mapping[str, int]) -> Sequence[Problem]:
    if not wanted.private:
        if len(emails) > 1:
            said = "A link for all who have it is made for one contact at most; make one link for each"
            return [Problem(said, "INVALID", "emails")]
        return [
            Problem(f"No contact has the address {each}; create one first", "OBJECT_NOT_FOUND", "emails")
            for each in emails
            if each not in known
        ]
    if not emails:
        return [Problem("Name at least one person by their email address", "INVALID", "emails")]
    if len(emails) > MOST_READERS:
        return [Problem(f"Name at most {MOST_READERS} people", "INVALID", "emails")]
    if settings.SMTP is None or not address(settings.WONWARD_MAIL_FROM):
        said = (
            "People prove their address by a code that is mailed to them, and this server sends no mail; "
            "set WONWARD_SMTP and WONWARD_MAIL_FROM"
        )
        return [Problem(said, "MAIL_SERVER", "emails")]
    return []


def _end(work: Work, day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(work.catalog.time_zone))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
