"""A file of candidates opened: its format, its columns, and its rows one by one.

Whatever the file's size, memory is bounded by one row; the rows come the same on every reading, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from typing import Any, BinaryIO

from chalicelib.bulk_imports.columns import KNOWN_NAMES
from chalicelib.bulk_imports.csv_rows import csv_records, guess_delimiter
from chalicelib.bulk_imports.encodings import Encoding, detect_encoding
from chalicelib.bulk_imports.headers import COLUMNS_MAX, read_header
from chalicelib.bulk_imports.json_rows import array_rows, line_rows, object_row, single_rows
from chalicelib.bulk_imports.lines import line_pieces
from chalicelib.bulk_imports.reading_errors import FormatUnknown, ImportEmpty
from chalicelib.bulk_imports.rows import Problem, RawRow, Record, filled
from chalicelib.bulk_imports.sheet_rows import sheet_records
from chalicelib.documents import magic

SAMPLE_PIECES, SAMPLE_CHARACTERS, SAMPLE_OBJECTS = 200, 64 * 1024, 100
_FOREIGN = (magic.PDF, magic.OLE, magic.RTF, magic.PNG, magic.JPEG, *magic.FOREIGN_ARCHIVES)


class FileFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON_RESUME = "json_resume"
    """An array of objects, or a single object: JSON Resumes or flat ones."""
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is written; `delimiter` is "" where there is none."""

    encoding: str
    has_bom: bool
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class RowSource:
    """A file ready to be read. `header` are the columns as named in the file (for flat JSON objects, the keys of the
    first hundred; none for JSON Resumes), `notes` say which names had to be changed, `dialect` is None for XLSX."""

    format: FileFormat
    header: tuple[str, ...]
    dialect: Dialect | None
    notes: tuple[str, ...]
    read: Callable[[], Iterator[RawRow]]

    def rows(self) -> Iterator[RawRow]:
        """Every row from the start; one iteration at a time, for all use the same stream."""
        return self.read()


def open_rows(stream: BinaryIO, *, filename: str) -> RowSource:
    """The rows of `stream` (seekable; it stays open and has to stay so while rows are read).

    The content decides what it is; of the name only the ending .jsonl or .ndjson counts. Raises ImportUnreadable.
    """
    stream.seek(0)
    head = stream.read(magic.HEAD_BYTES)
    if head.startswith(magic.ZIP):
        return _open_table(FileFormat.XLSX, lambda: sheet_records(stream), None)
    if head.startswith(_FOREIGN):
        raise FormatUnknown
    encoding = detect_encoding(stream)
    first = next((piece.lstrip() for _, piece in line_pieces(stream, encoding) if not piece.isspace()), "")
    if not first:
        raise ImportEmpty
    if first[0] in "[{":
        return _open_json(stream, encoding, first, filename)
    return _open_csv(stream, encoding)


def _open_csv(stream: BinaryIO, encoding: Encoding) -> RowSource:
    delimiter = guess_delimiter(_sample(stream, encoding), KNOWN_NAMES)
    return _open_table(
        FileFormat.CSV,
        lambda: csv_records(line_pieces(stream, encoding), delimiter),
        Dialect(encoding.name, encoding.has_bom, delimiter),
    )


def _sample(stream: BinaryIO, encoding: Encoding) -> list[tuple[int, str]]:
    """The first lines: few of them, and not much text."""
    sample, size = [], 0
    for number, piece in islice(line_pieces(stream, encoding), SAMPLE_PIECES):
        sample.append((number, piece))
        size += len(piece)
        if size >= SAMPLE_CHARACTERS:
            break
    return sample


def _open_table(kind: FileFormat, records: Callable[[], Iterator[Record]], dialect: Dialect | None) -> RowSource:
    first = next(filled(records()), None)
    if first is None:
        raise ImportEmpty
    header, notes = read_header(first)
    is_csv = kind is FileFormat.CSV
    return RowSource(kind, header, dialect, notes, lambda: _table_rows(records(), header, is_csv=is_csv))


def _table_rows(records: Iterator[Record], header: tuple[str, ...], *, is_csv: bool) -> Iterator[RawRow]:
    """The rows after the header. A sheet leaves out the empty cells at a row's end; in CSV one that lacks is a fault:
    nobody knows which."""
    width = len(header)
    for record in islice(filled(records), 1, None):
        line, cells, problem = record
        if problem is None and len(cells) != width:
            problem = _misfit(cells, width, is_csv=is_csv)
        if problem is not None:
            yield RawRow(line, {}, (Problem(line, None, *problem),))
        else:
            yield RawRow(line, dict(zip(header, chain(cells, [""] * (width - len(cells))), strict=False)))


def _misfit(cells: list[str], width: int, *, is_csv: bool) -> tuple[str, str] | None:
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        return "cells_too_many", f"the row has {len(cells)} cells, the header {width}"
    if is_csv and len(cells) < width:
        return "cells_missing", f"the row has {len(cells)} cells, the header {width}"
    return None


def _open_json(stream: BinaryIO, encoding: Encoding, first: str, filename: str) -> RowSource:
    is_lines = filename.lower().endswith((".jsonl", ".ndjson"))
    if first[0] == "[" and not is_lines:
        kind, read = FileFormat.JSON_RESUME, array_rows
    elif is_lines or not object_row(1, first).problems:
        kind, read = FileFormat.JSONL, line_rows
    else:
        kind, read = FileFormat.JSON_RESUME, single_rows

    def rows() -> Iterator[RawRow]:
        return read(line_pieces(stream, encoding))

    return RowSource(kind, _keys(rows()), Dialect(encoding.name, encoding.has_bom), (), rows)


def _keys(rows: Iterator[RawRow]) -> tuple[str, ...]:
    """The keys of the first flat objects, in the order in which they appear."""
    flat = (row.values for row in islice(rows, SAMPLE_OBJECTS) if not isinstance(row.values.get("basics"), dict))
    keys: dict[str, Any] = dict.fromkeys(key for values in flat for key in values)
    return tuple(islice(keys, COLUMNS_MAX))
