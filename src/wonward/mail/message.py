"""Makes the message that goes over the wire: headers that can't be forged by a value, text and HTML side by side."""

from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy

from wonward.mail.address import Address, address
from wonward.mail.models import OutgoingMail


class _Letter(EmailPolicy):
    """The `email` package's own policy but for two of its faults.

    It encodes ids that are longer than a line as if they were text, and loses spaces of long subjects.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write a header out."""
        if name in ("In-Reply-To", "References"):
            return f"{name}: {f'{self.linesep} '.join(value.split())}{self.linesep}".encode("ascii")
        if name == "Subject":
            charset = "us-ascii" if value.isascii() else "utf-8"
            folded = Header(str(value), charset, header_name=name).encode(linesep=self.linesep)
            return f"{name}: {folded}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Letter(linesep="\r\n")


def message(mail: OutgoingMail, origin: Address, at: datetime) -> EmailMessage:
    """Return the message of a mail in the outbox; the `email` package refuses a header of several lines."""
    made = written(origin, receiver(mail), mail.subject, mail.text, at)
    made["Message-ID"] = mail.message_id
    made["Content-Language"] = mail.language
    if mail.reply_to and (answers := address(mail.reply_to)):
        made["Reply-To"] = answers.header
    if mail.references:
        made["In-Reply-To"] = mail.in_reply_to
        made["References"] = mail.references
    made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    if mail.calendar:
        how = {"method": mail.calendar_method}
        made.add_alternative(mail.calendar, subtype="calendar", params=how, cte="base64")
    return made


def written(origin: Address, to: Address, subject: str, text: str, at: datetime) -> EmailMessage:
    """Return a message of plain text."""
    made = EmailMessage(policy=_POLICY)
    made["From"], made["To"], made["Subject"], made["Date"] = origin.header, to.header, subject, at
    made.set_content(text, cte="quoted-printable")
    return made


def receiver(mail: OutgoingMail) -> Address:
    """Return whom a mail is to."""
    return Address(mail.to_name, mail.to_address)
