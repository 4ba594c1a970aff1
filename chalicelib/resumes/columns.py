"""Reading order: two columns are read one after the other, also when the file draws them line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import mean

FEWEST_LINES = 8  # fewer lines side by side may be a table, whose rows belong together
FEWEST_WORDS = 3  # on average in each half line; less is a list of labels, or of dates
ALIGNED_POINTS = 3
WORD = re.compile(r"[^\W\d_]{2,}")  # "March 2021 – Present" has two
LONGEST_COLUMN = 300  # lines looked ahead, so that a page of countless lines stays cheap

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Piece:
    """Characters that stand close together on line `line`; the box is in points, its origin at the lower left."""

    line: int
    text: str
    left: float
    bottom: float
    right: float
    top: float

    def add(self, text: str, box: Box) -> None:
        """Take in what follows on the same line."""
        self.text += text
        self.left, self.bottom = min(self.left, box[0]), min(self.bottom, box[1])
        self.right, self.top = max(self.right, box[2]), max(self.top, box[3])

    def is_far_from(self, box: Box, distance: float) -> bool:
        """Whether `box` begins more than `distance` points after this ends, or before this begins."""
        return box[0] - self.right > distance or self.left - box[2] > distance


def in_reading_order(pieces: list[Piece]) -> str:
    """The text of `pieces`: a line each, and the left column before the right where there are two."""
    lines = _lines(pieces)
    text: list[str] = []
    while lines:
        edge, count = _columns_at(lines)
        if edge is None:
            text.append(_line_text(lines.pop(0)))
            continue
        block, lines = lines[:count], lines[count:]
        text += [_line_text([piece for piece in line if piece.left < edge]) for line in block]
        text += [_line_text([piece for piece in line if piece.left >= edge]) for line in block]
    return "\n".join(line for line in text if line)


def _lines(pieces: list[Piece]) -> list[list[Piece]]:
    lines: dict[int, list[Piece]] = {}
    for piece in pieces:
        lines.setdefault(piece.line, []).append(piece)
    return list(lines.values())


def _line_text(line: list[Piece]) -> str:
    return " ".join(piece.text.strip() for piece in line)


def _columns_at(lines: list[list[Piece]]) -> tuple[float | None, int]:
    """Where the right column begins and how many of the first lines it spans; None where there are no columns."""
    if len(lines[0]) != 2:
        return None, 0
    edge = lines[0][1].left - ALIGNED_POINTS
    count = 0
    for line in lines[:LONGEST_COLUMN]:
        if any(piece.left < edge < piece.right for piece in line):
            break
        count += 1
    halves = [line for line in lines[:count] if _is_parted(line, edge)]
    if len(halves) < FEWEST_LINES or min(_words(halves, 0), _words(halves, 1)) < FEWEST_WORDS:
        return None, 0
    return edge, count


def _is_parted(line: list[Piece], edge: float) -> bool:
    return len(line) == 2 and line[0].left < edge and abs(line[1].left - edge - ALIGNED_POINTS) <= ALIGNED_POINTS


def _words(halves: list[list[Piece]], side: int) -> float:
    return mean(len(WORD.findall(line[side].text)) for line in halves)
