"""Small files of each kind, as the programs that make them begin them."""

import io
import zipfile


def zipped(*names: str) -> bytes:
    """Return a ZIP file with these names in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "Malerarbejde på Ærø")
    return held.getvalue()


def office(folder: str, *more: str) -> bytes:
    """Return a file of Microsoft's newer Office with its parts in a folder."""
    return zipped("[Content_Types].xml", f"{folder}/document.xml", *more)


def open_document(kind: str) -> bytes:
    """Return a file of OpenDocument."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "<office/>")
    return held.getvalue()


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0"
    b"\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82"
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
PROGRAM = b"MZ\x90\0\x03\0\0\0" + b"\0" * 100
