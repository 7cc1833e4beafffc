"""How readers prove that they may read: by a code that was mailed to them, by the link's password.

A code is good for a quarter of an hour, a few tries and once. What was proven is remembered in a signed text that the
reader's browser keeps.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import check_password
from django.core import signing
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from wonward import clock
from wonward.db import transaction
from wonward.sharing.links import ended
from wonward.sharing.models import Link, Reader

JOB = "send_document_code"
GOOD_FOR = timedelta(minutes=15)
REMEMBERED = timedelta(hours=12)
MOST_TRIES = 5
_DIGITS = 8
_SALT = "wonward.sharing.proof"

Post = Callable[[str, str, str, str], None]
"""name, address, subject, text -> sent, or refused by an exception."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody has proven of a link: who they are, None for nobody, and that they know its password."""

    reader: Reader | None = None
    password: bool = False

    def lacks(self, link: Link) -> str:
        """Return what is to be proven next, "" when the link may be read."""
        if link.private and self.reader is None:
            return "reader"
        return "password" if link.password and not self.password else ""


def ask_code(link: Link, email: str) -> None:
    """Have the worker mail a code to an address, if it is one of the link's readers'; nothing tells whether it is."""
    found = Reader.objects.filter(link=link, email=email.strip().lower()).first()
    if found:
        app.configure_task(JOB).defer(number=found.pk)


def send_code(number: int, post: Post) -> None:
    """Make a code for a reader and mail it; the one before is good no more."""
    found = Reader.objects.select_related("link__portal", "link__document").filter(pk=number).first()
    if found is None or ended(found.link, clock.now()):
        return
    code = "".join(secrets.choice("0123456789") for _digit in range(_DIGITS))
    until = clock.now() + GOOD_FOR
    Reader.objects.filter(pk=number).update(code=_digest(found, code), code_until=until, tries=0)
    portal = found.link.portal
    with override(portal.language):
        facts = {"code": code, "portal": portal.label, "title": found.link.document.title}
        subject = _("%(code)s is your code for a document from %(portal)s") % facts
        text = _(
            "Hello\n\nYour code for “%(title)s” from %(portal)s is:\n\n    %(code)s\n\n"
            "It is good for 15 minutes and works once. If you didn't ask for it, there is nothing to do.\n"
        )
        post("", found.email, " ".join(subject.split()), text % facts)


def by_code(link: Link, email: str, code: str) -> Reader | None:
    """Return the reader whose code this is, which is used up; None for a wrong one, which counts as a try."""
    with transaction.atomic():
        rows = Reader.objects.select_for_update().filter(link=link, email=email.strip().lower())
        found = rows.exclude(code="").filter(tries__lt=MOST_TRIES, code_until__gt=clock.now()).first()
        if found is None:
            return None
        good = constant_time_compare(found.code, _digest(found, "".join(code.split())))
        found.tries += 1
        if good:
            found.code, found.code_until = "", None
        found.save(update_fields=["code", "code_until", "tries"])
    return found if good else None


def by_password(link: Link, password: str) -> bool:
    """Tell whether a password is the link's."""
    return bool(link.password) and check_password(password, link.password)


def packed(link: Link, proof: Proof) -> str:
    """Return what was proven as text that nobody else can write."""
    return signing.dumps(
        [link.pk, proof.reader.pk if proof.reader else 0, int(proof.password)], salt=_SALT, compress=True
    )


def unpacked(link: Link, text: str) -> Proof:
    """Return what a text says was proven of a link, nothing when it isn't good."""
    try:
        number, reader, password = signing.loads(text, salt=_SALT, max_age=REMEMBERED)
    except (signing.BadSignature, ValueError, TypeError):
        return Proof()
    if number != link.pk:
        return Proof()
    known = Reader.objects.filter(link=link, pk=reader).first() if reader else None
    return Proof(known, bool(password))


def _digest(reader: Reader, code: str) -> str:
    return hashlib.sha256(f"{reader.pk}:{code}".encode()).hexdigest()
