"""A thousand nasty rows: none crashes the reading, and each is accounted for at its line."""

from __future__ import annotations

import io

from chalicelib.bulk_imports.candidate_row import CandidateRow
from chalicelib.bulk_imports.candidates import read_candidate
from chalicelib.bulk_imports.chunks import pieces, read_piece
from chalicelib.bulk_imports.columns import guess_mapping
from chalicelib.bulk_imports.formats import open_rows
from tests.nasty_csv import nasty_file


def test_every_nasty_row_is_accepted_or_refused_for_the_right_reason_at_its_line() -> None:
    nasty = nasty_file()
    source = open_rows(io.BytesIO(nasty.content), filename="nasty.csv")
    mapping = guess_mapping(source.header)

    judged = {row.line: read_candidate(row, mapping) for piece in pieces(source) for row in read_piece(piece.content)}

    told = {
        line: (found.name, None) if isinstance(found, CandidateRow) else (None, found.problems[0].code)
        for line, found in judged.items()
    }
    assert len(nasty.expected) == 1000
    assert told == {line: (row.name, row.code) for line, row in nasty.expected if row.name or row.code}


def test_pieces_count_all_rows_and_carry_the_line_of_their_first() -> None:
    nasty = nasty_file()
    source = open_rows(io.BytesIO(nasty.content), filename="nasty.csv")
    lines = [line for line, row in nasty.expected if row.name or row.code]

    cut = list(pieces(source, rows_per_piece=50))

    assert [piece.number for piece in cut] == list(range(len(cut)))
    assert sum(piece.row_count for piece in cut) == len(lines)
    assert [row.line for piece in cut for row in read_piece(piece.content)] == lines
    assert all(next(read_piece(piece.content)).line == piece.first_line for piece in cut)
    assert list(pieces(source, rows_per_piece=50, stored=3)) == cut[3:]


def test_formulas_are_kept_as_they_stand() -> None:
    content = b'name,summary\n"=HYPERLINK(""http://evil.example"")",+1+1\n'
    source = open_rows(io.BytesIO(content), filename="x.csv")

    (found,) = (read_candidate(row, guess_mapping(source.header)) for row in source.rows())

    assert isinstance(found, CandidateRow)
    assert (found.name, found.summary) == ('=HYPERLINK("http://evil.example")', "+1+1")
