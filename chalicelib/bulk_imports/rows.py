"""One row of a file as it stands there, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

CELL_MAX_CHARACTERS = 131_072
"""A longer cell refuses its row. It is csv's own limit and six times our longest text."""


class Problem(NamedTuple):
    """One reason why a row is refused: `line` is where it starts in the file (from 1; a sheet's row number for XLSX),
    `field` the field or column, None when it is the row as a whole."""

    line: int
    field: str | None
    code: str
    message: str


class RawRow(NamedTuple):
    """A row before anybody judged it: its cells by column (a JSON object as it is), or why there are none.

    A row with problems is refused whatever its values.
    """

    line: int
    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()


class Record(NamedTuple):
    """The cells of one row, not yet named. `problem` (code, message) is set when they could not be had."""

    line: int
    cells: list[str]
    problem: tuple[str, str] | None = None


CELL_TOO_LONG = ("cell_too_long", f"a cell is longer than {CELL_MAX_CHARACTERS:,} characters")


@dataclass(frozen=True, slots=True)
class RowProblems:
    """A row that is refused, with every reason at once."""

    line: int
    problems: tuple[Problem, ...]


def too_long(cells: list[str]) -> bool:
    return any(len(cell) > CELL_MAX_CHARACTERS for cell in cells)


def filled(records: Iterator[Record]) -> Iterator[Record]:
    """The records that are not blank: a row of nothing but empty cells is no row."""
    for record in records:
        if record.problem is not None or (any(record.cells) and any(cell.strip() for cell in record.cells)):
            yield record
