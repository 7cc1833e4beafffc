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


def unambiguous(text: str) -> str:
    """Return what `plain` gives the text of again, for cells that can be no formula and need no apostrophe."""
    return f"'{text}" if _ESCAPED.match(text) else text


def plain(cell: str) -> str:
    """Return the text of a cell that `harmless` or `unambiguous` gave."""
    return cell[1:] if _ESCAPED.match(cell) else cell
