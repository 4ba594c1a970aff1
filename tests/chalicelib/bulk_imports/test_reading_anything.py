"""Whatever bytes come: rows, or an error that says why; and memory that does not grow with the file."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.bulk_imports.candidate_row import CandidateRow
from chalicelib.bulk_imports.candidates import read_candidate
from chalicelib.bulk_imports.chunks import pieces, read_piece
from chalicelib.bulk_imports.columns import guess_mapping
from chalicelib.bulk_imports.formats import open_rows
from chalicelib.bulk_imports.reading_errors import ImportUnreadable
from chalicelib.bulk_imports.rows import RowProblems

MEMORY_LIMIT_MIB = 256
HEADS = (
    b"",
    b"name,email\n",
    b"[",
    b'{"name":',
    b'[{"basics":{"name":"a"}},',
    b"PK\x03\x04",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
)
MEASURE = """
import re, sys
from pathlib import Path
from chalicelib.bulk_imports.candidates import read_candidate
from chalicelib.bulk_imports.candidate_row import CandidateRow
from chalicelib.bulk_imports.chunks import pieces, read_piece
from chalicelib.bulk_imports.columns import guess_mapping
from chalicelib.bulk_imports.formats import open_rows
with open(sys.argv[1], "rb") as stream:
    source = open_rows(stream, filename=sys.argv[1])
    mapping = guess_mapping(source.header)
    rows = (read_candidate(row, mapping) for piece in pieces(source) for row in read_piece(piece.content))
    print(sum(isinstance(row, CandidateRow) for row in rows))
# ru_maxrss would still hold what the parent needed before this program was started.
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def read_all(content: bytes, filename: str) -> int:
    """How many rows the bytes hold, each judged; 0 when they are refused as a whole."""
    try:
        source = open_rows(io.BytesIO(content), filename=filename)
        mapping = guess_mapping(source.header)
        rows = [read_candidate(row, mapping) for piece in pieces(source) for row in read_piece(piece.content)]
    except ImportUnreadable:
        return 0
    assert all(isinstance(row, CandidateRow) or (isinstance(row, RowProblems) and row.problems) for row in rows)
    return len(rows)


@given(st.sampled_from(HEADS), st.binary(max_size=300), st.sampled_from(["a.csv", "a.json", "a.jsonl", "a.xlsx"]))
@settings(max_examples=400, deadline=None)
@example(b"", b'{"basics": {"location": {"countryCode": []}}}', "a.json")
def test_arbitrary_bytes_are_read_or_refused(head: bytes, content: bytes, filename: str) -> None:
    read_all(head + content, filename)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "basics",
                    "name",
                    "location",
                    "work",
                    "skills",
                    "profiles",
                    "url",
                    "network",
                    "countryCode",
                    "startDate",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=4))
@settings(max_examples=300, deadline=None)
def test_resumes_of_any_shape_are_read_or_refused(resumes: list[object]) -> None:
    read_all(json.dumps([{"basics": {"name": "Ada"}, "work": entry} for entry in resumes]).encode(), "a.json")
    read_all(json.dumps(resumes).encode(), "a.json")


def _csv(path: Path, rows: int) -> None:
    with path.open("w", newline="") as file:
        file.write("Name,Email,Phone,Location,Summary,Skills\r\n")
        for number in range(rows):
            summary = f'"He said ""{number}"",\nand then {"more " * 20}"'
            file.write(f"Person {number},p{number}@example.com,+4930{1000000 + number},Berlin,{summary},Python;SQL\r\n")


def _json(path: Path, rows: int) -> None:
    with path.open("w") as file:
        for number in range(rows):
            person = f'{{"basics": {{"name": "Person {number}", "summary": "{"more " * 30}"}}, "skills": []}}'
            file.write(("," if number else "[") + person)
        file.write("]")


@pytest.mark.parametrize(("filename", "write"), [("many.csv", _csv), ("many.json", _json)])
def test_two_hundred_thousand_rows_fit_into_little_memory(filename: str, write: object, tmp_path: Path) -> None:
    path = tmp_path / filename
    write(path, 200_000)  # type: ignore[operator]
    assert path.stat().st_size > 35_000_000

    told = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True).stdout

    rows, peak_mib = (int(number) for number in told.split())
    assert rows == 200_000
    assert peak_mib < MEMORY_LIMIT_MIB


@pytest.mark.parametrize(
    "content",
    [
        b'name,summary\nAda,"' + b'""' * 2_000_000,
        b'name,summary\nAda,"' + b'a"b,"c",' * 500_000,
        b"name,summary\nAda," + b'"' * 4_000_000,
        b"name,summary\n" + b'Ada,"x\n' * 200_000,
        b"[" + b'{"a":"\\' * 500_000,
        b"[" + b"[" * 2_000_000,
        b'[{"name":"' + b"\\" * 4_000_000,
        b"name\n" + b"a@" * 60_000 + b"\n",
        b"email,name\n" + b"a." * 60_000 + b"@x.org,Ada\n",
        b"links,name\n" + b"a." * 60_000 + b",Ada\n",
        b"phone,name\n" + b"+1(2" * 30_000 + b",Ada\n",
    ],
)
def test_long_cells_and_lines_take_linear_time(content: bytes) -> None:
    started = time.process_time()

    read_all(content, "a.csv")

    # Anything quadratic would take hours; a few megabytes take a second or two on the slowest machine.
    assert time.process_time() - started < 20
