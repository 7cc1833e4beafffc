"""Names of files: Danish letters stay, what could harm goes."""

import pytest

from wonward.attachments.file_name import LONGEST, clean, ending


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Måleraftale Ågård.pdf", "Måleraftale Ågård.pdf"),
        ("Ma\u030aler.pdf", "Måler.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Søren\\tilbud.docx", "tilbud.docx"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ('a<b>"c".pdf', "a_b__c_.pdf"),
        ("  .pdf", "file.pdf"),
        ("...", "file"),
        ("", "file"),
        ("plan  b.PDF ", "plan b.PDF"),
        ("\0plan.pdf", "plan.pdf"),
    ],
)
def test_a_name_is_made_harmless(given: str, kept: str) -> None:
    assert clean(given) == kept
    assert clean(kept) == kept


def test_a_long_name_keeps_its_ending() -> None:
    kept = clean("å" * 400 + ".pdf")
    assert len(kept) == LONGEST
    assert kept.endswith("å.pdf")
    assert len(clean("a." + "b" * 400)) <= LONGEST


def test_the_ending_is_what_follows_the_last_dot() -> None:
    assert [ending(name) for name in ("a.tar.GZ", "README", ".env")] == ["gz", "", "env"]
