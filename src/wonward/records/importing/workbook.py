"""Makes a CSV file of the first sheet of an Excel workbook, so that everything else reads one kind of file.

The workbook is read by a process of its own, which has its limits: what swells beyond them or breaks the
reader ends that process and nothing else. Dates come as 2017-12-31, numbers with a decimal point.
"""

import csv
import resource
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import python_calamine as calamine

from wonward.errors import Invalid
from wonward.records.importing.table import LARGEST

UNPACKED = 1 << 30
"""Bytes that a workbook may have when it is unpacked."""

MEMORY = 2 << 30
"""Bytes of address space of the process that reads one."""

SECONDS = 300
"""Seconds of processor time of that process."""

ROWS = 1_000_000
"""Rows that are read of a sheet."""

_TOO_LARGE = "is too large or not a sound workbook; save it as CSV in UTF-8 and import that"


def is_workbook(path: Path) -> bool:
    """Tell whether a file is called as workbooks are."""
    return path.suffix.lower() in (".xlsx", ".xlsm")


def to_csv(path: Path, target: Path) -> None:
    """Write the first visible sheet of a workbook as CSV; raise Invalid when it can't be read."""
    _refuse_swelling(path)
    command = [sys.executable, "-m", __name__, str(path), str(target)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 - our own program
    except subprocess.TimeoutExpired:
        raise Invalid(f"{path.name} {_TOO_LARGE}", code="INVALID_WORKBOOK") from None
    if done.returncode:
        target.unlink(missing_ok=True)
        said = done.stdout.strip() or f"{path.name} {_TOO_LARGE}"
        raise Invalid(said, code="INVALID_WORKBOOK")


def _refuse_swelling(path: Path) -> None:
    """Raise Invalid for what is no workbook, or one that unpacks to more than may be read."""
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile:
        raise Invalid(
            f"{path.name} is no Excel workbook, though it is called one; save it again as .xlsx or CSV",
            code="INVALID_WORKBOOK",
        ) from None
    if size > UNPACKED:
        raise Invalid(f"{path.name} {_TOO_LARGE}", code="INVALID_WORKBOOK")


def _write(path: Path, target: Path) -> None:
    """Write a workbook's first visible sheet as CSV; empty rows stay, so that rows keep their numbers."""
    with calamine.load_workbook(path) as book:
        visible = [each for each in book.sheets_metadata if each.visible is calamine.SheetVisibleEnum.Visible]
        name = next((each.name for each in visible if each.typ is calamine.SheetTypeEnum.WorkSheet), None)
        if name is None:
            raise Invalid(f"{path.name} has no sheet with cells")
        sheet = book.get_sheet_by_name(name)
        height = sheet.total_height
        if height > ROWS:
            raise Invalid(f"{path.name} has {height:,} rows; import {ROWS:,} at a time")
        first = sheet.start[0] if sheet.start else 0
        with target.open("w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text)
            for _ in range(first):
                writer.writerow(())
            for cells in sheet.iter_rows():
                writer.writerow([_text(cell) for cell in cells])


def _text(cell: object) -> str:
    """Return a cell as the rest of importing reads it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return format(Decimal(repr(cell)).normalize(), "f")
    if isinstance(cell, datetime):
        return _moment(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _moment(cell: datetime) -> str:
    """Return a moment to the millisecond, which is as exact as a sheet's days and their fractions are."""
    near = cell + timedelta(microseconds=500)
    near = near.replace(microsecond=near.microsecond // 1000 * 1000)
    whole = "minutes" if not (near.second or near.microsecond) else "auto"
    return near.isoformat(sep=" ", timespec=whole)


def _main(path: Path, target: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))  # one text may stand in millions of cells
    try:
        _write(path, target)
    except Invalid as refusal:
        sys.stdout.write(str(refusal))
        return 1
    except calamine.PasswordError:
        sys.stdout.write(f"{path.name} is locked with a password; save it without one")
        return 1
    except (calamine.CalamineError, MemoryError, OSError):
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(_main(Path(sys.argv[1]), Path(sys.argv[2])))
