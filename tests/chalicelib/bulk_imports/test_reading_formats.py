"""Opening a file: what it is, how it is written, and what its columns are called."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bulk_imports.chunks import pieces
from chalicelib.bulk_imports.formats import FileFormat, RowSource, open_rows
from chalicelib.bulk_imports.reading_errors import (
    FormatUnknown,
    HeaderMissing,
    HeaderUnusable,
    ImportEmpty,
    TooManyRows,
)
from chalicelib.bulk_imports.rows import RawRow
from tests.samples import SAMPLE_LINES, pdf_of

ROWS = [
    ["Name", "Email", "Skills"],
    ["Zoë Müller", "zoe@example.com", "Python, SQL; Go | Rust\tC"],
    ['José "Pepe" Núñez', "jose@example.com", "one\r\ntwo"],
]
ENCODINGS = {
    "utf-8": (b"", "utf-8", False),
    "utf-8 with mark": (codecs.BOM_UTF8, "utf-8", True),
    "utf-16 little endian": (codecs.BOM_UTF16_LE, "utf-16-le", True),
    "utf-16 big endian": (codecs.BOM_UTF16_BE, "utf-16-be", True),
    "utf-16 without mark": (b"", "utf-16-le", False),
    "utf-32": (codecs.BOM_UTF32_LE, "utf-32-le", True),
    "windows-1252": (b"", "cp1252", False),
}


def opened(content: bytes, filename: str = "people.csv") -> RowSource:
    return open_rows(io.BytesIO(content), filename=filename)


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str) -> None:
    mark, codec, has_bom = ENCODINGS[encoding]

    source = opened(mark + written(ROWS, delimiter).encode(codec))

    assert source.format is FileFormat.CSV
    assert source.dialect is not None
    assert (source.dialect.encoding, source.dialect.has_bom, source.dialect.delimiter) == (codec, has_bom, delimiter)
    assert source.header == ("Name", "Email", "Skills")
    assert [(row.line, list(row.values.values())) for row in source.rows()] == [(2, ROWS[1]), (3, ROWS[2])]


def test_one_stray_byte_damages_its_cell_and_not_every_name_of_a_utf8_file() -> None:
    source = opened("name,source\nZoë,fair\n".encode() + b"Jos\xe9,fair\n")

    assert [row.values["name"] for row in source.rows()] == ["Zoë", "Jos\ufffd"]


def test_special_characters_far_behind_the_start_decide_as_well() -> None:
    plain = "name,source\n" + "Ann,fair\n" * 200_000

    assert opened((plain + "Zoë,fair\n").encode("cp1252")).dialect.encoding == "cp1252"  # type: ignore[union-attr]
    assert opened((plain + "Zoë,fair\n").encode()).dialect.encoding == "utf-8"  # type: ignore[union-attr]


@given(
    st.lists(st.lists(st.text(alphabet='ab,;" \n\r\tä', max_size=12), min_size=2, max_size=2), max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_cells_that_csv_can_write_come_back_as_they_were(rows: list[list[str]], end: str) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["name", "summary"], *rows])

    found = [list(row.values.values()) for row in opened(text.getvalue().encode()).rows()]

    assert found == [row for row in rows if any(cell.strip() for cell in row)]


@given(st.text(alphabet='ab,"\n', max_size=60))
def test_any_text_is_read_as_csv_itself_reads_it(text: str) -> None:
    source = opened(b"name,summary\n" + text.encode())
    told = [[*row.values.values()] for row in source.rows() if not row.problems]

    read = [cells for cells in csv.reader(io.StringIO(text, newline="")) if any(cell.strip() for cell in cells)]

    if not any(problem.code == "quote_unclosed" for row in source.rows() for problem in row.problems):
        fitting = [c for c in read if len(c) >= 2 and not any(cell.strip() for cell in c[2:])]
        assert told == [cells[:2] for cells in fitting]


def test_a_line_that_names_the_separator_is_obeyed_and_not_read() -> None:
    source = opened(b"sep=;\r\nname;source\r\nAda;fair\r\n")

    assert list(source.rows()) == [RawRow(3, {"name": "Ada", "source": "fair"})]


def test_columns_of_the_same_name_or_none_are_told_apart_and_noted() -> None:
    source = opened(b"name,phone,phone,,phone (2)\nAda,1,2,3,4\n")

    assert source.header == ("name", "phone", "phone (3)", "column 4", "phone (2)")
    assert len(source.notes) == 2
    assert "phone (3)" in source.notes[0]
    (row,) = source.rows()
    assert row.values == {"name": "Ada", "phone": "1", "phone (3)": "2", "column 4": "3", "phone (2)": "4"}


@pytest.mark.parametrize("first", ["Ada,ada@example.com", "Ada,+44 20 7946 0958", "https://example.com/ada,Ada"])
def test_a_first_row_that_is_a_person_is_no_header(first: str) -> None:
    with pytest.raises(HeaderMissing) as refusal:
        opened(f"{first}\nEve,eve@example.com\n".encode())

    assert refusal.value.code == "header_missing"


def test_a_header_of_unknown_names_is_a_header() -> None:
    assert opened(b"foo,phone 2,bar\n1,2,3\n").header == ("foo", "phone 2", "bar")
    assert opened(b"name,2023-2024\nAda,3\n").header == ("name", "2023-2024")


def test_a_header_that_no_one_could_use_is_refused() -> None:
    for content in (b'"name,email\nAda,x\n', b"name," + b"x" * 300 + b"\n", b"a," * 600 + b"b\n", b"na\x00me,a\n"):
        with pytest.raises(HeaderUnusable):
            opened(content)


@pytest.mark.parametrize("content", [b"", b"\n \r\n", codecs.BOM_UTF8, b",,,\n,,\n"])
def test_an_empty_file_is_said_to_be_empty(content: bytes) -> None:
    with pytest.raises(ImportEmpty):
        opened(content)


def test_other_formats_are_refused_whatever_their_name() -> None:
    with pytest.raises(FormatUnknown):
        opened(pdf_of(SAMPLE_LINES))


def test_more_rows_than_allowed_are_refused() -> None:
    source = opened(b"name\n" + b"Ada\n" * 11)

    with pytest.raises(TooManyRows):
        list(pieces(source, max_rows=10))


def test_the_stream_stays_open_and_can_be_read_again() -> None:
    stream = io.BytesIO(b"name\nAda\nEve\n")
    source = open_rows(stream, filename="x.csv")

    assert list(source.rows()) == list(source.rows())
    assert not stream.closed
