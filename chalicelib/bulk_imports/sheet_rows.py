"""Rows of the first sheet that has any: cells as text, formulas by the value they last had, hidden rows included."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import BinaryIO

from chalicelib.bulk_imports.reading_errors import ImportEmpty, SheetUnreadable
from chalicelib.bulk_imports.rows import CELL_MAX_CHARACTERS, CELL_TOO_LONG, Record, filled, too_long
from chalicelib.bulk_imports.sheet_package import (
    SharedStrings,
    Workbook,
    feed,
    open_package,
    open_part,
    part_parser,
    read_strings,
    read_workbook,
)

ROWS_MAX = 1_048_576
COLUMNS_MAX = 500
FORMULA_ERROR = ("formula_error", "a formula in this row shows an error such as #N/A instead of a value")
TOO_WIDE = ("row_too_wide", f"the row has cells beyond column {COLUMNS_MAX}")
_INTEGER = re.compile(r"-?\d{1,15}")
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet's dates have no zone


def sheet_records(stream: BinaryIO) -> Iterator[Record]:
    """Every row of the first sheet with data (visible sheets first), with its row number there.

    Raises SheetUnreadable, or ImportEmpty when no sheet has a row. Memory does not grow with the number of rows.
    """
    with open_package(stream) as package, closing(SharedStrings()) as strings:
        workbook = read_workbook(package)
        read_strings(package, workbook.strings_part, strings)
        for part in workbook.sheets:
            is_blank = True
            for record in filled(_rows(package, part, workbook, strings)):
                is_blank = False
                yield record
            if not is_blank:
                return
    raise ImportEmpty


def _rows(package: zipfile.ZipFile, part: str, workbook: Workbook, strings: SharedStrings) -> Iterator[Record]:
    sheet = _SheetReader(workbook, strings)
    parser = part_parser(sheet.start, sheet.end, sheet.text)
    with open_part(package, part) as source:
        while feed(parser, source):
            yield from sheet.ready
            sheet.ready.clear()
        yield from sheet.ready


class _SheetReader:
    """Turns the elements of a sheet into records, which wait in `ready`."""

    def __init__(self, workbook: Workbook, strings: SharedStrings) -> None:
        self.ready: list[Record] = []
        self._workbook, self._strings = workbook, strings
        self._row = self._column = 0
        self._cells: list[str] = []
        self._problem: tuple[str, str] | None = None
        self._type, self._style = "n", 0
        self._value: list[str] = []
        self._size, self._is_value, self._aloud = 0, False, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            self._start_row(attributes)
        else:
            self._aloud += name == "rPh"
            self._is_value = name in ("v", "t") and not self._aloud

    def text(self, data: str) -> None:
        if self._is_value and self._size <= CELL_MAX_CHARACTERS:
            self._value.append(data)
            self._size += len(data)

    def end(self, name: str) -> None:
        self._is_value = False
        if name == "c":
            self._end_cell()
        elif name == "row":
            problem = self._problem or (CELL_TOO_LONG if too_long(self._cells) else None)
            self.ready.append(Record(self._row, self._cells, problem))
            self._cells = []
        else:
            self._aloud -= name == "rPh"

    def _start_row(self, attributes: dict[str, str]) -> None:
        before, self._column, self._problem = self._row, 0, None
        number = attributes.get("r")
        self._row = int(number) if number is not None and _INTEGER.fullmatch(number) else before + 1
        if not before < self._row <= ROWS_MAX:
            raise SheetUnreadable("its rows are out of order")

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._column = _column_of(reference) if reference else self._column + 1
        self._type, self._style = attributes.get("t", "n"), int(attributes.get("s", 0))
        self._value, self._size = [], 0

    def _end_cell(self) -> None:
        value = "".join(self._value)
        if not value:
            return
        if self._column > COLUMNS_MAX:
            self._problem = TOO_WIDE
            return
        if self._type == "e":
            self._problem = self._problem or FORMULA_ERROR
        missing = self._column - len(self._cells)
        if missing > 0:
            self._cells.extend([""] * missing)
        self._cells[self._column - 1] = self._as_text(value)

    def _as_text(self, value: str) -> str:
        if self._type == "s":
            return self._strings[int(value)]
        if self._type == "b":
            return "true" if value == "1" else "false"
        if self._type != "n":
            return value
        return self._as_date(value) if self._style in self._workbook.date_styles else as_number(value)

    def _as_date(self, value: str) -> str:
        try:
            return as_date(float(value), is_1904=self._workbook.is_1904)
        except (ValueError, OverflowError):
            return value


def as_number(value: str) -> str:
    """A number as a person would type it: 49301234567.0 and 4.9301234567E+10 are both 49301234567."""
    if _INTEGER.fullmatch(value):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def as_date(serial: float, *, is_1904: bool) -> str:
    """A sheet's serial date as ISO 8601 to the second: a day, a time, or both. ValueError outside the calendar."""
    if not 0 <= serial < 2_958_466:
        raise ValueError("outside the calendar")
    if serial < 1:
        return (_EPOCH + timedelta(seconds=round(serial * 86_400))).time().isoformat()
    if not is_1904 and serial < 60:
        serial += 1  # Excel believes in a 29 February 1900; days before it are one off.
    moment = (_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(seconds=round(serial * 86_400))
    return moment.date().isoformat() if moment.time() == moment.min.time() else moment.isoformat()


def _column_of(reference: str) -> int:
    """The column (from 1) of a reference such as BC12."""
    column = 0
    for letter in reference[:4]:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    if not column:
        raise SheetUnreadable("a cell has no place")
    return column
