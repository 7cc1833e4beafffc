"""Which kinds of files may be attached, and whether a file's content is what its name says.

The name's ending decides what opens the file on people's machines, so it must be one of those known here
and the content must be of that kind. Programs, and pages that could run scripts, are none of them.
"""

import codecs
import re
import zipfile
from dataclasses import dataclass
from typing import IO, Any, cast

import puremagic
from django.core.files import File

from wonward.attachments.file_name import ending
from wonward.errors import Invalid

HEAD = 64 * 1024
"""Bytes that are looked at."""

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_ACTIVE = re.compile(r"<\s*(!doctype\s+html|html|svg|script|iframe|object|embed)\b", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MACROS = "vbaproject.bin"
_OLE = (".doc",)
"""What puremagic calls the container of Microsoft's older programs, whichever it was."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what it is called on the web, and how its content is known.

    `signatures` are the endings that puremagic gives to such content; `folder` stands in its ZIP directory;
    `text` is a file of readable characters alone. `picture` may be shown on a page.
    """

    media_type: str
    signatures: tuple[str, ...] = ()
    folder: str = ""
    text: bool = False
    picture: bool = False


_JPEG = Kind("image/jpeg", (".jpg",), picture=True)
_TIFF = Kind("image/tiff", (".tif", ".tiff"))
_PLAIN = Kind("text/plain", text=True)

KINDS: dict[str, Kind] = {
    "pdf": Kind("application/pdf", (".pdf",)),
    "png": Kind("image/png", (".png",), picture=True),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "gif": Kind("image/gif", (".gif",), picture=True),
    "webp": Kind("image/webp", (".webp",), picture=True),
    "heic": Kind("image/heic", (".heic", ".heif")),
    "tif": _TIFF,
    "tiff": _TIFF,
    "docx": Kind(f"{_OOXML}.wordprocessingml.document", folder="word/"),
    "xlsx": Kind(f"{_OOXML}.spreadsheetml.sheet", folder="xl/"),
    "pptx": Kind(f"{_OOXML}.presentationml.presentation", folder="ppt/"),
    "doc": Kind("application/msword", _OLE),
    "xls": Kind("application/vnd.ms-excel", _OLE),
    "ppt": Kind("application/vnd.ms-powerpoint", _OLE),
    "msg": Kind("application/vnd.ms-outlook", _OLE),
    "odt": Kind(f"{_ODF}.text"),
    "ods": Kind(f"{_ODF}.spreadsheet"),
    "odp": Kind(f"{_ODF}.presentation"),
    "rtf": Kind("application/rtf", (".rtf",)),
    "zip": Kind("application/zip", (".zip",)),
    "mp3": Kind("audio/mpeg", (".mp3", ".mpga")),
    "m4a": Kind("audio/mp4", (".m4a",)),
    "wav": Kind("audio/wav", (".wav",)),
    "mp4": Kind("video/mp4", (".mp4",)),
    "mov": Kind("video/quicktime", (".mov",)),
    "txt": _PLAIN,
    "log": _PLAIN,
    "md": Kind("text/markdown", text=True),
    "csv": Kind("text/csv", text=True),
    "json": Kind("application/json", text=True),
    "xml": Kind("application/xml", text=True),
    "ics": Kind("text/calendar", text=True),
    "vcf": Kind("text/vcard", text=True),
    "eml": Kind("message/rfc822", text=True),
}

PICTURES = frozenset(kind.media_type for kind in KINDS.values() if kind.picture)


def recognise(name: str, content: "File[Any]") -> str:
    """Return the media type of a file that may be attached; raise Invalid for any other."""
    kind = KINDS.get(ending(name))
    if kind is None:
        what = f"Files ending in .{ending(name)}" if ending(name) else "Files without an ending"
        raise Invalid(f"{what} can't be attached; these can: {', '.join(KINDS)}", code="FILE_TYPE_REFUSED")
    content.seek(0)
    head = content.read(HEAD)
    if not _is(kind, head, content):
        raise Invalid(
            f"{name} isn't a .{ending(name)} file inside; save it as one, or give it its right ending",
            code="FILE_TYPE_REFUSED",
        )
    return kind.media_type


def _is(kind: Kind, head: bytes, content: "File[Any]") -> bool:
    if kind.text:
        text = _text(head)
        # A mail may hold HTML as a part of it; programs for mail know what to do with that.
        return text is not None and (kind.media_type == "message/rfc822" or not _ACTIVE.search(text))
    if kind.folder:
        return _holds(content, kind.folder)
    if kind.signatures:
        return any(signature in kind.signatures for signature in _signatures(head))
    return head.startswith(b"PK\3\4") and head[30:].startswith(f"mimetype{kind.media_type}".encode())


def _signatures(head: bytes) -> list[str]:
    try:
        return [match.extension for match in puremagic.magic_string(head)]
    except puremagic.PureError:
        return []


def _text(head: bytes) -> str | None:
    """Return text of UTF-8, of UTF-16 that says so, or of Windows' western letters; None for anything else."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8", "cp1252"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)  # its last letter may be cut off
        except UnicodeDecodeError:
            continue
        return None if _CONTROLS.search(text) else text
    return None


def _holds(content: "File[Any]", folder: str) -> bool:
    """Tell whether a ZIP file has a folder and no macros; nothing of it is unpacked."""
    content.seek(0)
    try:
        with zipfile.ZipFile(cast("IO[bytes]", content)) as archive:
            names = [name.lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    return (
        "[content_types].xml" in names
        and any(name.startswith(folder) for name in names)
        and not any(name.endswith(_MACROS) for name in names)
    )
