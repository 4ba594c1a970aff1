"""The rows of a file cut into pieces that are stored and imported one by one.

A piece holds its rows as JSON lines and needs neither the file nor its dialect any more, so that a job reads one piece
and no more, and starts again at any row of it. The same file is always cut in the same way: whoever was interrupted
cuts again and skips the pieces already stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.bulk_imports.formats import RowSource
from chalicelib.bulk_imports.reading_errors import TooManyRows
from chalicelib.bulk_imports.rows import Problem, RawRow

ROWS_PER_PIECE, PIECE_BYTES, ROWS_MAX = 500, 1024 * 1024, 1_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows that follow one another: `number` counts pieces from 0, `first_line` is where the first row starts."""

    number: int
    first_line: int
    row_count: int
    content: bytes


def pieces(
    source: RowSource,
    *,
    rows_per_piece: int = ROWS_PER_PIECE,
    piece_bytes: int = PIECE_BYTES,
    max_rows: int = ROWS_MAX,
    stored: int = 0,
) -> Iterator[Piece]:
    """The file's rows in pieces of at most `rows_per_piece`, closed early by the row that reaches `piece_bytes`.

    The first `stored` pieces are cut, but not handed out. Raises TooManyRows after `max_rows` rows.
    """
    number = size = first_line = 0
    lines: list[bytes] = []
    for row_count, row in enumerate(source.rows(), start=1):
        if row_count > max_rows:
            raise TooManyRows(max_rows)
        first_line = first_line if lines else row.line
        lines.append(_encoded(row))
        size += len(lines[-1])
        if len(lines) == rows_per_piece or size >= piece_bytes:
            if number >= stored:
                yield Piece(number, first_line, len(lines), b"".join(lines))
            lines, size, number = [], 0, number + 1
    if lines and number >= stored:
        yield Piece(number, first_line, len(lines), b"".join(lines))


def read_piece(content: bytes) -> Iterator[RawRow]:
    """The rows of a piece, as they came from the file."""
    for text in content.split(b"\n")[:-1]:
        line, values, problems = json.loads(text.decode("utf-8", "surrogatepass"))
        yield RawRow(line, values, tuple(Problem(*problem) for problem in problems))


def _encoded(row: RawRow) -> bytes:
    # Half of a surrogate pair may come out of a JSON escape; it is refused later, with its row's other problems.
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"
