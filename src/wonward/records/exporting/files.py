"""The files that exports write, row by row: CSV, and Excel workbooks with dates and numbers as such."""

import csv
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from zoneinfo import ZoneInfo

import xlsxwriter

from wonward.errors import Invalid
from wonward.records.exporting.asked import Form
from wonward.records.exporting.columns import Column
from wonward.records.spreadsheet import harmless, unambiguous

SHEET_ROWS = 1_048_575
"""Records that a sheet has room for under its heading."""

LONGEST = 32_767
"""Characters of a sheet's cell."""

_FIRST_DAY = date(1900, 3, 1)
"""Sheets count days wrongly before it."""

_EXACT = 15
"""Digits that a sheet keeps of a number."""


class Writer(Protocol):
    """A file being written; `cut` counts the texts that were too long for it."""

    cut: int

    def row(self, texts: Sequence[str | None]) -> None:
        """Write a row of canonical texts."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, sort: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def writer(form: Form, path: Path, columns: Sequence[Column], zone: ZoneInfo) -> Writer:
    """Begin a file with its headings; leaving its block finishes it."""
    return _Sheet(path, columns, zone) if form == "xlsx" else _Text(path, columns)


class _Text:
    """A CSV file in UTF-8, with the mark that spreadsheets know it by."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self.cut = 0
        self._open = ExitStack()
        file = self._open.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
        self._writer = csv.writer(file)
        self._told = [column.told for column in columns]
        self._writer.writerow([harmless(column.head) for column in columns])

    def row(self, texts: Sequence[str | None]) -> None:
        """Write a row."""
        cells = (
            (told(text) if told else text) if text else ""
            for told, text in zip(self._told, texts, strict=True)
        )
        self._writer.writerow([harmless(cell) for cell in cells])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


class _Sheet:
    """An Excel workbook of one sheet; nothing in it is a formula."""

    def __init__(self, path: Path, columns: Sequence[Column], zone: ZoneInfo) -> None:
        self.cut = 0
        self._zone = zone
        self._book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._sheet = self._book.add_worksheet()
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = self._book.add_format({"bold": True})
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.head, bold)
        self._told = [column.told for column in columns]
        self._write = [self._cell_writer(column.type) for column in columns]
        self._row = 0

    def row(self, texts: Sequence[str | None]) -> None:
        """Write a row."""
        self._row += 1
        if self._row > SHEET_ROWS:
            raise Invalid(
                f"A sheet has room for {SHEET_ROWS:,} records; choose CSV, or narrow the list",
                code="TOO_MANY_ROWS",
            )
        for place, text in enumerate(texts):
            if text:
                told = self._told[place]
                self._write[place](place, told(text) if told else text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def _cell_writer(self, field_type: str) -> Callable[[int, str], None]:
        return {
            "number": self._number,
            "currency": self._number,
            "date": self._date,
            "datetime": self._datetime,
            "boolean": self._boolean,
        }.get(field_type, self._string)

    def _string(self, place: int, text: str) -> None:
        if len(text) > LONGEST:
            self.cut += 1
            text = f"{text[: LONGEST - 1]}…"
        self._sheet.write_string(self._row, place, unambiguous(text))

    def _number(self, place: int, text: str) -> None:
        number = Decimal(text)
        if len(number.as_tuple().digits) > _EXACT:
            self._string(place, text)
        else:
            self._sheet.write_number(self._row, place, float(number))

    def _date(self, place: int, text: str) -> None:
        day = date.fromisoformat(text)
        if day < _FIRST_DAY:
            self._string(place, text)
        else:
            self._sheet.write_datetime(self._row, place, day, self._day)

    def _datetime(self, place: int, text: str) -> None:
        """Write a moment as the portal's clocks show it; one that they show twice a year stays text."""
        moment = datetime.fromisoformat(text).astimezone(self._zone)
        again = moment.replace(tzinfo=None, fold=0).replace(tzinfo=self._zone).astimezone(UTC)
        twice = (moment + timedelta(hours=1)).utcoffset() != (moment - timedelta(hours=1)).utcoffset()
        if moment.date() < _FIRST_DAY or twice or again != moment.astimezone(UTC):
            self._string(place, text)
        else:
            self._sheet.write_datetime(self._row, place, moment.replace(tzinfo=None), self._moment)

    def _boolean(self, place: int, text: str) -> None:
        self._sheet.write_boolean(self._row, place, text == "true")
