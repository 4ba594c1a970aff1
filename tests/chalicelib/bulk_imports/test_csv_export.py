"""CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bulk_imports.csv_export import csv_row, neutralised


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "-cmd", "--", "+", "+1 =2"]
)
def test_a_cell_that_could_be_a_formula_gets_a_quote(cell: str) -> None:
    assert neutralised(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["", "Ada", "a=b", "-5", "+1.5", "-0,5", "-", "+442079460958", "+44 20 7946 0958", "'x"]
)
def test_plain_text_numbers_and_phone_numbers_stay_as_they_are(cell: str) -> None:
    assert neutralised(cell) == cell


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_a_written_row_reads_back_as_its_neutralised_cells(cells: list[str]) -> None:
    line = csv_row(cells)

    assert line.endswith("\r\n")
    read = next(csv.reader(io.StringIO(line, newline="")))
    assert read == [neutralised(cell.replace("\x00", "")) for cell in cells]


def test_none_is_an_empty_cell() -> None:
    assert csv_row(["a", None, 'b"c']) == 'a,,"b""c"\r\n'
