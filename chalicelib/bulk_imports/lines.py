"""The physical lines of a text, in pieces of bounded length."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from chalicelib.bulk_imports.encodings import Encoding

PIECE_CHARACTERS = 256 * 1024
LINE_ENDS = "\r\n"


def line_pieces(stream: BinaryIO, encoding: Encoding) -> Iterator[tuple[int, str]]:
    """Each line with its number (from 1) and its line end (LF, CR or CRLF, mixed as they come).

    A line longer than PIECE_CHARACTERS comes in several pieces of the same number, only the last with a line end.
    Bytes that are no text become U+FFFD. The stream stays open; one iteration at a time may read it.
    """
    stream.seek(encoding.mark_bytes)
    text = io.TextIOWrapper(stream, encoding.name, errors="replace", newline="")
    number, is_cut_in_crlf = 1, False
    try:
        while piece := text.readline(PIECE_CHARACTERS):
            if is_cut_in_crlf and piece == "\n":
                is_cut_in_crlf = False
                continue
            yield number, piece
            is_cut_in_crlf = len(piece) == PIECE_CHARACTERS and piece[-1] == "\r"
            number += piece[-1] in LINE_ENDS
    finally:
        text.detach()
