"""Keeps spreadsheets from taking texts for formulas: those that begin like one get an apostrophe in front.

So OWASP advises for CSV files. Plain numbers stay as they are, and reading the file again takes it away.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*", re.ASCII)


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) and not _PLAIN_NUMBER.fullmatch(cell) else cell


def plain(cell: str) -> str:
    """Return the text of a cell that `harmless` gave."""
    return cell[1:] if _ESCAPED.match(cell) else cell
