"""Reads a message of RFC 5322 into a letter: who wrote what to whom. What is malformed in it is read as far as it goes.

Letters come from anybody: nothing in one is trusted, and everything has a size that it is cut at.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime
from mimetypes import guess_extension

from wonward.errors import Invalid
from wonward.mail.address import Address, address
from wonward.mail.incoming.plain import text_of

LARGEST = 25 * 1024 * 1024
"""Bytes of a message that is read."""

LONGEST_TEXT = 60_000
"""Characters of a letter's text that are kept."""

LONGEST_SUBJECT = 500
MOST_PEOPLE = 100
MOST_PARTS = 500
MOST_REFERENCES = 30
MOST_ENCLOSED = 30
"""Files of a letter that are kept."""

SMALL_PICTURE = 50 * 1024
"""Bytes below which a picture that stands in the text is taken for one of a signature."""

_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")

_ENDS_HEAD = re.compile(rb"\r?\n\r?\n")
_ID = re.compile(r"<[^<>\s]{1,250}@[^<>\s]{1,250}>")
_BRACKETED = re.compile(r"<([^<>\s]+)>")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
_WRONG = (ValueError, IndexError, LookupError, TypeError, AttributeError, MessageError)
"""What the `email` package raises over rubbish."""

_DELIVERED = (
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
    "X-Forwarded-To",
)
_FOR = re.compile(r"\bfor\s+<([^<>\s]+@[^<>\s]+)>")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that came with a letter, under the name that its sender gave it."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is filed. `reached` are all addresses that it was delivered for, in small letters.

    `references` begin with the first letter of the conversation; `automatic` ones nobody wrote.
    """

    message_id: str
    references: tuple[str, ...]
    at: datetime
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    text: str
    reached: frozenset[str]
    automatic: bool
    calendar: bytes = field(default=b"", repr=False)
    """What it says to calendars: its first part of that type."""
    enclosed: tuple[Enclosed, ...] = ()
    """All that was attached, but for signatures and the small pictures in them."""

    @property
    def thread(self) -> str:
        """The Message-ID of the letter that the conversation began with."""
        return (self.references or (self.message_id,))[0]


def parsed(raw: bytes) -> tuple[Message, EmailMessage]:
    """Return the head of a message with its letters right, and the whole of it; raise Invalid when it is too large.

    Heads should be ASCII; those that aren't are UTF-8, else as Windows of Western Europe writes.
    """
    if len(raw) > LARGEST:
        raise Invalid(f"It is larger than {LARGEST // 1024**2} MB", code="MAIL_TOO_LARGE")
    head = _ENDS_HEAD.split(raw, maxsplit=1)[0] + b"\r\n\r\n"
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("cp1252", "replace")
    whole = message_from_bytes(raw, policy=default)
    return message_from_string(text, policy=default), whole


def read(raw: bytes, now: datetime) -> Letter:
    """Return what a message says; raise Invalid when it is too large or says not whom it is from."""
    head, whole = parsed(raw)
    people = _people(head, "From")
    if not people:
        raise Invalid("It doesn't say whom it is from", code="MAIL_SENDER_MISSING")
    found = _ID.findall(_header(head, "Message-ID"))
    to, cc = _people(head, "To"), _people(head, "Cc")
    text, enclosed = _content(whole)
    return Letter(
        message_id=found[0] if found else f"<{hashlib.sha256(raw).hexdigest()}@without-id.invalid>",
        references=_references(head),
        at=_moment(head, now),
        sender=_sender(head, people),
        to=to,
        cc=cc,
        subject=_clean(_header(head, "Subject"))[:LONGEST_SUBJECT],
        text=text[:LONGEST_TEXT],
        reached=frozenset(
            {each.address.lower() for each in (*to, *cc, *_people(head, "Bcc"))} | _delivered(head)
        ),
        automatic=is_automatic(head),
        calendar=next(
            (_bytes(part) for part in _parts(whole) if part.get_content_type() == "text/calendar"), b""
        ),
        enclosed=enclosed,
    )


def is_automatic(head: Message) -> bool:
    """Tell whether a program wrote a letter, such as that somebody is on holiday: RFC 3834, and what came before."""
    said = _header(head, "Auto-Submitted").strip().lower()
    precedence = _header(head, "Precedence").strip().lower()
    return (
        bool(said and not said.startswith("no"))
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or any(_header(head, name) for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
    )


def digest(message_id: str) -> bytes:
    """Return what a Message-ID is remembered by; it tells nothing of the letter."""
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).digest()


def _header(head: Message, name: str) -> str:
    """Return a header on one line, "" when there is none; one that can't be read is taken as it stands."""
    try:
        value = str(head.get(name) or "")
    except _WRONG:
        value = next((str(text) for key, text in head.raw_items() if key.lower() == name.lower()), "")
    return " ".join(value.split())


def _people(head: Message, name: str) -> tuple[Address, ...]:
    """Return the addresses of a header that are some, each once."""
    found: dict[str, Address] = {}
    for shown, written in getaddresses([_header(head, name)])[: MOST_PEOPLE * 2]:
        one = address(written, _clean(shown)[:200])
        if one:
            found.setdefault(one.address.lower(), one)
    return tuple(found.values())[:MOST_PEOPLE]


def _sender(head: Message, people: Sequence[Address]) -> Address:
    """Return whom a letter is from: where one address alone stands in angle brackets, that one, whatever is before.

    `ada@nordisk.example <mallory@elsewhere.example>`, without quotes, is read as from the first by the parser.
    """
    written = next((str(text) for key, text in head.raw_items() if key.lower() == "from"), "")
    bracketed = [each.lower() for each in _BRACKETED.findall(written)]
    if len(bracketed) != 1:
        return people[0]
    known = next((each for each in people if each.address.lower() == bracketed[0]), None)
    return known or address(bracketed[0]) or people[0]


def _references(head: Message) -> tuple[str, ...]:
    """Return the letters that one follows, the first of the conversation first."""
    before = _ID.findall(_header(head, "References"))
    answered = [each for each in _ID.findall(_header(head, "In-Reply-To")) if each not in before]
    found = list(dict.fromkeys([*before, *answered]))
    return tuple(found if len(found) <= MOST_REFERENCES else [found[0], *found[1 - MOST_REFERENCES :]])


def _moment(head: Message, now: datetime) -> datetime:
    """Return when a letter was written; one without a date that can be, or from tomorrow, is of now."""
    try:
        at = parsedate_to_datetime(_header(head, "Date"))
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (*_WRONG, OverflowError):
        return now
    return at if datetime(1990, 1, 1, tzinfo=UTC) < at < now + timedelta(hours=1) else now


def _delivered(head: Message) -> set[str]:
    """Return whom a letter was delivered for, blind copies too, as the servers on its way say."""
    said: set[str] = set()
    for key, value in head.raw_items():
        if key.title() in _DELIVERED:
            said |= {each.lower() for _, each in getaddresses([str(value)])}
        elif key.lower() == "received":
            said |= {each.lower() for each in _FOR.findall(str(value))}
    return said


def _content(whole: EmailMessage) -> tuple[str, tuple[Enclosed, ...]]:
    """Return what a letter says, with the names of what is attached below, and what is attached."""
    plain, html = list[str](), list[str]()
    others: list[Message] = []
    for part in _parts(whole):
        if part.get_content_maintype() != "text" or _name(part) or _is_attachment(part):
            others.append(part)
        elif part.get_content_subtype() == "html":
            html.append(_decoded(part))
        elif part.get_content_subtype() == "plain":
            plain.append(_decoded(part))
    looks = "\n".join(html)
    enclosed = tuple(_enclosed(part) for part in others if not _is_of_signature(part, looks))
    said = "\n\n".join(plain).strip() or text_of(looks[: LONGEST_TEXT * 10])
    said = _UNSEEN.sub("", said.replace("\r\n", "\n").replace("\r", "\n")).strip()
    listed = " ".join(dict.fromkeys(f"[{each.name}]" for each in enclosed[:50]))
    return f"{said[: LONGEST_TEXT - len(listed) - 2]}\n\n{listed}".strip() if listed else said, enclosed


def _is_of_signature(part: Message, html: str) -> bool:
    """Tell whether a part is a signature that programs check, or a small picture that stands in the text."""
    if part.get_content_type() in _SIGNATURES:
        return True
    number = _header(part, "Content-ID").strip("<> ")
    return (
        part.get_content_maintype() == "image"
        and bool(number)
        and f"cid:{number}" in html
        and len(_bytes(part)) < SMALL_PICTURE
    )


def _enclosed(part: Message) -> Enclosed:
    """Return an attached part as a file; one without a name is called by its type."""
    name = _name(part)
    if not name.strip("?"):
        ending = (
            ".eml" if part.get_content_maintype() == "message" else guess_extension(part.get_content_type())
        )
        name = f"{part.get_content_type().replace('/', '-')}{ending or ''}"
    return Enclosed(name, _bytes(part))


def _bytes(part: Message) -> bytes:
    """Return the content of a part; of a message that is attached, all of it."""
    inside = part.get_payload()
    if part.get_content_maintype() == "message" and isinstance(inside, list):
        try:
            return b"\n".join(each.as_bytes() for each in inside if isinstance(each, Message))
        except (*_WRONG, UnicodeError):
            return b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _parts(whole: EmailMessage) -> Iterator[Message]:
    """Yield the leaves of a message, but not those inside a message that is attached to it."""
    waiting: list[Message] = [whole]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        inside = part.get_payload()
        if isinstance(inside, list) and part.get_content_maintype() == "multipart":
            waiting = [*inside, *waiting]
        else:
            yield part


def _name(part: Message) -> str:
    try:
        return _clean(part.get_filename() or "")[:200]
    except _WRONG:
        return "?"


def _is_attachment(part: Message) -> bool:
    return _header(part, "Content-Disposition").lower().startswith("attachment")


def _decoded(part: Message) -> str:
    """Return the text of a part, whatever it says of its letters."""
    content = _bytes(part)
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return content.decode(charset)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _clean(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text.encode("utf-8", "replace").decode("utf-8")).split())
