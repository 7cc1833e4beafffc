"""Reads a file of comma-separated values: its encoding, its delimiter, its header and then row by row.

A file is never held in memory. What can't be read as a row comes as a row with its problem.
"""

import codecs
import csv
import hashlib
import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wonward.errors import Invalid, Missing
from wonward.records.spreadsheet import plain

LARGEST = 100 * 1024 * 1024
"""Bytes of the largest file that is read."""

DELIMITERS = ",;\t|"
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_SAMPLE = 200
"""Rows that are looked at to tell the delimiter."""

ERROR_COLUMNS = ("error line", "error column", "error message")
"""The columns that an error file has besides the file's own; a mended one is read without them."""

_EXPORTED = re.compile(r"(?:hs_object_id|Record ID) \(.+\)")
"""What the first column of an exported file is called, with the portal's name."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number from 0, the line it begins on, its cells, and what is wrong with it as a row."""

    number: int
    line: int
    cells: list[str]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read. `digest` is the SHA-256 of its bytes, `stamp` tells whether it was changed since.

    `escaped` says that it is an error file or an export, in which cells that look like formulas stand behind
    an apostrophe; `sheet` that it was a workbook, whose rows are counted and not its lines.
    """

    path: Path
    digest: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    stamp: tuple[int, int]
    separator_line: bool = False
    escaped: bool = False
    sheet: bool = False

    def rows(self, start: int = 0) -> Iterator[Row]:
        """Yield the rows from number `start` on, leaving empty ones out.

        Raise Invalid when the file was changed since it was opened.
        """
        if _stamp(self.path) != self.stamp:
            raise Invalid(f"{self.path.name} was changed while it was being read; import it again")
        reading = _Reading(self.path, self.encoding, self.delimiter, self.separator_line, self.sheet)
        width = len(self.header)
        filled = (found for found in reading if found[2] or any(found[1]))
        next(filled, None)
        for number, (line, cells, broken) in enumerate(filled):
            if number >= start:
                yield self._row(number, line, cells, broken, width)

    def _row(self, number: int, line: int, cells: list[str], broken: str | None, width: int) -> Row:
        if broken is None and len(cells) != width:
            many = "cell" if len(cells) == 1 else "cells"
            broken = f"The row has {len(cells)} {many} and the header {width}; put what holds a delimiter in quotes"
        if self.escaped:
            cells = [plain(cell) for cell in cells]
        return Row(number, line, cells, broken)


def open_table(path: Path, *, sheet: bool = False) -> Table:
    """Look at a file and return what is needed to read it; `sheet` says that it was made from a workbook.

    Raise Missing when it isn't there, and Invalid when it is no text file with a header of distinct names.
    """
    if not path.is_file():
        raise Missing(f"There is no file {path}", code="FILE_NOT_FOUND")
    if path.stat().st_size > LARGEST:
        raise Invalid(f"{path.name} is larger than {LARGEST >> 20} MB; split it and import the parts")
    stamp = _stamp(path)
    digest, encoding = _digest_and_encoding(path)
    with path.open(encoding=encoding, newline="") as text:
        named = _SEPARATOR_LINE.fullmatch(text.readline())
    delimiter = named.group(1) if named else _delimiter(path, encoding)
    first = next(iter(_Reading(path, encoding, delimiter, named is not None)), (0, [], None))
    header = _header(path, first[1], first[2])
    escaped = set(ERROR_COLUMNS) <= set(header) or _EXPORTED.fullmatch(header[0]) is not None
    if escaped:
        header = tuple(plain(name) for name in header)
    return Table(path, digest, encoding, delimiter, header, stamp, named is not None, escaped, sheet)


def _stamp(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns


def _digest_and_encoding(path: Path) -> tuple[str, str]:
    """Read all of the file once: UTF-8 when every byte of it is, else Windows-1252."""
    digest = hashlib.sha256()
    readers = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "cp1252")}
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if b"\x00" in block:
                raise Invalid(f"{path.name} is not a text file; save it as CSV in UTF-8 and import that")
            digest.update(block)
            _try(readers, block)
        _try(readers, b"", final=True)
    if not readers:
        raise Invalid(
            f"{path.name} is neither UTF-8 nor Windows-1252; save it as CSV in UTF-8 and import that"
        )
    return digest.hexdigest(), next(iter(readers))


def _try(readers: dict[str, codecs.IncrementalDecoder], block: bytes, *, final: bool = False) -> None:
    for name, reader in list(readers.items()):
        try:
            reader.decode(block, final)
        except UnicodeDecodeError:
            del readers[name]


class _Reading:
    """One reading of a file: yields (line, cells, problem) for every row, the header among them."""

    def __init__(
        self, path: Path, encoding: str, delimiter: str, separator_line: bool, sheet: bool = False
    ) -> None:
        self._path, self._encoding, self._delimiter = path, encoding, delimiter
        self._separator_line, self._sheet = separator_line, sheet

    def __iter__(self) -> Iterator[tuple[int, list[str], str | None]]:
        with self._path.open(encoding=self._encoding, newline="") as text:
            skipped = 1 if self._separator_line and text.readline() else 0
            lines: list[str] = []
            reader = csv.reader(_noting(text, lines), delimiter=self._delimiter, strict=True)
            for number in itertools.count(1):
                line = number if self._sheet else reader.line_num + skipped + 1
                lines.clear()
                try:
                    yield line, list(map(str.strip, next(reader))), None
                except StopIteration:
                    return
                except csv.Error as error:
                    raw = "".join(lines).rstrip("\r\n")
                    yield line, [raw[:_MOST_SHOWN]], _broken(error)


_MOST_SHOWN = 10_000
"""Characters kept of text that isn't a row."""


def _broken(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"A cell has more than {csv.field_size_limit():,} characters; is a quote not closed?"
    return "The quotes don't match; write a quote inside a cell twice"


def _noting(lines: Iterator[str], noted: list[str]) -> Iterator[str]:
    """Yield lines and keep those of the present row."""
    for line in lines:
        noted.append(line)
        yield line


def _delimiter(path: Path, encoding: str) -> str:
    """Return the delimiter that gives most rows as many cells as the header, the more cells the better."""
    scores: dict[str, tuple[int, int]] = {}
    for delimiter in DELIMITERS:
        widths = []
        for number, (_, cells, _) in enumerate(_Reading(path, encoding, delimiter, False)):
            widths.append(len(cells))
            if number == _SAMPLE:
                break
        fitting = sum(width == widths[0] for width in widths) if widths and widths[0] > 1 else 0
        scores[delimiter] = (fitting, widths[0] if widths else 0)
    return max(scores, key=lambda delimiter: scores[delimiter])


def _header(path: Path, cells: list[str], broken: str | None) -> tuple[str, ...]:
    if broken or not any(cells):
        raise Invalid(f"{path.name} has no header; its first line must name the columns")
    named = tuple(" ".join(name.split()) or f"column {place}" for place, name in enumerate(cells, start=1))
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise Invalid(
            f"{path.name} has the column '{twice[0]}' more than once; give each column its own name"
        )
    return named
