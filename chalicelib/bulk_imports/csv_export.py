"""CSV that a spreadsheet opens as data and never as formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# A number, a phone number or a lone dash computes nothing, and a quote before it would break every later import.
_HARMLESS = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{1,20})?|\+\d[\d ]{5,24}|-")


def neutralised(cell: str) -> str:
    """The cell with a leading ' when a spreadsheet would take it for a formula: first character = + - @, tab or CR.

    Plain numbers (-5, +1.5), E.164 phone numbers (+44 20 7946 0958) and a lone dash stay as they are: digits alone
    cannot call a function or a program. Spaces and line feeds before such a character do not hide it.
    """
    if cell.startswith(_FORMULA_STARTS) or cell.lstrip().startswith(_FORMULA_STARTS):
        return cell if _HARMLESS.fullmatch(cell) else f"'{cell}"
    return cell


def csv_row(cells: Iterable[str | None]) -> str:
    """One row of RFC 4180 with its CRLF; None is an empty cell. Every cell is neutralised, and NULs are dropped."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(neutralised((cell or "").replace("\x00", "")) for cell in cells)
    return line.getvalue()
