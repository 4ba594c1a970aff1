"""Passages as a recruiter would quote them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.screening.passages import LONGEST_PASSAGE, passages_of
from tests.chalicelib.screening.resumes import a_document


def quoted(*pages: str) -> list[str]:
    document = a_document(*pages)
    return [document.text[passage.start : passage.end] for passage in passages_of(document)]


def test_lines_bullets_and_sentences_stand_alone() -> None:
    assert quoted("Nurse, Charité\n• Led a team\n- Cared for wounds. Wrote reports.\n") == [
        "Nurse, Charité",
        "Led a team",
        "Cared for wounds.",
        "Wrote reports.",
    ]


def test_a_wrapped_line_is_one_passage() -> None:
    assert quoted("Built the payment platform of\nthree banks") == ["Built the payment platform of\nthree banks"]


def test_a_degree_is_no_end_of_a_sentence() -> None:
    assert quoted("B.Sc. Computer Science, TU Berlin") == ["B.Sc. Computer Science, TU Berlin"]


def test_no_passage_crosses_a_page() -> None:
    assert quoted("Built the platform of", "three banks") == ["Built the platform of", "three banks"]


@given(st.lists(st.text(max_size=700), max_size=3))
def test_every_passage_is_trimmed_short_and_on_one_page(pages: list[str]) -> None:
    document = a_document(*(page.replace("\f", " ") for page in pages))

    for passage in passages_of(document):
        words = document.text[passage.start : passage.end]
        assert words == words.strip()
        assert 0 < len(words) <= LONGEST_PASSAGE
        assert "\f" not in words
