"""Rows of a CSV file, found so that one broken row never takes the next one with it.

Where a record ends is decided here, by the rules of the csv module (a quote opens a cell only as its first character),
so that memory stays bounded by one record whatever its quotes say; its cells are read by the csv module itself.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice

from chalicelib.bulk_imports.columns import normalised
from chalicelib.bulk_imports.lines import LINE_ENDS
from chalicelib.bulk_imports.rows import CELL_TOO_LONG, Record, filled, too_long

DELIMITERS = ",;\t|"
RECORD_MAX_CHARACTERS = 1024 * 1024
UNCLOSED = ("quote_unclosed", 'a quotation mark (") opens in this row and never closes')
ROW_TOO_LONG = (
    "row_too_long",
    f"the row is longer than {RECORD_MAX_CHARACTERS:,} characters; perhaps a quotation mark in it never closes",
)
_SEPARATOR_HINT = re.compile(r"sep=([,;\t|])[\r\n]*")
_QUOTE = '"'
_QUOTED_TEXT = re.compile(r'[^"]*+(?:""[^"]*+)*+')


# Where in a record the reading stands. After a quote in a quoted cell the next character says whether it closed.
_CELL_START, _PLAIN, _QUOTED, _AFTER_QUOTE = range(4)


def csv_records(pieces: Iterator[tuple[int, str]], delimiter: str) -> Iterator[Record]:
    """Every record with the number of its first line; linear in the text, and at most one record in memory."""
    for number, piece in pieces:
        if _SEPARATOR_HINT.fullmatch(piece) and number == 1:
            continue
        if _QUOTE in piece or piece[-1] not in LINE_ENDS:
            yield _long_record(number, piece, pieces, delimiter)
        else:
            cells = piece.rstrip(LINE_ENDS).split(delimiter)
            yield Record(number, [], CELL_TOO_LONG) if too_long(cells) else Record(number, cells)


def _long_record(number: int, piece: str, pieces: Iterator[tuple[int, str]], delimiter: str) -> Record:
    """The record that starts with `piece` and may go on over many more."""
    kept, size, place = [piece], len(piece), _advance(_CELL_START, piece, delimiter)
    while place is _QUOTED or piece[-1] not in LINE_ENDS:
        _, piece = next(pieces, (0, ""))
        if not piece:
            break
        size += len(piece)
        place = _advance(place, piece, delimiter)
        if size <= RECORD_MAX_CHARACTERS:
            kept.append(piece)
        else:
            kept.clear()
    if size > RECORD_MAX_CHARACTERS:
        return Record(number, [], ROW_TOO_LONG)
    if place is _QUOTED:
        return Record(number, [], UNCLOSED)
    return _parse(number, "".join(kept), delimiter)


def _advance(place: int, piece: str, delimiter: str) -> int:
    """Where in the record the reading stands after `piece`."""
    at, opening = 0, delimiter + _QUOTE
    while at < len(piece):
        if place is _QUOTED:
            if (at := _end_of_quoted(piece, at)) == len(piece):
                return place
            place, at = _AFTER_QUOTE, at + 1
        elif place is not _PLAIN and piece[at] == _QUOTE:
            place, at = _QUOTED, at + 1
        else:
            at = piece.find(opening, at)
            if at < 0:
                return _CELL_START if piece.endswith(delimiter) else _PLAIN
            place, at = _QUOTED, at + len(opening)
    return place


def _end_of_quoted(piece: str, at: int) -> int:
    """Where a quoted cell that `at` lies in meets a single quote; the end of the piece when it does not."""
    match = _QUOTED_TEXT.match(piece, at)
    return match.end() if match else at


def _parse(number: int, record: str, delimiter: str) -> Record:
    try:
        cells = next(csv.reader([record], delimiter=delimiter))
    except csv.Error:
        return Record(number, [], CELL_TOO_LONG)
    return Record(number, [], CELL_TOO_LONG) if too_long(cells) else Record(number, cells)


def guess_delimiter(sample: list[tuple[int, str]], known: frozenset[str], *, rows: int = 50) -> str:
    """The delimiter under which the header is best understood and the first rows agree in width; comma if none does.

    `known` holds column names as `columns.normalised` writes them.
    """
    if sample and (hint := _SEPARATOR_HINT.fullmatch(sample[0][1])):
        return hint[1]
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter, known, rows))


def _fit(sample: list[tuple[int, str]], delimiter: str, known: frozenset[str], rows: int) -> tuple[int, float, int]:
    records = list(islice(filled(csv_records(iter(sample), delimiter)), rows))
    if not records:
        return 0, 0.0, 1
    header = records[0].cells
    width = len(header)
    alike = sum(len(record.cells) == width for record in records) / len(records) if width > 1 else 0.0
    return sum(normalised(cell) in known for cell in header), alike, width
