"""JSON arrays, JSON lines, and JSON Resumes read as candidates."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from chalicelib.bulk_imports import json_rows
from chalicelib.bulk_imports.candidate_row import CandidateRow
from chalicelib.bulk_imports.candidates import read_candidate
from chalicelib.bulk_imports.chunks import pieces, read_piece
from chalicelib.bulk_imports.columns import guess_mapping
from chalicelib.bulk_imports.formats import FileFormat, RowSource, open_rows
from chalicelib.bulk_imports.lines import PIECE_CHARACTERS
from chalicelib.bulk_imports.rows import RawRow, RowProblems

RESUME: dict[str, Any] = {
    "basics": {
        "name": "Zoë Müller",
        "label": "Backend engineer",
        "email": "Zoe@Example.com",
        "phone": "030 1234567",
        "url": "https://zoe.example.com",
        "summary": "Builds\nthings.",
        "location": {"address": "Road 1", "city": "Berlin", "countryCode": "DE"},
        "profiles": [{"network": "GitHub", "username": "zoe"}, {"network": "X", "url": "x.com/zoe"}],
    },
    "work": [
        {"name": "Acme", "position": "Engineer", "startDate": "2019-04-01", "summary": "API", "highlights": ["x", "y"]},
        {"company": "Old", "position": "Dev", "startDate": "2015", "endDate": "2019-03"},
    ],
    "education": [
        {"institution": "TU", "area": "Physics", "studyType": "MSc", "startDate": "2009", "endDate": "2014-07"}
    ],
    "skills": [{"name": "Web", "keywords": ["Python", "SQL"]}, "Go", {"keywords": ["python"]}],
}


def opened(text: str, filename: str = "people.json") -> RowSource:
    return open_rows(io.BytesIO(text.encode("utf-8", "surrogatepass")), filename=filename)


def codes(rows: list[RawRow]) -> list[tuple[int, list[str]]]:
    return [(row.line, [problem.code for problem in row.problems]) for row in rows]


def judged(resume: dict[str, Any]) -> CandidateRow | RowProblems:
    (row,) = opened(json.dumps([resume])).rows()
    return read_candidate(row, guess_mapping(()))


def test_an_array_is_read_object_by_object_with_its_lines() -> None:
    source = opened(json.dumps([RESUME, {"name": "Ada"}, RESUME], indent=1))

    rows = list(source.rows())

    text = json.dumps([RESUME], indent=1)
    assert source.format is FileFormat.JSON_RESUME
    assert [row.line for row in rows] == [2, text.count("\n") + 1, text.count("\n") + 4]
    assert [row.values for row in rows] == [RESUME, {"name": "Ada"}, RESUME]
    assert source.header == ("name",)


@pytest.mark.parametrize(
    "text", ['[{"name":"a"},{"name":"b"}]', ' [ {"name":"a"} ,\r\n{"name":"b"} ] ', '[{"name":"a"},{"name":"b"},]']
)
def test_space_and_commas_between_objects_do_not_matter(text: str) -> None:
    assert [row.values for row in opened(text).rows()] == [{"name": "a"}, {"name": "b"}]


def test_a_broken_object_is_reported_and_those_around_it_are_read() -> None:
    text = '[{"name": "a"},\n{"name": oops},\n{"name": "b\n"},\n7, "x", [1],\n{"name": "c", "n": NaN},\n{"name": "d"}]'

    rows = list(opened(text).rows())

    assert codes(rows) == [
        (1, []),
        (2, ["json_broken"]),
        (3, ["json_broken"]),
        (5, ["object_expected"]),
        (5, ["object_expected"]),
        (5, ["object_expected"]),
        (6, ["json_broken"]),
        (7, []),
    ]


@pytest.mark.parametrize("text", ['[{"name": "a"}, {"name": "b"', '[{"name": "a"},'])
def test_an_array_that_was_cut_off_says_so(text: str) -> None:
    assert codes(list(opened(text).rows())) == [(1, []), (1, ["json_broken"])]


def test_an_object_is_whole_wherever_the_pieces_of_its_line_are_cut() -> None:
    tricky = {"name": 'q" \\ ] } , [ {', "note": "\\" * 50}
    for shift in range(60):
        text = json.dumps([{"pad": "x" * (PIECE_CHARACTERS - 60 + shift)}, tricky, tricky])

        rows = list(opened(text).rows())

        assert [row.values for row in rows[1:]] == [tricky, tricky], shift


def test_an_object_too_long_or_nested_too_deeply_is_refused_alone() -> None:
    deep = "[" * 5000 + "]" * 5000
    huge = "x" * (json_rows.OBJECT_MAX_CHARACTERS + 1)
    text = f'[{{"a": {deep}}}, {{"a": "{huge}"}}, {{"name": "Ada"}}]'

    assert codes(list(opened(text).rows())) == [(1, ["json_broken"]), (1, ["row_too_long"]), (1, [])]


def test_json_lines_are_read_line_by_line_and_a_broken_one_alone() -> None:
    deep = "[" * 100_000
    text = f'{{"name": "Ada"}}\n\n{{"name": \n{deep}\n{{"a": 1{"0" * 5000}}}\r\n{{"name": "Eve"}}'

    source = opened(text, "people.jsonl")

    assert source.format is FileFormat.JSONL
    assert codes(list(source.rows())) == [
        (1, []),
        (3, ["json_broken"]),
        (4, ["json_broken"]),
        (5, ["json_broken"]),
        (6, []),
    ]


def test_json_lines_are_known_by_their_content_too() -> None:
    source = opened('{"name": "Ada"}\n{"name": "Eve"}\n')

    assert source.format is FileFormat.JSONL
    assert [row.line for row in source.rows()] == [1, 2]


def test_a_single_resume_over_several_lines_is_one_row() -> None:
    source = opened(json.dumps(RESUME, indent=2))

    assert [row.values for row in source.rows()] == [RESUME]


def test_rows_go_through_pieces_unchanged_even_half_a_character() -> None:
    source = opened('[{"name": "Zoë \\ud83d"}, {"name": "\\u0000"}, 7]')

    told = [row for piece in pieces(source) for row in read_piece(piece.content)]

    assert told == list(source.rows())
    found = [read_candidate(row, guess_mapping(source.header)) for row in told]
    assert [problem.code for row in found if isinstance(row, RowProblems) for problem in row.problems] == [
        "character_lost",
        "character_lost",
        "object_expected",
    ]


def test_a_json_resume_becomes_a_candidate() -> None:
    found = judged(RESUME)

    assert found == CandidateRow(
        line=1,
        name="Zoë Müller",
        email="zoe@example.com",
        phone="+49301234567",
        location="Berlin, DE",
        headline="Backend engineer",
        summary="Builds\nthings.",
        skills=["Web", "Python", "SQL", "Go"],
        experience=[
            {
                "title": "Engineer",
                "organization": "Acme",
                "location": None,
                "start": "2019-04",
                "end": None,
                "is_current": True,
                "description": "API\nx\ny",
            },
            {
                "title": "Dev",
                "organization": "Old",
                "location": None,
                "start": "2015",
                "end": "2019-03",
                "is_current": False,
                "description": None,
            },
        ],
        education=[
            {"institution": "TU", "degree": "MSc", "field": "Physics", "start_year": 2009, "end_year": 2014},
        ],
        links=["https://zoe.example.com/", "https://github.com/zoe", "https://x.com/zoe"],
    )


def test_all_problems_of_a_resume_are_named_with_their_place() -> None:
    found = judged(
        {
            "basics": {"name": ["x"], "email": "nobody", "location": "Berlin", "profiles": {}},
            "work": [{"startDate": "spring", "highlights": 1}, 7],
            "education": [{"endDate": "2014-13"}],
            "skills": [{"name": {}}],
        }
    )

    assert isinstance(found, RowProblems)
    assert {(problem.field, problem.code) for problem in found.problems} == {
        ("basics.name", "text_expected"),
        ("basics.email", "email_invalid"),
        ("basics.location", "object_expected"),
        ("basics.profiles", "list_expected"),
        ("work[0].startDate", "date_unclear"),
        ("work[0].highlights", "list_expected"),
        ("work[1]", "object_expected"),
        ("education[0].endDate", "date_unclear"),
        ("skills", "text_expected"),
    }


def test_a_flat_object_is_read_by_its_keys() -> None:
    source = opened('{"full_name": "Ada", "skills": ["C", "c", "Go"], "phone": null, "shoe": {"size": 4}}\n')

    (found,) = (read_candidate(row, guess_mapping(source.header)) for row in source.rows())

    assert isinstance(found, CandidateRow)
    assert (found.name, found.skills, found.phone) == ("Ada", ["C", "Go"], None)
