"""Keeps what is attached to letters that were filed, on their emails: each file once, however often they are read.

Files are checked and stored before the transaction that attaches them, as all files are; so they follow the filing.
Until all are dealt with the letter isn't done with, and a repeated reading goes on: a file that is there isn't doubled.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial

from django.core.files.base import ContentFile

from wonward.attachments import attach
from wonward.attachments.scanning import ScannerAway
from wonward.errors import Missing, Refusal
from wonward.mail.incoming.file import EMAIL
from wonward.mail.incoming.imap import Away
from wonward.mail.incoming.letter import LONGEST_TEXT, MOST_ENCLOSED, Letter, digest
from wonward.mail.incoming.models import FiledMail
from wonward.mail.incoming.read import MoveOn
from wonward.records import query, write
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

TEXT, FILES = "hs_email_text", "hs_attachment_ids"


def waiting(work: Work, letter: Letter) -> FiledMail | None:
    """Return the filed letter whose files are yet to be kept; None when there is nothing to do."""
    if not letter.enclosed or EMAIL not in work.catalog.object_types:
        return None
    found = FiledMail.objects.filter(portal_id=work.catalog.portal_id, digest=digest(letter.message_id))
    return found.filter(files_kept=False, record_id__isnull=False).first()


def keep(
    filed: FiledMail, letter: Letter, opened: "partial[AbstractContextManager[Work]]", move_on: MoveOn
) -> None:
    """Attach a letter's files to its email, name there what was refused and why, and move on.

    Raise Away while the virus scanner is, where files don't wait for it: the letter is read again then.
    """
    with opened() as work:
        kind = work.catalog.object_type(EMAIL)
    kept, refused = _attach_all(filed, letter, kind, opened)
    with opened() as work:
        if FiledMail.objects.filter(pk=filed.pk, files_kept=False).update(files_kept=True):
            _tell(work, kind, filed, kept, refused)
        move_on()


def _attach_all(
    filed: FiledMail, letter: Letter, kind: ObjectType, opened: "partial[AbstractContextManager[Work]]"
) -> tuple[list[int], list[str]]:
    """Return the numbers of the files that are attached now, and what was refused with the reasons."""
    kept: list[int] = []
    refused = [
        f"{each.name}: a letter's first {MOST_ENCLOSED} files are kept"
        for each in letter.enclosed[MOST_ENCLOSED:]
    ]
    for each in letter.enclosed[:MOST_ENCLOSED]:
        about = (kind, filed.record_id or 0)
        try:
            made = attach.attach(opened, filed.portal_id, about, each.name, ContentFile(each.content))
        except ScannerAway as away:
            raise Away(str(away), code="VIRUS_SCAN_AWAY") from away
        except Missing:  # the email was archived or erased meanwhile
            break
        except Refusal as refusal:
            refused.append(f"{each.name}: {refusal}")
        else:
            kept.append(made.pk)
    return kept, refused


def _tell(
    work: Work, kind: ObjectType, filed: FiledMail, kept: Sequence[int], refused: Sequence[str]
) -> None:
    """Say on the email which files it has and which weren't kept, unless it is gone."""
    columns = [name for name in (TEXT, FILES) if name in kind.properties]
    found = query.rows(work, Query(kind, ids=[filed.record_id or 0]), columns)
    if not found:
        return
    before = dict(zip(columns, found[0][1:], strict=True))
    told = {FILES: ";".join(str(each) for each in dict.fromkeys(kept))}
    if refused:
        said = "\n".join(f"[not kept: {each}]" for each in refused)[: LONGEST_TEXT // 2]
        told[TEXT] = f"{(before.get(TEXT) or '')[: LONGEST_TEXT - len(said) - 2]}\n\n{said}".strip()
    values = {name: value for name, value in told.items() if name in columns and value}
    if values:
        write.update(work, kind, [(found[0][0], values)])
