"""What is attached to letters is kept on their emails: once, but for signatures; what is refused is named there."""

from contextlib import suppress
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.attachments.conftest import use
from tests.attachments.samples import PDF, PNG, PROGRAM

from wonward.attachments import attach
from wonward.attachments.models import Attachment, LooseFile
from wonward.mail.incoming import connect
from wonward.mail.incoming.imap import Away
from wonward.mail.incoming.models import Mailbox
from wonward.meetings import answers

from .conftest import Office
from .test_incoming import emails, opener, written

pytestmark = pytest.mark.django_db


def with_files(number: str = "1") -> EmailMessage:
    """A letter with a proposal, a program, a signature's picture and a photograph in its text."""
    made = written(number=number)
    made.add_alternative(
        '<p>Kære Søren</p><img src="cid:logo@havn"><img src="cid:photo@havn">', subtype="html"
    )
    html = made.get_payload()[1]
    assert isinstance(html, EmailMessage)
    html.add_related(PNG, maintype="image", subtype="png", cid="<logo@havn>", filename="logo.png")
    html.add_related(PNG + b"\0" * 60_000, "image", "png", cid="<photo@havn>", filename="tag.png")
    made.add_attachment(PDF, maintype="application", subtype="pdf", filename="Tilbud på tag.pdf")
    made.add_attachment(PROGRAM, maintype="application", subtype="octet-stream", filename="spil.exe")
    made.add_attachment(b"x", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    return made


def taken(office: Office, message: EmailMessage, moved: list[int] | None = None) -> str:
    """Read a letter from Søren's own mailbox."""
    box = Mailbox(member=office.soren)

    def move_on() -> None:
        if moved is not None:
            moved.append(1)

    return connect.take(box, message.as_bytes(), move_on, opener, answers.take)


def files(office: Office) -> list[str]:
    return list(Attachment.objects.order_by("id").values_list("name", flat=True))


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    use(settings, "", tmp_path / "files")
    return tmp_path / "files"


@pytest.mark.usefixtures("folder")
def test_what_is_attached_is_kept_on_the_email_and_what_is_refused_is_named(office: Office) -> None:
    assert taken(office, with_files()) == ""
    assert files(office) == ["tag.png", "Tilbud på tag.pdf"]
    with office.reading_all("email", "hs_email_text", "hs_attachment_ids") as [(number, text, ids)]:
        assert {each.record_id for each in Attachment.objects.all()} == {number}
        assert ids == ";".join(str(each.pk) for each in Attachment.objects.order_by("id"))
        assert "[not kept: spil.exe: Files ending in .exe can't be attached" in text
        assert "logo.png" not in text
        assert "p7s" not in text
    taken(office, with_files())
    taken(office, with_files())
    assert len(files(office)) == 2, "reading it again doubles nothing"
    with office.writing() as work:
        attach.remove(work, work.catalog.object_type("email"), number, Attachment.objects.first().pk)  # type: ignore[union-attr]
    taken(office, with_files())
    assert Attachment.objects.filter(archived_at=None).count() == 1, "what was removed doesn't come back"


@pytest.mark.usefixtures("folder")
def test_files_of_letters_with_nobody_known_are_not_kept(office: Office) -> None:
    message = with_files()
    message.replace_header("From", "Fremmed <fremmed@langtborte.example>")
    moved: list[int] = []
    assert taken(office, message, moved) == ""
    assert (moved, files(office), LooseFile.objects.count()) == ([1], [], 0)


def test_while_the_scanner_is_away_the_letter_waits_with_its_files(
    office: Office, folder: Path, settings: Any, tmp_path: Path
) -> None:
    settings.WONWARD_VIRUS_SCAN = f"clamd://{tmp_path}/nobody.ctl"
    moved: list[int] = []
    with pytest.raises(Away, match="virus scanner"):
        taken(office, with_files(), moved)
    assert (moved, files(office)) == ([], [])
    assert len(emails(office, office.contact)) == 1, "the letter itself is there"
    settings.WONWARD_VIRUS_SCAN = ""
    taken(office, with_files(), moved)
    assert (moved, len(files(office)), len(emails(office, office.contact))) == ([1], 2, 1)


@pytest.mark.usefixtures("folder")
def test_broken_off_anywhere_each_file_is_kept_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading stops before each of its transactions in turn, and begins again."""
    begun = count()

    def stops(at: int) -> Any:
        def opened(portal: str, actor: str) -> Any:
            if next(begun) == at:
                raise KeyboardInterrupt
            return opener(portal, actor)

        return opened

    moved: list[int] = []
    for at in range(12):
        begun = count()
        box = Mailbox(member=office.soren)
        raw = with_files().as_bytes()
        with suppress(KeyboardInterrupt):
            connect.take(box, raw, lambda: moved.append(1), stops(at), answers.take)
    assert sorted(files(office)) == ["Tilbud på tag.pdf", "tag.png"]
    assert len(emails(office, office.contact)) == 1
    with office.reading_all("email", "hs_email_text") as [(_, text)]:
        assert text.count("not kept") == 1
    assert moved
