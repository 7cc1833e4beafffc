"""Writes the rows with which something was wrong to a file that can be mended and imported itself."""

import csv
import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from wonward.errors import Refusal
from wonward.records.importing import workbook
from wonward.records.importing.batch import RowProblem
from wonward.records.importing.table import ERROR_COLUMNS, Table
from wonward.records.spreadsheet import harmless


def path_for(path: Path) -> Path:
    """Return where the problems of a file go: `accounts.csv` has `accounts.errors.csv` beside it."""
    suffix = ".csv" if workbook.is_workbook(path) else path.suffix
    return path.with_name(f"{path.stem}.errors{suffix}")


def write(table: Table, problems: Iterable[RowProblem], target: Path) -> None:
    """Write the rows that have problems, which come in the order of the rows, with what is wrong.

    Three columns are added: line, column and message. The file appears whole or not at all. A row with too
    many cells keeps the surplus after them. Cells that a spreadsheet would take for formulas get an
    apostrophe in front, which reading the file takes away again.
    """
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8-sig", newline="") as text:
            writer = csv.writer(text, delimiter=table.delimiter)
            kept = [place for place, name in enumerate(table.header) if name not in ERROR_COLUMNS]
            writer.writerow([*(harmless(table.header[place]) for place in kept), *ERROR_COLUMNS])
            for cells, found in _rows(table, problems):
                padded = [*cells, *("" for _ in table.header[len(cells) :])]
                columns = "; ".join(dict.fromkeys(each.column for each in found if each.column))
                messages = "; ".join(each.message for each in found)
                row = [*(padded[place] for place in kept), str(found[0].line), columns, messages]
                writer.writerow([harmless(cell) for cell in (*row, *cells[len(table.header) :])])
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Refusal(
            f"The rows with problems couldn't be written to {target} ({error.strerror}); everything else was "
            "imported. Import the file again and name another place for them",
            code="ERRORS_FILE_NOT_WRITTEN",
        ) from error


def _rows(table: Table, problems: Iterable[RowProblem]) -> Iterator[tuple[list[str], list[RowProblem]]]:
    """Yield the cells of each row that has problems, with them."""
    rows = table.rows()
    for number, found in itertools.groupby(problems, lambda each: each.row):
        row = next(row for row in rows if row.number == number)
        yield row.cells, list(found)
