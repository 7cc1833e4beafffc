"""Kinds of files: the ending says what a file is, and the content must agree."""

import pytest
from django.core.files.base import ContentFile

from wonward.attachments.file_type import HEAD, KINDS, recognise
from wonward.errors import Invalid

from .samples import OLE, PDF, PNG, PROGRAM, office, open_document, zipped

GOOD = {
    "pdf": PDF,
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe1\0\x10Exif\0" + b"\0" * 30,
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 30,
    "gif": b"GIF89a" + b"\0" * 20,
    "webp": b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 20,
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "tif": b"II*\0" + b"\0" * 20,
    "tiff": b"MM\0*" + b"\0" * 20,
    "docx": office("word"),
    "xlsx": office("xl"),
    "pptx": office("ppt"),
    "doc": OLE,
    "xls": OLE,
    "ppt": OLE,
    "msg": OLE,
    "odt": open_document("text"),
    "ods": open_document("spreadsheet"),
    "odp": open_document("presentation"),
    "rtf": b"{\\rtf1\\ansi Tilbud}",
    "zip": zipped("billeder/facade.jpg"),
    "mp3": b"ID3\x03\0\0\0\0\0\0" + b"\0" * 40,
    "m4a": b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42",
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 20,
    "mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    "mov": b"\0\0\0\x14ftypqt  \0\0\0\0qt  ",
    "txt": "Hej Søren, malerarbejdet på Ærø".encode(),
    "log": b"2026-11-22 started\n",
    "md": b"# Plan\n",
    "csv": "navn;beløb\nÅgård;1200,50\n".encode("cp1252"),
    "json": b'{"a": 1}',
    "xml": b"<?xml version='1.0'?><Invoice/>",
    "ics": b"BEGIN:VCALENDAR\r\n",
    "vcf": b"BEGIN:VCARD\r\n",
    "eml": b"From: soren@nordisk.example\r\nContent-Type: text/html\r\n\r\n<html>Hej</html>",
}


def recognised(name: str, content: bytes) -> str:
    return recognise(name, ContentFile(content))


def test_every_kind_has_its_sample() -> None:
    assert set(GOOD) == set(KINDS)


@pytest.mark.parametrize("ending", sorted(GOOD))
def test_each_kind_is_recognised_by_its_content(ending: str) -> None:
    assert recognised(f"Nordisk Måleri.{ending.upper()}", GOOD[ending]) == KINDS[ending].media_type


@pytest.mark.parametrize("ending", sorted(GOOD))
@pytest.mark.parametrize("content", [PROGRAM, b"\x7fELF\x02\x01\x01" + b"\0" * 60], ids=["exe", "elf"])
def test_a_program_is_refused_whatever_its_name(ending: str, content: bytes) -> None:
    with pytest.raises(Invalid, match=f"isn't a .{ending} file inside") as refused:
        recognised(f"faktura.{ending}", content)
    assert refused.value.problems[0].code == "FILE_TYPE_REFUSED"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("faktura.pdf", PNG),
        ("facade.png", PDF),
        ("tilbud.docx", office("xl")),
        ("tilbud.docx", zipped("word/document.xml")),
        ("tilbud.docx", office("word", "word/vbaProject.bin")),
        ("tilbud.docx", b"PK\3\4" + b"\0" * 200),
        ("tilbud.odt", open_document("spreadsheet")),
        ("tilbud.zip", b"not a zip"),
        ("note.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("note.xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("note.csv", b"a;b\n\0\0\0"),
        ("note.json", b"\xff\xfe<\0s\0c\0r\0i\0p\0t\0>\0"),
    ],
)
def test_content_that_is_something_else_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(Invalid, match="give it its right ending"):
        recognised(name, content)


@pytest.mark.parametrize("name", ["run.exe", "page.html", "logo.svg", "macro.docm", "run.pdf.bat", "README"])
def test_other_endings_are_refused_and_those_that_are_taken_named(name: str) -> None:
    with pytest.raises(Invalid, match="can't be attached; these can: pdf, png"):
        recognised(name, PDF)


def test_text_may_be_cut_anywhere_where_the_look_ends() -> None:
    assert recognised("a.txt", b"a" * (HEAD - 1) + "ø".encode() * 10) == "text/plain"
    assert recognised("a.txt", "Søren".encode("utf-16")) == "text/plain"
